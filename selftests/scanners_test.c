// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module parameter scanners_per_node: how many scanners there are then,
 * and that they work at once, each on a file of its own.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/gmem.h"
#include "lib/module.h"
#include "lib/share.h"

#define SIZE		(32 * MIB)
#define NR		(SIZE / PAGE)
#define THREADS_MAX	256

TEST_SECS(range, 200)
{
	__u64 one;

	gm_need_denseram();
	one = share_figure("scanners");
	module_reload("scanners_per_node=3");
	CHECK_EQ(share_figure("scanners"), 3 * one);
	module_reload("scanners_per_node=0");
	CHECK_EQ(share_figure("scanners"), one);
	module_reload("scanners_per_node=1000");
	CHECK_EQ(share_figure("scanners"), 64 * one);
	module_test_begin();
	module_check_unload();
	CHECK_ERR(module_try_load("scanners_per_node=x"), EINVAL);
	CHECK_ERR(module_try_load("scanners_per_node=-1"), EINVAL);
	module_load();
	module_mount();
	share_set("enabled", "0");
	CHECK_EQ(share_figure("scanners"), one);
}

/* CPU time of a process in ticks; -1 when it is no scanner. */
static long scanner_ticks(const char *pid)
{
	unsigned long user = 0, kernel = 0;
	char path[300], text[1000], *rest;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	if (read_text(path, text, sizeof(text)) ||
	    !strstr(text, "(denseram_scan"))
		return -1;
	rest = strrchr(text, ')');
	if (!rest ||
	    sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
		   &user, &kernel) != 2)
		return -1;
	return user + kernel;
}

/* CPU time of all scanners, in the order of /proc; how many there are. */
static unsigned int all_ticks(long *ticks)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	unsigned int nr = 0;
	long t;

	ASSERT(dir);
	while ((entry = readdir(dir)) && nr < THREADS_MAX) {
		if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
			continue;
		t = scanner_ticks(entry->d_name);
		if (t >= 0)
			ticks[nr++] = t;
	}
	closedir(dir);
	return nr;
}

/* Scanners that had work in so many ms, while there is work for all of them. */
static unsigned int at_work(unsigned int ms)
{
	long before[THREADS_MAX], after[THREADS_MAX];
	unsigned int nr = all_ticks(before), busy = 0;
	__u64 until = now_ms() + ms;

	while (now_ms() < until) {
		/* Starts a pass over every page of every file. */
		share_set("interval", "1");
		sleep_ms(50);
	}
	ASSERT(all_ticks(after) == nr);
	for (unsigned int i = 0; i < nr; i++) {
		ktap_diag("scanner %u: %ld ticks", i, after[i] - before[i]);
		busy += after[i] - before[i] >= 10;
	}
	return busy;
}

/* Pages that no other one is like, but the last ones: those are the same. */
static char *open_guest(const char *dir, int *fd, __u64 key, __u64 same)
{
	char path[300], *map;

	snprintf(path, sizeof(path), "%s/f", dir);
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ASSERT(*fd >= 0);
	ASSERT_OK(ftruncate(*fd, SIZE));
	map = gm_map_skew(*fd, SIZE, 0, PROT_READ | PROT_WRITE, PAGE);
	for (__u64 i = 0; i < NR; i++)
		pat_fill(map + i * PAGE, 64, i * PAGE,
			 i < NR - same ? key : 1);
	return map;
}

static bool all_found(void *arg)
{
	return share_figure("shared") == 2 * *(__u64 *)arg * PAGE;
}

TEST_SECS(two_at_once, 300)
{
	const __u64 same = NR / 4;
	char dirs[2][300], *maps[2];
	__u64 cpu, start;
	int fds[2];

	gm_need_denseram();
	module_reload("scanners_per_node=2");
	for (int i = 0; i < 2; i++) {
		snprintf(dirs[i], sizeof(dirs[i]), "%s.%d", gm_dir, i);
		ASSERT_OK(mkdir(dirs[i], 0755));
		maps[i] = open_guest(dirs[i], &fds[i], i + 2, same);
	}
	share_set("budget", "100");
	share_set("budget_fast", "100");
	share_set("enabled", "1");
	cpu = share_figure("cpu_ns");
	start = now_ms();
	CHECK(at_work(6000) >= 2);
	cpu = (share_figure("cpu_ns") - cpu) / 1000000;
	start = now_ms() - start;
	ktap_diag("%llu ms of CPU time in %llu ms", cpu, start);
	/* More than one CPU can give: they did not take turns. */
	if (share_figure("scanners") == 2 && sysconf(_SC_NPROCESSORS_ONLN) > 1)
		CHECK(cpu > start);
	CHECK(poll_until(all_found, (void *)&same, 60000));
	CHECK_EQ(share_figure("kept"), same * PAGE);
	share_set("enabled", "0");
	for (int i = 0; i < 2; i++) {
		for (__u64 p = 0; p < NR; p++)
			ASSERT(pat_bad(maps[i] + p * PAGE, 64, p * PAGE,
				       p < NR - same ? i + 2ULL : 1) == -1);
		munmap(maps[i], SIZE);
		close(fds[i]);
	}
	module_reload("");
}
