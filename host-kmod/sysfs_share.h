/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_SYSFS_SHARE_H
#define _DR_SYSFS_SHARE_H

#include <linux/sysfs.h>

extern const struct attribute_group dr_sysfs_guest_share;
extern const struct attribute_group dr_sysfs_sharing;

#endif /* _DR_SYSFS_SHARE_H */
