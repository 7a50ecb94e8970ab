/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_HOLLOW_H
#define _DR_HOLLOW_H

#include "gmem.h"

int dr_hollow_init(void);
void dr_hollow_exit(void);

void dr_hollow_start(struct dr_gmem *gm);
void dr_hollow_stop(struct dr_gmem *gm);
void dr_hollow_note(struct dr_gmem *gm, struct dr_span *span);

#endif /* _DR_HOLLOW_H */
