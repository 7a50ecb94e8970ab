// SPDX-License-Identifier: GPL-2.0-only
/* Which page is visited when, and in which order. */
#include <kunit/test.h>
#include <linux/bitmap.h>

#include "note.h"
#include "stride.h"

#define NR	1000

static void note_ages(struct kunit *test)
{
	u16 note = 0;
	int i;

	KUNIT_EXPECT_TRUE(test, dr_note_due(note, 5, 5, DR_NOTE_AGE_MAX));
	for (i = 0; i < 20; i++)
		note = dr_note_visited(note, 42);
	KUNIT_EXPECT_EQ(test, dr_note_age(note), DR_NOTE_AGE_REST);
	for (i = 0; i < 20; i++)
		note = dr_note_visited(note, i);
	KUNIT_EXPECT_EQ(test, dr_note_age(note), DR_NOTE_AGE_MAX);
	KUNIT_EXPECT_FALSE(test, dr_note_changed(note, 19));
	KUNIT_EXPECT_TRUE(test, dr_note_changed(note, 20));
}

static void note_is_due_once_in_its_period(struct kunit *test)
{
	unsigned int age, pass, due;

	for (age = 0; age <= DR_NOTE_AGE_MAX; age++) {
		due = 0;
		for (pass = 0; pass < BIT(age); pass++)
			due += dr_note_due(dr_note_make(age, 1), 77, pass,
					   DR_NOTE_AGE_MAX);
		KUNIT_EXPECT_EQ(test, due, 1);
		KUNIT_EXPECT_TRUE(test, dr_note_due(dr_note_make(age, 1), 77,
						    0, 0));
	}
}

static void stride_meets_each_once(struct kunit *test)
{
	DECLARE_BITMAP(met, NR) = {};
	struct dr_stride s;

	dr_stride_start(&s, NR, 0xfedcba9876543210ULL);
	while (s.left)
		KUNIT_EXPECT_FALSE(test, __test_and_set_bit(dr_stride_next(&s),
							    met));
	KUNIT_EXPECT_TRUE(test, bitmap_full(met, NR));
}

static struct kunit_case note_cases[] = {
	KUNIT_CASE(note_ages),
	KUNIT_CASE(note_is_due_once_in_its_period),
	KUNIT_CASE(stride_meets_each_once),
	{}
};

static struct kunit_suite note_suite = {
	.name = "denseram_note",
	.test_cases = note_cases,
};

kunit_test_suite(note_suite);
