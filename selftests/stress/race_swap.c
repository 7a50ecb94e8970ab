// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads write and read back pages while the limit of their guest goes up and
 * down, the compressor changes, holes are punched and blocks are broken up and
 * made again. Paging changes no byte: an owner finds exactly what it wrote last,
 * by its mapping and by read(2).
 */
#include "../lib/keeper.h"
#include "../lib/swap.h"

#define RW		(PROT_READ | PROT_WRITE)
#define NR_WRITERS	4
#define SIZE		(8 * BLOCK)
#define NR_PAGES	(SIZE / PAGE)

struct arena {
	struct crew crew;
	unsigned long visits;
	unsigned long squeezes;
	struct rng rng;
};

static void *squeeze(void *arg)
{
	struct arena *arena = arg;

	while (crew_goes_on(&arena->crew)) {
		swap_limit(SIZE / 16 * rng_below(&arena->rng, 17));
		ASSERT_OK(swap_set("compressor", rng_below(&arena->rng, 2) ?
						 "zstd" : "lz4"));
		sleep_ms(rng_below(&arena->rng, 400));
		__atomic_add_fetch(&arena->squeezes, 1, __ATOMIC_RELAXED);
	}
	swap_limit(0);
	ASSERT_OK(swap_set("compressor", "lz4"));
	return NULL;
}

static void *rebuild_blocks(void *arg)
{
	struct arena *arena = arg;

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
	struct arena arena = { .rng = { ~opts.seed } };
	struct keeper keepers[NR_WRITERS], all = {
		.crew = &arena.crew,
		.pages = NR_PAGES,
		.visits = &arena.visits,
	};

	gm_need_denseram();
	all.fd = gm_create("f", SIZE);
	all.map = gm_map_skew(all.fd, SIZE, 0, RW, skew);
	keepers_start(keepers, NR_WRITERS, &all);
	crew_add(&arena.crew, squeeze, &arena);
	if (blocks)
		crew_add(&arena.crew, rebuild_blocks, &arena);
	crew_work_until(&arena.crew, opts.secs * 1000, has_paged, NULL);
	ktap_diag("%lu visits, %lu limits; %llu pages out, %llu in",
		  arena.visits, arena.squeezes,
		  (unsigned long long)gm_event(DR_EV_SWAP_OUT),
		  (unsigned long long)gm_event(DR_EV_SWAP_IN));
	CHECK(has_paged(NULL));
	munmap(all.map, SIZE);
	close(all.fd);
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
