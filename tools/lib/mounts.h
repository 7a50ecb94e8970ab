/* SPDX-License-Identifier: GPL-2.0-only */
/* What /proc/self/mountinfo says of file systems of one type. Pure. */
#ifndef DR_MOUNTS_H
#define DR_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>

#define DR_MOUNT_TEXT	512

/**
 * struct dr_mounted - one mount
 * @dev: its device, "0:52", as in /proc/PID/maps but in decimal
 * @path: where
 * @options: of the file system: "rw,mode=755,huge=always"
 */
struct dr_mounted {
	unsigned int dev[2];
	char path[DR_MOUNT_TEXT];
	char options[DR_MOUNT_TEXT];
};

/**
 * dr_mounts_next - the next mount of a type
 * @text: of mountinfo; moved on
 * @type: "denseram"
 * @mount: the result
 *
 * A line that makes no sense is passed over.
 *
 * Returns false at the end.
 */
bool dr_mounts_next(const char **text, const char *type,
		    struct dr_mounted *mount);

/**
 * dr_mount_option - value of an option
 * @options: separated by commas
 * @name: "size"
 * @value: where to, @size bytes; what does not fit is cut
 *
 * Returns false when it is not there.
 */
bool dr_mount_option(const char *options, const char *name, char *value,
		     size_t size);

#endif /* DR_MOUNTS_H */
