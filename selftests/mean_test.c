// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guests that are mean: they write, share and unshare, have themselves paged out, give
 * memory back and take it again, all of it as fast as they can. Another guest goes on
 * at its own speed, and the scanner keeps to its budget.
 *
 * The other one has a CPU to itself; the mean one has another, and the threads of the
 * module with it: what is measured is what the module makes guests wait for, not how a
 * kernel shares out CPUs. Two CPUs may be one core, share caches, or be emulated, and
 * the one be slower when the other is busy: so the same work is done in memory that is
 * not the module's as well, and a guest may lose no more than that does. The goal is
 * 0.9; the bound is loose.
 */
#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/gmem.h"
#include "lib/share.h"
#include "lib/swap.h"

#define RW		(PROT_READ | PROT_WRITE)
#define SIZE		(32 * MIB)
#define WORK_SIZE	(16 * MIB)
#define LIMIT		(8 * MIB)
#define ROUNDS		5
#define ROUND_MS	1200
#define SETTLE_MS	300
#define BOUND		70	/* percent */

#define WORK_CPU	0
#define MEAN_CPU	1

/* Who works: a guest, or a process with plain memory. */
enum { IN_GUEST, IN_PLAIN, NR_WORKERS };

/* What processes have done so far; shared. */
static struct counts {
	__u64 work[NR_WORKERS];
	__u64 mean;
} *counts;

static void go_to_cpu(pid_t pid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(pid, sizeof(set), &set);
}

/* All threads of the module, those of its scanners too. */
static void threads_to(const cpu_set_t *set)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	char path[300], comm[64];

	ASSERT(proc);
	while ((entry = readdir(proc))) {
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		if (!atoi(entry->d_name) ||
		    read_text(path, comm, sizeof(comm)) ||
		    strncmp(comm, "denseram_", 9))
			continue;
		sched_setaffinity(atoi(entry->d_name), sizeof(*set), set);
	}
	closedir(proc);
}

/* ---- who works */

static void add(__u64 *count, __u64 nr)
{
	__atomic_add_fetch(count, nr, __ATOMIC_RELAXED);
}

/**
 * struct worker - works all the time, unless it is stopped
 * @map: in this memory
 * @count: what it has done
 * @pid: the process
 */
struct worker {
	char *map;
	__u64 *count;
	pid_t pid;
};

/* Mostly its own pages; now and then it gives one back and takes another. */
static int work(void *arg)
{
	const struct worker *w = arg;
	struct rng rng = { 1 };

	go_to_cpu(0, WORK_CPU);
	for (;;) {
		for (int i = 0; i < 64; i++)
			((volatile __u64 *)w->map)[rng_below(&rng, WORK_SIZE / 8)]++;
		madvise(w->map + rng_below(&rng, WORK_SIZE / PAGE) * PAGE, PAGE,
			MADV_REMOVE);
		add(w->count, 1);
	}
	return 0;
}

/* ---- who is mean */

/**
 * struct meanness - what a mean guest does, over and over
 * @name: for the report
 * @sweep: once over its memory
 * @limit: that the host sets it
 * @blocks: it has blocks
 */
struct meanness {
	const char *name;
	void (*sweep)(char *map, __u64 turn);
	__u64 limit;
	bool blocks;
};

/* All pages alike, and then like others again. */
static void sweep_alike(char *map, __u64 turn)
{
	for (__u64 at = 0; at < SIZE; at += PAGE) {
		*(volatile __u64 *)(map + at) = turn / 4;
		add(&counts->mean, 1);
	}
	/* Let the scanner find them so every fourth time. */
	if (turn % 4 == 3)
		sleep_ms(100);
}

/* More than it may have, and all of it in use. */
static void sweep_thrash(char *map, __u64 turn)
{
	struct rng rng = { turn };

	for (__u64 i = 0; i < SIZE / PAGE; i++) {
		*(volatile __u64 *)(map + rng_below(&rng, SIZE / PAGE) * PAGE) += turn;
		add(&counts->mean, 1);
	}
}

/* Memory that is given back and taken again is new each time. */
static void sweep_balloon(char *map, __u64 turn)
{
	for (__u64 at = 0; at < SIZE; at += BLOCK) {
		madvise(map + at, BLOCK, MADV_REMOVE);
		for (__u64 page = 0; page < BLOCK; page += PAGE)
			*(volatile __u64 *)(map + at + page) = turn;
		add(&counts->mean, PAGES_A_BLOCK);
	}
}

static const struct meanness alike = {
	.name = "shares and unshares", .sweep = sweep_alike,
};

static const struct meanness thrash = {
	.name = "is paged", .sweep = sweep_thrash, .limit = LIMIT,
};

static const struct meanness balloon = {
	.name = "gives and takes", .sweep = sweep_balloon, .blocks = true,
};

static const struct meanness *meanness;

static int be_mean(void *arg)
{
	go_to_cpu(0, MEAN_CPU);
	for (__u64 turn = 1;; turn++)
		meanness->sweep(arg, turn);
	return 0;
}

/* ---- the two of them */

static __u64 median(__u64 *values)
{
	for (int i = 1; i < ROUNDS; i++)
		for (int j = i; j && values[j] < values[j - 1]; j--) {
			__u64 value = values[j];

			values[j] = values[j - 1];
			values[j - 1] = value;
		}
	return values[ROUNDS / 2];
}

/**
 * struct cost - CPU time of the module's threads while somebody is mean
 * @scanner: in ns
 * @pager: in ns
 * @ms: in so much time
 */
static struct cost {
	__u64 scanner, pager, ms;
} cost;

/* Begin with -1 and end with 1. */
static void add_cost(int sign)
{
	cost.scanner += sign * share_figure("cpu_ns");
	cost.pager += sign * swap_status().cpu_ns;
	cost.ms += sign * now_ms();
}

static unsigned int percent(__u64 part, __u64 whole)
{
	return whole ? part * 100 / whole : 0;
}

static void check_cost(void)
{
	unsigned int scanner = percent(cost.scanner, cost.ms * 1000000);
	unsigned int pager = percent(cost.pager, cost.ms * 1000000);
	__u64 most = share_figure("scanners") * share_figure("budget_fast");

	ktap_diag("scanner %u %% of a CPU, of at most %llu; pager %u %%",
		  scanner, most, pager);
	/* A slice may have begun before. */
	CHECK_RANGE(scanner, 0, most + 5);
	CHECK_RANGE(pager, 0, 105);
}

static __u64 count_for(const struct worker *w, unsigned int ms)
{
	__u64 start = now_ms();
	__u64 done = __atomic_load_n(w->count, __ATOMIC_RELAXED);

	sleep_ms(ms);
	done = __atomic_load_n(w->count, __ATOMIC_RELAXED) - done;
	return done * 1000 / (now_ms() - start);
}

/* Operations a second of a worker, beside @mean or nobody. */
static __u64 speed(const struct worker *w, pid_t mean)
{
	__u64 nr;

	kill(w->pid, SIGCONT);
	if (mean) {
		kill(mean, SIGCONT);
		add_cost(-1);
	}
	sleep_ms(SETTLE_MS);
	nr = count_for(w, ROUND_MS);
	if (mean) {
		add_cost(1);
		kill(mean, SIGSTOP);
	}
	kill(w->pid, SIGSTOP);
	return nr;
}

/* What each keeps of its speed, in percent. */
static void measure(const struct worker *workers, pid_t mean,
		    unsigned int *kept)
{
	__u64 solo[NR_WORKERS][ROUNDS], beside[NR_WORKERS][ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		for (int k = 0; k < NR_WORKERS; k++) {
			solo[k][i] = speed(&workers[k], 0);
			beside[k][i] = speed(&workers[k], mean);
		}
	}
	for (int k = 0; k < NR_WORKERS; k++)
		kept[k] = percent(median(beside[k]), median(solo[k]));
}

static void compare(const struct worker *workers, pid_t mean)
{
	unsigned int kept[NR_WORKERS], ratio;

	measure(workers, mean, kept);
	check_cost();
	ratio = percent(kept[IN_GUEST], kept[IN_PLAIN]);
	ktap_diag("beside a guest that %s (%llu times) a guest keeps %u %% of its speed, a plain process %u %%; ratio %u %%",
		  meanness->name, counts->mean, kept[IN_GUEST],
		  kept[IN_PLAIN], ratio);
	CHECK_RANGE(ratio, BOUND, 200);
}

static char *other_guest(int *fd, char *path, size_t size)
{
	char *map;

	snprintf(path, size, "%s.mean", gm_dir);
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ASSERT(*fd >= 0);
	ASSERT_OK(ftruncate(*fd, SIZE));
	map = gm_map_skew(*fd, SIZE, 0, RW, meanness->blocks ? 0 : PAGE);
	if (meanness->limit) {
		char text[32];

		snprintf(text, sizeof(text), "%llu", meanness->limit);
		ASSERT_OK(write_text(gm_attr_path(strrchr(path, '/') + 1, "limit"),
				     text));
		soft_fill(map, SIZE, 0, 1);
	}
	return map;
}

static pid_t spawn_stopped(int (*fn)(void *arg), void *arg)
{
	pid_t pid = spawn(fn, arg);

	ASSERT(pid > 0);
	kill(pid, SIGSTOP);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void begin(const struct meanness *m)
{
	gm_need_denseram();
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		ktap_skip("a CPU for each of the two is needed");
	meanness = m;
	counts = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT(counts != MAP_FAILED);
	share_usual();
	share_set("enabled", "1");
}

static struct worker worker_start(char *map, int nr)
{
	struct worker w = { .map = map, .count = &counts->work[nr] };

	ASSERT(map != MAP_FAILED);
	memset(map, 1, WORK_SIZE);
	w.pid = spawn_stopped(work, &w);
	return w;
}

static void run(const struct meanness *m)
{
	char *map, *plain, *mean_map, path[300];
	struct worker workers[NR_WORKERS];
	cpu_set_t all, one;
	int fd, mean_fd;
	pid_t mean;

	begin(m);
	ASSERT(!sched_getaffinity(0, sizeof(all), &all));
	CPU_ZERO(&one);
	CPU_SET(MEAN_CPU, &one);
	threads_to(&one);
	fd = gm_create("work", WORK_SIZE);
	map = gm_map_skew(fd, WORK_SIZE, 0, RW, PAGE);
	plain = mmap(NULL, WORK_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	workers[IN_GUEST] = worker_start(map, IN_GUEST);
	workers[IN_PLAIN] = worker_start(plain, IN_PLAIN);
	mean_map = other_guest(&mean_fd, path, sizeof(path));
	mean = spawn_stopped(be_mean, mean_map);
	compare(workers, mean);
	end(workers[IN_GUEST].pid);
	end(workers[IN_PLAIN].pid);
	end(mean);
	share_usual();
	threads_to(&all);
	munmap(mean_map, SIZE);
	close(mean_fd);
	ASSERT_OK(unlink(path));
	munmap(map, WORK_SIZE);
	close(fd);
}

TEST_SECS(one_that_shares_and_unshares, 300)
{
	run(&alike);
}

TEST_SECS(one_that_is_paged, 300)
{
	run(&thrash);
}

TEST_SECS(one_that_gives_and_takes, 300)
{
	run(&balloon);
}
