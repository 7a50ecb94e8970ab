// SPDX-License-Identifier: GPL-2.0-only
/* host-kmod/fill.c: dividing a pool at one price. */
#include "test.h"
#include "fill.h"

#define MOST	64

static u64 below(u64 end)
{
	return test_random() % end;
}

static u64 sum(const struct dr_claim *claims, u32 nr, u64 level, u64 keep)
{
	u64 pages = 0;

	for (u32 i = 0; i < nr; i++)
		pages += dr_claim_at(&claims[i], level, keep);
	return pages;
}

static u32 any_claims(struct dr_claim *claims)
{
	u32 nr = below(MOST + 1);

	for (u32 i = 0; i < nr; i++) {
		u64 high = below(1 + (DR_FILL_PAGES_MAX >> below(36)));

		claims[i] = (struct dr_claim){
			.shares = 1 + below(DR_FILL_SHARES_MAX >> below(19)),
			.active = below(high + high / 2 + 1),
			.low = below(2) ? 0 : below(high + 1),
			.high = high,
		};
	}
	return nr;
}

/* A share buys the same everywhere, idle pages count 1 / keep times. */
static void closed_form(void **state)
{
	struct dr_claim claims[2] = {
		{ .shares = 1, .active = 0, .high = 1 << 20 },
		{ .shares = 1, .active = 1 << 20, .high = 1 << 20 },
	};
	u64 keep = dr_fill_keep(75);
	u64 level = dr_fill(claims, 2, 1 << 20, keep);

	(void)state;
	assert_int_equal(keep, 1 << 14);
	assert_in_range(dr_claim_at(&claims[0], level, keep),
			(1 << 20) / 5 - 2, (1 << 20) / 5);
	assert_in_range(dr_claim_at(&claims[1], level, keep),
			(1 << 20) / 5 * 4 - 2, (1 << 20) / 5 * 4 + 1);
}

static void bounds_hold_and_the_pool_is_used_up(void **state)
{
	struct dr_claim claims[MOST];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		u32 nr = any_claims(claims);
		u64 keep = dr_fill_keep(below(120));
		u64 least = 0, most = 0, ticks = 0, pool, level, got;

		for (u32 j = 0; j < nr; j++) {
			least += claims[j].low;
			most += claims[j].high;
			ticks += claims[j].shares / (1 << DR_FILL_PLACES) + 2;
		}
		pool = below(most + most / 8 + 2);
		level = dr_fill(claims, nr, pool, keep);
		got = sum(claims, nr, level, keep);
		for (u32 j = 0; j < nr; j++)
			assert_in_range(dr_claim_at(&claims[j], level, keep),
					claims[j].low, claims[j].high);
		if (least > pool)
			assert_int_equal(got, least);
		else
			assert_true(got <= pool);
		if (most <= pool)
			assert_int_equal(got, most);
		else if (least <= pool)
			assert_true(pool - got <= ticks);
	}
}

/* The level found is the greatest that fits. */
static void no_higher_level_fits(void **state)
{
	struct dr_claim claims[MOST];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		u32 nr = any_claims(claims);
		u64 keep = dr_fill_keep(below(100));
		u64 pool = below(1ULL << (1 + below(40)));
		u64 level = dr_fill(claims, nr, pool, keep);

		if (sum(claims, nr, ~0ULL, keep) > pool)
			assert_true(sum(claims, nr, level + 1, keep) > pool);
	}
}

static void nothing_to_divide(void **state)
{
	struct dr_claim claim = { .shares = 1, .high = 10 };

	(void)state;
	assert_int_equal(dr_fill(NULL, 0, 100, DR_FILL_KEEP_ONE), 0);
	dr_fill(&claim, 1, 0, DR_FILL_KEEP_ONE);
	assert_int_equal(dr_claim_at(&claim, 0, DR_FILL_KEEP_ONE), 0);
}

/* The largest numbers that the header allows do not overflow. */
static void extremes(void **state)
{
	static const u64 shares[] = { 1, DR_FILL_SHARES_MAX };
	static const u32 taxes[] = { 0, 75, 99, 100, U32_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(shares); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(taxes); j++) {
			struct dr_claim c[2] = {
				{ shares[i], 0, 0, DR_FILL_PAGES_MAX, 0 },
				{ shares[i], 0, 0, DR_FILL_PAGES_MAX, 0 },
			};
			u64 keep = dr_fill_keep(taxes[j]);
			u64 pool = DR_FILL_PAGES_MAX;
			u64 level = dr_fill(c, 2, pool, keep);

			assert_in_range(sum(c, 2, level, keep), pool - 4, pool);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(closed_form),
		cmocka_unit_test(bounds_hold_and_the_pool_is_used_up),
		cmocka_unit_test(no_higher_level_fits),
		cmocka_unit_test(nothing_to_divide),
		cmocka_unit_test(extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
