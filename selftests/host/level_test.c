// SPDX-License-Identifier: GPL-2.0-only
/* host-kmod/level.h: how short of memory a host is. */
#include "test.h"
#include "level.h"

#define GIB	(1ULL << 30)

static void thresholds(void **state)
{
	static const struct {
		u64 percent;
		enum dr_level level;
	} cases[] = {
		{ 100, DR_LEVEL_HIGH }, { 7, DR_LEVEL_HIGH },
		{ 5, DR_LEVEL_SOFT }, { 3, DR_LEVEL_HARD },
		{ 1, DR_LEVEL_LOW }, { 0, DR_LEVEL_LOW },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(dr_level_of(64 * GIB / 100 * cases[i].percent,
					     64 * GIB, DR_LEVEL_HIGH),
				 cases[i].level);
}

/* Of a terabyte not 60 GiB need to be free. */
static void large_hosts_need_no_more(void **state)
{
	(void)state;
	assert_true(dr_level_below(DR_LEVEL_SOFT, 64 * GIB) < 4 * GIB);
	assert_true(dr_level_below(DR_LEVEL_SOFT, 4096 * GIB) <= 32 * GIB);
	assert_int_equal(dr_level_of(33 * GIB, 4096 * GIB, DR_LEVEL_HIGH),
			 DR_LEVEL_HIGH);
	assert_int_equal(dr_level_of(31 * GIB, 4096 * GIB, DR_LEVEL_HIGH),
			 DR_LEVEL_SOFT);
}

/* Of 1 GiB more than 61 MiB need to be free, but not half of a tiny host. */
static void small_hosts_need_some(void **state)
{
	(void)state;
	assert_int_equal(dr_level_below(DR_LEVEL_SOFT, 2 * GIB), 192 << 20);
	assert_int_equal(dr_level_below(DR_LEVEL_LOW, 2 * GIB), 64 << 20);
	assert_int_equal(dr_level_below(DR_LEVEL_SOFT, GIB / 4),
			 GIB / 4 / 8 / 6 * 6);
	assert_int_equal(dr_level_below(DR_LEVEL_LOW, 0), 0);
}

/* A worse level begins at less memory, and is left at more than it began. */
static void thresholds_are_in_order(void **state)
{
	(void)state;
	for (int i = 0; i < 100000; i++) {
		u64 total = test_random() >> (test_random() % 50);

		for (enum dr_level l = DR_LEVEL_SOFT; l < DR_NR_LEVELS; l++) {
			u64 below = dr_level_below(l, total);

			assert_true(dr_level_enough(l, total) >= below);
			assert_true(below <= total / 8 + 8);
			if (l > DR_LEVEL_SOFT)
				assert_true(below <=
					    dr_level_below(l - 1, total));
		}
	}
}

/* With enough, every level is left for high. */
static void enough_is_enough(void **state)
{
	(void)state;
	for (int i = 0; i < 100000; i++) {
		u64 total = GIB + (test_random() >> (test_random() % 30 + 10));
		u64 enough = dr_level_enough(DR_LEVEL_SOFT, total);
		enum dr_level was = test_random() % DR_NR_LEVELS;

		assert_int_equal(dr_level_of(enough, total, was),
				 DR_LEVEL_HIGH);
	}
}

/* Less memory is never a better level, and each has its place. */
static void levels_are_in_order(void **state)
{
	(void)state;
	for (int i = 0; i < 100000; i++) {
		u64 total = test_random() >> (test_random() % 40);
		u64 free = total ? test_random() % total : 0;
		u64 less = free ? test_random() % free : 0;
		enum dr_level was = test_random() % DR_NR_LEVELS;

		assert_true(dr_level_of(less, total, was) >=
			    dr_level_of(free, total, was));
		assert_true(dr_level_of(free, total, was) < DR_NR_LEVELS);
	}
}

/* What has been reached is kept while nothing much happens. */
static void does_not_flutter(void **state)
{
	u64 total = 16 * GIB;

	(void)state;
	for (enum dr_level l = DR_LEVEL_SOFT; l < DR_NR_LEVELS; l++) {
		u64 below = dr_level_below(l, total);

		assert_int_equal(dr_level_of(below - 1, total, l - 1), l);
		assert_int_equal(dr_level_of(below + below / 8, total, l), l);
		assert_true(dr_level_of(below + below / 4, total, l) < l);
		assert_true(dr_level_of(below, total, l - 1) < l);
	}
}

/* Who takes the last of what all can have finds the level low. */
static void lists_do_not_hide_a_want(void **state)
{
	(void)state;
	assert_int_equal(dr_level_free(0, 4 * GIB), 0);
	assert_int_equal(dr_level_free(GIB, 4 * GIB), 2 * GIB);
	assert_int_equal(dr_level_free(4 * GIB, GIB), 5 * GIB);
	assert_int_equal(dr_level_of(dr_level_free(GIB / 8, 32 * GIB), 64 * GIB,
				     DR_LEVEL_HIGH),
			 DR_LEVEL_LOW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thresholds),
		cmocka_unit_test(large_hosts_need_no_more),
		cmocka_unit_test(small_hosts_need_some),
		cmocka_unit_test(thresholds_are_in_order),
		cmocka_unit_test(enough_is_enough),
		cmocka_unit_test(levels_are_in_order),
		cmocka_unit_test(does_not_flutter),
		cmocka_unit_test(lists_do_not_hide_a_want),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
