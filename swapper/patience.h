/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_PATIENCE_H
#define _DR_PATIENCE_H

#include <linux/types.h>

void dr_patience_note(u64 ns);

#endif /* _DR_PATIENCE_H */
