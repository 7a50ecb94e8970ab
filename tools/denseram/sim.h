/* SPDX-License-Identifier: GPL-2.0-only */
/* What "denseram sim" and "denseram replay" print. */
#ifndef DR_SIM_VERB_H
#define DR_SIM_VERB_H

#include <stdbool.h>

#include "world.h"

#define COST_STEPS	5

/**
 * struct cost - what a run costs as guests grow in number
 * @nr: guests
 * @ns: nanoseconds a run
 */
struct cost {
	u32 nr;
	u64 ns;
};

/**
 * struct moved - how long a quarter of a host takes to move
 * @rule: who decides
 * @seconds: how long; 0 for not within the time that was given
 */
struct moved {
	const char *rule;
	u32 seconds;
};

/* What was set up: for the first line. */
struct sim_title {
	const char *fleet;
	u64 size;
	u32 seconds;
	u64 seed;
};

/**
 * struct replayed - what a record holds
 * @runs: in it
 * @most: guests of the largest run
 * @different: runs that came out another way now
 * @first: number of the first of those, from 1
 * @bytes: of the record
 * @span_ns: from the first run to the last
 * @cut: it ends in the middle of a run
 */
struct replayed {
	u64 runs;
	u32 most;
	u64 different;
	u64 first;
	u64 bytes;
	u64 span_ns;
	bool cut;
};

/* Each returns the exit status. */
int print_sim(const struct sim_world *world, const struct sim_title *title);
int print_sim_json(const struct sim_world *world,
		   const struct sim_title *title);
int print_cost(const struct cost *cost, u32 nr);
int print_cost_json(const struct cost *cost, u32 nr);
int print_moved(const struct moved *moved, u32 nr);
int print_moved_json(const struct moved *moved, u32 nr);
int print_replayed(const struct replayed *r, const char *path);
int print_replayed_json(const struct replayed *r);

#endif /* DR_SIM_VERB_H */
