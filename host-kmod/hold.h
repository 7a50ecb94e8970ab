/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_HOLD_H
#define _DR_HOLD_H

#include <linux/mm.h>

#include "gmem.h"

bool dr_hold_tight(const struct dr_paging *p);
bool dr_hold_wanted(struct dr_gmem *gm, pgoff_t index, bool write);
vm_fault_t dr_hold_fault(struct vm_fault *vmf, struct dr_guest *guest);
void dr_hold_park(struct dr_guest *guest, bool park);
void dr_hold_note(struct dr_gmem *gm);
void dr_hold_update(struct dr_guest *guest, u64 resident, bool stuck);
unsigned long dr_hold_owed(const struct dr_guest *guest, u64 resident);
unsigned long dr_hold_spare(const struct dr_guest *guest, u64 resident);
void dr_hold_set(struct dr_guest *guest, unsigned long goal, bool waits);
unsigned long dr_hold_excess(const struct dr_guest *guest, u64 resident);

#endif /* _DR_HOLD_H */
