// SPDX-License-Identifier: GPL-2.0-only
/* host-kmod/entry.h: what goes into an entry comes out of it again. */
#include "test.h"
#include "entry.h"

#define PAYLOAD_MAX	((1UL << DR_ENTRY_PAYLOAD_BITS) - 1)

static void zero_word_is_absent(void **state)
{
	struct dr_entry e = dr_entry_of(0);

	(void)state;
	assert_int_equal(dr_entry_type(e), DR_ABSENT);
	assert_int_equal(dr_entry_payload(e), 0);
	assert_false(dr_entry_peeked(e));
	assert_int_equal(dr_entry_make(DR_ABSENT, 0).v, 0);
}

static void check_round_trip(enum dr_type type, unsigned long payload)
{
	struct dr_entry e = dr_entry_make(type, payload);

	assert_int_equal(dr_entry_type(e), type);
	assert_int_equal(dr_entry_payload(e), payload);
	assert_false(dr_entry_peeked(e));
	assert_false(e.v & DR_ENTRY_LOCK);
}

static void type_and_payload_come_back(void **state)
{
	(void)state;
	for (int type = 0; type < DR_NR_TYPES; type++) {
		check_round_trip(type, 0);
		check_round_trip(type, 1);
		check_round_trip(type, PAYLOAD_MAX);
		for (int bit = 0; bit < DR_ENTRY_PAYLOAD_BITS; bit++)
			check_round_trip(type, 1UL << bit);
		for (int i = 0; i < 1000; i++)
			check_round_trip(type, test_random() & PAYLOAD_MAX);
	}
}

static void lock_bit_is_not_part_of_the_entry(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct dr_entry e = dr_entry_make(test_random() % DR_NR_TYPES,
						  test_random() & PAYLOAD_MAX);

		assert_int_equal(dr_entry_of(e.v | DR_ENTRY_LOCK).v, e.v);
		assert_int_equal(dr_entry_of(e.v).v, e.v);
	}
}

static void peeked_changes_nothing_else(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		enum dr_type type = test_random() % DR_NR_TYPES;
		unsigned long payload = test_random() & PAYLOAD_MAX;
		struct dr_entry e = dr_entry_mkpeeked(dr_entry_make(type, payload));

		assert_true(dr_entry_peeked(e));
		assert_int_equal(dr_entry_type(e), type);
		assert_int_equal(dr_entry_payload(e), payload);
		assert_false(e.v & DR_ENTRY_LOCK);
		assert_int_equal(dr_entry_mkpeeked(e).v, e.v);
	}
}

static void entries_differ_when_anything_differs(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		unsigned long payload = test_random() & PAYLOAD_MAX;
		struct dr_entry e = dr_entry_make(DR_PRIVATE, payload);
		unsigned long flip = 1UL << test_random() % DR_ENTRY_PAYLOAD_BITS;

		assert_int_not_equal(e.v, dr_entry_make(DR_SHARED, payload).v);
		assert_int_not_equal(e.v, dr_entry_make(DR_PRIVATE,
							payload ^ flip).v);
		assert_int_not_equal(e.v, dr_entry_mkpeeked(e).v);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(zero_word_is_absent),
		cmocka_unit_test(type_and_payload_come_back),
		cmocka_unit_test(lock_bit_is_not_part_of_the_entry),
		cmocka_unit_test(peeked_changes_nothing_else),
		cmocka_unit_test(entries_differ_when_anything_differs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
