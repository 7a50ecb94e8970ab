/* SPDX-License-Identifier: GPL-2.0-only */
/* A disk for direct I/O from and to guest RAM. */
#ifndef SELFTESTS_DISK_H
#define SELFTESTS_DISK_H

#include <stddef.h>

#include "util.h"

#define DISK_SIZE	(16 * MIB)

/*
 * Open it with O_DIRECT: a loop device on a tmpfs file, or the disk named by
 * DR_DISK (overwritten!). Skips the test when there is neither.
 */
int disk_open(void);
/* Ordinary memory of this process, aligned for direct I/O. */
char *disk_buffer(size_t size);

#endif /* SELFTESTS_DISK_H */
