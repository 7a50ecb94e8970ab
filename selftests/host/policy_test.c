// SPDX-License-Identifier: GPL-2.0-only
/* host-kmod/policy.c and revoke.c: worked examples and single rules. */
#include "policy_guests.h"

#define ONE	DR_POLICY_ONE

static struct dr_policy_result result;

static void run(struct dr_policy_host host, struct dr_policy_guest *guests,
		u32 nr)
{
	struct dr_claim claims[8];

	assert_true(nr <= ARRAY_SIZE(claims));
	dr_policy_run(&host, guests, claims, nr, &result);
}

/* Within a hundredth of a percent of @pool. */
static void assert_target(const struct dr_policy_guest *guest, u64 bytes,
			  u64 pool)
{
	assert_in_range(guest->out.target, bytes - pool / 10000,
			bytes + pool / 10000);
}

/* The examples of Documentation/design/policy.rst, by their numbers. */
static void worked_examples(void **state)
{
	static const struct {
		u64 shares[2];
		u64 active[2];	/* percent */
		u64 tax;
		u64 target[2];	/* hundredths of a percent of the pool */
	} cases[] = {
		{ { 1000, 1000 }, { 0, 100 }, 75, { 2000, 8000 } },
		{ { 1000, 1000 }, { 0, 100 }, 0, { 5000, 5000 } },
		{ { 1000, 1000 }, { 100, 100 }, 75, { 5000, 5000 } },
		{ { 1000, 1000 }, { 0, 0 }, 75, { 5000, 5000 } },
		{ { 1000, 3000 }, { 100, 100 }, 75, { 2500, 7500 } },
		{ { 3000, 1000 }, { 0, 100 }, 75, { 4286, 5714 } },
		{ { 1000, 1000 }, { 0, 100 }, 50, { 3333, 6667 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dr_policy_guest g[2];
		u64 pool = 8 * GIB;
		struct dr_policy_host host;

		for (int j = 0; j < 2; j++) {
			g[j] = test_guest(8 * GIB,
					  cases[i].active[j] * ONE / 100);
			g[j].in.shares = cases[i].shares[j];
		}
		host = test_host(pool, g, 2);
		host.tax = cases[i].tax;
		run(host, g, 2);
		for (int j = 0; j < 2; j++)
			assert_target(&g[j], pool / 10000 * cases[i].target[j],
				      pool);
		assert_int_equal(g[0].out.rule, DR_RULE_SHARES);
	}
}

/*
 * A tenth of the idle guest is active at the price where it ends: the
 * textbook's 21:79, reached by what is active in bytes.
 */
static void partly_idle(void **state)
{
	struct dr_policy_guest g[2] = {
		test_guest(8 * GIB, 0), test_guest(8 * GIB, ONE),
	};
	u64 pool = 8 * GIB, last = 1;

	(void)state;
	g[0].in.resident = 4 * GIB;
	for (int i = 0; i < 50 && g[0].out.target != last; i++) {
		last = g[0].out.target;
		g[0].in.active_high = ONE / 10;
		run(test_host(pool, g, 2), g, 2);
		g[0].in.resident = g[0].out.target;
		g[0].in.target = g[0].out.target;
	}
	assert_target(&g[0], pool * 1000 / 4700, pool);
	assert_target(&g[1], pool * 3700 / 4700, pool);
}

/*
 * What is paged out is packed to a third. However much guests hold beyond what they
 * may, their targets are those with which the host has enough.
 */
static void what_is_packed_moves_no_target(void **state)
{
	const u64 size = 8 * GIB, all = 12 * GIB;

	(void)state;
	for (u64 held = 5 * GIB; held <= 8 * GIB; held += GIB / 2) {
		struct dr_policy_guest g[2] = {
			test_guest(size, ONE), test_guest(size, ONE),
		};
		u64 packed = 2 * (size - held) / 3;
		struct dr_policy_host host;

		g[0].in.resident = held;
		g[1].in.resident = held;
		host = test_host(all, g, 2);
		host.free = dr_level_enough(DR_LEVEL_SOFT, host.total) + all -
			    2 * held - packed;
		host.packed = DR_POLICY_ONE / 3;
		run(host, g, 2);
		/* t + t + (2 * size - t - t) / 3 = all */
		assert_target(&g[0], 5 * GIB, all);
		assert_target(&g[1], 5 * GIB, all);
	}
}

static void plenty_for_all(void **state)
{
	struct dr_policy_guest g[3] = {
		test_guest(4 * GIB, 0), test_guest(2 * GIB, ONE),
		test_guest(8 * GIB, ONE / 2),
	};

	(void)state;
	g[1].in.limit = GIB;
	g[2].in.max = 6 * GIB;
	run(test_host(14 * GIB, g, 3), g, 3);
	assert_int_equal(g[0].out.target, 4 * GIB);
	assert_int_equal(g[0].out.rule, DR_RULE_SIZE);
	assert_int_equal(g[1].out.target, GIB);
	assert_int_equal(g[1].out.rule, DR_RULE_LIMIT);
	assert_int_equal(g[2].out.target, 6 * GIB);
	assert_int_equal(g[2].out.rule, DR_RULE_MAX);
	assert_int_equal(result.taken, 0);
	assert_int_equal(result.missing, 0);
}

static void guarantees_hold(void **state)
{
	struct dr_policy_guest g[3] = {
		test_guest(4 * GIB, 0), test_guest(4 * GIB, 0),
		test_guest(4 * GIB, ONE),
	};

	(void)state;
	g[0].in.min = 2 * GIB;
	g[1].in.pinned = 3 * GIB;
	run(test_host(6 * GIB, g, 3), g, 3);
	assert_int_equal(g[0].out.target, 2 * GIB);
	assert_int_equal(g[0].out.rule, DR_RULE_MIN);
	assert_int_equal(g[1].out.target, 3 * GIB);
	assert_int_equal(g[1].out.rule, DR_RULE_PINNED);
	assert_in_range(g[2].out.target, GIB - 4 * DR_PAGE_SIZE, GIB);
	assert_int_equal(result.missing, 0);
	/* More was promised than there is: promises are kept, and it shows. */
	run(test_host(4 * GIB, g, 3), g, 3);
	assert_int_equal(g[0].out.target, 2 * GIB);
	assert_int_equal(g[1].out.target, 3 * GIB);
	assert_int_equal(g[2].out.target, 0);
	assert_int_equal(result.missing, GIB);
}

/* Others make room for what cannot be taken, while they can. */
static void what_cannot_be_taken_stays(void **state)
{
	struct dr_policy_guest g[2] = {
		test_guest(4 * GIB, 0), test_guest(4 * GIB, 0),
	};
	struct dr_policy_host host;

	(void)state;
	g[0].in.flags = 0;
	g[0].in.swap = GIB;
	run(test_host(5 * GIB, g, 2), g, 2);
	assert_int_equal(g[0].out.target, 3 * GIB);
	assert_int_equal(g[0].out.rule, DR_RULE_STUCK);
	assert_in_range(g[1].out.target, 2 * GIB - 4 * DR_PAGE_SIZE, 2 * GIB);
	g[0].in.flags = DR_POLICY_BALLOON | DR_POLICY_MIGRATING;
	g[0].in.resident = 7 * GIB / 2;
	run(test_host(5 * GIB, g, 2), g, 2);
	assert_int_equal(g[0].out.target, 7 * GIB / 2);
	assert_int_equal(g[0].out.rule, DR_RULE_MIGRATING);
	/* Not where the alternative is the OOM killer. */
	host = test_host(5 * GIB, g, 2);
	host.level = DR_LEVEL_LOW;
	run(host, g, 2);
	assert_int_equal(g[0].out.rule, DR_RULE_SHARES);
	assert_true(g[0].out.balloon + g[0].out.page > 0);
	/* Not at the price of what was promised to another. */
	g[1].in.min = 2 * GIB;
	run(test_host(5 * GIB, g, 2), g, 2);
	assert_true(g[0].out.target < 3 * GIB);
	assert_int_equal(result.missing, 0);
}

/* Who asks gets it in the same run, and what it takes is taken in the same. */
static void asking_is_answered_at_once(void **state)
{
	struct dr_policy_guest g[2] = {
		test_guest(8 * GIB, 0), test_guest(8 * GIB, ONE),
	};
	struct dr_policy_host host = { .total = 8 * GIB, .tax = 75 };
	u64 reserve = dr_level_below(DR_LEVEL_SOFT, host.total);

	(void)state;
	g[0].in.resident = 5 * GIB;
	g[1].in.resident = 2 * GIB;
	host.free = reserve + MIB;
	run(host, g, 2);
	assert_int_equal(result.taken, 0);
	g[1].in.need = GIB / 2;
	run(host, g, 2);
	assert_true(g[1].out.target >= g[1].in.resident + g[1].in.need);
	assert_in_range(result.taken, GIB / 2 - MIB, GIB / 2 - MIB + 16 * KIB);
	assert_int_equal(g[0].out.balloon, result.taken);
	assert_int_equal(g[1].out.balloon, 0);
}

/* What a guest has just touched counts before any sample has seen it. */
static void fresh_memory_counts_as_active(void **state)
{
	struct dr_policy_in in = test_guest(8 * GIB, ONE / 8).in;

	(void)state;
	in.fresh = 2 * GIB;
	assert_int_equal(dr_policy_active(&in),
			 (2 * GIB + 6 * GIB / 8) / DR_PAGE_SIZE);
	in.fresh = ~0ULL;
	assert_int_equal(dr_policy_active(&in), 8 * GIB / DR_PAGE_SIZE);
}

/* From the lowest price first; nobody goes below its target. */
static void the_cheapest_gives_first(void **state)
{
	struct dr_policy_guest g[3] = {
		test_guest(4 * GIB, 0), test_guest(4 * GIB, ONE / 2),
		test_guest(4 * GIB, ONE),
	};
	struct dr_policy_host host = test_host(9 * GIB, g, 3);

	(void)state;
	host.level = DR_LEVEL_LOW;
	host.free = dr_level_enough(DR_LEVEL_SOFT, host.total) - GIB / 2;
	run(host, g, 3);
	assert_in_range(result.wanted, GIB / 2, GIB / 2 + 8 * KIB);
	assert_true(g[0].out.balloon + g[0].out.page >= GIB / 2 - 16 * KIB);
	assert_true(g[1].out.balloon + g[1].out.page == 0);
	assert_true(g[2].out.balloon + g[2].out.page == 0);
	for (int i = 0; i < 3; i++)
		assert_true(g[i].in.resident - g[i].out.balloon -
			    g[i].out.page >= g[i].out.target ||
			    g[i].in.resident <= g[i].out.target);
}

static void ways_to_take(void **state)
{
	struct dr_policy_guest g[2] = {
		test_guest(8 * GIB, 0), test_guest(8 * GIB, ONE),
	};
	struct dr_policy_host host = test_host(8 * GIB, g, 2);

	(void)state;
	host.free = 0;
	host.level = DR_LEVEL_SOFT;
	run(host, g, 2);
	assert_int_equal(g[0].out.balloon, GIB);
	assert_int_equal(g[0].out.page, 0);
	assert_int_equal(g[0].out.veto, DR_VETO_STEP);
	host.level = DR_LEVEL_HARD;
	run(host, g, 2);
	assert_int_equal(g[0].out.balloon, GIB);
	assert_int_equal(g[0].out.page, GIB);
	g[0].in.swap = GIB / 4;
	run(host, g, 2);
	assert_int_equal(g[0].out.page, GIB / 4);
	assert_int_equal(g[0].out.balloon, 2 * GIB - GIB / 4);
	g[0].in.flags = 0;
	run(host, g, 2);
	assert_int_equal(g[0].out.balloon, 0);
	assert_int_equal(g[0].out.page, GIB / 4);
	assert_int_equal(g[0].out.veto, DR_VETO_STUCK);
}

static void vetoes(void **state)
{
	struct dr_policy_guest g[2] = {
		test_guest(8 * GIB, 0), test_guest(8 * GIB, ONE),
	};
	struct dr_policy_host host = test_host(8 * GIB, g, 2);

	(void)state;
	host.free = 0;
	host.level = DR_LEVEL_HARD;
	g[0].in.flags |= DR_POLICY_STALLING;
	run(host, g, 2);
	assert_int_equal(g[0].out.balloon + g[0].out.page, 0);
	assert_int_equal(g[0].out.veto, DR_VETO_STALLING);
	assert_true(g[1].out.balloon + g[1].out.page > 0);
	assert_false(g[0].out.flags & DR_POLICY_WAIT);
	/* The alternative to taking is the OOM killer. */
	host.level = DR_LEVEL_LOW;
	run(host, g, 2);
	assert_true(g[0].out.balloon + g[0].out.page > 0);
	assert_true(g[0].out.flags & DR_POLICY_WAIT);
}

/* Those at or above their target wait at level low; the others when little is left. */
static void faults_wait_at_low(void **state)
{
	struct dr_policy_guest g[2] = {
		test_guest(256 * GIB, 0), test_guest(8 * GIB, ONE),
	};
	struct dr_policy_host host;

	(void)state;
	g[1].in.resident = GIB;
	host = test_host(128 * GIB, g, 2);
	/* What is on lists of CPUs does not help who needs it at once. */
	host.free = host.total / 10;
	host.available = dr_level_below(DR_LEVEL_LOW, host.total) / 2;
	host.level = DR_LEVEL_LOW;
	run(host, g, 2);
	assert_true(g[0].out.flags & DR_POLICY_WAIT);
	assert_false(g[1].out.flags & DR_POLICY_WAIT);
	/* With still less there is nothing to have for anybody. */
	host.available--;
	run(host, g, 2);
	assert_true(g[1].out.flags & DR_POLICY_WAIT);
	host.level = DR_LEVEL_HARD;
	run(host, g, 2);
	assert_false(g[1].out.flags & DR_POLICY_WAIT);
}

static void small_changes_move_nothing(void **state)
{
	struct dr_policy_guest g[2] = {
		test_guest(8 * GIB, ONE / 4), test_guest(8 * GIB, ONE),
	};
	struct dr_policy_host host = test_host(8 * GIB, g, 2);
	u64 first;

	(void)state;
	host.band = DR_POLICY_BAND;
	run(host, g, 2);
	first = g[0].out.target;
	for (int i = 0; i < 2; i++)
		g[i].in.target = g[i].out.target;
	for (int i = 0; i < 100; i++) {
		g[0].in.active_high = ONE / 4 - ONE / 100 +
				      test_below(ONE / 50);
		g[0].in.active = g[0].in.active_high;
		run(host, g, 2);
		assert_int_equal(g[0].out.target, first);
		assert_int_equal(result.changed, 0);
	}
	g[0].in.active_high = 0;
	run(host, g, 2);
	assert_true(g[0].out.target < first);
	assert_int_equal(result.changed, 2);
}

/* An estimate that is made anew is not a cause, one that is another is. */
static void noise_of_the_estimate_is_no_cause(void **state)
{
	struct dr_policy_in in = test_guest(8 * GIB, 0).in;

	(void)state;
	in.was_active = 4 * GIB;
	for (u64 part = ONE * 41 / 100; part < ONE * 49 / 100; part++) {
		in.active = part;
		in.active_high = part + ONE / 20;
		assert_int_equal(dr_policy_active(&in), 4 * GIB / DR_PAGE_SIZE);
	}
	in.active = ONE * 51 / 100;
	in.active_high = ONE * 56 / 100;
	assert_true(dr_policy_active(&in) > 4 * GIB / DR_PAGE_SIZE);
	in.active = ONE * 39 / 100;
	in.active_high = ONE * 44 / 100;
	assert_true(dr_policy_active(&in) < 4 * GIB / DR_PAGE_SIZE);
}

static void prices_are_equal(void **state)
{
	struct dr_policy_guest g[4];

	(void)state;
	for (int i = 0; i < 4; i++) {
		g[i] = test_guest(8 * GIB, ONE / 4 * i);
		g[i].in.shares = 1000 + 500 * i;
	}
	run(test_host(10 * GIB, g, 4), g, 4);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(g[i].out.rule, DR_RULE_SHARES);
		assert_in_range(g[i].out.price, g[0].out.price * 999 / 1000,
				g[0].out.price * 1001 / 1000);
	}
}

/* More free than any machine has: the sums still fit. */
static void a_host_without_end(void **state)
{
	struct dr_policy_guest g[2] = {
		test_guest(8 * GIB, 0), test_guest(~0ULL, DR_POLICY_ONE),
	};
	struct dr_policy_host host = {
		.total = ~0ULL, .free = ~0ULL, .available = ~0ULL,
	};
	struct dr_policy_result result;
	struct dr_claim claims[2];

	(void)state;
	dr_policy_run(&host, g, claims, 2, &result);
	assert_true(result.granted <= result.pool);
	assert_true(result.pool >= DR_FILL_PAGES_MAX * DR_PAGE_SIZE);
	assert_int_equal(g[0].out.target, 8 * GIB);
	assert_int_equal(g[1].out.target, DR_FILL_PAGES_MAX * DR_PAGE_SIZE);
}

static void no_guests(void **state)
{
	struct dr_policy_host host = { .total = GIB, .free = GIB };

	(void)state;
	dr_policy_run(&host, NULL, NULL, 0, &result);
	assert_int_equal(result.granted, 0);
	assert_int_equal(result.taken, 0);
}

static void names(void **state)
{
	(void)state;
	for (u64 i = 0; i < DR_NR_RULES; i++)
		assert_string_not_equal(dr_rule_name(i), "unknown");
	for (u64 i = 0; i < DR_NR_VETOES; i++)
		assert_string_not_equal(dr_veto_name(i), "unknown");
	assert_string_equal(dr_rule_name(DR_NR_RULES), "unknown");
	assert_string_equal(dr_veto_name(~0ULL), "unknown");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(worked_examples),
		cmocka_unit_test(partly_idle),
		cmocka_unit_test(what_is_packed_moves_no_target),
		cmocka_unit_test(plenty_for_all),
		cmocka_unit_test(guarantees_hold),
		cmocka_unit_test(what_cannot_be_taken_stays),
		cmocka_unit_test(asking_is_answered_at_once),
		cmocka_unit_test(fresh_memory_counts_as_active),
		cmocka_unit_test(the_cheapest_gives_first),
		cmocka_unit_test(ways_to_take),
		cmocka_unit_test(vetoes),
		cmocka_unit_test(faults_wait_at_low),
		cmocka_unit_test(small_changes_move_nothing),
		cmocka_unit_test(noise_of_the_estimate_is_no_cause),
		cmocka_unit_test(prices_are_equal),
		cmocka_unit_test(a_host_without_end),
		cmocka_unit_test(no_guests),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
