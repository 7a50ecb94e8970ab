/* SPDX-License-Identifier: GPL-2.0-only */
/* A process that fills the host's memory, for tests of a host short of it. */
#ifndef SELFTESTS_HOG_H
#define SELFTESTS_HOG_H

#include <stdbool.h>
#include <sys/types.h>
#include <linux/types.h>

/*
 * Memory of the host, and of it what can be had without hurting anybody, with what is
 * on lists of CPUs.
 */
__u64 hog_total_kb(void);
__u64 hog_free_kb(void);
/* Skip the test on a host that is too large to be filled. */
void hog_need_small_host(void);
/*
 * Fill memory until so much is left, and hold it. Returns when that is so, or
 * after a few minutes with a failed check. The lists of CPUs are kept short until
 * hog_end(): what is on them counts less for levels, and it would be a matter of
 * chance which level the host is at.
 */
pid_t hog_start(__u64 leave_kb);
/* The same with lists as they come. */
pid_t hog_start_with_lists(__u64 leave_kb);
/* Let it go. A check fails when the kernel had killed it before. */
void hog_end(pid_t pid);
/*
 * For a child: fill memory until so much is left. Returns false when there is
 * no more to be had. What it takes goes with the process.
 */
bool hog_fill(__u64 leave_kb);

#endif /* SELFTESTS_HOG_H */
