// SPDX-License-Identifier: GPL-2.0-only
/* Levels on small and large hosts, under strain, and whether a guest may come. */
#include <kunit/test.h>

#include "admit.h"
#include "level.h"
#include "strain.h"

#define GIB	BIT_ULL(30)

static void thresholds_by_size(struct kunit *test)
{
	static const struct {
		u64 total;
		u64 soft;
	} cases[] = {
		{ GIB, GIB / 8 / 6 * 6 },
		{ 2 * GIB, 192ULL << 20 },
		{ 64 * GIB, 64 * GIB / 100 * 6 },
		{ 4096 * GIB, 32 * GIB / 6 * 6 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ(test, cases[i].soft,
				dr_level_below(DR_LEVEL_SOFT, cases[i].total));
}

static void left_with_enough(struct kunit *test)
{
	u64 total = 16 * GIB;
	enum dr_level level;

	for (level = DR_LEVEL_SOFT; level < DR_NR_LEVELS; level++) {
		u64 enough = dr_level_enough(level, total);

		KUNIT_EXPECT_EQ(test, level - 1,
				dr_level_of(enough, total, level));
		KUNIT_EXPECT_EQ(test, level,
				dr_level_of(enough - 1, total, level));
	}
}

static void admission(struct kunit *test)
{
	struct dr_admit_host host = {
		.total = 64 * GIB, .swap = 8 * GIB, .strict = true,
	};
	struct dr_admit_guest guest = { .size = 16 * GIB, .min = 8 * GIB };
	u64 lacking;

	KUNIT_EXPECT_EQ(test, DR_ADMIT_YES, dr_admit(&host, &guest, &lacking));
	guest.min -= DR_PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, DR_ADMIT_SWAP, dr_admit(&host, &guest, &lacking));
	KUNIT_EXPECT_EQ(test, lacking, (u64)DR_PAGE_SIZE);
	guest.pinned = true;
	KUNIT_EXPECT_EQ(test, DR_ADMIT_YES, dr_admit(&host, &guest, &lacking));
	host.promised = 48 * GIB;
	KUNIT_EXPECT_EQ(test, DR_ADMIT_MEMORY,
			dr_admit(&host, &guest, &lacking));
}

/* Stalls make a level worse until they are half as many; never low. */
static void stalls(struct kunit *test)
{
	struct dr_strain s = {};
	u64 second = 1000000000, now = second;

	dr_strain_look(&s, 1000, 10, now);
	KUNIT_EXPECT_EQ(test, s.average, 0ULL);
	dr_strain_look(&s, 1100, 10, now += second);
	KUNIT_EXPECT_EQ(test, s.stalled, 100ULL);
	KUNIT_EXPECT_EQ(test, s.average, 25ULL * DR_STRAIN_ONE);
	KUNIT_EXPECT_TRUE(test, s.over);
	KUNIT_EXPECT_EQ(test, dr_level_strained(DR_LEVEL_SOFT, s.over),
			DR_LEVEL_HARD);
	KUNIT_EXPECT_EQ(test, dr_level_strained(DR_LEVEL_HARD, s.over),
			DR_LEVEL_HARD);
	KUNIT_EXPECT_EQ(test, dr_level_strained(DR_LEVEL_LOW, s.over),
			DR_LEVEL_LOW);
	dr_strain_look(&s, 1100, 10, now += 9 * second);
	KUNIT_EXPECT_EQ(test, s.average, 25ULL * DR_STRAIN_ONE / 4);
	KUNIT_EXPECT_TRUE(test, s.over);
	dr_strain_look(&s, 1100, 10, now += second);
	KUNIT_EXPECT_FALSE(test, s.over);
	KUNIT_EXPECT_EQ(test, dr_level_strained(DR_LEVEL_SOFT, s.over),
			DR_LEVEL_SOFT);
}

static struct kunit_case level_cases[] = {
	KUNIT_CASE(thresholds_by_size),
	KUNIT_CASE(left_with_enough),
	KUNIT_CASE(admission),
	KUNIT_CASE(stalls),
	{}
};

static struct kunit_suite level_suite = {
	.name = "denseram_level",
	.test_cases = level_cases,
};

kunit_test_suite(level_suite);
