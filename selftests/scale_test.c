// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults at once: two guests in two processes must not wait for each other,
 * and threads of one guest may meet on the same page. Times are reported, not
 * judged: this may run on an emulated machine. The bytes are.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/gmem.h"

#define RW		(PROT_READ | PROT_WRITE)
#define SIZE		(48 * MIB)
#define NR_THREADS	4

/**
 * struct job - what one process does
 * @nr: number of the guest
 * @skew: 0: 2 MiB faults, PAGE: 4 KiB faults
 */
struct job {
	int nr;
	size_t skew;
};

static const char *guest_path(int nr)
{
	static char paths[2][300];

	snprintf(paths[nr], sizeof(paths[nr]), "%s/%s.g%d", gm_root, gm_name,
		 nr);
	return paths[nr];
}

static int touch_guest(void *arg)
{
	struct job *job = arg;
	int fd = open(guest_path(job->nr), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	char *map;
	int bad = 0;

	if (fd < 0 || ftruncate(fd, SIZE))
		return 1;
	map = gm_map_skew(fd, SIZE, 0, RW, job->skew);
	for (size_t at = 0; at < SIZE; at += PAGE)
		*(__u64 *)(map + at) = at + job->nr + 1;
	for (size_t at = 0; at < SIZE; at += PAGE)
		bad += *(__u64 *)(map + at) != at + job->nr + 1;
	munmap(map, SIZE);
	close(fd);
	unlink(guest_path(job->nr));
	return bad != 0;
}

static __u64 one_after_the_other(struct job *jobs)
{
	__u64 start = now_ms();

	CHECK_EQ(in_child(touch_guest, &jobs[0]), 0);
	CHECK_EQ(in_child(touch_guest, &jobs[1]), 0);
	return now_ms() - start;
}

static __u64 at_once(struct job *jobs)
{
	__u64 start = now_ms();
	pid_t pids[2];

	for (int i = 0; i < 2; i++)
		pids[i] = spawn(touch_guest, &jobs[i]);
	for (int i = 0; i < 2; i++)
		CHECK_EQ(join(pids[i]), 0);
	return now_ms() - start;
}

static void two_guests(size_t skew, const char *what)
{
	struct job jobs[2] = { { 0, skew }, { 1, skew } };
	__u64 serial = 0, parallel = 0;

	for (int round = 0; round < 3; round++) {
		serial += one_after_the_other(jobs);
		parallel += at_once(jobs);
	}
	ktap_diag("%s: two guests %llu ms one after the other, %llu ms at once: %.2f times as fast on %ld CPUs",
		  what, serial / 3, parallel / 3,
		  (double)serial / (parallel ? parallel : 1),
		  sysconf(_SC_NPROCESSORS_ONLN));
}

TEST_SECS(two_guests_pages, 180)
{
	two_guests(PAGE, "4 KiB faults");
}

TEST_SECS(two_guests_blocks, 180)
{
	two_guests(0, "2 MiB faults");
}

/**
 * struct racer - a thread that touches all pages of one guest
 * @map: the mapping, shared by all
 * @id: word of each page that is its own
 * @start: where all wait for each other
 * @reverse: from the end to the start
 */
struct racer {
	char *map;
	unsigned int id;
	pthread_barrier_t *start;
	bool reverse;
};

static __u64 value_of(size_t at, unsigned int id)
{
	return at * 64 + id + 1;
}

static void *race(void *arg)
{
	struct racer *racer = arg;

	pthread_barrier_wait(racer->start);
	for (size_t i = 0; i < SIZE; i += PAGE) {
		size_t at = racer->reverse ? SIZE - PAGE - i : i;
		__u64 *words = (__u64 *)(racer->map + at);

		words[racer->id] = value_of(at, racer->id);
	}
	return NULL;
}

/* Split among the threads, or everything by everyone. */
static void *touch_share(void *arg)
{
	struct racer *racer = arg;

	pthread_barrier_wait(racer->start);
	for (size_t at = racer->id * PAGE; at < SIZE; at += NR_THREADS * PAGE)
		*(__u64 *)(racer->map + at) = value_of(at, 0);
	return NULL;
}

static __u64 run_racers(char *map, unsigned int nr, void *(*fn)(void *arg))
{
	struct racer racers[NR_THREADS];
	pthread_t threads[NR_THREADS];
	pthread_barrier_t start;
	__u64 begin;

	pthread_barrier_init(&start, NULL, nr + 1);
	for (unsigned int i = 0; i < nr; i++) {
		racers[i] = (struct racer){ map, i, &start, i & 1 };
		ASSERT(pthread_create(&threads[i], NULL, fn, &racers[i]) == 0);
	}
	pthread_barrier_wait(&start);
	begin = now_ms();
	for (unsigned int i = 0; i < nr; i++)
		pthread_join(threads[i], NULL);
	return now_ms() - begin;
}

static void threads_of_one_guest(size_t skew, const char *what)
{
	int fd = gm_create("f", SIZE), bad = 0;
	char *map = gm_map_skew(fd, SIZE, 0, RW, skew);
	__u64 ms;

	ms = run_racers(map, NR_THREADS, race);
	for (size_t at = 0; at < SIZE; at += PAGE)
		for (unsigned int i = 0; i < NR_THREADS; i++)
			bad += ((__u64 *)(map + at))[i] != value_of(at, i);
	CHECK_EQ(bad, 0);
	ktap_diag("%s: %d threads on the same pages, %llu ms", what,
		  NR_THREADS, ms);
	gm_punch(fd, 0, SIZE);
	ms = run_racers(map, NR_THREADS, touch_share);
	for (size_t at = 0; at < SIZE; at += PAGE)
		bad += *(__u64 *)(map + at) != value_of(at, 0);
	CHECK_EQ(bad, 0);
	ktap_diag("%s: %d threads, each its share, %llu ms", what, NR_THREADS,
		  ms);
	munmap(map, SIZE);
	close(fd);
}

TEST_SECS(threads_pages, 180)
{
	threads_of_one_guest(PAGE, "4 KiB faults");
}

TEST_SECS(threads_blocks, 180)
{
	threads_of_one_guest(0, "2 MiB faults");
}
