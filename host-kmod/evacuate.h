/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_EVACUATE_H
#define _DR_EVACUATE_H

struct dr_gmem;
struct dr_span;

int dr_block_evacuate(struct dr_gmem *gm, struct dr_span *span);

#endif /* _DR_EVACUATE_H */
