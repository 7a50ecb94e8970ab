// SPDX-License-Identifier: GPL-2.0-only
/* host-kmod/strain.h: when a host stalls so much that its level is worse. */
#include "level.h"
#include "strain.h"
#include "test.h"

#define MS	1000000ULL
#define SECOND	(1000 * MS)
#define LIMIT	10

static struct dr_strain strain;
static u64 now, count;

static void begin(void)
{
	strain = (struct dr_strain){ .since = 0 };
	now = test_random() % (1000 * SECOND) + 1;
	count = test_random() % 1000000;
	dr_strain_look(&strain, count, LIMIT, now);
}

/* Stalls come evenly, so many a second, and it is looked each @ms. */
static void go_on(u64 stalls, u64 seconds, u64 ms)
{
	u64 start = count;

	for (u64 at = ms; at <= seconds * 1000; at += ms) {
		now += ms * MS;
		count = start + stalls * at / 1000;
		dr_strain_look(&strain, count, LIMIT, now);
	}
}

/* What was before the module came does not count, and none is lost after. */
static void counts_from_the_first_look(void **state)
{
	u64 start;

	(void)state;
	begin();
	start = count;
	assert_int_equal(strain.stalled, 0);
	assert_int_equal(strain.average, 0);
	for (int i = 0; i < 10000; i++) {
		now += test_random() % (3 * MS);
		count += test_random() % 3;
		dr_strain_look(&strain, count, LIMIT, now);
		assert_int_equal(strain.seen - strain.stalled, start);
	}
	now += SECOND;
	dr_strain_look(&strain, count, LIMIT, now);
	assert_int_equal(strain.stalled, count - start);
}

static void none_at_rest(void **state)
{
	(void)state;
	begin();
	go_on(0, 600, 100);
	assert_int_equal(strain.stalled, 0);
	assert_int_equal(strain.average, 0);
	assert_false(strain.over);
}

/* It comes to the number of stalls a second, whatever that and the pace are. */
static void averages(void **state)
{
	static const u64 paces[] = { 10, 100, 1000 };

	(void)state;
	for (u64 stalls = 1; stalls < 1000000; stalls *= 10) {
		for (size_t i = 0; i < ARRAY_SIZE(paces); i++) {
			begin();
			go_on(stalls, 60, paces[i]);
			assert_in_range(strain.average,
					stalls * DR_STRAIN_ONE / 100 * 65,
					stalls * DR_STRAIN_ONE / 100 * 135);
			assert_int_equal(strain.stalled, stalls * 60);
		}
	}
}

/* How often it is looked makes no great difference on the way, either. */
static void the_pace_does_not_matter(void **state)
{
	u64 slow, fast;

	(void)state;
	begin();
	go_on(100, 2, 1000);
	slow = strain.average;
	begin();
	go_on(100, 2, 100);
	fast = strain.average;
	assert_in_range(fast, slow / 100 * 90, slow / 100 * 115);
}

static void an_accident_is_none(void **state)
{
	(void)state;
	begin();
	count += LIMIT * DR_STRAIN_SPAN_MS / 1000;
	now += SECOND;
	dr_strain_look(&strain, count, LIMIT, now);
	assert_false(strain.over);
	go_on(LIMIT - 1, 100, 100);
	assert_false(strain.over);
}

/* Above the limit at once, and until it is below half of it. */
static void begins_and_ends(void **state)
{
	int seconds = 0;

	(void)state;
	begin();
	go_on(10 * LIMIT, 1, 1000);
	assert_true(strain.over);
	go_on(LIMIT * 3 / 4, 100, 100);
	assert_true(strain.over);
	for (; strain.over && seconds < 100; seconds++)
		go_on(0, 1, 1000);
	assert_true(strain.average <= LIMIT * DR_STRAIN_ONE / 2);
	assert_in_range(seconds, 1, 5);
	go_on(LIMIT * 3 / 4, 100, 100);
	assert_false(strain.over);
}

/* After the worst there is, it ends in a minute or so. */
static void ends_soon(void **state)
{
	(void)state;
	begin();
	go_on(1000000, 10, 100);
	assert_true(strain.over);
	go_on(0, 60, 1000);
	assert_false(strain.over);
}

static void never_without_a_limit(void **state)
{
	(void)state;
	begin();
	count += 1000000;
	dr_strain_look(&strain, count, LIMIT, now += SECOND);
	assert_true(strain.over);
	dr_strain_look(&strain, count, 0, now += SECOND);
	assert_false(strain.over);
	assert_true(strain.average);
}

/* Whatever is counted, and whenever it is looked. */
static void any_input(void **state)
{
	(void)state;
	for (int i = 0; i < 1000000; i++) {
		u64 limit = test_random() >> (test_random() % 64);

		if (i % 64 == 0)
			begin();
		count = test_random() >> (test_random() % 64);
		now += test_random() >> (20 + test_random() % 44);
		dr_strain_look(&strain, count, limit % DR_STRAIN_LIMIT_MAX,
			       now);
		/* No more than the most, each millisecond. */
		assert_true(strain.average <=
			    DR_STRAIN_MOST * 1000 * DR_STRAIN_ONE);
	}
}

/* One level worse, never low, and never better. */
static void levels(void **state)
{
	(void)state;
	for (enum dr_level l = DR_LEVEL_HIGH; l < DR_NR_LEVELS; l++) {
		assert_int_equal(dr_level_strained(l, false), l);
		assert_int_equal(dr_level_strained(l, true),
				 l < DR_LEVEL_HARD ? l + 1 : l);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_from_the_first_look),
		cmocka_unit_test(none_at_rest),
		cmocka_unit_test(averages),
		cmocka_unit_test(the_pace_does_not_matter),
		cmocka_unit_test(an_accident_is_none),
		cmocka_unit_test(begins_and_ends),
		cmocka_unit_test(ends_soon),
		cmocka_unit_test(never_without_a_limit),
		cmocka_unit_test(any_input),
		cmocka_unit_test(levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
