// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files and guests come and go, mapped, touched, unmapped, unlinked and cut by
 * several threads and processes at once, which die in the middle. Nothing may
 * be left of them.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../lib/crew.h"
#include "../lib/gmem.h"

#define RW		(PROT_READ | PROT_WRITE)
#define NR_NAMES	3
#define SIZE		(2 * BLOCK)

/**
 * struct worker - a thread that makes and unmakes guests
 * @crew: it and the others
 * @nr: its number
 * @rng: its choices
 * @rounds: done by all, in memory that processes share
 */
struct worker {
	struct crew *crew;
	unsigned int nr;
	struct rng rng;
	unsigned long *rounds;
};

/* Three guests fought over by all. */
static void names(struct worker *worker, char *dir, char *file, size_t room)
{
	snprintf(dir, room, "%s/%s.r%llu", gm_root, gm_name,
		 rng_below(&worker->rng, NR_NAMES));
	snprintf(file, room, "%s/ram%llu", dir, rng_below(&worker->rng, 2));
}

static void use_mapping(struct worker *worker, int fd)
{
	size_t skew = rng_below(&worker->rng, 2) * PAGE;
	char *map = gm_map_skew(fd, SIZE, 0, RW, skew);

	for (int i = 0; i < 20; i++) {
		size_t at = rng_below(&worker->rng, SIZE);
		int sig = try_write(map + at, worker->nr + 1);

		if (sig)
			CHECK_EQ(sig, SIGBUS);
	}
	if (rng_below(&worker->rng, 3) == 0)
		fallocate(fd, PUNCH, 0, SIZE / 2);
	munmap(map, SIZE);
}

static void one_round(struct worker *worker)
{
	char dir[300], file[300];
	int fd;

	names(worker, dir, file, sizeof(dir));
	mkdir(dir, 0755);
	fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0) {
		if (ftruncate(fd, rng_below(&worker->rng, 4) ? SIZE : 0))
			CHECK_EQ(errno, 0);
		use_mapping(worker, fd);
	} else {
		CHECK(errno == ENOENT);
	}
	if (rng_below(&worker->rng, 2)) {
		unlink(file);
		rmdir(dir);
	}
	if (fd >= 0 && rng_below(&worker->rng, 2))
		use_mapping(worker, fd);
	if (fd >= 0)
		close(fd);
	__atomic_add_fetch(worker->rounds, 1, __ATOMIC_RELAXED);
}

static void *work(void *arg)
{
	struct worker *worker = arg;

	while (crew_goes_on(worker->crew))
		one_round(worker);
	return NULL;
}

static unsigned long *new_count(void)
{
	void *map = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ASSERT(map != MAP_FAILED);
	return map;
}

static bool has_rounds(void *arg)
{
	return __atomic_load_n((unsigned long *)arg, __ATOMIC_RELAXED) > 0;
}

static void remove_all(void)
{
	char path[300];

	for (int dir = 0; dir < NR_NAMES; dir++) {
		for (int file = 0; file < 2; file++) {
			snprintf(path, sizeof(path), "%s/%s.r%d/ram%d",
				 gm_root, gm_name, dir, file);
			unlink(path);
		}
		*strrchr(path, '/') = '\0';
		rmdir(path);
	}
}

static void check_empty(struct dr_usage before)
{
	struct dr_usage after;

	remove_all();
	after = gm_total();
	CHECK_EQ(after.size, before.size);
	CHECK_EQ(after.resident, before.resident);
	CHECK_EQ(after.metadata, before.metadata);
}

TEST(threads)
{
	struct crew crew = { .nr = 0 };
	unsigned long *rounds = new_count();
	struct worker workers[6];
	struct dr_usage before;

	gm_need_denseram();
	before = gm_total();
	for (unsigned int i = 0; i < 6; i++) {
		workers[i] = (struct worker){ &crew, i, { opts.seed + i },
					       rounds };
		crew_add(&crew, work, &workers[i]);
	}
	crew_work_until(&crew, opts.secs * 1000, has_rounds, rounds);
	ktap_diag("%lu rounds", *rounds);
	CHECK(*rounds > 0);
	check_empty(before);
}

/**
 * struct victim - a process to be killed
 * @nr: its number
 * @rounds: see struct worker
 */
struct victim {
	int nr;
	unsigned long *rounds;
};

static int work_until_killed(void *arg)
{
	struct victim *victim = arg;
	struct crew crew = { .nr = 0 };
	struct worker workers[3];

	for (unsigned int i = 0; i < 3; i++) {
		workers[i] = (struct worker){
			&crew, i, { opts.seed + 7 * i + victim->nr },
			victim->rounds,
		};
		crew_add(&crew, work, &workers[i]);
	}
	crew_work(&crew, 1000000);
	return 0;
}

TEST(killed_processes)
{
	__u64 end = now_ms() + opts.secs * 1000;
	struct rng rng = { opts.seed };
	struct victim victim = { .rounds = new_count() };
	struct dr_usage before;
	pid_t pids[2];

	gm_need_denseram();
	before = gm_total();
	while (now_ms() < end && !ktap_failed()) {
		for (int i = 0; i < 2; i++) {
			victim.nr++;
			pids[i] = spawn(work_until_killed, &victim);
		}
		/* In the middle, not before they have come to anything. */
		CHECK(poll_until(has_rounds, victim.rounds, 60000));
		__atomic_store_n(victim.rounds, 0, __ATOMIC_RELAXED);
		sleep_ms(20 + rng_below(&rng, 200));
		for (int i = 0; i < 2; i++) {
			kill(pids[i], SIGKILL);
			CHECK_EQ(join(pids[i]), 128 + SIGKILL);
		}
	}
	ktap_diag("%d processes killed", victim.nr);
	check_empty(before);
}
