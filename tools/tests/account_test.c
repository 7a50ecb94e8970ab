// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../lib/account.h"

#include <string.h>

static uint64_t sum(const uint64_t *bytes)
{
	uint64_t total = 0;

	for (int i = 0; i < DR_NR_PLACES; i++)
		total += bytes[i];
	return total;
}

static void places_add_up_to_the_size(void **state)
{
	const struct dr_usage usage = {
		.size = 64 << 20, .blocks = 10, .holes = 100, .pages = 7,
		.shared = 3, .swapped = 5,
	};
	uint64_t bytes[DR_NR_PLACES];

	(void)state;
	dr_account(&usage, bytes);
	assert_int_equal(bytes[DR_PLACE_BLOCKS], (20 << 20) - 100 * 4096);
	assert_int_equal(bytes[DR_PLACE_HOLES], 100 * 4096);
	assert_int_equal(bytes[DR_PLACE_PAGES], 7 * 4096);
	assert_int_equal(bytes[DR_PLACE_SHARED], 3 * 4096);
	assert_int_equal(bytes[DR_PLACE_SWAPPED], 5 * 4096);
	assert_int_equal(sum(bytes), usage.size);
}

static void nothing_is_all_absent(void **state)
{
	const struct dr_usage usage = { .size = 1 << 20 };
	uint64_t bytes[DR_NR_PLACES];

	(void)state;
	dr_account(&usage, bytes);
	assert_int_equal(bytes[DR_PLACE_ABSENT], 1 << 20);
	assert_int_equal(sum(bytes), 1 << 20);
}

/* Counts read at different moments must not wrap around below zero. */
static void torn_counts_do_not_wrap(void **state)
{
	const struct dr_usage more = { .size = 4096, .pages = 2 };
	const struct dr_usage holes = {
		.size = 4 << 20, .blocks = 1, .holes = 600,
	};
	uint64_t bytes[DR_NR_PLACES];

	(void)state;
	dr_account(&more, bytes);
	assert_int_equal(bytes[DR_PLACE_ABSENT], 0);
	dr_account(&holes, bytes);
	assert_int_equal(bytes[DR_PLACE_BLOCKS], 0);
	assert_int_equal(bytes[DR_PLACE_ABSENT], (4 << 20) - 600 * 4096);
}

static void places_and_events_have_distinct_names(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < DR_NR_EVENTS; i++) {
		assert_non_null(dr_event_name(i));
		for (unsigned int j = 0; j < i; j++)
			assert_string_not_equal(dr_event_name(i),
						dr_event_name(j));
	}
	assert_null(dr_event_name(DR_NR_EVENTS));
	for (int i = 0; i < DR_NR_PLACES; i++) {
		assert_non_null(dr_place_text[i].key);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(dr_place_text[i].key,
						dr_place_text[j].key);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_add_up_to_the_size),
		cmocka_unit_test(nothing_is_all_absent),
		cmocka_unit_test(torn_counts_do_not_wrap),
		cmocka_unit_test(places_and_events_have_distinct_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
