// SPDX-License-Identifier: GPL-2.0-only
#include "policy.h"

/**
 * DOC: Policy
 *
 * The question: guests want more memory than the host has, so who may have how
 * much? Equal parts waste what idle guests hold; what each asks for is decided
 * by the greediest; what each uses now leaves nobody anything to grow into and
 * breaks every promise. So shares say what a guest is worth, a tax makes idle
 * memory expensive to hold, and bounds keep promises (C. A. Waldspurger, Memory
 * Resource Management in VMware ESX Server, OSDI 2002).
 *
 * A run has two halves. The first makes targets:
 *
 * 1. The pool: what guests hold, and what is free beyond the reserve that keeps
 *    the host at level high. When less than that is free, guests have to page out
 *    more than lacks, since a page that is paged out to memory is still there,
 *    compressed. (Without that the pool would get smaller while they do, and
 *    larger when they take it back: all targets would go up and down with it.)
 * 2. Bounds for each guest: its most from size, max and limit, its least from
 *    min and what is pinned. While there is room, one from which nothing can be
 *    taken, and above level low one that migrates, keep what they have, so that
 *    others are asked for it. When that does not fit, only promises count.
 * 3. Divide the pool at one price (see Dividing memory). Active is the upper
 *    end of the confidence interval of its estimate, times what it holds, plus
 *    what it asks for: not knowing makes nobody poor, and asking is answered at
 *    once, as far as shares reach.
 * 4. Keep the last target of those for whom little changes. Where these do not
 *    fit with the others, those above their new target follow. (The noise of
 *    estimates is kept out before, in what counts as active.)
 *
 * The second takes memory, and only as much as is needed now: a guest may be
 * above its target for as long as nobody wants what it holds. What is needed is
 * what guests below their targets ask for, and what brings the host back to
 * level high. It comes from guests above their targets, those that pay least
 * first, and never below a target; in steps, so that a guest finds its least
 * useful pages itself; not while it stalls or migrates, unless the host is at
 * level low, where the alternative is the OOM killer. The balloon takes where
 * it works. Paging takes the rest: of guests without a balloon, and at level
 * hard and below what a step of the balloon leaves.
 *
 * What ends it: targets do not depend on what is taken, but by f, and there
 * only by noise: active memory is the same number of pages after others were
 * taken. So with constant load one run finds the targets, the following ones
 * confirm them, and takes stop when each is at its target or the host has
 * enough.
 *
 * Two guests of equal shares, one idle and one active, and a tax of 75 %: the
 * idle one pays for four pages where it holds one. Prices are equal at 20:80.
 */

static u64 at_most(u64 value, u64 most)
{
	return value < most ? value : most;
}

static u64 resident_pages(const struct dr_policy_in *in)
{
	return at_most(dr_policy_pages_up(in->resident), DR_FILL_PAGES_MAX);
}

/**
 * dr_policy_most() - the most a guest may have
 * @in: the guest
 * @rule: out: why
 *
 * Return: pages.
 */
u64 dr_policy_most(const struct dr_policy_in *in, enum dr_rule *rule)
{
	u64 most = at_most(dr_policy_pages(in->size), DR_FILL_PAGES_MAX);

	*rule = DR_RULE_SIZE;
	if (in->max && dr_policy_pages(in->max) < most) {
		most = dr_policy_pages(in->max);
		*rule = DR_RULE_MAX;
	}
	if (in->limit && dr_policy_pages(in->limit) < most) {
		most = dr_policy_pages(in->limit);
		*rule = DR_RULE_LIMIT;
	}
	return most;
}

static u64 part_of(u64 pages, u64 part)
{
	return (pages * at_most(part, DR_POLICY_ONE) + DR_POLICY_ONE - 1) /
	       DR_POLICY_ONE;
}

/* What is in use when @part is, of what was there to be sampled. */
static u64 used_pages(const struct dr_policy_in *in, u64 part)
{
	u64 resident = resident_pages(in);
	u64 fresh = at_most(dr_policy_pages(in->fresh), resident);

	return fresh + part_of(resident - fresh, part);
}

/**
 * dr_policy_active() - what counts as in use
 * @in: the guest
 *
 * What is fresh, and the upper end of the estimate of the rest. What counted
 * last stays while the estimate is not above it, nor so far below that chance
 * is no longer the likely cause: the estimate is made anew each period and
 * never twice the same, and the targets of all guests hang together.
 *
 * Return: pages.
 */
u64 dr_policy_active(const struct dr_policy_in *in)
{
	u64 was = dr_policy_pages(in->was_active);
	u64 middle = used_pages(in, in->active);
	u64 high = used_pages(in, in->active_high);
	u64 margin = high > middle ? high - middle : 0;

	if (was && was >= middle && was <= high + margin)
		return was;
	return high;
}

/**
 * dr_policy_asked() - what a guest asks for beyond what it has
 * @in: the guest
 *
 * Return: pages.
 */
u64 dr_policy_asked(const struct dr_policy_in *in)
{
	return at_most(dr_policy_pages_up(in->need), DR_FILL_PAGES_MAX);
}

/* Pages that neither balloon nor paging can take. */
static u64 stuck_pages(const struct dr_policy_in *in)
{
	u64 resident = resident_pages(in);

	if (in->flags & DR_POLICY_BALLOON)
		return 0;
	return resident - at_most(resident, dr_policy_pages(in->swap));
}

static void raise_to(u64 *least, enum dr_rule *rule, u64 pages,
		     enum dr_rule why)
{
	if (pages <= *least)
		return;
	*least = pages;
	*rule = why;
}

/*
 * How patient a run is: promises alone count; so does what cannot be taken; so
 * does what is better left alone while it can.
 */
enum patience {
	PROMISES,
	STUCK,
	MIGRATING,
};

/* The least a guest is to have, up to @most. */
static u64 least_pages(const struct dr_policy_in *in, u64 most,
		       enum patience patience, enum dr_rule *rule)
{
	u64 least = 0;

	*rule = DR_RULE_MIN;
	raise_to(&least, rule, at_most(dr_policy_pages_up(in->min), most),
		 DR_RULE_MIN);
	raise_to(&least, rule, at_most(dr_policy_pages_up(in->pinned), most),
		 DR_RULE_PINNED);
	if (patience >= STUCK)
		raise_to(&least, rule, at_most(stuck_pages(in), most),
			 DR_RULE_STUCK);
	if (patience >= MIGRATING && in->flags & DR_POLICY_MIGRATING)
		raise_to(&least, rule, at_most(resident_pages(in), most),
			 DR_RULE_MIGRATING);
	return least;
}

/* The bounds of a guest as a claim; the sum of the least is returned. */
static u64 claim_all(const struct dr_policy_guest *guests,
		     struct dr_claim *claims, u32 nr, enum patience patience)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < nr; i++) {
		const struct dr_policy_in *in = &guests[i].in;
		struct dr_claim *claim = &claims[i];
		enum dr_rule rule;

		claim->shares = at_most(in->shares, DR_FILL_SHARES_MAX);
		claim->shares += !claim->shares;
		claim->active = dr_policy_active(in) + dr_policy_asked(in);
		claim->high = dr_policy_most(in, &rule);
		claim->low = least_pages(in, claim->high, patience, &rule);
		sum += claim->low;
	}
	return sum;
}

/* What has to be paged out for so much to be free. */
static u64 paged_for(const struct dr_policy_host *host, u64 pages)
{
	u64 packed = at_most(host->packed, DR_POLICY_PACKED_MOST);

	return pages * DR_POLICY_ONE / (DR_POLICY_ONE - packed);
}

/* Pages that guests may have together, the host staying at level high. */
static u64 pool_pages(const struct dr_policy_host *host,
		      const struct dr_policy_guest *guests, u32 nr)
{
	u64 keep = dr_policy_pages_up(dr_level_enough(DR_LEVEL_SOFT,
						      host->total));
	u64 free = at_most(dr_policy_pages(at_most(host->free, host->total)),
			   DR_FILL_PAGES_MAX);
	u64 lacks = free < keep ? paged_for(host, keep - free) : 0;
	u64 pages = free < keep ? 0 : free - keep;
	u32 i;

	for (i = 0; i < nr; i++)
		pages += resident_pages(&guests[i].in);
	return pages > lacks ? pages - lacks : 0;
}

/* Is the last target near enough to the new one to stay? */
static bool may_hold(const struct dr_policy_host *host,
		     const struct dr_policy_in *in,
		     const struct dr_claim *claim, u64 pages)
{
	u64 last = dr_policy_pages(in->target);
	u64 apart = pages > last ? pages - last : last - pages;
	u64 larger = pages > last ? pages : last;

	if (!host->band || !last || last == pages)
		return false;
	if (last < claim->low || last > claim->high || pages == claim->high)
		return false;
	return apart <= larger / host->band;
}

/* Targets by price; where the last one may stay it is kept, and noted. */
static u64 hold_all(const struct dr_policy_host *host,
		    struct dr_policy_guest *guests,
		    const struct dr_claim *claims, u32 nr, u64 level, u64 keep)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < nr; i++) {
		const struct dr_policy_in *in = &guests[i].in;
		struct dr_policy_out *out = &guests[i].out;
		u64 pages = dr_claim_at(&claims[i], level, keep);

		out->flags = 0;
		if (may_hold(host, in, &claims[i], pages)) {
			out->flags = DR_POLICY_HELD;
			pages = dr_policy_pages(in->target);
		}
		out->target = pages * DR_PAGE_SIZE;
		sum += pages;
	}
	return sum;
}

/* What was held above its price does not fit: let it go. */
static void let_go(struct dr_policy_guest *guests,
		   const struct dr_claim *claims, u32 nr, u64 level, u64 keep)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		struct dr_policy_out *out = &guests[i].out;
		u64 pages = dr_claim_at(&claims[i], level, keep);

		if (!(out->flags & DR_POLICY_HELD) ||
		    out->target <= pages * DR_PAGE_SIZE)
			continue;
		out->flags &= ~DR_POLICY_HELD;
		out->target = pages * DR_PAGE_SIZE;
	}
}

static enum dr_rule rule_of(const struct dr_policy_in *in,
			    const struct dr_claim *claim, u64 pages,
			    enum patience patience)
{
	enum dr_rule most, least;

	dr_policy_most(in, &most);
	least_pages(in, claim->high, patience, &least);
	if (pages >= claim->high)
		return most;
	return claim->low && pages <= claim->low ? least : DR_RULE_SHARES;
}

/* What a target costs its guest. */
static void price(struct dr_policy_out *out, const struct dr_claim *claim,
		  u64 keep)
{
	u64 pages = dr_policy_pages(out->target);
	u64 active = at_most(claim->active, pages);
	u64 taxed = active + (pages - active) * DR_FILL_KEEP_ONE / keep;

	out->taxed = taxed * DR_PAGE_SIZE;
	out->price = taxed ? claim->shares * 1000 * 256 / taxed : 0;
}

static void settle(struct dr_policy_guest *guests,
		   const struct dr_claim *claims, u32 nr, u64 keep,
		   enum patience patience, struct dr_policy_result *result)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		const struct dr_policy_in *in = &guests[i].in;
		struct dr_policy_out *out = &guests[i].out;

		price(out, &claims[i], keep);
		out->active = dr_policy_active(in) * DR_PAGE_SIZE;
		out->rule = rule_of(in, &claims[i],
				    dr_policy_pages(out->target), patience);
		result->granted += out->target;
		result->held += !!(out->flags & DR_POLICY_HELD);
		result->changed += out->target != in->target;
	}
}

/**
 * dr_policy_run() - decide about all guests
 * @host: the host as it is
 * @guests: in is read, all of out is written
 * @claims: room for as many claims as there are guests; scratch
 * @nr: how many guests
 * @result: out: the run as a whole
 *
 * Context: Any; sleeps nowhere, takes time in proportion to @nr.
 */
void dr_policy_run(const struct dr_policy_host *host,
		   struct dr_policy_guest *guests, struct dr_claim *claims,
		   u32 nr, struct dr_policy_result *result)
{
	u64 keep = dr_fill_keep(at_most(host->tax, DR_FILL_TAX_MAX));
	u64 pool = pool_pages(host, guests, nr);
	enum patience patience = host->level < DR_LEVEL_LOW ? MIGRATING :
							      STUCK;
	u64 least, level;

	*result = (struct dr_policy_result){ .pool = pool * DR_PAGE_SIZE };
	least = claim_all(guests, claims, nr, patience);
	while (least > pool && patience > PROMISES)
		least = claim_all(guests, claims, nr, --patience);
	if (least > pool)
		result->missing = (least - pool) * DR_PAGE_SIZE;
	level = dr_fill(claims, nr, pool, keep);
	if (hold_all(host, guests, claims, nr, level, keep) > pool)
		let_go(guests, claims, nr, level, keep);
	settle(guests, claims, nr, keep, patience, result);
	dr_revoke(host, guests, claims, nr, result);
}

/**
 * dr_rule_name() - a word for a rule
 * @rule: enum dr_rule
 *
 * Return: the word, "unknown" for what is none.
 */
const char *dr_rule_name(u64 rule)
{
	static const char *const names[DR_NR_RULES] = {
		[DR_RULE_SHARES] = "shares",
		[DR_RULE_SIZE] = "size",
		[DR_RULE_MAX] = "max",
		[DR_RULE_LIMIT] = "limit",
		[DR_RULE_MIN] = "min",
		[DR_RULE_PINNED] = "pinned",
		[DR_RULE_MIGRATING] = "migrating",
		[DR_RULE_STUCK] = "stuck",
	};

	return rule < DR_NR_RULES ? names[rule] : "unknown";
}

/**
 * dr_veto_name() - a word for a veto
 * @veto: enum dr_veto
 *
 * Return: the word, "unknown" for what is none.
 */
const char *dr_veto_name(u64 veto)
{
	static const char *const names[DR_NR_VETOES] = {
		[DR_VETO_NONE] = "none",
		[DR_VETO_STALLING] = "stalling",
		[DR_VETO_MIGRATING] = "migrating",
		[DR_VETO_STUCK] = "stuck",
		[DR_VETO_STEP] = "step",
	};

	return veto < DR_NR_VETOES ? names[veto] : "unknown";
}
