/* SPDX-License-Identifier: GPL-2.0-only */
/* Where in the host's memory a compressed page is. */
#ifndef SELFTESTS_POOLPAGE_H
#define SELFTESTS_POOLPAGE_H

#include <linux/types.h>

/*
 * The page of the pool that has bytes of the file's page at @offset, which
 * soft_fill() has made. Looks through the memory of the whole host, and skips the
 * test where the kernel does not show it.
 */
__u64 poolpage_find(int fd, __u64 offset);

#endif /* SELFTESTS_POOLPAGE_H */
