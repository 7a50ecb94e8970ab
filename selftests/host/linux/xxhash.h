/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's name for what libxxhash calls XXH64. */
#ifndef HOST_LINUX_XXHASH_H
#define HOST_LINUX_XXHASH_H

#define XXH_INLINE_ALL
#include <xxhash.h>

static inline uint64_t xxh64(const void *input, size_t length, uint64_t seed)
{
	return XXH64(input, length, seed);
}

#endif /* HOST_LINUX_XXHASH_H */
