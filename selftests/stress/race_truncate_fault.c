// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads touch a file while another changes its size. Below the smallest
 * size every word is what its owner wrote last; above it a word is that or
 * zero, or the access is a SIGBUS.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/crew.h"
#include "../lib/gmem.h"

#define RW		(PROT_READ | PROT_WRITE)
#define NR_WRITERS	4
#define SIZE		(6 * BLOCK)
#define SAFE		(2 * BLOCK + 5 * PAGE)
#define NR_PAGES	(SIZE / PAGE)

struct arena {
	struct crew crew;
	int fd;
	char *map;
	unsigned long touches;
	unsigned long signals;
	unsigned long truncations;
};

struct worker {
	struct arena *arena;
	unsigned int nr;
	struct rng rng;
};

/* One byte for each worker in each page, so that accesses are atomic. */
static void touch(struct worker *worker, unsigned char *last)
{
	struct arena *arena = worker->arena;
	__u64 page = rng_below(&worker->rng, NR_PAGES);
	char *at = arena->map + page * PAGE + worker->nr * 64;
	unsigned char got, want = last[page];
	bool safe = (page + 1) * PAGE <= SAFE;
	int sig = try_read(at);

	if (!sig) {
		/* Gone since: the second look may meet the end of the file. */
		if (safe) {
			got = get_byte(at);
			CHECK_EQ(got, want);
		}
		sig = try_write(at, ++last[page]);
	}
	if (sig) {
		CHECK_EQ(sig, SIGBUS);
		CHECK(!safe);
		__atomic_add_fetch(&arena->signals, 1, __ATOMIC_RELAXED);
	}
	__atomic_add_fetch(&arena->touches, 1, __ATOMIC_RELAXED);
}

static void *touch_pages(void *arg)
{
	struct worker *worker = arg;
	unsigned char *last = calloc(1, NR_PAGES);

	ASSERT(last);
	while (crew_goes_on(&worker->arena->crew))
		touch(worker, last);
	free(last);
	return NULL;
}

/* Read and write by system call: short counts at the end, never wrong bytes. */
static void *use_syscalls(void *arg)
{
	struct worker *worker = arg;
	struct arena *arena = worker->arena;
	char buf[4 * PAGE];

	while (crew_goes_on(&arena->crew)) {
		__u64 at = rng_below(&worker->rng, SIZE - sizeof(buf));
		ssize_t got = pread(arena->fd, buf, sizeof(buf), at);

		CHECK_RANGE(got, 0, sizeof(buf));
		/* Its bytes: 256 and on in each page, unused by the others. */
		if (at % PAGE < 1024 && got > 2048)
			CHECK_EQ(zero_bad(buf + 1024, 1024), -1);
	}
	return NULL;
}

static void *change_size(void *arg)
{
	struct worker *worker = arg;
	struct arena *arena = worker->arena;

	while (crew_goes_on(&arena->crew)) {
		__u64 size = SAFE + rng_below(&worker->rng, SIZE - SAFE + 1);

		if (rng_below(&worker->rng, 2))
			size = size < SAFE + BLOCK ? SAFE : size & ~(BLOCK - 1);
		CHECK_OK(ftruncate(arena->fd, size));
		__atomic_add_fetch(&arena->truncations, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static bool has_met(void *arg)
{
	struct arena *arena = arg;

	return __atomic_load_n(&arena->touches, __ATOMIC_RELAXED) &&
	       __atomic_load_n(&arena->signals, __ATOMIC_RELAXED) &&
	       __atomic_load_n(&arena->truncations, __ATOMIC_RELAXED);
}

static void race(size_t skew)
{
	struct arena arena = { .touches = 0 };
	struct worker workers[NR_WRITERS + 2];

	arena.fd = gm_create("f", SIZE);
	arena.map = gm_map_skew(arena.fd, SIZE, 0, RW, skew);
	for (unsigned int i = 0; i < NR_WRITERS + 2; i++) {
		workers[i] = (struct worker){ &arena, i, { opts.seed + i } };
		crew_add(&arena.crew, i < NR_WRITERS ? touch_pages :
				      i == NR_WRITERS ? change_size :
							use_syscalls,
			 &workers[i]);
	}
	crew_work_until(&arena.crew, opts.secs * 1000, has_met, &arena);
	ktap_diag("%lu touches, %lu SIGBUS, %lu truncations", arena.touches,
		  arena.signals, arena.truncations);
	CHECK(arena.touches > 0);
	CHECK(arena.signals > 0);
	CHECK(arena.truncations > 0);
	/* After the last truncation nothing beyond the end stays behind. */
	ASSERT_OK(ftruncate(arena.fd, SAFE));
	ASSERT_OK(ftruncate(arena.fd, SIZE));
	CHECK_EQ(zero_bad(arena.map + SAFE, SIZE - SAFE), -1);
	munmap(arena.map, SIZE);
	close(arena.fd);
	ASSERT_OK(unlink(gm_path("f")));
}

TEST(pages)
{
	race(PAGE);
}

TEST(blocks)
{
	race(0);
}
