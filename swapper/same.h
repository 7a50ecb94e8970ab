/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_SAME_H
#define _DR_SAME_H

#include "grab.h"

int dr_same_take(struct dr_grab *grab, u32 *word);
void dr_same_fill(unsigned long id, struct page *dst);
void dr_same_free(struct dr_gmem *gm);

#endif /* _DR_SAME_H */
