/* SPDX-License-Identifier: GPL-2.0-only */
/* Files below /sys/kernel/denseram. */
#ifndef DR_SYSFS_H
#define DR_SYSFS_H

#include <stddef.h>

#define DR_SYSFS	"/sys/kernel/denseram"

/* No file of sysfs is longer. */
#define DR_SYSFS_TEXT	4097

/**
 * dr_sysfs_read - the text of a file, without the line break at its end
 * @file: its path below %DR_SYSFS
 * @text: where to, %DR_SYSFS_TEXT bytes
 *
 * Returns 0 or a negative errno; -ENOENT when the module does not know it.
 */
int dr_sysfs_read(const char *file, char *text);

/**
 * dr_sysfs_write - write a value as a whole
 * @file: its path below %DR_SYSFS
 * @text: the value
 *
 * Returns 0 or the negative errno for which the module refused it.
 */
int dr_sysfs_write(const char *file, const char *text);

#endif /* DR_SYSFS_H */
