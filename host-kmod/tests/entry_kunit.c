// SPDX-License-Identifier: GPL-2.0-only
#include <kunit/test.h>

#include "entry.h"

static const unsigned long payloads[] = {
	0, 1, 0xff, 1UL << 31, (1UL << DR_ENTRY_PAYLOAD_BITS) - 1,
};

static void entry_keeps_type_and_payload(struct kunit *test)
{
	enum dr_type type;
	int i;

	for (type = 0; type < DR_NR_TYPES; type++) {
		for (i = 0; i < ARRAY_SIZE(payloads); i++) {
			struct dr_entry e = dr_entry_make(type, payloads[i]);

			KUNIT_EXPECT_EQ(test, dr_entry_type(e), type);
			KUNIT_EXPECT_EQ(test, dr_entry_payload(e), payloads[i]);
			KUNIT_EXPECT_FALSE(test, dr_entry_peeked(e));
		}
	}
}

static void entry_absent_is_zero_word(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, dr_entry_make(DR_ABSENT, 0).v, 0UL);
	KUNIT_EXPECT_EQ(test, dr_entry_type((struct dr_entry){}), DR_ABSENT);
}

static void entry_ignores_lock_bit(struct kunit *test)
{
	struct dr_entry e = dr_entry_make(DR_SWAPPED, 0x123456);

	KUNIT_EXPECT_EQ(test, dr_entry_of(e.v | DR_ENTRY_LOCK).v, e.v);
	KUNIT_EXPECT_EQ(test, e.v & DR_ENTRY_LOCK, 0UL);
}

static void entry_peeked_keeps_the_rest(struct kunit *test)
{
	struct dr_entry e = dr_entry_make(DR_SHARED, 42);
	struct dr_entry p = dr_entry_mkpeeked(e);

	KUNIT_EXPECT_TRUE(test, dr_entry_peeked(p));
	KUNIT_EXPECT_EQ(test, dr_entry_type(p), DR_SHARED);
	KUNIT_EXPECT_EQ(test, dr_entry_payload(p), 42UL);
}

static struct kunit_case entry_cases[] = {
	KUNIT_CASE(entry_keeps_type_and_payload),
	KUNIT_CASE(entry_absent_is_zero_word),
	KUNIT_CASE(entry_ignores_lock_bit),
	KUNIT_CASE(entry_peeked_keeps_the_rest),
	{}
};

static struct kunit_suite entry_suite = {
	.name = "denseram_entry",
	.test_cases = entry_cases,
};

kunit_test_suite(entry_suite);
