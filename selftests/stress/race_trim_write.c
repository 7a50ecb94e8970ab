// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads write pages of zeros, of one word and of patterns, while others
 * trim without pause. Trimming changes no byte: an owner finds exactly what it
 * wrote last, by its mapping and by read(2).
 */
#include <stdlib.h>
#include <string.h>

#include "../lib/crew.h"
#include "../lib/gmem.h"

#define RW		(PROT_READ | PROT_WRITE)
#define NR_WRITERS	4
#define SIZE		(4 * BLOCK)
#define NR_PAGES	(SIZE / PAGE)

struct arena {
	struct crew crew;
	int fd;
	char *map;
	__u64 id;
	unsigned long writes;
	unsigned long trims;
	unsigned long freed;
	bool punch;
};

struct worker {
	struct arena *arena;
	unsigned int nr;
	struct rng rng;
};

/* Content by a number: 0 is zeros. */
static void fill_page(char *page, __u64 content)
{
	__u64 word = content * 0x0101010101010101ULL;

	if (content % 3 == 2)
		pat_fill(page, PAGE, 0, content);
	else
		for (size_t i = 0; i < PAGE; i += 8)
			memcpy(page + i, content % 3 ? (char *)&word :
						       "\0\0\0\0\0\0\0", 8);
}

static void check_page(struct arena *arena, __u64 page, __u64 content)
{
	char want[PAGE], got[PAGE];

	fill_page(want, content);
	CHECK(memcmp(arena->map + page * PAGE, want, PAGE) == 0);
	ASSERT(pread(arena->fd, got, PAGE, page * PAGE) == (ssize_t)PAGE);
	CHECK(memcmp(got, want, PAGE) == 0);
}

static __u64 renew_page(struct worker *worker, __u64 page)
{
	struct arena *arena = worker->arena;
	__u64 content = rng_below(&worker->rng, 250);
	char buf[PAGE];

	if (arena->punch && content < 20) {
		gm_punch(arena->fd, page * PAGE, PAGE);
		return 0;
	}
	fill_page(buf, content);
	if (rng_below(&worker->rng, 4))
		memcpy(arena->map + page * PAGE, buf, PAGE);
	else
		ASSERT(pwrite(arena->fd, buf, PAGE, page * PAGE) ==
		       (ssize_t)PAGE);
	return content;
}

static void *write_pages(void *arg)
{
	struct worker *worker = arg;
	struct arena *arena = worker->arena;
	__u64 *contents = calloc(NR_PAGES, sizeof(*contents)), page;

	ASSERT(contents);
	while (crew_goes_on(&arena->crew)) {
		page = rng_below(&worker->rng, NR_PAGES / NR_WRITERS) *
		       NR_WRITERS + worker->nr;
		check_page(arena, page, contents[page]);
		contents[page] = renew_page(worker, page);
		check_page(arena, page, contents[page]);
		__atomic_add_fetch(&arena->writes, 1, __ATOMIC_RELAXED);
	}
	for (page = worker->nr; page < NR_PAGES; page += NR_WRITERS)
		check_page(arena, page, contents[page]);
	free(contents);
	return NULL;
}

static void *trim_pages(void *arg)
{
	struct worker *worker = arg;
	struct arena *arena = worker->arena;

	while (crew_goes_on(&arena->crew)) {
		struct dr_guest_trim trim = gm_trim(DR_TRIM_ALL);

		__atomic_add_fetch(&arena->trims, 1, __ATOMIC_RELAXED);
		__atomic_add_fetch(&arena->freed, trim.freed,
				   __ATOMIC_RELAXED);
	}
	return NULL;
}

/* Relaxed reads are enough: the threads are joined before the checks. */
static bool has_trimmed(void *arg)
{
	struct arena *arena = arg;

	return __atomic_load_n(&arena->writes, __ATOMIC_RELAXED) &&
	       __atomic_load_n(&arena->freed, __ATOMIC_RELAXED);
}

static void race(size_t skew, bool punch)
{
	struct arena arena = { .punch = punch };
	struct worker workers[NR_WRITERS + 2];

	gm_need_denseram();
	arena.fd = gm_create("f", SIZE);
	arena.map = gm_map_skew(arena.fd, SIZE, 0, RW, skew);
	for (unsigned int i = 0; i < NR_WRITERS + 2; i++) {
		workers[i] = (struct worker){ &arena, i, { opts.seed + i } };
		crew_add(&arena.crew, i < NR_WRITERS ? write_pages :
						       trim_pages,
			 &workers[i]);
	}
	crew_work_until(&arena.crew, opts.secs * 1000, has_trimmed, &arena);
	ktap_diag("%lu pages written, %lu trims, %lu pages freed",
		  arena.writes, arena.trims, arena.freed);
	CHECK(arena.writes > 0);
	CHECK(arena.trims > 0);
	CHECK(arena.freed > 0);
	munmap(arena.map, SIZE);
	close(arena.fd);
	ASSERT_OK(unlink(gm_path("f")));
}

TEST(pages)
{
	race(PAGE, false);
}

TEST(blocks)
{
	race(0, false);
}

TEST(with_punching)
{
	race(0, true);
}
