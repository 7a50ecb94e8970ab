// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../lib/balloon.h"

#include <string.h>

static void all_have_names(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < DR_NR_BALLOON_STATES; i++)
		assert_string_not_equal(dr_balloon_state_name(i), "unknown");
	for (unsigned int i = 0; i < DR_NR_BALLOON_STATS; i++)
		assert_string_not_equal(dr_balloon_stat_name(i), "unknown");
	assert_string_equal(dr_balloon_state_name(99), "unknown");
	assert_string_equal(dr_balloon_stat_name(99), "unknown");
	assert_true(dr_balloon_stat_is_size(DR_BSTAT_FREE));
	assert_false(dr_balloon_stat_is_size(DR_BSTAT_OOM_KILLS));
	assert_false(dr_balloon_stat_is_size(99));
}

static void sums(void **state)
{
	static const struct dr_balloon_info b[] = {
		{ .state = DR_BALLOON_IDLE, .wanted = 5, .actual = 3,
		  .backed = 2 },
		{ .state = DR_BALLOON_NONE, .wanted = DR_BALLOON_UNASKED },
		{ .state = DR_BALLOON_IDLE, .wanted = 7, .actual = 1 },
		{ .state = 99, .wanted = DR_BALLOON_UNASKED },
	};
	struct dr_balloon_sum sum;

	(void)state;
	dr_balloon_sum(b, 4, &sum);
	assert_true(sum.wanted == 12 && sum.actual == 4 && sum.backed == 2);
	assert_int_equal(sum.nr[DR_BALLOON_IDLE], 2);
	assert_int_equal(sum.nr[DR_BALLOON_NONE], 1);
	assert_int_equal(sum.nr[DR_BALLOON_SETTLED], 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_have_names),
		cmocka_unit_test(sums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
