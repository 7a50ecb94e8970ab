// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads write and read while others punch holes.
 *
 * Pages are dealt out by their number: writer w owns pages w, w + 4, w + 8...
 * An owner knows what it wrote last. Every other page of an owner is kept from
 * the punchers and must hold exactly that; in the rest a word is either that
 * or zero.
 */
#include <stdlib.h>
#include <string.h>

#include "../lib/crew.h"
#include "../lib/gmem.h"

#define RW		(PROT_READ | PROT_WRITE)
#define NR_WRITERS	4
#define SIZE		(8 * BLOCK)
#define NR_PAGES	(SIZE / PAGE)

/**
 * struct arena - what the threads share
 * @crew: they
 * @fd: the file
 * @map: its mapping
 * @skew: 0: blocks, PAGE: 4 KiB pages
 * @writes: pages written
 * @punches: holes punched
 * @zeros: owned words found zeroed: punching did happen in between
 */
struct arena {
	struct crew crew;
	int fd;
	char *map;
	size_t skew;
	unsigned long writes;
	unsigned long punches;
	unsigned long zeros;
};

struct writer {
	struct arena *arena;
	unsigned int nr;
	struct rng rng;
};

static bool punchable(__u64 page)
{
	return page / NR_WRITERS % 2;
}

static __u64 *word_of(struct arena *arena, __u64 page, unsigned int nr)
{
	return (__u64 *)(arena->map + page * PAGE) + nr * 73 % 512;
}

static void check_word(struct arena *arena, __u64 page, __u64 got, __u64 want)
{
	if (got == want)
		return;
	if (punchable(page) && !got) {
		__atomic_add_fetch(&arena->zeros, 1, __ATOMIC_RELAXED);
		return;
	}
	CHECK_EQ(got, want);
	ktap_diag("page %llu, seed %llu", page, opts.seed);
}

static void *write_pages(void *arg)
{
	struct writer *writer = arg;
	struct arena *arena = writer->arena;
	__u64 *last = calloc(NR_PAGES, sizeof(*last)), page, value;

	ASSERT(last);
	while (crew_goes_on(&arena->crew)) {
		page = rng_below(&writer->rng, NR_PAGES / NR_WRITERS) *
		       NR_WRITERS + writer->nr;
		for (unsigned int i = 0; i < 7; i++)
			check_word(arena, page, *word_of(arena, page, i),
				   last[page] ? last[page] + i : 0);
		value = rng_next(&writer->rng) | 1;
		for (unsigned int i = 0; i < 7; i++)
			*word_of(arena, page, i) = value + i;
		last[page] = value;
		__atomic_add_fetch(&arena->writes, 1, __ATOMIC_RELAXED);
	}
	free(last);
	return NULL;
}

static void *punch_pages(void *arg)
{
	struct writer *writer = arg;
	struct arena *arena = writer->arena;

	while (crew_goes_on(&arena->crew)) {
		__u64 page = rng_below(&writer->rng, NR_PAGES);

		/* Groups of pages between two that are kept. */
		page = page / (2 * NR_WRITERS) * 2 * NR_WRITERS + NR_WRITERS;
		gm_punch(arena->fd, page * PAGE, NR_WRITERS * PAGE);
		__atomic_add_fetch(&arena->punches, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* A word of somebody's gone: writing and punching did meet. */
static bool has_met(void *arg)
{
	struct arena *arena = arg;

	return __atomic_load_n(&arena->zeros, __ATOMIC_RELAXED);
}

static void race(size_t skew, unsigned int ms)
{
	struct arena arena = { .skew = skew };
	struct writer writers[NR_WRITERS + 1];

	arena.fd = gm_create("f", SIZE);
	arena.map = gm_map_skew(arena.fd, SIZE, 0, RW, skew);
	for (unsigned int i = 0; i <= NR_WRITERS; i++) {
		writers[i] = (struct writer){ &arena, i, { opts.seed + i } };
		crew_add(&arena.crew, i < NR_WRITERS ? write_pages :
						       punch_pages,
			 &writers[i]);
	}
	crew_work_until(&arena.crew, ms, has_met, &arena);
	ktap_diag("%lu pages written, %lu holes, %lu words gone",
		  arena.writes, arena.punches, arena.zeros);
	CHECK(arena.writes > 0);
	CHECK(arena.punches > 0);
	CHECK(arena.zeros > 0);
	munmap(arena.map, SIZE);
	close(arena.fd);
	ASSERT_OK(unlink(gm_path("f")));
}

TEST(pages)
{
	race(PAGE, opts.secs * 1000);
}

TEST(blocks)
{
	race(0, opts.secs * 1000);
}

/* Whole blocks go under writers that only ever expect theirs or zeros. */
static void *punch_blocks(void *arg)
{
	struct writer *writer = arg;
	struct arena *arena = writer->arena;

	while (crew_goes_on(&arena->crew)) {
		__u64 nr = rng_below(&writer->rng, SIZE / BLOCK / 2);

		gm_punch(arena->fd, (2 * nr + 1) * BLOCK, BLOCK);
		__atomic_add_fetch(&arena->punches, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void *write_words(void *arg)
{
	struct writer *writer = arg;
	struct arena *arena = writer->arena;
	__u64 *last = calloc(NR_PAGES, sizeof(*last));

	ASSERT(last);
	while (crew_goes_on(&arena->crew)) {
		__u64 page = rng_below(&writer->rng, NR_PAGES);
		__u64 *word = word_of(arena, page, writer->nr + 1);
		__u64 got = *word;
		bool lost = page / PAGES_A_BLOCK % 2 && !got;

		if (!lost)
			CHECK_EQ(got, last[page]);
		else if (last[page])
			__atomic_add_fetch(&arena->zeros, 1, __ATOMIC_RELAXED);
		last[page] = rng_next(&writer->rng) | 1;
		*word = last[page];
		__atomic_add_fetch(&arena->writes, 1, __ATOMIC_RELAXED);
	}
	free(last);
	return NULL;
}

TEST(whole_blocks)
{
	struct arena arena = { .skew = 0 };
	struct writer writers[NR_WRITERS + 1];

	arena.fd = gm_create("f", SIZE);
	arena.map = gm_map(arena.fd, SIZE);
	for (unsigned int i = 0; i <= NR_WRITERS; i++) {
		writers[i] = (struct writer){ &arena, i, { opts.seed + i } };
		crew_add(&arena.crew, i < NR_WRITERS ? write_words :
						       punch_blocks,
			 &writers[i]);
	}
	crew_work_until(&arena.crew, opts.secs * 1000, has_met, &arena);
	CHECK(arena.writes > 0);
	CHECK(arena.punches > 0);
	CHECK(arena.zeros > 0);
	munmap(arena.map, SIZE);
	close(arena.fd);
}
