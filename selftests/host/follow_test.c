// SPDX-License-Identifier: GPL-2.0-only
/* host-kmod/follow.h: does a guest follow what is asked of its balloon? */
#include "test.h"
#include "follow.h"

#define MIB	(1ULL << 20)
#define SEC	1000000000ULL

static struct dr_follow asked(u64 wanted, u64 actual, u64 now)
{
	struct dr_follow f;

	dr_follow_init(&f);
	dr_follow_report(&f, actual, now);
	dr_follow_ask(&f, wanted, now);
	return f;
}

static void nobody_asks(void **state)
{
	struct dr_follow f;

	(void)state;
	dr_follow_init(&f);
	assert_int_equal(dr_follow_state(&f, 5), DR_BALLOON_NONE);
	assert_true(dr_follow_report(&f, 7 * MIB, SEC));
	assert_false(dr_follow_report(&f, 7 * MIB, 2 * SEC));
	assert_int_equal(dr_follow_state(&f, 9 * SEC), DR_BALLOON_SETTLED);
}

static void progress_keeps_it_moving(void **state)
{
	struct dr_follow f = asked(100 * MIB, 0, SEC);

	(void)state;
	for (u64 i = 1; i < 100; i++) {
		dr_follow_report(&f, i * MIB, SEC + i * 19 * SEC / 10);
		assert_int_equal(dr_follow_state(&f, SEC + i * 19 * SEC / 10 +
						 19 * SEC / 10),
				 DR_BALLOON_MOVING);
	}
	dr_follow_report(&f, 100 * MIB, 200 * SEC);
	assert_int_equal(dr_follow_state(&f, 209 * SEC), DR_BALLOON_SETTLED);
}

/* Xen's list of known troubles: one page every five seconds was progress. */
static void a_page_at_a_time_is_idle(void **state)
{
	struct dr_follow f = asked(100 * MIB, 0, SEC);

	(void)state;
	for (u64 i = 1; i < 100; i++)
		dr_follow_report(&f, i * 4096, SEC + i * SEC / 10);
	assert_int_equal(dr_follow_state(&f, 11 * SEC), DR_BALLOON_IDLE);
	/* Small steps add up to one. */
	for (u64 i = 100; i <= 256; i++)
		dr_follow_report(&f, i * 4096, 11 * SEC);
	assert_int_equal(dr_follow_state(&f, 12 * SEC), DR_BALLOON_MOVING);
}

static void without_driver_it_is_idle(void **state)
{
	struct dr_follow f = asked(64 * MIB, 0, SEC);

	(void)state;
	assert_int_equal(dr_follow_state(&f, 3 * SEC), DR_BALLOON_MOVING);
	dr_follow_report(&f, 0, 3 * SEC);
	assert_int_equal(dr_follow_state(&f, 3 * SEC + 1), DR_BALLOON_IDLE);
}

static void silence_is_told(void **state)
{
	struct dr_follow f = asked(64 * MIB, 64 * MIB, SEC);

	(void)state;
	assert_int_equal(dr_follow_state(&f, 11 * SEC), DR_BALLOON_SETTLED);
	assert_int_equal(dr_follow_state(&f, 11 * SEC + 1), DR_BALLOON_SILENT);
	dr_follow_report(&f, 64 * MIB, 20 * SEC);
	assert_int_equal(dr_follow_state(&f, 21 * SEC), DR_BALLOON_SETTLED);
}

static void taking_back_is_a_request(void **state)
{
	struct dr_follow f = asked(64 * MIB, 0, SEC);

	(void)state;
	dr_follow_report(&f, 64 * MIB, 2 * SEC);
	dr_follow_report(&f, 40 * MIB, 3 * SEC);
	assert_int_equal(dr_follow_state(&f, 4 * SEC), DR_BALLOON_SHORT);
	assert_int_equal(dr_follow_state(&f, 9 * SEC), DR_BALLOON_SHORT);
	/* Asked again, it has to move, or it is idle. */
	dr_follow_ask(&f, 64 * MIB, 9 * SEC);
	assert_int_equal(dr_follow_state(&f, 10 * SEC), DR_BALLOON_MOVING);
	assert_int_equal(dr_follow_state(&f, 12 * SEC), DR_BALLOON_IDLE);
}

static void deflating_is_no_request(void **state)
{
	struct dr_follow f = asked(64 * MIB, 64 * MIB, SEC);

	(void)state;
	dr_follow_ask(&f, 0, 2 * SEC);
	dr_follow_report(&f, 32 * MIB, 3 * SEC);
	assert_int_equal(dr_follow_state(&f, 4 * SEC), DR_BALLOON_MOVING);
	dr_follow_report(&f, 0, 4 * SEC);
	assert_int_equal(dr_follow_state(&f, 5 * SEC), DR_BALLOON_SETTLED);
}

/* Sizes at the ends of what 64 bits hold must not confuse the distances. */
static void extremes(void **state)
{
	static const u64 sizes[] = {
		0, 1, 4096, MIB, 1ULL << 46, ~0ULL - 1, ~0ULL,
	};
	struct dr_follow f;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(sizes); j++) {
			f = asked(sizes[i], sizes[j], SEC);
			dr_follow_report(&f, sizes[ARRAY_SIZE(sizes) - 1 - j],
					 2 * SEC);
			assert_true(dr_follow_state(&f, 3 * SEC) <
				    DR_NR_BALLOON_STATES);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_asks),
		cmocka_unit_test(progress_keeps_it_moving),
		cmocka_unit_test(a_page_at_a_time_is_idle),
		cmocka_unit_test(without_driver_it_is_idle),
		cmocka_unit_test(silence_is_told),
		cmocka_unit_test(taking_back_is_a_request),
		cmocka_unit_test(deflating_is_no_request),
		cmocka_unit_test(extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
