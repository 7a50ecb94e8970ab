/* SPDX-License-Identifier: GPL-2.0-only */
/* A disk for direct I/O from and to guest RAM. */
#ifndef SELFTESTS_DISK_H
#define SELFTESTS_DISK_H

#include <stddef.h>

#include "util.h"

#define DISK_SIZE	(16 * MIB)

/* Room for the path of a disk. */
#define DISK_PATH	64

/*
 * Make a loop device on a sparse tmpfs file; it goes with the last descriptor.
 * Skips the test when there is none.
 */
int disk_loop(const char *name, __u64 size, char path[DISK_PATH]);
/*
 * Open it with O_DIRECT: a loop device on a tmpfs file, or the disk named by
 * DR_DISK (overwritten!). Skips the test when there is neither.
 */
int disk_open(void);
/*
 * A file of so many bytes, allocated, in place of one that may be there: its path,
 * /tmp/dr-NAME.
 */
const char *disk_file(const char *name, __u64 size);

/* A device-mapper device with such a table; skips the test without the target. */
#define DISK_DM		"/dev/mapper/dr-test"
void disk_dm_create(const char *table);
/* What is under way when it gets another table ends by the old one. */
void disk_dm_reload(const char *table);
void disk_dm_remove(void);

/* Ordinary memory of this process, aligned for direct I/O. */
char *disk_buffer(size_t size);

#endif /* SELFTESTS_DISK_H */
