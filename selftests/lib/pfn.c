// SPDX-License-Identifier: GPL-2.0-only
/* See pfn.h. */
#include <fcntl.h>
#include <unistd.h>

#include "../ktap.h"
#include "pfn.h"
#include "util.h"

static __u64 read_word(const char *path, __u64 nr)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	__u64 word = 0;

	ASSERT(fd >= 0);
	ASSERT(pread(fd, &word, sizeof(word), nr * 8) == sizeof(word));
	close(fd);
	return word;
}

static __u64 map_word(const char *addr)
{
	return read_word("/proc/self/pagemap", (unsigned long)addr / PAGE);
}

bool pfn_is_mapped(const char *addr)
{
	return map_word(addr) >> 63;
}

__u64 pfn_of(const char *addr)
{
	__u64 word;

	get_byte(addr);
	word = map_word(addr);
	ASSERT(word >> 63);
	return word & ((1ULL << 55) - 1);
}

bool pfn_has_flag(__u64 pfn, int bit)
{
	return read_word("/proc/kpageflags", pfn) >> bit & 1;
}
