/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_SYSFS_SWAP_H
#define _DR_SYSFS_SWAP_H

#include <linux/sysfs.h>

extern const struct attribute_group dr_sysfs_swap;
extern const struct attribute_group dr_sysfs_guest_swap;

#endif /* _DR_SYSFS_SWAP_H */
