/* SPDX-License-Identifier: GPL-2.0-only */
/* What tests of admission read, set and have refused. */
#ifndef SELFTESTS_ADMIT_H
#define SELFTESTS_ADMIT_H

#include <linux/types.h>

/* What is promised for a size besides. */
#define INDEX(size)	((size) / 512)

/* To begin with: not strict, whatever a test before has left. */
void admit_begin(void);
/* Of /sys/kernel/denseram/admission. */
__u64 admit_figure(const char *name);
int admit_set_strict(const char *value);
/* Set a limit of a guest, the test's own if NULL: 0 or a negative errno. */
int admit_set(const char *guest, const char *limit, __u64 value);
/* Promised to all guests since admit_begin(). */
__u64 admit_promised(void);
/* More than any host has. */
__u64 admit_too_much(void);

/**
 * struct admit_request - something that is refused
 * @call: do it: 0, or -1 with errno
 * @fd: on this file
 * @value: with this size or limit
 * @line: what the log then says of the guest
 */
struct admit_request {
	int (*call)(int fd, __u64 value);
	int fd;
	__u64 value;
	const char *line;
};

/*
 * ENOSPC, counted, with one line in the log, and no promise has changed. Made
 * again if tests before have used up what the log lets through.
 */
void admit_check_refused(const struct admit_request *r);

#endif /* SELFTESTS_ADMIT_H */
