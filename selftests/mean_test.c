// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guests that are mean: they write, share and unshare, have themselves paged out, give
 * memory back and take it again, all of it as fast as they can. Another guest goes on
 * at its own speed, and the scanner keeps to its budget.
 *
 * The other one has a CPU to itself; the mean one has another, and the threads of the
 * module with it: what is measured is what the module makes guests wait for, not how a
 * kernel shares out CPUs. Beside it, what a process costs that does the same to memory
 * that is not the module's. Bounds are loose, for the machine may be an emulated one;
 * the goal is 0.9.
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

/* What processes have done so far; shared. */
static struct counts {
	__u64 work;
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

/* Mostly its own pages; now and then it gives one back and takes another. */
static int work(void *arg)
{
	char *map = arg;
	struct rng rng = { 1 };

	go_to_cpu(0, WORK_CPU);
	for (;;) {
		for (int i = 0; i < 64; i++) {
			__u64 *word = (__u64 *)(map + rng_below(&rng, WORK_SIZE / 8) * 8);

			*(volatile __u64 *)word += 1;
		}
		madvise(map + rng_below(&rng, WORK_SIZE / PAGE) * PAGE, PAGE,
			MADV_REMOVE);
		add(&counts->work, 1);
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

/**
 * struct rig - who runs beside whom
 * @worker: works all the time
 * @mean: the mean guest, which stands still but for its rounds
 * @plain: the same on memory that is not the module's
 */
struct rig {
	pid_t worker, mean, plain;
};

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

/* Operations a second of the worker, beside @other or nobody. */
static __u64 speed_beside(pid_t other)
{
	__u64 start, done;

	if (other)
		kill(other, SIGCONT);
	sleep_ms(SETTLE_MS);
	start = now_ms();
	done = __atomic_load_n(&counts->work, __ATOMIC_RELAXED);
	sleep_ms(ROUND_MS);
	done = __atomic_load_n(&counts->work, __ATOMIC_RELAXED) - done;
	done = done * 1000 / (now_ms() - start);
	if (other)
		kill(other, SIGSTOP);
	return done;
}

/**
 * struct cost - CPU time of the module's threads, in ns, and the time of day
 */
struct cost {
	__u64 scanner, pager, ms;
};

static struct cost cost_now(void)
{
	return (struct cost){
		.scanner = share_figure("cpu_ns"),
		.pager = swap_status().cpu_ns,
		.ms = now_ms(),
	};
}

static unsigned int percent(__u64 part, __u64 whole)
{
	return whole ? part * 100 / whole : 0;
}

static void check_cost(const struct cost *from)
{
	struct cost now = cost_now();
	__u64 ns = (now.ms - from->ms) * 1000000;
	unsigned int scanner = percent(now.scanner - from->scanner, ns);
	unsigned int pager = percent(now.pager - from->pager, ns);
	__u64 most = share_figure("scanners") * share_figure("budget_fast");

	ktap_diag("scanner %u %% of a CPU, of at most %llu; pager %u %%",
		  scanner, most, pager);
	/* A slice may have begun before. */
	CHECK_RANGE(scanner, 0, most + 5);
	CHECK_RANGE(pager, 0, 105);
}

static void measure(const struct rig *rig)
{
	__u64 solo[ROUNDS], plain[ROUNDS], mean[ROUNDS], acts;
	struct cost cost;
	unsigned int ratio;

	acts = counts->mean;
	cost = cost_now();
	for (int i = 0; i < ROUNDS; i++) {
		solo[i] = speed_beside(0);
		plain[i] = speed_beside(rig->plain);
		mean[i] = speed_beside(rig->mean);
	}
	check_cost(&cost);
	ratio = percent(median(mean), median(solo));
	ktap_diag("beside one that %s, a guest keeps 0.%02u of its speed; beside a plain process 0.%02u (%llu operations a second alone, %llu mean acts)",
		  meanness->name, ratio,
		  percent(median(plain), median(solo)), median(solo),
		  counts->mean - acts);
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

static void run(const struct meanness *m)
{
	char *map, *mean_map, *plain, path[300];
	cpu_set_t all, one;
	struct rig rig;
	int fd, mean_fd;

	gm_need_denseram();
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		ktap_skip("a CPU for each of the two is needed");
	meanness = m;
	counts = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	plain = mmap(NULL, SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT(counts != MAP_FAILED && plain != MAP_FAILED);
	fd = gm_create("work", WORK_SIZE);
	map = gm_map_skew(fd, WORK_SIZE, 0, RW, PAGE);
	memset(map, 1, WORK_SIZE);
	mean_map = other_guest(&mean_fd, path, sizeof(path));
	ASSERT(!sched_getaffinity(0, sizeof(all), &all));
	CPU_ZERO(&one);
	CPU_SET(MEAN_CPU, &one);
	threads_to(&one);
	share_usual();
	share_set("enabled", "1");
	rig.worker = spawn(work, map);
	rig.mean = spawn_stopped(be_mean, mean_map);
	rig.plain = spawn_stopped(be_mean, plain);
	measure(&rig);
	end(rig.worker);
	end(rig.mean);
	end(rig.plain);
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
