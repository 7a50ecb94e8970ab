// SPDX-License-Identifier: GPL-2.0-only
/*
 * The policy, with any numbers: who may have how much, and who gives. What it
 * promises holds for all of them.
 */
#include "fuzz.h"

#include "explain.h"
#include "policy.h"

#define GUESTS	12

static u64 at_most(u64 value, u64 most)
{
	return value < most ? value : most;
}

static struct dr_policy_host take_host(struct input *in)
{
	struct dr_policy_host host = {
		.total = take_number(in),
		.free = take_number(in),
		.tax = take_byte(in),
		.band = take_byte(in),
		.packed = take_number(in),
		.available = take_number(in),
	};

	host.level = take_byte(in) % (DR_NR_LEVELS + 1);
	return host;
}

static struct dr_policy_in take_guest(struct input *in)
{
	return (struct dr_policy_in){
		.size = take_number(in), .resident = take_number(in),
		.min = take_number(in), .max = take_number(in),
		.limit = take_number(in), .pinned = take_number(in),
		.need = take_number(in), .fresh = take_number(in),
		.swap = take_number(in), .target = take_number(in),
		.was_active = take_number(in), .shares = take_number(in),
		.active = take_number(in), .active_low = take_number(in),
		.active_high = take_number(in), .flags = take_byte(in),
	};
}

static u64 resident_of(const struct dr_policy_in *in)
{
	return at_most(dr_policy_pages_up(in->resident), DR_FILL_PAGES_MAX) *
	       DR_PAGE_SIZE;
}

static void check_guest(const struct dr_policy_host *host,
			const struct dr_policy_guest *guest)
{
	const struct dr_policy_in *in = &guest->in;
	const struct dr_policy_out *out = &guest->out;
	u64 resident = resident_of(in), given = out->balloon + out->page;
	enum dr_rule rule;
	u64 most = dr_policy_most(in, &rule) * DR_PAGE_SIZE;
	u64 min = at_most(dr_policy_pages_up(in->min), most / DR_PAGE_SIZE) *
		  DR_PAGE_SIZE;

	must(out->target >= min && out->target <= most);
	must(!((out->target | out->balloon | out->page) % DR_PAGE_SIZE));
	must(!given || given + out->target <= resident);
	must(out->page <= in->swap);
	must(!out->balloon || in->flags & DR_POLICY_BALLOON);
	must(out->rule < DR_NR_RULES && out->veto < DR_NR_VETOES);
	must(!(out->flags & ~(DR_POLICY_HELD | DR_POLICY_WAIT)));
	must(!(out->flags & DR_POLICY_WAIT) || host->level >= DR_LEVEL_LOW);
	if (host->level < DR_LEVEL_LOW &&
	    in->flags & (DR_POLICY_STALLING | DR_POLICY_MIGRATING))
		must(!given);
}

static void check_result(const struct dr_policy_guest *guests, u32 nr,
			 const struct dr_policy_result *result)
{
	u64 granted = 0, taken = 0;

	for (u32 i = 0; i < nr; i++) {
		granted += guests[i].out.target;
		taken += guests[i].out.balloon + guests[i].out.page;
	}
	must(granted == result->granted && taken == result->taken);
	/* No more than there is, but for what was promised beyond it. */
	must(granted <= result->pool + result->missing);
	must(result->held <= nr && result->changed <= nr);
	must(result->wanted || !taken);
}

/* With the same load a second run confirms the first. */
static void check_rest(const struct dr_policy_host *host,
		       const struct dr_policy_guest *guests, u32 nr)
{
	struct dr_policy_guest again[GUESTS];
	struct dr_claim claims[GUESTS];
	struct dr_policy_result result;

	for (u32 i = 0; i < nr; i++) {
		again[i] = guests[i];
		again[i].in.target = guests[i].out.target;
		again[i].in.was_active = guests[i].out.active;
	}
	dr_policy_run(host, again, claims, nr, &result);
	must(!result.changed);
}

/* Each level that can be had is the one its free memory says. */
static void check_levels(const struct dr_policy_host *host)
{
	enum dr_level was = DR_LEVEL_HIGH, level;

	for (; was < DR_NR_LEVELS; was++) {
		level = dr_level_of(host->free, host->total, was);
		must(level < DR_NR_LEVELS);
		must(dr_level_of(host->free, host->total, level) == level);
		must(dr_level_strained(level, true) >= level);
		must(dr_level_name(level));
	}
}

static void check_explanation(const struct dr_policy_host *host,
			      const struct dr_policy_guest *guests, u32 nr)
{
	static char text[DR_EXPLAIN_TEXT];
	struct dr_history history = { .nr = 0 };
	int len;

	for (u32 i = 0; i < 3 * nr; i++)
		dr_history_note(&history, ~0ULL - i * 77, host,
				&guests[i % nr]);
	len = dr_explain_text(text, sizeof(text), ~0ULL, host, &guests[0],
			      &history);
	must(len > 0 && len < DR_EXPLAIN_TEXT - 1 && !text[len]);
	must(text[len - 1] == '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	u32 nr = 1 + take_byte(&in) % GUESTS, i;
	struct dr_policy_host host = take_host(&in);
	struct dr_policy_guest guests[GUESTS];
	struct dr_claim claims[GUESTS];
	struct dr_policy_result result;

	memset(guests, 0xff, sizeof(guests));
	for (i = 0; i < nr; i++)
		guests[i].in = take_guest(&in);
	dr_policy_run(&host, guests, claims, nr, &result);
	for (i = 0; i < nr; i++)
		check_guest(&host, &guests[i]);
	check_result(guests, nr, &result);
	check_rest(&host, guests, nr);
	check_levels(&host);
	check_explanation(&host, guests, nr);
	return 0;
}
