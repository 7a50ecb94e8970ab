/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file whose transfers fail on request, with any error. A child of the test
 * serves it through FUSE, and keeps its bytes in memory.
 */
#ifndef SELFTESTS_FUSE_H
#define SELFTESTS_FUSE_H

#include <sys/types.h>
#include <linux/types.h>

/**
 * struct fuse_ctl - shared with the child that serves the file
 * @write_errno: what writes end with, 0 for success
 * @read_errno: the same for reads
 * @lose_writes: writes succeed, and the bytes stay what they were
 * @half_reads: reads come back with half of what was asked for
 * @write_ms: how long a write takes; nothing else is served meanwhile
 * @read_ms: the same for reads
 * @refused: transfers that have failed
 * @written: writes that have not
 */
struct fuse_ctl {
	int write_errno;
	int read_errno;
	int lose_writes;
	int half_reads;
	unsigned int write_ms;
	unsigned int read_ms;
	unsigned long refused;
	unsigned long written;
};

/**
 * struct fuse_file - such a file
 * @path: where it is
 * @size: in bytes
 * @dev: the connection
 * @pid: the child
 * @ctl: see there
 */
struct fuse_file {
	char path[64];
	__u64 size;
	int dev;
	pid_t pid;
	struct fuse_ctl *ctl;
};

/* Make /tmp/dr-fuse-NAME; skips the test where there is no FUSE. */
void fuse_start(struct fuse_file *f, const char *name, __u64 size);
/* Nobody has it open any more. */
void fuse_stop(struct fuse_file *f);

#endif /* SELFTESTS_FUSE_H */
