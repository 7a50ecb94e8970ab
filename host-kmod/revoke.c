// SPDX-License-Identifier: GPL-2.0-only
/* Who gives how much back now, and by what: the second half of a run. */
#include "policy.h"

/* A step of a small guest: less would take for ever. */
#define STEP_LEAST	((64ULL << 20) / DR_PAGE_SIZE)

static u64 at_most(u64 value, u64 most)
{
	return value < most ? value : most;
}

static u64 resident_pages(const struct dr_policy_in *in)
{
	return at_most(dr_policy_pages_up(in->resident), DR_FILL_PAGES_MAX);
}

/* What a guest below its target asks for and may have. */
static u64 asked_pages(const struct dr_policy_guest *guest)
{
	u64 target = dr_policy_pages(guest->out.target);
	u64 resident = resident_pages(&guest->in);

	return target > resident ? at_most(dr_policy_asked(&guest->in),
					   target - resident) : 0;
}

/*
 * What is to be freed: at level high only what was asked for, and the host may
 * come down to where soft begins; else enough to leave it.
 */
static u64 wanted_pages(const struct dr_policy_host *host,
			const struct dr_policy_guest *guests, u32 nr)
{
	u64 free = dr_policy_pages(at_most(host->free, host->total));
	u64 want = 0;
	u32 i;

	for (i = 0; i < nr; i++)
		want += asked_pages(&guests[i]);
	if (host->level == DR_LEVEL_HIGH && !want)
		return 0;
	want += dr_policy_pages_up(host->level == DR_LEVEL_HIGH ?
		dr_level_below(DR_LEVEL_SOFT, host->total) :
		dr_level_enough(DR_LEVEL_SOFT, host->total));
	return want > free ? want - free : 0;
}

/*
 * A step gives the guest time to choose, and its refaults time to be seen. At
 * level low there is none.
 */
static u64 step_pages(u64 level, u64 resident)
{
	u64 step = resident / (level >= DR_LEVEL_HARD ? 4 : 8);

	if (level >= DR_LEVEL_LOW)
		return resident;
	return step < STEP_LEAST ? STEP_LEAST : step;
}

static u64 takeable_pages(const struct dr_policy_in *in)
{
	u64 resident = resident_pages(in);
	u64 pinned = dr_policy_pages_up(in->pinned);
	u64 loose = resident > pinned ? resident - pinned : 0;

	if (in->flags & DR_POLICY_BALLOON)
		return loose;
	return at_most(loose, dr_policy_pages(in->swap));
}

/* What a guest can be asked for at most, and why not more. */
static u64 most_to_give(const struct dr_policy_host *host,
			const struct dr_policy_guest *guest, u64 *veto)
{
	u64 target = dr_policy_pages(guest->out.target);
	u64 resident = resident_pages(&guest->in);
	u64 above = resident > target ? resident - target : 0;
	u64 takeable = takeable_pages(&guest->in);
	u64 step = step_pages(host->level, resident);

	*veto = DR_VETO_NONE;
	if (!above)
		return 0;
	if (host->level < DR_LEVEL_LOW) {
		if (guest->in.flags & DR_POLICY_STALLING)
			*veto = DR_VETO_STALLING;
		if (guest->in.flags & DR_POLICY_MIGRATING)
			*veto = DR_VETO_MIGRATING;
		if (*veto != DR_VETO_NONE)
			return 0;
	}
	if (takeable < above) {
		*veto = DR_VETO_STUCK;
		above = takeable;
	}
	if (step < above) {
		*veto = DR_VETO_STEP;
		above = step;
	}
	return above;
}

/*
 * By balloon where it works. A balloon needs time; at hard and below paging
 * takes at once what is more than a step for it.
 */
static void split(const struct dr_policy_host *host,
		  struct dr_policy_guest *guest, u64 pages)
{
	u64 swap = dr_policy_pages(guest->in.swap);
	u64 page = pages;

	if (guest->in.flags & DR_POLICY_BALLOON) {
		u64 step = step_pages(DR_LEVEL_SOFT,
				      resident_pages(&guest->in));

		page = 0;
		if (host->level >= DR_LEVEL_HARD && pages > step)
			page = pages - step;
	}
	page = at_most(page, swap);
	guest->out.page = page * DR_PAGE_SIZE;
	guest->out.balloon = (pages - page) * DR_PAGE_SIZE;
}

static void claim_all(const struct dr_policy_host *host,
		      struct dr_policy_guest *guests, struct dr_claim *claims,
		      u32 nr, u64 *total)
{
	u32 i;

	*total = 0;
	for (i = 0; i < nr; i++) {
		struct dr_policy_guest *guest = &guests[i];
		u64 give = most_to_give(host, guest, &guest->out.veto);

		claims[i].high = resident_pages(&guest->in);
		claims[i].low = claims[i].high - give;
		*total += claims[i].high;
	}
}

static void nobody_gives(struct dr_policy_guest *guests, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		guests[i].out.balloon = 0;
		guests[i].out.page = 0;
		guests[i].out.veto = DR_VETO_NONE;
	}
}

/* With half of what level low begins with, a guest that is served kills another. */
static bool is_dire(const struct dr_policy_host *host)
{
	return host->available < dr_level_below(DR_LEVEL_LOW, host->total) / 2;
}

/*
 * Who has what is due to it waits; when next to nothing is left so does everybody,
 * for others give slower than one can touch.
 */
static void let_wait(const struct dr_policy_host *host,
		     struct dr_policy_guest *guests, u32 nr)
{
	u32 i;

	if (host->level < DR_LEVEL_LOW)
		return;
	for (i = 0; i < nr; i++) {
		u64 resident = resident_pages(&guests[i].in) * DR_PAGE_SIZE;

		if (resident >= guests[i].out.target || is_dire(host))
			guests[i].out.flags |= DR_POLICY_WAIT;
	}
}

/**
 * dr_revoke() - decide who gives how much
 * @host: the host as it is
 * @guests: with their targets; @balloon, @page, @veto and DR_POLICY_WAIT
 *	are set
 * @claims: as dr_policy_run() left them; scratch
 * @nr: how many guests
 * @result: @wanted and @taken are set
 *
 * Takes from guests above their targets, the lowest price first: what is left
 * to them is divided at one price, as targets are, with what they have as the
 * most and their targets as the least.
 */
void dr_revoke(const struct dr_policy_host *host,
	       struct dr_policy_guest *guests, struct dr_claim *claims, u32 nr,
	       struct dr_policy_result *result)
{
	u64 keep = dr_fill_keep(at_most(host->tax, DR_FILL_TAX_MAX));
	u64 want = wanted_pages(host, guests, nr);
	u64 total, level;
	u32 i;

	let_wait(host, guests, nr);
	result->wanted = want * DR_PAGE_SIZE;
	if (!want) {
		nobody_gives(guests, nr);
		return;
	}
	claim_all(host, guests, claims, nr, &total);
	level = dr_fill(claims, nr, total > want ? total - want : 0, keep);
	for (i = 0; i < nr; i++) {
		u64 left = dr_claim_at(&claims[i], level, keep);
		u64 give = claims[i].high - left;

		/* Less than it could: it was not short of anything. */
		if (left > claims[i].low)
			guests[i].out.veto = DR_VETO_NONE;
		split(host, &guests[i], give);
		result->taken += give * DR_PAGE_SIZE;
	}
}
