// SPDX-License-Identifier: GPL-2.0-only
/* See hog.h. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "../ktap.h"
#include "hog.h"
#include "util.h"

#define MEMINFO		"/proc/meminfo"
#define ZONEINFO	"/proc/zoneinfo"
/* Each list has no more than such a part of its zone; 0 for as usual. */
#define LISTS		"/proc/sys/vm/percpu_pagelist_high_fraction"
#define LISTS_SHORT	"1000000"
#define SMALL_KB	(8 * MIB)	/* of 1 KiB: 8 GiB */
#define FILL_MS		200000

__u64 hog_total_kb(void)
{
	return (__u64)file_kb(MEMINFO, "MemTotal");
}

static __u64 available_kb(void)
{
	return (__u64)file_kb(MEMINFO, "MemAvailable");
}

/* Free pages on lists of the CPUs, which do not count as available. */
static __u64 listed_kb(void)
{
	FILE *file = fopen(ZONEINFO, "re");
	unsigned long long pages, sum = 0;
	char line[512];

	ASSERT(file);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, " count: %llu", &pages) == 1)
			sum += pages;
	fclose(file);
	return sum * PAGE / KIB;
}

__u64 hog_free_kb(void)
{
	return available_kb() + listed_kb();
}

/* The lists take long to read, and are not read while there is much. */
static bool is_below(__u64 kb)
{
	return available_kb() < kb && hog_free_kb() < kb;
}

void hog_need_small_host(void)
{
	if (hog_total_kb() > SMALL_KB)
		ktap_skip("too much memory to fill");
}

bool hog_fill(__u64 leave_kb)
{
	__u64 total = hog_total_kb() * KIB;
	char *map = mmap(NULL, total, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (map == MAP_FAILED)
		return false;
	for (__u64 at = 0; at < total; at += PAGE) {
		if (at % MIB == 0 && is_below(leave_kb))
			return true;
		map[at] = 1;
	}
	return false;
}

static int hog(void *arg)
{
	/* Whatever becomes of the test, the memory is not to stay taken. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!hog_fill(*(__u64 *)arg))
		return 1;
	for (;;)
		pause();
}

static bool memory_is_low(void *arg)
{
	return is_below(*(__u64 *)arg + 1024) || ktap_failed();
}

pid_t hog_start_with_lists(__u64 leave_kb)
{
	pid_t pid = spawn(hog, &leave_kb);

	CHECK(poll_until(memory_is_low, &leave_kb, FILL_MS));
	return pid;
}

/* What the length of lists was before; empty while nobody has changed it. */
static char lists_were[16];

pid_t hog_start(__u64 leave_kb)
{
	/* Another hog may have shortened them. */
	if (!*lists_were)
		CHECK_EQ(read_text(LISTS, lists_were, sizeof(lists_were)), 0);
	CHECK_EQ(write_text(LISTS, LISTS_SHORT), 0);
	return hog_start_with_lists(leave_kb);
}

void hog_end(pid_t pid)
{
	CHECK_EQ(waitpid(pid, NULL, WNOHANG), 0);
	kill(pid, SIGKILL);
	CHECK_EQ(join(pid), 128 + SIGKILL);
	if (*lists_were)
		CHECK_EQ(write_text(LISTS, lists_were), 0);
	*lists_were = '\0';
}
