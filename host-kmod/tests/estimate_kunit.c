// SPDX-License-Identifier: GPL-2.0-only
/* The estimate of the active fraction, from periods that are made up. */
#include <kunit/test.h>

#include "estimate.h"

#define ONE	DR_ESTIMATE_ONE

/* Periods of which @percent of the samples come back, one a hundred. */
static struct dr_active run(struct dr_estimate *e, u32 percent, int periods)
{
	struct dr_active active;

	while (periods--) {
		struct dr_sample s = {
			.pages = e->samples,
			.pages_back = e->samples * percent / 100,
		};

		dr_estimate_period(e, &s);
	}
	dr_estimate_now(e, NULL, &active);
	return active;
}

static void starts_as_active(struct kunit *test)
{
	struct dr_estimate e;
	struct dr_active a;

	dr_estimate_init(&e, 0);
	dr_estimate_now(&e, NULL, &a);
	KUNIT_EXPECT_EQ(test, a.low, 0);
	KUNIT_EXPECT_EQ(test, a.high, (u32)ONE);
}

static void finds_what_is_there(struct kunit *test)
{
	u32 percent;

	for (percent = 0; percent <= 100; percent += 25) {
		u32 truth = ONE * percent / 100;
		struct dr_estimate e;
		struct dr_active a;

		dr_estimate_init(&e, 0);
		a = run(&e, percent, 10);
		KUNIT_EXPECT_LE(test, a.low, truth);
		KUNIT_EXPECT_GE(test, a.high, truth);
		KUNIT_EXPECT_LE(test, a.high - a.low, (u32)ONE / 8);
	}
}

static void rises_at_once_falls_slowly(struct kunit *test)
{
	struct dr_estimate e;

	dr_estimate_init(&e, 0);
	run(&e, 25, 10);
	KUNIT_EXPECT_GT(test, run(&e, 75, 1).part, (u32)ONE * 70 / 100);
	run(&e, 75, 20);
	KUNIT_EXPECT_GT(test, run(&e, 25, 2).part, (u32)ONE * 50 / 100);
	KUNIT_EXPECT_LT(test, run(&e, 25, 30).part, (u32)ONE * 30 / 100);
}

static void blocks_count_by_their_pages(struct kunit *test)
{
	struct dr_sample s = { .blocks = 128, .blocks_back = 64 };
	struct dr_estimate e;
	struct dr_active a;
	int i;

	for (i = 0; i < 16; i++)
		dr_sample_look(&s, 16, 0);
	dr_estimate_init(&e, 0);
	dr_estimate_period(&e, &s);
	dr_estimate_now(&e, NULL, &a);
	/* Half of the blocks, 16 of 512 pages in each. */
	KUNIT_EXPECT_GE(test, a.part, (u32)ONE / 64 - 2);
	KUNIT_EXPECT_LE(test, a.part, (u32)ONE / 64 + 2);
	KUNIT_EXPECT_LT(test, a.high, (u32)ONE / 10);
}

static void looks_are_counted(struct kunit *test)
{
	struct dr_sample s = {};
	u16 before = dr_sample_look(&s, 0, 0);

	KUNIT_EXPECT_EQ(test, s.looks, 0);
	before = dr_sample_look(&s, 3, before);
	KUNIT_EXPECT_EQ(test, s.changed, 0);
	dr_sample_look(&s, DR_BLOCK_PAGES, before);
	KUNIT_EXPECT_EQ(test, s.changed, 1);
	KUNIT_EXPECT_EQ(test, s.looks, 2);
	KUNIT_EXPECT_EQ(test, s.touched, 3 + DR_BLOCK_PAGES);
	KUNIT_EXPECT_EQ(test, s.squares,
			9 + DR_BLOCK_PAGES * DR_BLOCK_PAGES);
}

static struct kunit_case estimate_cases[] = {
	KUNIT_CASE(starts_as_active),
	KUNIT_CASE(finds_what_is_there),
	KUNIT_CASE(rises_at_once_falls_slowly),
	KUNIT_CASE(blocks_count_by_their_pages),
	KUNIT_CASE(looks_are_counted),
	{}
};

static struct kunit_suite estimate_suite = {
	.name = "denseram_estimate",
	.test_cases = estimate_cases,
};

kunit_test_suite(estimate_suite);
