// SPDX-License-Identifier: GPL-2.0-only
/*
 * host-kmod/estimate.c against guests whose working set is known, sampled by
 * chance as the module does it.
 */
#include "test.h"
#include "estimate.h"

#define ONE	DR_ESTIMATE_ONE

/*
 * A guest: @touched of its memory in use; @blocks of it in 2 MiB mappings, in
 * each of those in use @dense pages.
 */
struct guest {
	double touched;
	double blocks;
	u32 dense;
};

static bool chance(double p)
{
	return (test_random() >> 11) / 9007199254740992.0 < p;
}

static void draw_block(const struct guest *g, struct dr_sample *s)
{
	struct dr_probe probe = { 0 };

	s->blocks++;
	if (!chance(g->touched))
		return;
	s->blocks_back++;
	while (dr_probe_draw(&probe, s, test_random() % g->dense))
		;
}

static struct dr_sample period(const struct guest *g, u32 nr)
{
	struct dr_sample s = { 0 };

	while (nr--) {
		if (chance(g->blocks)) {
			draw_block(g, &s);
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
		struct dr_sample s = period(g, e->samples);

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
		struct guest g = { sets[i], 0, 0 };
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
	struct guest half = { 0.5, 0, 0 }, idle = { 0, 0, 0 };
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
	struct guest before = { 0.25, 0, 0 }, after = { 0.75, 0, 0 };
	struct dr_estimate e;
	struct dr_active a;
	struct dr_sample s;
	int periods;

	(void)state;
	dr_estimate_init(&e, 0);
	run(&e, &before, 20);
	s = period(&after, e.samples);
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
		struct guest g = { i % 10 / 10.0, 0, 0 };
		struct guest other = { test_random() % 11 / 10.0, 0, 0 };
		struct dr_estimate e;
		struct dr_active a, b;
		struct dr_sample s;

		dr_estimate_init(&e, 0);
		a = run(&e, &g, 5);
		s = period(&other, e.samples);
		dr_estimate_now(&e, &s, &b);
		assert_true(b.part >= a.part);
	}
}

/* Of blocks in use counts what is in use in them. */
static void blocks_do_not_overstate(void **state)
{
	static const struct {
		u32 dense;
		double most;	/* times the truth, at the end */
	} cases[] = {
		{ 1, 1.5 }, { 4, 1.4 }, { 16, 1.4 }, { 64, 1.6 },
		{ 128, 1.8 }, { 256, 2.1 }, { 512, 1.1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct guest g = { 0.5, 1, cases[i].dense };
		double truth = 0.5 * g.dense / DR_PROBE_PAGES;
		int outside = 0;
		double sum = 0;

		for (int rep = 0; rep < 300; rep++) {
			struct dr_estimate e;
			struct dr_active a;

			dr_estimate_init(&e, 0);
			a = run(&e, &g, 16);
			sum += as(a.part);
			outside += as(a.low) > truth + 0.0001 ||
				   as(a.high) < truth - 0.0001;
		}
		print_message("# blocks, %3u of 512 pages in use: %.4f, estimate %.4f, interval misses %d of 300\n",
			      g.dense, truth, sum / 300, outside);
		assert_true(sum / 300 <= truth * cases[i].most + 0.002);
		assert_true(sum / 300 >= truth * 0.9);
		assert_true(outside <= 15);
	}
}

/* A toucher of whole blocks is not taken for a sparse one. */
static void dense_blocks_count_whole(void **state)
{
	struct guest g = { 0.5, 1, DR_PROBE_PAGES };
	int far = 0;

	(void)state;
	for (int rep = 0; rep < 300; rep++) {
		struct dr_estimate e;
		struct dr_active a;

		dr_estimate_init(&e, 0);
		a = run(&e, &g, 12);
		far += as(a.part) < 0.45 || as(a.part) > 0.55;
	}
	print_message("# dense blocks: %d of 300 off by more than 5 %%\n", far);
	assert_true(far <= 30);
}

/* Without a second draw of any block nothing is known of what is in them. */
static void no_pairs_no_claim(void **state)
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

static void probe_counts_pairs(void **state)
{
	struct dr_probe p = { 0 };
	struct dr_sample s = { 0 };

	(void)state;
	assert_true(dr_probe_draw(&p, &s, 7));
	assert_int_equal(s.pairs, 0);
	assert_true(dr_probe_draw(&p, &s, 7));
	assert_true(dr_probe_draw(&p, &s, 8));
	assert_true(dr_probe_draw(&p, &s, 7));
	assert_int_equal(s.pairs, 6);
	assert_int_equal(s.same, 3);
	for (int i = 4; i < DR_PROBE_DRAWS - 1; i++)
		assert_true(dr_probe_draw(&p, &s, 100 + i));
	assert_false(dr_probe_draw(&p, &s, 200));
	assert_int_equal(s.pairs, DR_PROBE_DRAWS * (DR_PROBE_DRAWS - 1) / 2);
	assert_false(dr_probe_draw(&p, &s, 7));
	assert_int_equal(s.pairs, DR_PROBE_DRAWS * (DR_PROBE_DRAWS - 1) / 2);
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
			.pairs = test_random() >> (32 + test_random() % 32),
			.same = test_random() >> (32 + test_random() % 32),
		};

		if (!(test_random() % 1000))
			dr_estimate_init(&e, test_random() % (2 * ONE));
		dr_estimate_now(&e, &s, &a);
		assert_true(a.low <= a.part && a.part <= a.high);
		assert_true(a.high <= ONE);
		dr_estimate_period(&e, &s);
		assert_in_range(e.samples, DR_ESTIMATE_LEAST,
				DR_ESTIMATE_MOST);
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
		cmocka_unit_test(dense_blocks_count_whole),
		cmocka_unit_test(no_pairs_no_claim),
		cmocka_unit_test(probe_counts_pairs),
		cmocka_unit_test(nonsense_stays_in_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
