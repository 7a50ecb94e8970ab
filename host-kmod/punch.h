/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_PUNCH_H
#define _DR_PUNCH_H

#include "gmem.h"

int dr_gmem_punch(struct dr_gmem *gm, loff_t from, loff_t to);
int dr_gmem_resize(struct dr_gmem *gm, loff_t size);
void dr_gmem_clear(struct dr_gmem *gm);

#endif /* _DR_PUNCH_H */
