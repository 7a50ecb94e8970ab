// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policy and estimate in a loop with guests of known working sets: what a run
 * decides is done, and the next run sees what came of it. Sampling is by
 * chance, seeded; a round is a second, a period of sampling ten.
 */
#include "estimate.h"
#include "policy_guests.h"

#define MOST	16

/*
 * @used: bytes it uses all the time; @file: it fills the rest with page cache,
 * up to this; @turns: how often its target changed direction
 */
struct model {
	u64 used;
	u64 file;
	struct dr_estimate estimate;
	u64 grown;
	u64 last;
	int direction;
	int turns;
	int moves;
};

static struct model models[MOST];
static struct dr_policy_guest guests[MOST];
static struct dr_claim claims[MOST];
static struct dr_policy_result result;
static struct dr_policy_host host;

static u64 smaller(u64 a, u64 b)
{
	return a < b ? a : b;
}

static void sample(struct model *m, struct dr_policy_in *in)
{
	struct dr_sample s = { .pages = m->estimate.samples };
	struct dr_active active;
	u64 used = smaller(m->used, in->resident);

	for (u32 i = 0; i < s.pages && in->resident; i++)
		s.pages_back += test_below(in->resident) < used;
	dr_estimate_period(&m->estimate, &s);
	dr_estimate_now(&m->estimate, NULL, &active);
	in->active = active.part;
	in->active_low = active.low;
	in->active_high = active.high;
	in->fresh = m->grown;
	m->grown = 0;
}

/* The guest faults in what it uses at once, and fills its cache slowly. */
static void grow(struct model *m, struct dr_policy_in *in)
{
	u64 want = m->used > in->resident ? m->used - in->resident : 0;
	u64 cache = m->file > in->resident ? 16 * MIB : 0;
	u64 get = smaller(want + cache, in->size - in->resident);

	in->need = want;
	if (in->resident + get > in->target && in->resident + get > in->min)
		get = in->target > in->resident ?
		      in->target - in->resident : 0;
	get = smaller(get, host.free) & ~4095ULL;
	in->resident += get;
	in->fresh += get;
	m->grown += get;
	host.free -= get;
	in->need -= smaller(in->need, get);
}

static void watch(struct model *m, u64 target)
{
	int direction = (target > m->last) - (target < m->last);

	if (direction && m->last) {
		m->turns += m->direction && direction != m->direction;
		m->direction = direction;
		m->moves++;
	}
	m->last = target;
}

static void round_of(u32 nr, int second)
{
	for (u32 i = 0; i < nr; i++) {
		if (second % 10 == (int)i % 10)
			sample(&models[i], &guests[i].in);
		grow(&models[i], &guests[i].in);
	}
	host.available = host.free;
	host.level = dr_level_of(host.free, host.total, host.level);
	dr_policy_run(&host, guests, claims, nr, &result);
	for (u32 i = 0; i < nr; i++) {
		struct dr_policy_guest *g = &guests[i];
		u64 give = g->out.balloon + g->out.page;

		g->in.resident -= give;
		host.free += give;
		g->in.target = g->out.target;
		g->in.was_active = g->out.active;
		watch(&models[i], g->out.target);
	}
}

static void start(u32 nr, u64 total)
{
	host = (struct dr_policy_host){
		.total = total, .free = total,
		.tax = DR_POLICY_TAX, .band = DR_POLICY_BAND,
	};
	for (u32 i = 0; i < nr; i++) {
		models[i] = (struct model){ .used = 0 };
		dr_estimate_init(&models[i].estimate, 0);
		guests[i] = test_guest(total, DR_POLICY_ONE);
		guests[i].in.resident = 0;
	}
}

static void run_for(u32 nr, int seconds)
{
	for (int i = 0; i < seconds; i++)
		round_of(nr, i);
}

/* Whatever is used stays; what is cache makes room, and the price is right. */
static void settles_at_the_closed_form(void **state)
{
	u64 total = 16 * GIB;
	u64 pool = total - dr_level_enough(DR_LEVEL_SOFT, total);

	(void)state;
	start(2, total);
	models[0].file = total;
	models[1].used = total;
	run_for(2, 1200);
	assert_in_range(guests[0].out.target, pool / 100 * 18,
			pool / 100 * 24);
	assert_in_range(guests[1].out.target, pool / 100 * 76,
			pool / 100 * 82);
	assert_true(guests[0].in.resident <= guests[0].out.target / 32 * 33 +
					     64 * MIB);
	assert_int_equal(result.missing, 0);
}

/* Both want all there is: it is divided by shares. */
static void shares_divide_what_both_want(void **state)
{
	u64 total = 16 * GIB;
	u64 pool = total - dr_level_enough(DR_LEVEL_SOFT, total);

	(void)state;
	start(2, total);
	models[0].used = total;
	models[1].used = total;
	guests[1].in.shares = 3000;
	run_for(2, 600);
	assert_in_range(guests[0].in.resident, pool / 100 * 24,
			pool / 100 * 26);
	assert_in_range(guests[1].in.resident, pool / 100 * 74,
			pool / 100 * 76);
}

/* Who comes late gets its share at once, from whom has more than its own. */
static void a_late_guest_gets_its_share(void **state)
{
	u64 total = 16 * GIB;
	u64 pool = total - dr_level_enough(DR_LEVEL_SOFT, total);
	int second = 0;

	(void)state;
	start(2, total);
	models[0].used = total;
	run_for(2, 600);
	assert_true(guests[0].in.resident > pool / 100 * 75);
	models[1].used = total;
	while (guests[1].in.resident < pool / 100 * 45 && second < 1000)
		round_of(2, second++);
	print_message("# half of the host for a late guest after %d s\n", second);
	assert_in_range(second, 1, 20);
}

/* A quarter of the host moves to a guest that wakes up, in seconds. */
static void a_quarter_of_the_host_moves_in_seconds(void **state)
{
	u64 total = 16 * GIB, had;
	int second = 0;

	(void)state;
	start(2, total);
	models[0].file = total;
	models[1].used = 2 * GIB;
	run_for(2, 1500);
	had = guests[1].in.resident;
	models[1].used = 8 * GIB;
	while (guests[1].in.resident < had + total / 4 && second < 1000)
		round_of(2, second++);
	print_message("# 25 %% of the host moved in %d s\n", second);
	assert_in_range(second, 1, 14);
}

/* At constant load: few changes of direction, and in the end no change. */
static void does_not_hunt(void **state)
{
	int worst = 0, moves = 0;

	(void)state;
	for (int fleet = 0; fleet < 60; fleet++) {
		u32 nr = 2 + test_below(MOST - 2);

		start(nr, 32 * GIB);
		for (u32 i = 0; i < nr; i++) {
			models[i].used = test_below(48 * GIB / nr);
			models[i].file = models[i].used + test_below(8 * GIB);
			guests[i].in.size = models[i].file + GIB;
			guests[i].in.shares = 500 + test_below(3000);
		}
		run_for(nr, 900);
		for (u32 i = 0; i < nr; i++) {
			models[i].turns = 0;
			models[i].moves = 0;
		}
		run_for(nr, 600);
		for (u32 i = 0; i < nr; i++) {
			if (models[i].turns > worst)
				worst = models[i].turns;
			moves += models[i].moves;
		}
	}
	print_message("# 60 fleets, 10 minutes at constant load: at most %d changes of direction of a guest, %d moves in all\n",
		      worst, moves);
	assert_true(worst <= 2);
}

/*
 * The textbook's f for a constant, tax at 90 %: the same loop by hand, to show
 * what counting bytes avoids.
 */
static void constant_fraction_would_hunt(void **state)
{
	double p = 0.5, last = 0, used = 0.4, level = 0.6, keep = 0.1;
	int turns = 0, direction = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		double f = used < p ? used / p : 1;
		double next = level / (f + (1 - f) / keep);
		int now = next > last ? 1 : -1;

		turns += direction && now != direction;
		direction = now;
		last = next;
		p = next;
	}
	assert_true(turns > 50);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(settles_at_the_closed_form),
		cmocka_unit_test(shares_divide_what_both_want),
		cmocka_unit_test(a_late_guest_gets_its_share),
		cmocka_unit_test(a_quarter_of_the_host_moves_in_seconds),
		cmocka_unit_test(does_not_hunt),
		cmocka_unit_test(constant_fraction_would_hunt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
