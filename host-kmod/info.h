/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_INFO_H
#define _DR_INFO_H

#include "denseram.h"

void dr_info_fill(struct dr_guest *guest, struct dr_guest_info *info);
u64 dr_info_event(enum dr_event event);
void dr_info_share(struct dr_share_status *s);
void dr_info_swap(struct dr_swap_status *s);
void dr_info_guest_swap(struct dr_guest *guest, struct dr_guest_swap *s);
void dr_info_status(struct dr_status *s);

#endif /* _DR_INFO_H */
