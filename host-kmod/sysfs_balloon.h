/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_SYSFS_BALLOON_H
#define _DR_SYSFS_BALLOON_H

#include <linux/sysfs.h>

/* Files of a guest in sysfs: balloon/ */
extern struct attribute_group dr_sysfs_guest_balloon;

void dr_sysfs_balloon_init(void);

#endif /* _DR_SYSFS_BALLOON_H */
