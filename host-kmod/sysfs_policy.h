/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_SYSFS_POLICY_H
#define _DR_SYSFS_POLICY_H

#include <linux/sysfs.h>

/* /sys/kernel/denseram/policy, and the policy's files of a guest. */
extern const struct attribute_group dr_sysfs_policy;
extern const struct attribute_group dr_sysfs_guest_policy;

#endif /* _DR_SYSFS_POLICY_H */
