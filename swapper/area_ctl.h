/* SPDX-License-Identifier: GPL-2.0-only */
/* What adding and removing areas have in common. */
#ifndef _DR_AREA_CTL_H
#define _DR_AREA_CTL_H

#include <linux/mutex.h>

struct dr_area;

extern struct mutex dr_area_ctl_lock;

void dr_area_close(struct dr_area *area);

#endif /* _DR_AREA_CTL_H */
