/* SPDX-License-Identifier: GPL-2.0-only */
/* A memory cgroup of the test's own. */
#ifndef SELFTESTS_CGROUP_H
#define SELFTESTS_CGROUP_H

#include <linux/types.h>

/* Make it; skips the test where there is no memory controller of cgroup v2. */
void cgroup_make(void);
void cgroup_remove(void);
/* A file of it; in a static buffer. */
const char *cgroup_file(const char *name);
/* Have this process in it: 0 or a negative errno. */
int cgroup_enter(void);
/* What is charged to it. */
__u64 cgroup_bytes(void);

#endif /* SELFTESTS_CGROUP_H */
