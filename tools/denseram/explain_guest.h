/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DR_EXPLAIN_GUEST_H
#define DR_EXPLAIN_GUEST_H

#include <stdio.h>

/**
 * explain_to - what "denseram explain" says
 * @name: of the guest
 * @out: where to
 *
 * Returns 0 or a negative errno; -ENOENT when there is no such guest.
 */
int explain_to(const char *name, FILE *out);

#endif /* DR_EXPLAIN_GUEST_H */
