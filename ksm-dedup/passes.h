/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_PASSES_H
#define _DR_PASSES_H

#include "scan.h"

struct dr_gmem *dr_pass_take(void);
struct dr_span *dr_pass_next(struct dr_gmem *gm);
void dr_pass_leave(struct dr_gmem *gm, const struct dr_visit *v);

unsigned long dr_pass_pages(void);
void dr_pass_fill(struct dr_share_status *s);

#endif /* _DR_PASSES_H */
