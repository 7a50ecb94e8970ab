// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads write and read back pages while the limit of their guest goes up and
 * down, the compressor changes, holes are punched and blocks are broken up and
 * made again. Paging changes no byte: an owner finds exactly what it wrote last,
 * by its mapping and by read(2).
 */
#include <stdlib.h>
#include <string.h>

#include "../lib/crew.h"
#include "../lib/gmem.h"
#include "../lib/swap.h"

#define RW		(PROT_READ | PROT_WRITE)
#define NR_WRITERS	4
#define SIZE		(8 * BLOCK)
#define NR_PAGES	(SIZE / PAGE)

struct arena {
	struct crew crew;
	int fd;
	char *map;
	unsigned long writes;
	unsigned long squeezes;
};

struct worker {
	struct arena *arena;
	unsigned int nr;
	struct rng rng;
};

/* Content by a number: 0 is zeros, then one word, soft, and hard bytes. */
static void fill_page(char *page, __u64 content)
{
	if (!content || content % 4 == 1)
		memset(page, content, PAGE);
	else if (content % 4 == 2)
		pat_fill(page, PAGE, 0, content);
	else
		soft_fill(page, PAGE, 0, content);
}

static void check_page(struct arena *arena, __u64 page, __u64 content)
{
	char want[PAGE], got[PAGE];

	fill_page(want, content);
	ASSERT(pread(arena->fd, got, PAGE, page * PAGE) == (ssize_t)PAGE);
	CHECK(memcmp(got, want, PAGE) == 0);
	CHECK(memcmp(arena->map + page * PAGE, want, PAGE) == 0);
}

static __u64 renew_page(struct worker *worker, __u64 page)
{
	struct arena *arena = worker->arena;
	__u64 content = rng_below(&worker->rng, 250);
	char buf[PAGE];

	if (content < 10) {
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
		if (rng_below(&worker->rng, 2))
			contents[page] = renew_page(worker, page);
		__atomic_add_fetch(&arena->writes, 1, __ATOMIC_RELAXED);
	}
	for (page = worker->nr; page < NR_PAGES; page += NR_WRITERS)
		check_page(arena, page, contents[page]);
	free(contents);
	return NULL;
}

static void *squeeze(void *arg)
{
	struct worker *worker = arg;
	struct arena *arena = worker->arena;

	while (crew_goes_on(&arena->crew)) {
		swap_limit(SIZE / 16 * rng_below(&worker->rng, 17));
		ASSERT_OK(swap_set("compressor", rng_below(&worker->rng, 2) ?
						 "zstd" : "lz4"));
		sleep_ms(rng_below(&worker->rng, 400));
		__atomic_add_fetch(&arena->squeezes, 1, __ATOMIC_RELAXED);
	}
	swap_limit(0);
	ASSERT_OK(swap_set("compressor", "lz4"));
	return NULL;
}

static void *rebuild_blocks(void *arg)
{
	struct worker *worker = arg;
	struct arena *arena = worker->arena;

	while (crew_goes_on(&arena->crew)) {
		gm_collapse();
		sleep_ms(50);
		gm_evacuate();
		sleep_ms(50);
	}
	return NULL;
}

static bool has_paged(void *arg)
{
	(void)arg;
	return gm_event(DR_EV_SWAP_IN) > 200 && gm_event(DR_EV_SWAP_OUT) > 200;
}

static void race(size_t skew, bool blocks)
{
	struct arena arena = {};
	struct worker workers[NR_WRITERS + 2];
	unsigned int i;

	gm_need_denseram();
	arena.fd = gm_create("f", SIZE);
	arena.map = gm_map_skew(arena.fd, SIZE, 0, RW, skew);
	for (i = 0; i < NR_WRITERS + 2; i++)
		workers[i] = (struct worker){ &arena, i, { opts.seed + i } };
	for (i = 0; i < NR_WRITERS; i++)
		crew_add(&arena.crew, write_pages, &workers[i]);
	crew_add(&arena.crew, squeeze, &workers[i++]);
	if (blocks)
		crew_add(&arena.crew, rebuild_blocks, &workers[i]);
	crew_work_until(&arena.crew, opts.secs * 1000, has_paged, NULL);
	ktap_diag("%lu visits, %lu limits; %llu pages out, %llu in",
		  arena.writes, arena.squeezes,
		  (unsigned long long)gm_event(DR_EV_SWAP_OUT),
		  (unsigned long long)gm_event(DR_EV_SWAP_IN));
	CHECK(has_paged(NULL));
	munmap(arena.map, SIZE);
	close(arena.fd);
	ASSERT_OK(unlink(gm_path("f")));
}

TEST_SECS(pages, 200)
{
	race(PAGE, false);
}

TEST_SECS(blocks, 200)
{
	race(0, true);
}
