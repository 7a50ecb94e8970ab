/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_SYSFS_WSS_H
#define _DR_SYSFS_WSS_H

#include <linux/sysfs.h>

extern const struct attribute_group dr_sysfs_guest_wss;
extern const struct attribute_group dr_sysfs_wss;

#endif /* _DR_SYSFS_WSS_H */
