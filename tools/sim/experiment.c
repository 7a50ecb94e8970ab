// SPDX-License-Identifier: GPL-2.0-only
/* What is measured and not watched: how fast memory moves, what a run costs. */
#include "world.h"

#include <stdlib.h>

static void decide_nothing(struct sim_world *world)
{
	(void)world;
}

static const struct sim_rule stand_still = {
	.name = "none",
	.decide = decide_nothing,
	.strict = true,
};

/*
 * 16 GiB. One guest had 10 GiB of work, which has ended; the other has 2 GiB
 * and now wants 6 GiB. Balloons leave both what they have.
 */
u32 sim_move(const struct sim_rule *rule, u64 seed, u32 most)
{
	const struct sim_setup setup = {
		.fleet = "idle", .nr = 2, .size = 12 * SIM_GIB,
		.total = 16 * SIM_GIB, .tax = DR_POLICY_TAX, .seed = seed,
	};
	u64 goal = 2 * SIM_GIB + setup.total / 4;
	struct sim_world world;
	u32 second = 0;

	if (sim_create(&world, &setup, rule))
		return 0;
	sim_guest_set(&world, 0, setup.size, SIM_GIB / 2, 10 * SIM_GIB,
		      11 * SIM_GIB);
	sim_guest_set(&world, 1, setup.size, 2 * SIM_GIB, 0, 2 * SIM_GIB);
	for (u32 i = 0; i < 2; i++)
		world.guests[i].allowed = world.policy[i].in.resident;
	/* Time to see who is idle; all stays as it is. */
	world.rule = &stand_still;
	while (world.now < 20 * SIM_PERIOD)
		sim_step(&world);
	world.rule = rule;
	world.guests[1].used = 6 * SIM_GIB;
	while (world.policy[1].in.resident < goal && second < most) {
		sim_step(&world);
		second++;
	}
	if (world.policy[1].in.resident < goal)
		second = 0;
	sim_destroy(&world);
	return second;
}

static int by_size(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return (x > y) - (x < y);
}

static u64 median(u64 *times, u32 nr)
{
	qsort(times, nr, sizeof(*times), by_size);
	return times[nr / 2];
}

u64 sim_cost(u32 nr, u64 seed, u32 reps)
{
	const struct sim_setup setup = {
		.fleet = "mixed", .nr = nr, .size = 4 * SIM_GIB,
		.tax = DR_POLICY_TAX, .seed = seed,
	};
	u64 *times = calloc(reps, sizeof(*times)), result = 0;
	struct sim_world world;

	if (!times || sim_create(&world, &setup, &sim_denseram)) {
		free(times);
		return 0;
	}
	for (u32 i = 0; i < nr; i++) {
		struct dr_policy_in *in = &world.policy[i].in;

		in->resident = world.guests[i].size / 100 *
			       (20 + sim_random(&world, 60));
		in->active_high = sim_random(&world, DR_POLICY_ONE);
		in->shares = 100 + sim_random(&world, 4000);
	}
	world.host.free = world.total / 100;
	world.host.level = DR_LEVEL_HARD;
	for (u32 rep = 0; rep < reps; rep++) {
		u64 start = sim_clock();

		dr_policy_run(&world.host, world.policy, world.claims, nr,
			      &world.result);
		times[rep] = sim_clock() - start;
	}
	result = median(times, reps);
	sim_destroy(&world);
	free(times);
	return result;
}
