// SPDX-License-Identifier: GPL-2.0-only
/*
 * oracle: how many pages would be left if every content were kept once. Reads
 * all memory of guests that stand still and hashes each page.
 *
 *   oracle FILE...	RAM files, read through their file system
 *   oracle --pid PID...	what the processes marked MADV_MERGEABLE
 *
 * Prints {"pages":, "absent":, "zero":, "mapped_zero":, "distinct":}: pages that
 * exist, pages of a process never touched, pages of zeros, those of them that
 * are the kernel's one page of zeros, contents that are not zeros.
 */
#include <errno.h>
#include <error.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define PAGE		4096u
#define CHUNK		256u		/* pages read at once */
#define PM_PRESENT	(UINT64_C(1) << 63)
#define PM_PFN		((UINT64_C(1) << 55) - 1)
#define KPF_ZERO_PAGE	(UINT64_C(1) << 24)

/* One for the whole run; @hashes are those of the pages that are not zeros. */
struct census {
	uint64_t pages, absent, zero, mapped_zero;
	uint64_t *hashes;
	size_t nr, room;
};

static void keep(struct census *c, uint64_t hash)
{
	if (c->nr == c->room) {
		c->room = c->room ? c->room * 2 : 1 << 16;
		c->hashes = reallocarray(c->hashes, c->room, sizeof(hash));
		if (!c->hashes)
			error(1, errno, "no memory for the hashes");
	}
	c->hashes[c->nr++] = hash;
}

static bool is_zero(const unsigned char *page)
{
	return !*page && !memcmp(page, page + 1, PAGE - 1);
}

/* True for a page of zeros. */
static bool count_page(struct census *c, const unsigned char *page)
{
	bool zero = is_zero(page);

	c->pages++;
	if (zero)
		c->zero++;
	else
		keep(c, XXH64(page, PAGE, 0));
	return zero;
}

static void read_all(int fd, void *mem, size_t bytes, off_t at,
		     const char *what)
{
	size_t done = 0;

	while (done < bytes) {
		ssize_t n = pread(fd, (char *)mem + done, bytes - done,
				  at + (off_t)done);

		if (n <= 0)
			error(1, n ? errno : EIO, "reading %s", what);
		done += (size_t)n;
	}
}

static void count_file(struct census *c, const char *path)
{
	static unsigned char mem[CHUNK * PAGE];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);

	if (size < 0 || size % PAGE)
		error(1, errno, "%s is no RAM file", path);
	for (off_t at = 0; at < size; at += (off_t)sizeof(mem)) {
		size_t bytes = sizeof(mem);

		if (size - at < (off_t)bytes)
			bytes = (size_t)(size - at);
		read_all(fd, mem, bytes, at, path);
		for (size_t i = 0; i < bytes; i += PAGE)
			count_page(c, mem + i);
	}
	close(fd);
}

/* The files of /proc/PID that tell of its memory. */
struct process {
	int mem, pagemap, kpageflags;
	const char *pid;
};

static int open_proc(const char *pid, const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		error(1, errno, "%s", path);
	return fd;
}

/* Costs nothing: it is the same for all. */
static bool is_kernel_zero(const struct process *p, uint64_t entry)
{
	uint64_t flags;

	read_all(p->kpageflags, &flags, sizeof(flags),
		 (off_t)((entry & PM_PFN) * sizeof(flags)), "kpageflags");
	return flags & KPF_ZERO_PAGE;
}

/* A page that was never touched costs nothing, and reading would map it. */
static void count_range(struct census *c, const struct process *p,
			uint64_t start, uint64_t end)
{
	unsigned char page[PAGE];
	uint64_t at, entry;

	for (at = start; at < end; at += PAGE) {
		read_all(p->pagemap, &entry, sizeof(entry),
			 (off_t)(at / PAGE * sizeof(entry)), "pagemap");
		if (!(entry & PM_PRESENT)) {
			c->absent++;
			continue;
		}
		read_all(p->mem, page, PAGE, (off_t)at, "its memory");
		if (count_page(c, page))
			c->mapped_zero += is_kernel_zero(p, entry);
	}
}

/* "mg" among the VmFlags: the last line of a mapping in smaps. */
static void count_process(struct census *c, const char *pid)
{
	struct process p = {
		.mem = open_proc(pid, "mem"),
		.pagemap = open_proc(pid, "pagemap"),
		.kpageflags = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC),
		.pid = pid,
	};
	FILE *smaps = fdopen(open_proc(pid, "smaps"), "r");
	uint64_t start = 0, end = 0, from, to;
	char line[512];

	while (smaps && fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " ", &from, &to) == 2) {
			start = from;
			end = to;
		} else if (!strncmp(line, "VmFlags:", 8) &&
			   strstr(line, " mg")) {
			count_range(c, &p, start, end);
		}
	}
	if (!smaps || ferror(smaps))
		error(1, errno, "reading the mappings of %s", p.pid);
	fclose(smaps);
	close(p.mem);
	close(p.pagemap);
	close(p.kpageflags);
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static uint64_t distinct(struct census *c)
{
	uint64_t nr = c->nr ? 1 : 0;

	if (c->nr)
		qsort(c->hashes, c->nr, sizeof(*c->hashes), by_value);
	for (size_t i = 1; i < c->nr; i++)
		nr += c->hashes[i] != c->hashes[i - 1];
	return nr;
}

int main(int argc, char **argv)
{
	bool pids = argc > 1 && !strcmp(argv[1], "--pid");
	struct census c = { 0 };

	if (argc < 2 + pids)
		error(2, 0, "usage: oracle FILE... | oracle --pid PID...");
	for (int i = 1 + pids; i < argc; i++) {
		if (pids)
			count_process(&c, argv[i]);
		else
			count_file(&c, argv[i]);
	}
	if (!c.pages)
		error(1, 0, "there is no memory to look at");
	printf("{\"pages\":%" PRIu64 ",\"absent\":%" PRIu64 ",\"zero\":%" PRIu64
	       ",\"mapped_zero\":%" PRIu64 ",\"distinct\":%" PRIu64 "}\n",
	       c.pages, c.absent, c.zero, c.mapped_zero, distinct(&c));
	free(c.hashes);
	return 0;
}
