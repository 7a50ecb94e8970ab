// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../lib/words.h"

#include <string.h>

/* Each has a word of its own, and what comes after them has none. */
static void check_names(const char *(*name)(unsigned int value), unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		assert_non_null(name(i));
		for (unsigned int j = 0; j < i; j++)
			assert_string_not_equal(name(i), name(j));
	}
	assert_string_equal(name(nr), "unknown");
	assert_string_equal(name(~0U), "unknown");
}

static void states_have_words(void **state)
{
	(void)state;
	check_names(dr_level_word, DR_NR_LEVELS);
	check_names(dr_swap_stop_name, DR_SWAP_NR_STOPS);
	assert_string_equal(dr_run_state_name(DR_RUN_PAUSED), "paused");
	assert_string_equal(dr_run_state_name(~0U), "unknown");
}

/* The daemon knows better than the mappings, and migration tops all. */
static void guests_are_in_one_state(void **state)
{
	struct dr_guest_info guest = { 0 };

	(void)state;
	assert_string_equal(dr_guest_state_name(&guest), "-");
	guest.vmm_pid = 1;
	assert_string_equal(dr_guest_state_name(&guest), "mapped");
	guest.state = DR_GUEST_KVM;
	assert_string_equal(dr_guest_state_name(&guest), "kvm");
	guest.run_state = DR_RUN_RUNNING;
	assert_string_equal(dr_guest_state_name(&guest), "running");
	guest.state |= DR_GUEST_MIGRATING;
	assert_string_equal(dr_guest_state_name(&guest), "migrating");
}

static void areas_are_in_one_state(void **state)
{
	struct dr_swap_area area = { 0 };

	(void)state;
	assert_string_equal(dr_area_state_name(&area), "ok");
	area.state = DR_SWAP_AREA_FAILED;
	assert_string_equal(dr_area_state_name(&area), "failed");
	area.state |= DR_SWAP_AREA_LEAVING;
	assert_string_equal(dr_area_state_name(&area), "leaving");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_have_words),
		cmocka_unit_test(guests_are_in_one_state),
		cmocka_unit_test(areas_are_in_one_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
