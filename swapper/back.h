/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_BACK_H
#define _DR_BACK_H

unsigned long dr_write_back(unsigned long want);

#endif /* _DR_BACK_H */
