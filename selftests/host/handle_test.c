// SPDX-License-Identifier: GPL-2.0-only
/* swapper/handle.h: tier and id in a payload, and pages that are one word. */
#include "test.h"

#include <stdlib.h>

#include "handle.h"

#define ID_MAX	((1UL << DR_HANDLE_TIER_SHIFT) - 1)
#define WORDS	1024

static void check_round_trip(enum dr_tier tier, unsigned long id)
{
	struct dr_entry e = dr_handle_entry(tier, id);

	assert_int_equal(dr_entry_type(e), DR_SWAPPED);
	assert_int_equal(dr_handle_tier(e), tier);
	assert_int_equal(dr_handle_id(e), id);
	/* Neither the lock nor the peeked mark may leak into the handle. */
	e = dr_entry_of(dr_entry_mkpeeked(e).v | DR_ENTRY_LOCK);
	assert_int_equal(dr_handle_tier(e), tier);
	assert_int_equal(dr_handle_id(e), id);
}

static void tier_and_id_come_back(void **state)
{
	(void)state;
	for (int tier = 0; tier < DR_NR_TIERS; tier++) {
		check_round_trip(tier, 0);
		check_round_trip(tier, ID_MAX);
		for (int bit = 0; bit < DR_HANDLE_TIER_SHIFT; bit++)
			check_round_trip(tier, 1UL << bit);
		for (int i = 0; i < 1000; i++)
			check_round_trip(tier, test_random() & ID_MAX);
	}
}

static void area_and_slot_come_back(void **state)
{
	(void)state;
	for (int i = 0; i < 10000; i++) {
		unsigned long slot = test_random() &
				     ((1UL << DR_SLOT_BITS) - 1);
		unsigned int area = test_random() % 256;
		struct dr_entry e = dr_handle_slot(area, slot);

		assert_int_equal(dr_entry_type(e), DR_SWAPPED);
		assert_int_equal(dr_handle_tier(e), DR_TIER_DISK);
		assert_int_equal(dr_slot_area(dr_handle_id(e)), area);
		assert_true(dr_slot_nr(dr_handle_id(e)) == slot);
	}
}

static void one_word_is_recognised(void **state)
{
	/* From the heap, so that a look past the end is caught. */
	u32 *page = malloc(WORDS * sizeof(*page));
	u32 word;

	(void)state;
	assert_non_null(page);
	for (int i = 0; i < 20; i++) {
		u32 want = i ? (u32)test_random() : 0;

		for (int j = 0; j < WORDS; j++)
			page[j] = want;
		word = ~want;
		assert_true(dr_same_word(page, WORDS, &word));
		assert_int_equal(word, want);
	}
	free(page);
}

static void one_bit_elsewhere_is_seen(void **state)
{
	u32 *page = calloc(WORDS, sizeof(*page));
	u32 word;

	(void)state;
	assert_non_null(page);
	for (int j = 0; j < WORDS; j++) {
		page[j] = 1U << test_random() % 32;
		assert_false(dr_same_word(page, WORDS, &word));
		page[j] = 0;
	}
	free(page);
}

static void one_word_long_is_always_the_same(void **state)
{
	u32 page = 0xdeadbeef, word = 0;

	(void)state;
	assert_true(dr_same_word(&page, 1, &word));
	assert_int_equal(word, 0xdeadbeef);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(tier_and_id_come_back),
		cmocka_unit_test(area_and_slot_come_back),
		cmocka_unit_test(one_word_is_recognised),
		cmocka_unit_test(one_bit_elsewhere_is_seen),
		cmocka_unit_test(one_word_long_is_always_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
