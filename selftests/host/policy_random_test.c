// SPDX-License-Identifier: GPL-2.0-only
/*
 * host-kmod/policy.c on 60,000 random hosts of up to 24 guests (1.4 million
 * guests in all), seeded: what must hold whatever comes in.
 */
#include "policy_guests.h"

#define HOSTS	60000
#define MOST	24

static struct dr_policy_guest guests[MOST], before[MOST], other[MOST];
static struct dr_claim claims[MOST];
static struct dr_policy_result result;

static u32 any_fleet(struct dr_policy_host *host)
{
	u32 nr = test_below(MOST + 1);

	for (u32 i = 0; i < nr; i++)
		guests[i] = test_any_guest();
	*host = test_any_host(guests, nr);
	memcpy(before, guests, sizeof(guests));
	dr_policy_run(host, guests, claims, nr, &result);
	return nr;
}

static u64 promised(const struct dr_policy_in *in)
{
	enum dr_rule rule;
	u64 most = dr_policy_most(in, &rule);
	u64 min = dr_policy_pages_up(in->min);
	u64 pinned = dr_policy_pages_up(in->pinned);
	u64 least = min > pinned ? min : pinned;

	return least < most ? least : most;
}

static void sum_fits_and_bounds_hold(void **state)
{
	struct dr_policy_host host;
	u64 plenty = 0, tight = 0, missing = 0;

	(void)state;
	for (int i = 0; i < HOSTS; i++) {
		u32 nr = any_fleet(&host);
		u64 sum = 0, least = 0, most = 0;

		for (u32 j = 0; j < nr; j++) {
			const struct dr_policy_guest *g = &guests[j];
			enum dr_rule rule;
			u64 high = dr_policy_most(&g->in, &rule);
			u64 pages = dr_policy_pages(g->out.target);

			assert_int_equal(g->out.target % DR_PAGE_SIZE, 0);
			assert_in_range(pages, promised(&g->in), high);
			assert_true(g->out.rule < DR_NR_RULES);
			assert_true(g->out.veto < DR_NR_VETOES);
			sum += g->out.target;
			least += promised(&g->in) * DR_PAGE_SIZE;
			most += high * DR_PAGE_SIZE;
		}
		assert_int_equal(sum, result.granted);
		if (least > result.pool) {
			assert_int_equal(result.missing, least - result.pool);
			assert_int_equal(sum, least);
			missing++;
		} else {
			assert_int_equal(result.missing, 0);
			assert_true(sum <= result.pool);
			tight += most > result.pool;
		}
		/* With room for all, all have all. */
		if (most <= result.pool) {
			assert_int_equal(sum, most);
			plenty++;
		}
	}
	assert_true(plenty > 1000 && tight > 1000 && missing > 1000);
}

static void inputs_are_left_alone(void **state)
{
	struct dr_policy_host host;

	(void)state;
	for (int i = 0; i < HOSTS; i++) {
		u32 nr = any_fleet(&host);

		for (u32 j = 0; j < nr; j++)
			assert_memory_equal(&guests[j].in, &before[j].in,
					    sizeof(guests[j].in));
	}
}

/* The same inputs make the same decisions, in whatever order guests come. */
static void order_does_not_matter(void **state)
{
	struct dr_policy_host host;

	(void)state;
	for (int i = 0; i < HOSTS; i++) {
		u32 nr = any_fleet(&host);
		struct dr_policy_result first = result;

		for (u32 j = 0; j < nr; j++) {
			other[j] = before[nr - 1 - j];
			memset(&other[j].out, 0x5a, sizeof(other[j].out));
		}
		dr_policy_run(&host, other, claims, nr, &result);
		assert_memory_equal(&result, &first, sizeof(first));
		for (u32 j = 0; j < nr; j++)
			assert_memory_equal(&other[j],
					    &guests[nr - 1 - j],
					    sizeof(other[j]));
	}
}

/* A second run with nothing changed but the targets taken over moves none. */
static void nothing_changes_without_a_cause(void **state)
{
	struct dr_policy_host host;

	(void)state;
	for (int i = 0; i < HOSTS; i++) {
		u32 nr = any_fleet(&host);

		memcpy(other, guests, sizeof(other));
		for (u32 j = 0; j < nr; j++) {
			other[j].in.target = guests[j].out.target;
			other[j].in.was_active = guests[j].out.active;
		}
		dr_policy_run(&host, other, claims, nr, &result);
		assert_int_equal(result.changed, 0);
		for (u32 j = 0; j < nr; j++) {
			assert_int_equal(other[j].out.target,
					 guests[j].out.target);
			assert_int_equal(other[j].out.balloon,
					 guests[j].out.balloon);
			assert_int_equal(other[j].out.page,
					 guests[j].out.page);
		}
	}
}

/*
 * More shares never make a target smaller, nor another's larger: but for the
 * step of the level, some pages, with a band of 0.
 */
static void monotone_in_shares(void **state)
{
	struct dr_policy_host host;
	u64 grew = 0;

	(void)state;
	for (int i = 0; i < HOSTS; i++) {
		u32 nr = any_fleet(&host), which = test_below(nr ? nr : 1);
		u64 slack = DR_PAGE_SIZE * (4 + nr);
		u64 was;

		if (!nr)
			continue;
		host.band = 0;
		dr_policy_run(&host, guests, claims, nr, &result);
		memcpy(other, guests, sizeof(other));
		was = other[which].in.shares;
		other[which].in.shares += test_below(was + 1);
		dr_policy_run(&host, other, claims, nr, &result);
		for (u32 j = 0; j < nr; j++) {
			u64 a = guests[j].out.target, b = other[j].out.target;

			if (j == which)
				assert_true(b + slack >= a);
			else
				assert_true(a + slack >= b);
		}
		grew += other[which].out.target > guests[which].out.target;
	}
	assert_true(grew > 1000);
}

/* More of a guest active never makes its target smaller. */
static void monotone_in_activity(void **state)
{
	struct dr_policy_host host;

	(void)state;
	for (int i = 0; i < HOSTS; i++) {
		u32 nr = any_fleet(&host), which = test_below(nr ? nr : 1);
		u64 *high = &other[which].in.active_high;

		if (!nr)
			continue;
		host.band = 0;
		dr_policy_run(&host, guests, claims, nr, &result);
		memcpy(other, guests, sizeof(other));
		*high += test_below(DR_POLICY_ONE);
		if (*high < guests[which].in.active_high)
			continue;
		other[which].in.was_active = 0;
		guests[which].in.was_active = 0;
		dr_policy_run(&host, guests, claims, nr, &result);
		for (u32 j = 0; j < nr; j++)
			other[j].out = guests[j].out;
		dr_policy_run(&host, other, claims, nr, &result);
		assert_true(other[which].out.target +
			    DR_PAGE_SIZE * (4 + nr) >=
			    guests[which].out.target);
	}
}

/* A guest never gives more than it has above its target and may give. */
static void takes_are_bounded(void **state)
{
	struct dr_policy_host host;
	u64 took = 0;

	(void)state;
	for (int i = 0; i < HOSTS; i++) {
		u32 nr = any_fleet(&host);
		u64 sum = 0, could = 0;

		for (u32 j = 0; j < nr; j++) {
			const struct dr_policy_in *in = &guests[j].in;
			const struct dr_policy_out *out = &guests[j].out;
			u64 give = out->balloon + out->page;
			u64 resident = dr_policy_pages_up(in->resident);

			if (resident > DR_FILL_PAGES_MAX)
				resident = DR_FILL_PAGES_MAX;
			resident *= DR_PAGE_SIZE;
			sum += give;
			if (give)
				assert_true(resident - give >= out->target);
			assert_true(out->page <= in->swap);
			if (!(in->flags & DR_POLICY_BALLOON))
				assert_int_equal(out->balloon, 0);
			if (host.level < DR_LEVEL_LOW &&
			    in->flags & (DR_POLICY_STALLING |
					 DR_POLICY_MIGRATING))
				assert_int_equal(give, 0);
			could += out->veto && !give;
		}
		assert_int_equal(sum, result.taken);
		/* A page or so a guest too many, from rounding. */
		assert_true(sum <= result.wanted + DR_PAGE_SIZE * 3 * nr);
		took += sum > 0;
	}
	assert_true(took > 1000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sum_fits_and_bounds_hold),
		cmocka_unit_test(inputs_are_left_alone),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(nothing_changes_without_a_cause),
		cmocka_unit_test(monotone_in_shares),
		cmocka_unit_test(monotone_in_activity),
		cmocka_unit_test(takes_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
