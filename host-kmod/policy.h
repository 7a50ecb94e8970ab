/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who may have how much of the host's memory, and who gives how much back now.
 * Pure: the module, KUnit, the tests in user space and the simulator run the
 * same code.
 */
#ifndef _DR_POLICY_H
#define _DR_POLICY_H

#include <linux/denseram.h>

#include "fill.h"
#include "level.h"
#include "pure.h"

/**
 * DOC: Who calls the policy
 *
 * What the loop that calls dr_policy_run() gives, gets and does.
 *
 * Before: the level, by dr_level_of() from dr_level_free() and the last level by
 * free memory, and dr_level_strained(). Then fill dr_policy_host, and in of one
 * dr_policy_guest for each guest, in any order that stays the same while no guest
 * comes or goes (a record of the runs is smaller then). Every combination of
 * values is answered; what makes no sense is cut to the nearest that does.
 *
 * Call dr_policy_run() from process context, with no lock that anybody waits
 * for: 1000 guests take a tenth of a millisecond, 100,000 some forty. Run it
 * when something changed (a level, a guest, a limit, a guest that asks) and at
 * least once a second.
 *
 * After, for each guest, do what out says:
 *
 * - let it have up to @target without asking, and more only while the host has
 *   more than dr_level_enough() free: its balloon is let go that far and no
 *   further;
 * - take @balloon bytes by its balloon and @page bytes by paging, or less if
 *   that is all there is: what is left comes again, so nobody need remember;
 * - with DR_POLICY_WAIT let its faults for fresh memory wait, killable;
 * - put @target and @active into in.target and in.was_active of the next run.
 *   That is the only memory the policy has, so a run is a function of its
 *   inputs, and a record of inputs replays.
 *
 * At level soft and worse, sharing goes faster besides: it takes from nobody in
 * particular.
 *
 * Note what was decided with dr_history_note(), for explanations. Whoever records
 * asks for the numbers of each run (DR_IOC_POLICY_RUN) and writes them by
 * dr_record_write(), outside the kernel.
 */

#define DR_POLICY_TAX		75
/* A target moves when it would by more than 1/32 of itself. */
#define DR_POLICY_BAND		32

/* The whole of a guest, in the unit of active fractions. */
#define DR_POLICY_ONE		BIT(16)

/* Nothing is paged out to memory that takes more of it. */
#define DR_POLICY_PACKED_MOST	(DR_POLICY_ONE * 3 / 4)

/* What is true of a guest: flags of dr_policy_in. */
#define DR_POLICY_BALLOON	BIT(0)	/* its balloon works */
#define DR_POLICY_STALLING	BIT(1)	/* it waits for memory of its own */
#define DR_POLICY_MIGRATING	BIT(2)	/* all its memory is being read */

/* What was decided about it: flags of dr_policy_out. */
#define DR_POLICY_HELD		BIT(0)	/* the last target stays */
#define DR_POLICY_WAIT		BIT(1)	/* its faults for fresh memory wait */

/**
 * enum dr_rule - which rule bound a target
 * @DR_RULE_SHARES: a page costs it as much as everybody else
 * @DR_RULE_SIZE: it may have its configured size
 * @DR_RULE_MAX: it has its max
 * @DR_RULE_LIMIT: it has its limit
 * @DR_RULE_MIN: its min is kept
 * @DR_RULE_PINNED: what is pinned is kept
 * @DR_RULE_MIGRATING: it migrates, and is left alone
 * @DR_RULE_STUCK: there is no way to take more: no balloon, no swap space
 * @DR_NR_RULES: how many there are
 */
enum dr_rule {
	DR_RULE_SHARES,
	DR_RULE_SIZE,
	DR_RULE_MAX,
	DR_RULE_LIMIT,
	DR_RULE_MIN,
	DR_RULE_PINNED,
	DR_RULE_MIGRATING,
	DR_RULE_STUCK,
	DR_NR_RULES,
};

/**
 * enum dr_veto - why a guest above its target gives less than it could
 * @DR_VETO_NONE: it gives what is asked, or is not above its target
 * @DR_VETO_STALLING: it waits for memory of its own
 * @DR_VETO_MIGRATING: it migrates
 * @DR_VETO_STUCK: there is no way to take it
 * @DR_VETO_STEP: it gives as much as fits into one step
 * @DR_NR_VETOES: how many there are
 */
enum dr_veto {
	DR_VETO_NONE,
	DR_VETO_STALLING,
	DR_VETO_MIGRATING,
	DR_VETO_STUCK,
	DR_VETO_STEP,
	DR_NR_VETOES,
};

/**
 * struct dr_policy_host - the host as a run finds it
 * @total: its memory in bytes
 * @free: of that, what can be had without hurting anybody: MemAvailable and what
 *	is on lists of CPUs (see Free memory of the host), but for what the
 *	compressed pool will need for what is in it
 * @level: enum dr_level, from dr_level_of() and dr_level_strained()
 * @tax: on idle memory, in percent; DR_POLICY_TAX by default
 * @band: a target stays when it would move by less than 1/@band of itself;
 *	DR_POLICY_BAND by default, 0 for always move
 * @stalls: allocations that stall, a second, in 1/DR_STRAIN_ONE; for records and
 *	explanations: what the policy makes of it is in @level
 * @strained: how much worse @level is for that than by @free alone: 0 or 1
 * @packed: what a page that was paged out of a guest still takes of the host's
 *	memory, compressed, on average; in 1/DR_POLICY_ONE of a page. At most
 *	DR_POLICY_PACKED_MOST of it counts
 * @available: MemAvailable alone: who needs memory at once cannot have what is on
 *	the list of another CPU
 */
struct dr_policy_host {
	u64 total;
	u64 free;
	u64 level;
	u64 tax;
	u64 band;
	u64 stalls;
	u64 strained;
	u64 packed;
	u64 available;
};

/**
 * struct dr_policy_in - a guest as a run finds it; sizes in bytes
 * @id: for records; means nothing to the policy
 * @size: configured
 * @resident: host memory that is charged to it now
 * @min: never taken away
 * @max: most it may ever have; 0 stands for @size
 * @limit: most it may have now; 0 for none
 * @pinned: of @resident, what nobody can take: pinned by devices, or in use in
 *	a guest whose balloon does not deflate when the guest runs out of memory.
 *	The module knows of no such pages, so that it is 0 there: it makes @min all
 *	of a guest that an administrator has marked as pinned, and bounds what it
 *	asks of such a balloon
 * @need: beyond @resident, what it has asked for and not got: by
 *	deflating, by faulting while it waits, by reading back what was paged
 *	out since the last run
 * @fresh: of @resident, what came since the last whole period of
 *	sampling began: counts as active, because the guest has just touched
 *	it and no sample has seen it; without this a guest that wakes up would
 *	wait for the next one
 * @swap: of @resident, what may be paged out, to the compressed pool or to swap
 *	areas: 0 when there is no room
 * @target: out.target of the last run; 0 for a guest that had none
 * @was_active: out.active of the last run; 0 likewise
 * @shares: its weight, 1 to 1000000
 * @active: part of the rest of @resident in use, in 1/DR_POLICY_ONE,
 *	from dr_estimate_now()
 * @active_low: lower end of its confidence interval
 * @active_high: upper end: the policy goes by this one, so that what is not
 *	known counts as active. DR_POLICY_ONE for a guest not sampled yet
 * @flags: DR_POLICY_BALLOON and so on
 *
 * Numbers of 64 bits only: a record writes them by their place.
 */
struct dr_policy_in {
	u64 id;
	u64 size;
	u64 resident;
	u64 min;
	u64 max;
	u64 limit;
	u64 pinned;
	u64 need;
	u64 fresh;
	u64 swap;
	u64 target;
	u64 was_active;
	u64 shares;
	u64 active;
	u64 active_low;
	u64 active_high;
	u64 flags;
};

/**
 * struct dr_policy_out - what a run decides about a guest; sizes in bytes
 * @target: what it may have; whole pages
 * @balloon: what its balloon is to take now
 * @page: what paging is to take now
 * @active: what counts as in use, but for what it asks for
 * @taxed: what it pays for at its target: once for what is in use or asked for,
 *	1 / (1 - tax) times for the rest
 * @price: thousandths of a share for a MiB, of @taxed
 * @rule: enum dr_rule
 * @veto: enum dr_veto
 * @flags: DR_POLICY_HELD and so on
 *
 * Numbers of 64 bits only, as in dr_policy_in.
 */
struct dr_policy_out {
	u64 target;
	u64 balloon;
	u64 page;
	u64 active;
	u64 taxed;
	u64 price;
	u64 rule;
	u64 veto;
	u64 flags;
};

/**
 * struct dr_policy_guest - one guest: what is known, and what is decided
 * @in: filled by the caller
 * @out: filled by dr_policy_run()
 */
struct dr_policy_guest {
	struct dr_policy_in in;
	struct dr_policy_out out;
};

/**
 * struct dr_policy_result - a run as a whole; sizes in bytes
 * @pool: what the guests may have together
 * @granted: sum of their targets
 * @missing: what guarantees exceed @pool by: more was promised than there is
 * @wanted: what has to be freed now
 * @taken: sum of what guests are told to give
 * @held: guests whose last target was near enough
 * @changed: guests that got another target than the last
 */
struct dr_policy_result {
	u64 pool;
	u64 granted;
	u64 missing;
	u64 wanted;
	u64 taken;
	u64 held;
	u64 changed;
};

static inline u64 dr_policy_pages(u64 bytes)
{
	return bytes / DR_PAGE_SIZE;
}

static inline u64 dr_policy_pages_up(u64 bytes)
{
	return bytes / DR_PAGE_SIZE + !!(bytes % DR_PAGE_SIZE);
}

u64 dr_policy_most(const struct dr_policy_in *in, enum dr_rule *rule);
u64 dr_policy_active(const struct dr_policy_in *in);
u64 dr_policy_asked(const struct dr_policy_in *in);
void dr_policy_run(const struct dr_policy_host *host,
		   struct dr_policy_guest *guests, struct dr_claim *claims,
		   u32 nr, struct dr_policy_result *result);

/* Its second half, in revoke.c: who gives how much, targets being known. */
void dr_revoke(const struct dr_policy_host *host,
	       struct dr_policy_guest *guests, struct dr_claim *claims, u32 nr,
	       struct dr_policy_result *result);

const char *dr_rule_name(u64 rule);
const char *dr_veto_name(u64 veto);

#endif /* _DR_POLICY_H */
