// SPDX-License-Identifier: GPL-2.0-only
/*
 * See poolpage.h. Bytes that do not get smaller stand in the object as they are.
 * Pages of the pool have no flag; those with one, that is most, are not looked at.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../ktap.h"
#include "poolpage.h"
#include "util.h"

#define MARK_AT		128	/* far enough from the start to be no length */
#define MARK_LEN	64
#define STEP		8192	/* pages whose flags are read at once */

/* The parts of memory, as the kernel shows them. */
static struct {
	int fd;
	Elf64_Ehdr head;
	Elf64_Phdr parts[64];
} core = { .fd = -1 };

static void open_core(void)
{
	size_t size;

	if (core.fd >= 0)
		return;
	core.fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	if (core.fd < 0)
		ktap_skip("no /proc/kcore");
	ASSERT(pread(core.fd, &core.head, sizeof(core.head), 0) ==
	       sizeof(core.head));
	size = core.head.e_phnum * sizeof(core.parts[0]);
	ASSERT(size <= sizeof(core.parts));
	ASSERT(pread(core.fd, core.parts, size, core.head.e_phoff) ==
	       (ssize_t)size);
}

static bool read_page(__u64 pfn, char *buf)
{
	for (int i = 0; i < core.head.e_phnum; i++) {
		const Elf64_Phdr *p = &core.parts[i];
		__u64 at = pfn * PAGE - p->p_paddr;

		if (p->p_type == PT_LOAD && p->p_paddr != (__u64)-1 &&
		    pfn * PAGE >= p->p_paddr && at + PAGE <= p->p_memsz)
			return pread(core.fd, buf, PAGE, p->p_offset + at) ==
			       (ssize_t)PAGE;
	}
	return false;
}

static __u64 find_mark(const char *mark)
{
	int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	static __u64 flags[STEP];
	char page[PAGE];
	ssize_t len;

	ASSERT(fd >= 0);
	for (__u64 pfn = 0;; pfn += STEP) {
		len = pread(fd, flags, sizeof(flags), pfn * 8);
		ASSERT(len > 0);
		for (ssize_t i = 0; i < len / 8; i++) {
			if (flags[i] || !read_page(pfn + i, page) ||
			    !memmem(page, PAGE, mark, MARK_LEN))
				continue;
			close(fd);
			return pfn + i;
		}
	}
}

__u64 poolpage_find(int fd, __u64 offset)
{
	char mark[MARK_LEN];

	open_core();
	ASSERT(pread(fd, mark, MARK_LEN, offset + MARK_AT) == MARK_LEN);
	return find_mark(mark);
}
