// SPDX-License-Identifier: GPL-2.0-only
/*
 * host-kmod/estimate.c against guests whose working set is known, sampled by
 * chance as the module does it.
 */
#include <math.h>

#include "test.h"
#include "estimate.h"

#define ONE	DR_ESTIMATE_ONE

/*
 * A guest: @touched of its memory in use; @blocks of it in 2 MiB mappings, in
 * each of those in use @dense pages, or in every other but one.
 */
struct guest {
	double touched;
	double blocks;
	u32 dense;
	bool uneven;
};

static bool chance(double p)
{
	return (test_random() >> 11) / 9007199254740992.0 < p;
}

static void pick_block(const struct guest *g, struct dr_sample *s, bool look)
{
	u32 dense = g->dense;

	if (g->uneven && chance(0.5))
		dense = 1;
	s->blocks++;
	if (!chance(g->touched))
		return;
	s->blocks_back++;
	if (look)
		dr_sample_look(s, dense, 0);
}

static struct dr_sample period(const struct guest *g,
			       const struct dr_estimate *e)
{
	struct dr_sample s = { 0 };
	u32 nr = e->samples;

	while (nr--) {
		if (chance(g->blocks)) {
			pick_block(g, &s, s.blocks < e->looks);
		} else {
			s.pages++;
			s.pages_back += chance(g->touched);
		}
	}
	return s;
}

static struct dr_active run(struct dr_estimate *e, const struct guest *g,
			    int periods)
{
	struct dr_active a;

	while (periods--) {
		struct dr_sample s = period(g, e);

		dr_estimate_period(e, &s);
	}
	dr_estimate_now(e, NULL, &a);
	return a;
}

static double as(u32 part)
{
	return (double)part / ONE;
}

static void nothing_known_counts_as_active(void **state)
{
	struct dr_estimate e;
	struct dr_active a;
	struct dr_sample none = { 0 };

	(void)state;
	dr_estimate_init(&e, 0);
	dr_estimate_period(&e, &none);
	dr_estimate_now(&e, NULL, &a);
	assert_int_equal(a.part, ONE);
	assert_int_equal(a.low, 0);
	assert_int_equal(a.high, ONE);
}

/* 25, 50, 75 %, and the ends: within 5 % of the guest, 19 times out of 20. */
static void known_working_sets(void **state)
{
	static const double sets[] = { 0, 0.05, 0.25, 0.5, 0.75, 0.95, 1 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		struct guest g = { sets[i], 0, 0, false };
		int far = 0, outside = 0;
		double sum = 0;

		for (int rep = 0; rep < 1000; rep++) {
			struct dr_estimate e;
			struct dr_active a;

			dr_estimate_init(&e, 0);
			a = run(&e, &g, 12);
			sum += as(a.part) - sets[i];
			far += as(a.part) < sets[i] - 0.05 ||
			       as(a.part) > sets[i] + 0.05;
			outside += as(a.low) > sets[i] || as(a.high) < sets[i];
			assert_true(a.low <= a.part && a.part <= a.high);
			assert_true(a.high - a.low <= ONE / 6);
		}
		print_message("# working set %2.0f %%: %d of 1000 off by more than 5 %%, interval misses %d, bias %+.1f %%\n",
			      sets[i] * 100, far, outside, sum / 10);
		assert_true(far <= 50);
		assert_true(outside <= 50);
		assert_true(sum / 1000 < 0.03);
	}
}

static void more_samples_for_a_narrower_interval(void **state)
{
	struct guest half = { 0.5, 0, 0, false }, idle = { 0, 0, 0, false };
	struct dr_estimate wide, narrow, none;

	(void)state;
	dr_estimate_init(&wide, ONE / 10);
	dr_estimate_init(&narrow, ONE / 20);
	dr_estimate_init(&none, ONE / 20);
	run(&wide, &half, 20);
	run(&narrow, &half, 20);
	run(&none, &idle, 20);
	assert_in_range(wide.samples, 80, 110);
	assert_in_range(narrow.samples, 340, 420);
	assert_in_range(none.samples, DR_ESTIMATE_LEAST, 80);
	dr_estimate_init(&narrow, 1);
	run(&narrow, &half, 20);
	assert_int_equal(narrow.samples, DR_ESTIMATE_MOST);
}

/* From 25 to 75 % within one period; back in several. */
static void up_at_once_down_slowly(void **state)
{
	struct guest before = { 0.25, 0, 0, false }, after = { 0.75, 0, 0, false };
	struct dr_estimate e;
	struct dr_active a;
	struct dr_sample s;
	int periods;

	(void)state;
	dr_estimate_init(&e, 0);
	run(&e, &before, 20);
	s = period(&after, &e);
	dr_estimate_now(&e, &s, &a);
	assert_true(as(a.part) > 0.65);
	a = run(&e, &after, 1);
	assert_true(as(a.part) > 0.65);
	a = run(&e, &after, 5);
	assert_true(as(a.part) > 0.70 && as(a.part) < 0.82);
	a = run(&e, &before, 1);
	assert_true(as(a.part) > 0.45);
	for (periods = 1; as(a.part) > 0.30 && periods < 100; periods++)
		a = run(&e, &before, 1);
	print_message("# 75 to 25 %%: within 5 %% after %d periods\n", periods);
	assert_in_range(periods, 3, 30);
}

/* Half a period with most samples back already says that it went up. */
static void a_running_period_only_raises(void **state)
{
	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct guest g = { i % 10 / 10.0, 0, 0, false };
		struct guest other = { test_random() % 11 / 10.0, 0, 0, false };
		struct dr_estimate e;
		struct dr_active a, b;
		struct dr_sample s;

		dr_estimate_init(&e, 0);
		a = run(&e, &g, 5);
		s = period(&other, &e);
		dr_estimate_now(&e, &s, &b);
		assert_true(b.part >= a.part);
	}
}

/* Of blocks in use counts what is in use in them. */
static void blocks_do_not_overstate(void **state)
{
	static const u32 dense[] = { 1, 4, 16, 64, 128, 256, 512 };

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(dense); i++) {
		struct guest g = { 0.5, 1, dense[i / 2], i % 2 };
		double in_use = i % 2 ? (g.dense + 1) / 2.0 : g.dense;
		double truth = 0.5 * in_use / DR_BLOCK_PAGES;
		int outside = 0, far = 0;
		double sum = 0, looks = 0;

		for (int rep = 0; rep < 300; rep++) {
			struct dr_estimate e;
			struct dr_active a;

			dr_estimate_init(&e, 0);
			a = run(&e, &g, 16);
			sum += as(a.part);
			looks += e.looks;
			far += fabs(as(a.part) - truth) > 0.05;
			outside += as(a.low) > truth + 0.0001 ||
				   as(a.high) < truth - 0.0001;
		}
		print_message("# blocks, %3u of 512 pages in use%s: %.4f, estimate %.4f, %d of 300 off by more than 5 %%, interval misses %d, %.1f looks\n",
			      g.dense, g.uneven ? " or one" : "", truth,
			      sum / 300, far, outside, looks / 300);
		assert_true(sum / 300 <= truth + 0.03);
		assert_true(sum / 300 >= truth * 0.9);
		assert_true(far <= (g.uneven ? 30 : 3));
		assert_true(outside <= 15);
	}
}

/* A guest of few blocks: how much of each is in use, and which the round has left. */
#define FEW_BLOCKS	180
#define SMALL_PERIODS	32
struct small {
	u32 in_use[FEW_BLOCKS];
	u16 before[FEW_BLOCKS];
	bool looked[FEW_BLOCKS];
	u32 left;
	u32 used;
};

static void begin_round(struct small *g, const struct dr_estimate *e)
{
	if (g->left >= e->looks && !dr_estimate_forgot(e, g->used))
		return;
	memset(g->looked, 0, sizeof(g->looked));
	g->left = FEW_BLOCKS;
	g->used = 0;
}

/* As spots.c picks: the blocks in turn, each of which is looked into by chance. */
static struct dr_sample period_of_small(struct small *g,
					const struct dr_estimate *e)
{
	struct dr_sample s = { .held = FEW_BLOCKS };
	u32 most = e->looks;

	begin_round(g, e);
	for (u32 i = 0; i < FEW_BLOCKS; i++) {
		bool look = !g->looked[i] && most &&
			    chance((double)e->looks / g->left);

		s.blocks++;
		s.blocks_back += !!g->in_use[i];
		if (!look)
			continue;
		g->looked[i] = true;
		most--;
		g->before[i] = dr_sample_look(&s, g->in_use[i], g->before[i]);
	}
	for (u32 i = g->left = 0; i < FEW_BLOCKS; i++)
		g->left += !g->looked[i];
	g->used += s.looks;
	return s;
}

/* @percent of the blocks in use, some as a whole, the others by three pages. */
static double make_small(struct small *g, u32 percent)
{
	double sum = 0;

	memset(g, 0, sizeof(*g));
	for (u32 i = 0; i < FEW_BLOCKS; i++) {
		if (test_random() % 100 >= percent)
			continue;
		g->in_use[i] = chance(0.6) ? DR_BLOCK_PAGES : 3;
		sum += g->in_use[i];
	}
	return sum / DR_BLOCK_PAGES / FEW_BLOCKS;
}

/* What chance alone decides goes away when all blocks have been looked into. */
static void all_blocks_get_known(void **state)
{
	static const u32 percents[] = { 30, 70, 100 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(percents); i++) {
		int far = 0, outside = 0, still = 0;
		double looks = 0;

		for (int rep = 0; rep < 300; rep++) {
			struct dr_estimate e;
			struct dr_active a;
			struct small g;
			double truth = make_small(&g, percents[i]);

			dr_estimate_init(&e, 0);
			for (int nr = 0; nr < SMALL_PERIODS; nr++) {
				struct dr_sample s = period_of_small(&g, &e);

				dr_estimate_period(&e, &s);
				looks += (double)s.looks / SMALL_PERIODS;
			}
			dr_estimate_now(&e, NULL, &a);
			far += fabs(as(a.part) - truth) > 0.05;
			outside += as(a.low) > truth || as(a.high) < truth;
			still += e.looks * truth * DR_BLOCK_PAGES > 2 * DR_LOOKS_CALM;
		}
		print_message("# %u %% of few blocks, whole or three pages: %d of 300 off by more than 5 %%, interval misses %d, %.1f looks\n",
			      percents[i], far, outside, looks / 300);
		assert_true(far <= 3);
		assert_true(outside <= 15);
		assert_true(still <= 15);
	}
}

/* So many blocks are used as a whole; of a quarter of the others three pages. */
static double step_to(struct small *g, u32 whole)
{
	double sum = 0;

	for (u32 i = 0; i < FEW_BLOCKS; i++) {
		g->in_use[i] = i % 4 ? 0 : 3;
		if (i < whole)
			g->in_use[i] = DR_BLOCK_PAGES;
		sum += g->in_use[i];
	}
	return sum / DR_BLOCK_PAGES / FEW_BLOCKS;
}

static void run_small(struct dr_estimate *e, struct small *g, int periods)
{
	while (periods--) {
		struct dr_sample s = period_of_small(g, e);

		dr_estimate_period(e, &s);
	}
}

/* From the third period after a step up on: by how much is it off? */
#define STEP_TURNS	500
#define STEP_PERIODS	5
static void step_up(u32 percent, double off[STEP_PERIODS])
{
	struct small g = { .left = FEW_BLOCKS };
	struct dr_estimate e;
	struct dr_active a;
	double truth;

	dr_estimate_init(&e, 0);
	step_to(&g, FEW_BLOCKS * (percent - 24) / 100);
	run_small(&e, &g, 12);
	truth = step_to(&g, FEW_BLOCKS * percent / 100);
	run_small(&e, &g, 2);
	for (int i = 0; i < STEP_PERIODS; i++) {
		run_small(&e, &g, 1);
		dr_estimate_now(&e, NULL, &a);
		off[i] = as(a.part) - truth;
	}
}

/* By a quarter of the guest: what is known of its blocks does not hold any more. */
static void known_soon_after_a_step(void **state)
{
	(void)state;
	for (u32 percent = 25; percent < 100; percent += 25) {
		int far[STEP_PERIODS] = {};
		double sum = 0;

		for (int turn = 0; turn < STEP_TURNS; turn++) {
			double off[STEP_PERIODS];

			step_up(percent, off);
			for (int i = 0; i < STEP_PERIODS; i++) {
				far[i] += fabs(off[i]) > 0.05;
				sum += off[i] / STEP_PERIODS / STEP_TURNS;
			}
		}
		print_message("# up to %u %%: after 3 periods %d of 500 off by more than 5 %%, after 7 %d; bias %+.1f %%\n",
			      percent, far[0], far[STEP_PERIODS - 1], 100 * sum);
		assert_in_range(far[0], 0, STEP_TURNS / 5);
		assert_in_range(far[STEP_PERIODS - 1], 0, STEP_TURNS / 16);
		assert_true(fabs(sum) < 0.02);
	}
}

/* When enough is known as many as two whole blocks cost, more when not, many at a change. */
static void looks_as_needed(void **state)
{
	struct guest alike = { 1, 1, 512, false }, uneven = { 1, 1, 512, true };
	struct guest idle = { 0, 1, 512, false }, sparse = { 1, 1, 128, false };
	struct dr_estimate e;

	(void)state;
	dr_estimate_init(&e, 0);
	assert_int_equal(e.looks, DR_LOOKS_MOST);
	run(&e, &alike, 20);
	assert_int_equal(e.looks, DR_LOOKS_LEAST);
	run(&e, &sparse, 1);
	assert_int_equal(e.looks, DR_LOOKS_MOST);
	run(&e, &sparse, 20);
	assert_in_range(e.looks, DR_LOOKS_CALM / 256, DR_LOOKS_CALM / 128);
	run(&e, &idle, 20);
	assert_int_equal(e.looks, DR_LOOKS_LEAST);
	run(&e, &alike, 1);
	assert_int_equal(e.looks, DR_LOOKS_MOST);
	dr_estimate_init(&e, 0);
	run(&e, &uneven, 20);
	assert_in_range(e.looks, DR_LOOKS_LEAST, DR_LOOKS_TOUCHED / 128);
}

/* Blocks in use by a page each, and then as a whole: known in five periods. */
static void density_follows(void **state)
{
	struct guest sparse = { 0.5, 1, 1, false }, whole = { 0.5, 1, 512, false };
	int late = 0;

	(void)state;
	for (int rep = 0; rep < 300; rep++) {
		struct dr_estimate e;

		dr_estimate_init(&e, 0);
		run(&e, &sparse, 20);
		late += as(run(&e, &whole, 5).part) < 0.4;
	}
	print_message("# from one page of a block to all: late %d of 300 times\n",
		      late);
	assert_true(late <= 15);
}

/* Where no block is looked into nothing is known of what is in them. */
static void no_looks_no_claim(void **state)
{
	struct dr_sample s = { .blocks = 100, .blocks_back = 50 };
	struct dr_estimate e;
	struct dr_active a;

	(void)state;
	dr_estimate_init(&e, 0);
	dr_estimate_period(&e, &s);
	dr_estimate_now(&e, NULL, &a);
	assert_in_range(a.part, ONE / 2, ONE / 2);
	assert_true(a.low < ONE / 100);
}

/* What was seen in blocks is forgotten as new looks come, and only then. */
static void looks_are_remembered(void **state)
{
	struct dr_sample sparse = { .blocks = 100, .blocks_back = 100 };
	struct dr_sample none = sparse, whole = sparse;
	struct dr_estimate e;
	struct dr_active a;

	(void)state;
	for (int i = 0; i < 8; i++) {
		dr_sample_look(&sparse, 1, 0);
		dr_sample_look(&whole, DR_BLOCK_PAGES, 0);
	}
	dr_estimate_init(&e, 0);
	dr_estimate_period(&e, &sparse);
	for (int i = 0; i < 100; i++)
		dr_estimate_period(&e, &none);
	dr_estimate_now(&e, NULL, &a);
	assert_true(as(a.part) < 0.01);
	for (int i = 0; i < 16; i++)
		dr_estimate_period(&e, &whole);
	dr_estimate_now(&e, NULL, &a);
	assert_true(as(a.part) > 0.9);
}

/* Any numbers at all, a million of them. */
static void nonsense_stays_in_bounds(void **state)
{
	struct dr_estimate e;
	struct dr_active a;

	(void)state;
	dr_estimate_init(&e, 0);
	for (int i = 0; i < 1000000; i++) {
		struct dr_sample s = {
			.pages = test_random() >> (32 + test_random() % 32),
			.pages_back = test_random() >> (32 + test_random() % 32),
			.blocks = test_random() >> (32 + test_random() % 32),
			.blocks_back = test_random() >> (32 + test_random() % 32),
			.looks = test_random() >> (32 + test_random() % 32),
			.touched = test_random() >> (32 + test_random() % 32),
			.squares = test_random() >> (32 + test_random() % 32),
			.held = test_random() >> (32 + test_random() % 32),
		};

		if (!(test_random() % 1000))
			dr_estimate_init(&e, test_random() % (2 * ONE));
		dr_estimate_now(&e, &s, &a);
		assert_true(a.low <= a.part && a.part <= a.high);
		assert_true(a.high <= ONE);
		dr_estimate_period(&e, &s);
		assert_in_range(e.samples, DR_ESTIMATE_LEAST,
				DR_ESTIMATE_MOST);
		assert_in_range(e.looks, DR_LOOKS_LEAST, DR_LOOKS_MOST);
		assert_true(e.fast <= ONE && e.slow <= ONE);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_known_counts_as_active),
		cmocka_unit_test(known_working_sets),
		cmocka_unit_test(more_samples_for_a_narrower_interval),
		cmocka_unit_test(up_at_once_down_slowly),
		cmocka_unit_test(a_running_period_only_raises),
		cmocka_unit_test(blocks_do_not_overstate),
		cmocka_unit_test(all_blocks_get_known),
		cmocka_unit_test(known_soon_after_a_step),
		cmocka_unit_test(looks_as_needed),
		cmocka_unit_test(density_follows),
		cmocka_unit_test(no_looks_no_claim),
		cmocka_unit_test(looks_are_remembered),
		cmocka_unit_test(nonsense_stays_in_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
