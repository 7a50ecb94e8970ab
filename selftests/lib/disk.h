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
/* Ordinary memory of this process, aligned for direct I/O. */
char *disk_buffer(size_t size);

#endif /* SELFTESTS_DISK_H */
