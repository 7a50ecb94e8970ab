/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading a view of the host from the module. */
#ifndef DR_READ_VIEW_H
#define DR_READ_VIEW_H

#include "../lib/view.h"

/**
 * view_read - look at everything
 * @fd: the device
 * @view: out: to be freed by view_free() in any case
 *
 * Returns 0 or a negative errno: -ENOTTY when the module is too old for it. A
 * guest that goes away meanwhile is left out.
 */
int view_read(int fd, struct dr_view *view);
void view_free(struct dr_view *view);

/* What to say when it fails; returns EXIT_FAILED. */
int fail_view(int err);

#endif /* DR_READ_VIEW_H */
