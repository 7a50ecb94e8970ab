// SPDX-License-Identifier: GPL-2.0-only
#include <kunit/test.h>

#include "handle.h"

static void handle_keeps_tier_and_id(struct kunit *test)
{
	static const unsigned long ids[] = {
		0, 1, U32_MAX, (1UL << DR_HANDLE_TIER_SHIFT) - 1,
	};
	unsigned int tier;
	int i;

	/* All tiers that fit, not only those that exist. */
	for (tier = 0; tier < 4; tier++) {
		for (i = 0; i < ARRAY_SIZE(ids); i++) {
			struct dr_entry e = dr_handle_entry(tier, ids[i]);

			KUNIT_EXPECT_EQ(test, dr_entry_type(e), DR_SWAPPED);
			KUNIT_EXPECT_EQ(test, (unsigned int)dr_handle_tier(e),
					tier);
			KUNIT_EXPECT_EQ(test, dr_handle_id(e), ids[i]);
		}
	}
}

static void same_word_finds_one_odd_word(struct kunit *test)
{
	u32 *words = kunit_kmalloc_array(test, 1024, 4, GFP_KERNEL);
	u32 word = 0;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, words);
	for (i = 0; i < 1024; i++)
		words[i] = 0xa5a5f00d;
	KUNIT_EXPECT_TRUE(test, dr_same_word(words, 1024, &word));
	KUNIT_EXPECT_EQ(test, word, 0xa5a5f00d);
	for (i = 0; i < 1024; i++) {
		words[i] ^= 1;
		KUNIT_EXPECT_FALSE(test, dr_same_word(words, 1024, &word));
		words[i] ^= 1;
	}
	KUNIT_EXPECT_TRUE(test, dr_same_word(words, 1, &word));
}

static struct kunit_case handle_cases[] = {
	KUNIT_CASE(handle_keeps_tier_and_id),
	KUNIT_CASE(same_word_finds_one_odd_word),
	{}
};

static struct kunit_suite handle_suite = {
	.name = "denseram_handle",
	.test_cases = handle_cases,
};

kunit_test_suite(handle_suite);
