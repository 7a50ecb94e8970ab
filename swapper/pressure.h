/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_PRESSURE_H
#define _DR_PRESSURE_H

#include <linux/types.h>

struct dr_guest;

int dr_pressure_init(void);
void dr_pressure_exit(void);
void dr_pressure_look(void);
unsigned long dr_pressure_share(const struct dr_guest *guest, u64 resident);
void dr_pressure_note(u64 resident);

#endif /* _DR_PRESSURE_H */
