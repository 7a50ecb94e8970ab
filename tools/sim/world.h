/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A host and its guests, second by second: what "denseram sim" runs a policy
 * on.
 *
 * A guest uses some memory (its working set, as its kind makes it over time)
 * and fills more with page cache, slowly, until nothing is left to cache.
 * Memory has to be resident to be of use; for what is missing the guest loses
 * time. All rates are the same for every rule, and those that were measured for
 * the stock virtio balloon: a rule is compared by what it decides and when.
 */
#ifndef DR_SIM_WORLD_H
#define DR_SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "estimate.h"
#include "policy.h"
#include "record.h"

#define SIM_KIB		UINT64_C(1024)
#define SIM_MIB		(1024 * SIM_KIB)
#define SIM_GIB		(1024 * SIM_MIB)

/* Bytes a second of one guest: taken by a balloon, touched anew, cached. */
#define SIM_BALLOON_RATE	SIM_GIB
#define SIM_TOUCH_RATE		(700 * SIM_MIB)
#define SIM_CACHE_RATE		(8 * SIM_MIB)

/*
 * Bytes a second of all guests: touched anew, paged out; a large host has as
 * many more channels.
 */
#define SIM_TOUCH_ALL		(4 * SIM_GIB)
#define SIM_PAGE_ALL		SIM_GIB
#define SIM_LARGE		(256 * SIM_GIB)

/* Seconds in a period of sampling. */
#define SIM_PERIOD		10

/* A page that is missing costs as much time as so many that are there. */
#define SIM_PENALTY		10

/* Part of the host that is not for guests: 1 / SIM_OWN. */
#define SIM_OWN			32

enum sim_kind {
	SIM_IDLE,
	SIM_STEADY,
	SIM_DIURNAL,
	SIM_BURSTY,
	SIM_TRACE,
	SIM_NR_KINDS,
};

/**
 * struct sim_guest - one guest
 * @kind: how @used comes about
 * @size: configured
 * @low: working set when it does little
 * @high: working set when it does much
 * @file: page cache it would have if it could, all in all
 * @phase: shifts its day, in seconds
 * @burst: seconds left of a burst
 * @used: working set now
 * @grown: by how much it grew in the period of sampling that is running
 * @allowed: balloon rules: what its balloon leaves it
 * @estimate: of its activity
 * @lost: seconds of work lost, all in all
 * @worst: most lost in one second, in percent
 * @direction: of its target's last move
 * @turns: how often that changed
 */
struct sim_guest {
	enum sim_kind kind;
	u64 size;
	u64 low;
	u64 high;
	u64 file;
	u32 phase;
	u32 burst;
	u64 used;
	u64 grown;
	u64 allowed;
	struct dr_estimate estimate;
	double lost;
	double worst;
	int direction;
	u32 turns;
};

/**
 * struct sim_totals - what happened so far
 * @turns: changes of direction of targets
 * @moves: targets that moved
 * @min_broken: times a guest below its min was refused memory
 * @short_seconds: seconds in which a guest could not have a page because the
 *	host had none: where the host would swap or kill
 * @runs: of the rule
 * @run_ns: time they took
 * @run_ns_most: the longest
 * @ballooned: bytes taken by balloons
 * @paged: bytes paged out
 */
struct sim_totals {
	u64 turns;
	u64 moves;
	u64 min_broken;
	u64 short_seconds;
	u64 runs;
	u64 run_ns;
	u64 run_ns_most;
	u64 ballooned;
	u64 paged;
};

struct sim_world;

/**
 * struct sim_rule - who decides
 * @name: of the rule
 * @decide: called each second; sets what balloons leave (@allowed), and takes
 *	what is paged
 * @strict: a guest may not have more than @allowed; without, it may have its
 *	target, and beyond that what the host has more than enough of
 */
struct sim_rule {
	const char *name;
	void (*decide)(struct sim_world *world);
	bool strict;
};

/**
 * struct sim_world - the host
 * @total: its memory; @free: of that, not used
 * @guests: @nr of them
 * @policy: the same guests as the policy sees them: resident is there
 * @claims: scratch
 * @decided: the guests as our policy left them, before anything was taken
 * @touch: bytes that may still be touched anew in this second
 * @page: bytes that may still be paged out in it
 * @now: seconds since the start
 * @random: state of the generator
 * @host: as the policy sees it
 * @result: of its last run
 * @rule: who decides
 * @totals: what happened
 */
struct sim_world {
	u64 total;
	u64 free;
	u32 nr;
	struct sim_guest *guests;
	struct dr_policy_guest *policy;
	struct dr_claim *claims;
	struct dr_policy_guest *decided;
	u64 touch;
	u64 page;
	u32 now;
	u64 random;
	struct dr_policy_host host;
	struct dr_policy_result result;
	const struct sim_rule *rule;
	struct sim_totals totals;
};

/**
 * struct sim_setup - what to simulate
 * @fleet: idle, diurnal, bursty or mixed
 * @nr: guests
 * @size: of each
 * @total: memory of the host; 0 for half of what the guests have
 * @tax: in percent
 * @seed: of all chance
 */
struct sim_setup {
	const char *fleet;
	u32 nr;
	u64 size;
	u64 total;
	u32 tax;
	u64 seed;
};

extern const struct sim_rule sim_denseram;
extern const struct sim_rule sim_proxmox;
extern const struct sim_rule sim_mom;

/* Returns 0, -EINVAL for an unknown fleet, -ENOMEM. */
int sim_create(struct sim_world *world, const struct sim_setup *setup,
	       const struct sim_rule *rule);
void sim_destroy(struct sim_world *world);

/* One guest of a kind that is not changed by chance any more. */
void sim_guest_set(struct sim_world *world, u32 guest, u64 size, u64 used,
		   u64 file, u64 resident);

/* One second. */
void sim_step(struct sim_world *world);

/* Working sets, and the choice of fleets, in fleet.c. */
int sim_fleet(struct sim_world *world, const struct sim_setup *setup);
void sim_live(struct sim_world *world, struct sim_guest *guest);

/* 0 to @end - 1. */
u64 sim_random(struct sim_world *world, u64 end);

/* Sums over the guests. */
u64 sim_resident(const struct sim_world *world);
u64 sim_used(const struct sim_world *world);

/* Part of all work that was lost so far, in percent; of the worst guest. */
double sim_lost(const struct sim_world *world);
double sim_lost_worst(const struct sim_world *world);

/*
 * Seconds until a quarter of a host's memory has moved from an idle guest to
 * one that needs it; 0 when it had not within @most, or without memory.
 */
u32 sim_move(const struct sim_rule *rule, u64 seed, u32 most);

/*
 * Nanoseconds that one run of the policy takes for @nr guests of all kinds on a
 * host that is short of memory: the median of @reps; 0 without memory.
 */
u64 sim_cost(u32 nr, u64 seed, u32 reps);

/* Nanoseconds of a clock that only goes forward. */
u64 sim_clock(void);

#endif /* DR_SIM_WORLD_H */
