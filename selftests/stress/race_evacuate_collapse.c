// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blocks are broken up and made again without pause, while threads write and
 * check the memory, pin it, punch it, cut it off and map other things over it.
 * Owners find exactly what they wrote last, by mapping and by read(2); the
 * others find the pattern or zeros; and a mapping that took the place of the
 * file's is never replaced.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "../lib/crew.h"
#include "../lib/gmem.h"

#define RW		(PROT_READ | PROT_WRITE)
#define NR_WRITERS	2
#define OWNED		(2 * BLOCK)	/* at the start: the writers' */
#define LOOSE		(2 * BLOCK)	/* behind it: punched and cut off */
#define SIZE		(OWNED + LOOSE)
#define NR_PAGES	(OWNED / PAGE)

struct arena {
	struct crew crew;
	int fd;
	char *map;
	unsigned long writes;
	unsigned long rounds;
	unsigned long pins;
	unsigned long swaps;
};

struct worker {
	struct arena *arena;
	unsigned int nr;
	struct rng rng;
};

static void count(unsigned long *what)
{
	__atomic_add_fetch(what, 1, __ATOMIC_RELAXED);
}

/* Key 0: zeros. */
static void check_page(struct arena *arena, __u64 page, __u64 key)
{
	const char *at = arena->map + page * PAGE;
	char got[PAGE];

	ASSERT(pread(arena->fd, got, PAGE, page * PAGE) == (ssize_t)PAGE);
	if (key) {
		CHECK_EQ(pat_bad(at, PAGE, page * PAGE, key), -1);
		CHECK_EQ(pat_bad(got, PAGE, page * PAGE, key), -1);
	} else {
		CHECK_EQ(zero_bad(at, PAGE), -1);
		CHECK_EQ(zero_bad(got, PAGE), -1);
	}
}

static __u64 renew_page(struct worker *worker, __u64 page)
{
	struct arena *arena = worker->arena;
	__u64 key = rng_below(&worker->rng, 100);
	char buf[PAGE];

	if (key == 0) {
		gm_punch(arena->fd, page * PAGE, PAGE);
		return 0;
	}
	pat_fill(buf, PAGE, page * PAGE, key);
	if (key % 4)
		memcpy(arena->map + page * PAGE, buf, PAGE);
	else
		ASSERT(pwrite(arena->fd, buf, PAGE, page * PAGE) ==
		       (ssize_t)PAGE);
	return key;
}

static void *write_pages(void *arg)
{
	struct worker *worker = arg;
	struct arena *arena = worker->arena;
	__u64 *keys = calloc(NR_PAGES, sizeof(*keys)), page;

	ASSERT(keys);
	for (page = 0; page < NR_PAGES; page++)
		keys[page] = 1;
	while (crew_goes_on(&arena->crew)) {
		page = rng_below(&worker->rng, NR_PAGES / NR_WRITERS) *
		       NR_WRITERS + worker->nr;
		check_page(arena, page, keys[page]);
		keys[page] = renew_page(worker, page);
		check_page(arena, page, keys[page]);
		count(&arena->writes);
	}
	for (page = worker->nr; page < NR_PAGES; page += NR_WRITERS)
		check_page(arena, page, keys[page]);
	free(keys);
	return NULL;
}

/* Break up, make again; both at once with another thread that does so too. */
static void *churn_blocks(void *arg)
{
	struct worker *worker = arg;

	while (crew_goes_on(&worker->arena->crew)) {
		if (rng_below(&worker->rng, 3))
			gm_collapse();
		else
			gm_evacuate();
		count(&worker->arena->rounds);
	}
	return NULL;
}

/* Pages in a pipe are the file's own until somebody punches them. */
static void pin_some(struct worker *worker)
{
	struct arena *arena = worker->arena;
	__u64 page = rng_below(&worker->rng, NR_PAGES - 8);
	struct iovec iov = { arena->map + page * PAGE, 8 * PAGE };
	char back[8 * PAGE];
	int pipes[2];

	ASSERT_OK(pipe2(pipes, O_CLOEXEC));
	ASSERT(vmsplice(pipes[1], &iov, 1, 0) == (ssize_t)iov.iov_len);
	sleep_ms(rng_below(&worker->rng, 20));
	ASSERT(read(pipes[0], back, sizeof(back)) == (ssize_t)sizeof(back));
	close(pipes[0]);
	close(pipes[1]);
	count(&arena->pins);
}

static void *pin_pages(void *arg)
{
	struct worker *worker = arg;

	while (crew_goes_on(&worker->arena->crew))
		pin_some(worker);
	return NULL;
}

/* Fill the loose part by write(2), take some of it away, or cut it off. */
static void *lose_pages(void *arg)
{
	struct worker *worker = arg;
	int fd = worker->arena->fd;
	__u64 first;

	while (crew_goes_on(&worker->arena->crew)) {
		gm_pwrite_pattern(fd, LOOSE, OWNED, 7);
		first = rng_below(&worker->rng, LOOSE / PAGE);
		if (rng_below(&worker->rng, 3)) {
			gm_punch(fd, OWNED + first * PAGE,
				 LOOSE - first * PAGE);
		} else {
			ASSERT_OK(ftruncate(fd, OWNED + first * PAGE));
			ASSERT_OK(ftruncate(fd, SIZE));
		}
		CHECK_EQ(gm_pread_bad(fd, first * PAGE, OWNED, 7), -1);
		CHECK_EQ(gm_pread_nonzero(fd, LOOSE - first * PAGE,
					  OWNED + first * PAGE), -1);
	}
	return NULL;
}

/*
 * The same 2 MiB of addresses are the file's one moment and plain memory the
 * next: nothing that maps the file anew may hit the plain memory.
 */
static void *swap_mappings(void *arg)
{
	struct worker *worker = arg;
	struct arena *arena = worker->arena;
	char *at = gm_map(arena->fd, BLOCK);

	while (crew_goes_on(&arena->crew)) {
		for (size_t i = 0; i < BLOCK; i += 64 * PAGE)
			get_byte(at + i);
		sleep_ms(rng_below(&worker->rng, 4));
		ASSERT(mmap(at, BLOCK, RW, MAP_PRIVATE | MAP_ANONYMOUS |
			    MAP_FIXED, -1, 0) == at);
		memset(at, 0x5a, BLOCK);
		sleep_ms(rng_below(&worker->rng, 8));
		for (size_t i = 0; i < BLOCK; i += PAGE)
			CHECK_EQ(get_byte(at + i), 0x5a);
		ASSERT(mmap(at, BLOCK, RW, MAP_SHARED | MAP_FIXED, arena->fd,
			    0) == at);
		count(&arena->swaps);
	}
	munmap(at, BLOCK);
	return NULL;
}

static bool all_has_happened(void *arg)
{
	struct arena *arena = arg;

	return __atomic_load_n(&arena->writes, __ATOMIC_RELAXED) &&
	       __atomic_load_n(&arena->swaps, __ATOMIC_RELAXED) &&
	       gm_event(DR_EV_BLOCK_EVACUATE) &&
	       gm_event(DR_EV_BLOCK_COLLAPSE);
}

static void report(struct arena *arena)
{
	ktap_diag("%lu pages written, %lu pins, %lu mappings swapped, %lu rounds",
		  arena->writes, arena->pins, arena->swaps, arena->rounds);
	ktap_diag("%llu blocks broken up, %llu made, %llu times pinned",
		  gm_event(DR_EV_BLOCK_EVACUATE),
		  gm_event(DR_EV_BLOCK_COLLAPSE), gm_event(DR_EV_BLOCK_BUSY));
	CHECK(arena->writes > 0);
	CHECK(arena->swaps > 0);
	CHECK(gm_event(DR_EV_BLOCK_EVACUATE) > 0);
	CHECK(gm_event(DR_EV_BLOCK_COLLAPSE) > 0);
}

static void race(void *(*const more[])(void *arg), unsigned int nr)
{
	struct arena arena = { .fd = gm_create("f", SIZE) };
	struct worker workers[CREW_MAX];

	gm_need_blocks();
	arena.map = gm_map(arena.fd, SIZE);
	pat_fill(arena.map, OWNED, 0, 1);
	for (unsigned int i = 0; i < NR_WRITERS + 2 + nr; i++) {
		workers[i] = (struct worker){ &arena, i, { opts.seed + i } };
		crew_add(&arena.crew,
			 i < NR_WRITERS ? write_pages :
			 i < NR_WRITERS + 2 ? churn_blocks :
			 more[i - NR_WRITERS - 2], &workers[i]);
	}
	crew_work_until(&arena.crew, opts.secs * 1000, all_has_happened,
			&arena);
	report(&arena);
	munmap(arena.map, SIZE);
	close(arena.fd);
	ASSERT_OK(unlink(gm_path("f")));
}

TEST(writers_and_mappings)
{
	void *(*const more[])(void *arg) = { swap_mappings, swap_mappings };

	race(more, ARRAY_SIZE(more));
}

TEST(pins_and_holes)
{
	void *(*const more[])(void *arg) = {
		swap_mappings, pin_pages, lose_pages,
	};

	race(more, ARRAY_SIZE(more));
}
