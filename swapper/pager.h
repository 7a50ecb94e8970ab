/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_PAGER_H
#define _DR_PAGER_H

#include <linux/denseram.h>

int dr_pager_init(void);
void dr_pager_exit(void);
void dr_pager_fill(struct dr_swap_status *s);

#endif /* _DR_PAGER_H */
