/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_SYSFS_ADMIT_H
#define _DR_SYSFS_ADMIT_H

#include <linux/sysfs.h>

extern const struct attribute_group dr_sysfs_admission;

#endif /* _DR_SYSFS_ADMIT_H */
