/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_WAKE_H
#define _DR_WAKE_H

#include <linux/denseram.h>

struct dr_guest;

int dr_guest_wake(struct dr_guest *guest, struct dr_guest_wake *wake);

#endif /* _DR_WAKE_H */
