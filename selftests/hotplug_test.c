// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processors and memory of the host go away and come back, under faults, the
 * scanner and the pager. Guest memory is not moved: memory that holds some does
 * not go, and whoever asks for it is told so at once.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/keeper.h"
#include "lib/pfn.h"
#include "lib/share.h"
#include "lib/states.h"
#include "lib/swap.h"

#define RW		(PROT_READ | PROT_WRITE)
#define CPU_DIR		"/sys/devices/system/cpu"
#define MEMORY_DIR	"/sys/devices/system/memory"
#define SIZE		(4 * BLOCK)
#define NR_KEEPERS	3
#define NR_FLIPS	6
#define MAX_CPUS	256

static const char *cpu_path(int cpu)
{
	static char path[64];

	snprintf(path, sizeof(path), CPU_DIR "/cpu%d/online", cpu);
	return path;
}

/* The first one cannot go, where it has no file. */
static bool cpu_can_go(int cpu)
{
	return cpu > 0 && access(cpu_path(cpu), W_OK) == 0;
}

/* At the end of the program as well, whatever has become of its tests. */
__attribute__((destructor)) static void all_cpus_online(void)
{
	for (int cpu = 0; cpu < MAX_CPUS; cpu++)
		if (cpu_can_go(cpu))
			write_text(cpu_path(cpu), "1");
}

/**
 * struct arena - a guest at work while something is taken from the host
 * @crew: all threads
 * @keepers: its owners
 * @all: what they have in common
 * @visits: of theirs
 * @rng: for chance
 * @gone: how often something was taken
 * @refused: how often it could not be
 */
struct arena {
	struct crew crew;
	struct keeper keepers[NR_KEEPERS];
	struct keeper all;
	unsigned long visits;
	struct rng rng;
	unsigned long gone;
	unsigned long refused;
};

static void *squeeze(void *arg)
{
	struct arena *arena = arg;

	while (crew_goes_on(&arena->crew)) {
		swap_limit(SIZE / 8 * rng_below(&arena->rng, 9));
		sleep_ms(rng_below(&arena->rng, 300));
	}
	swap_limit(0);
	return NULL;
}

/* Has the host worked on the guest's memory? */
static bool has_worked(void)
{
	return gm_event(DR_EV_SWAP_IN) > 100 &&
	       gm_event(DR_EV_SWAP_OUT) > 100 &&
	       gm_event(DR_EV_SHARE_MERGE) > 10;
}

static void begin(struct arena *arena)
{
	arena->rng.state = ~opts.seed;
	arena->all = (struct keeper){
		.crew = &arena->crew,
		.fd = gm_create("f", SIZE),
		.pages = SIZE / PAGE,
		.visits = &arena->visits,
	};
	arena->all.map = gm_map_skew(arena->all.fd, SIZE, 0, RW, PAGE);
	share_set("interval", "1");
	share_set("enabled", "1");
	keepers_start(arena->keepers, NR_KEEPERS, &arena->all);
	crew_add(&arena->crew, squeeze, arena);
}

static void end(struct arena *arena)
{
	ktap_diag("%lu visits; %lu times gone, %lu times refused; %llu pages out, %llu in, %llu merged",
		  arena->visits, arena->gone, arena->refused,
		  (unsigned long long)gm_event(DR_EV_SWAP_OUT),
		  (unsigned long long)gm_event(DR_EV_SWAP_IN),
		  (unsigned long long)gm_event(DR_EV_SHARE_MERGE));
	CHECK(has_worked());
	share_usual();
	munmap(arena->all.map, SIZE);
	close(arena->all.fd);
	ASSERT_OK(unlink(gm_path("f")));
}

static void flip_cpu(struct arena *arena, int cpu)
{
	CHECK_EQ(write_text(cpu_path(cpu), "0"), 0);
	sleep_ms(rng_below(&arena->rng, 300));
	CHECK_EQ(write_text(cpu_path(cpu), "1"), 0);
	sleep_ms(rng_below(&arena->rng, 100));
	__atomic_add_fetch(&arena->gone, 1, __ATOMIC_RELAXED);
}

static void *flip_cpus(void *arg)
{
	struct arena *arena = arg;

	while (crew_goes_on(&arena->crew))
		for (int cpu = 0; cpu < MAX_CPUS; cpu++)
			if (cpu_can_go(cpu))
				flip_cpu(arena, cpu);
	return NULL;
}

static bool flipped_enough(void *arg)
{
	struct arena *arena = arg;

	return __atomic_load_n(&arena->gone, __ATOMIC_RELAXED) >= NR_FLIPS &&
	       has_worked();
}

TEST_SECS(cpus, 200)
{
	struct arena arena = {};

	gm_need_denseram();
	if (!getenv("LAB") || !cpu_can_go(1))
		ktap_skip("not in the lab, or no processor that can go");
	begin(&arena);
	crew_add(&arena.crew, flip_cpus, &arena);
	crew_work_until(&arena.crew, opts.secs * 1000, flipped_enough, &arena);
	CHECK(flipped_enough(&arena));
	end(&arena);
}

static __u64 bytes_a_piece(void)
{
	char text[32];

	if (!getenv("LAB") ||
	    read_text(MEMORY_DIR "/block_size_bytes", text, sizeof(text)))
		ktap_skip("not in the lab, or a kernel whose memory cannot go");
	return strtoull(text, NULL, 16);
}

static const char *piece_path(__u64 piece)
{
	static char path[80];

	snprintf(path, sizeof(path), MEMORY_DIR "/memory%llu/state",
		 (unsigned long long)piece);
	return path;
}

/* Take it and bring it back: 0, or why it cannot be taken. */
static int take_piece(__u64 piece)
{
	int err = write_text(piece_path(piece), "offline");

	if (!err)
		CHECK_EQ(write_text(piece_path(piece), "online"), 0);
	return err;
}

/*
 * The first page and the last of each file that is in memory. Of a piece with a
 * hole, or of two zones, the kernel says EINVAL before it looks at its pages.
 */
static void check_stays(enum state state, __u64 bytes)
{
	for (__u64 at = 0; at < STATE_SIZE; at += STATE_SIZE - PAGE) {
		__u64 pfn = pfn_of(state_map(state) + at);
		int err = take_piece(pfn * PAGE / bytes);

		if (!CHECK(err == -EBUSY || err == -EINVAL))
			ktap_diag("memory of the file %s: %d", state_name(state), err);
		CHECK_EQ(pfn_of(state_map(state) + at), pfn);
	}
}

TEST_SECS(memory_in_use, 200)
{
	__u64 bytes;

	gm_need_denseram();
	bytes = bytes_a_piece();
	states_begin();
	states_make();
	check_stays(STATE_PAGE, bytes);
	check_stays(STATE_SHARED, bytes);
	check_stays(STATE_BLOCK, bytes);
	states_finish();
}

/* struct pieces - a walk over the host's memory */
struct pieces {
	struct arena arena;
	__u64 end;
	int done;
};

static void *take_all(void *arg)
{
	struct pieces *p = arg;
	int err;

	for (__u64 i = 0; i < p->end && crew_goes_on(&p->arena.crew); i++) {
		if (access(piece_path(i), F_OK))
			continue;
		err = take_piece(i);
		/* What holds memory of the kernel itself does not go either. */
		CHECK(!err || err == -EBUSY || err == -EINVAL);
		if (err)
			p->arena.refused++;
		else
			p->arena.gone++;
	}
	__atomic_store_n(&p->done, 1, __ATOMIC_RELEASE);
	return NULL;
}

static bool all_tried(void *arg)
{
	struct pieces *p = arg;

	return __atomic_load_n(&p->done, __ATOMIC_ACQUIRE) && has_worked();
}

/* All of it in turn, with memory of the pool, which the kernel may move. */
TEST_SECS(memory, 300)
{
	struct pieces p = { .end = 0 };

	gm_need_denseram();
	p.end = 64ULL * 1024 * MIB / bytes_a_piece();
	begin(&p.arena);
	crew_add(&p.arena.crew, take_all, &p);
	crew_work_until(&p.arena.crew, opts.secs * 1000, all_tried, &p);
	CHECK(all_tried(&p));
	end(&p.arena);
}
