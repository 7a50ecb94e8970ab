// SPDX-License-Identifier: GPL-2.0-only
/* ksm-dedup/index.c: nothing is mixed up, lost or kept beyond the bound. */
#include "test.h"

#include <stdlib.h>

#include "index.h"

#define KEY_STEP	(1ULL << DR_KEY_DROPPED)

static struct dr_bucket *buckets_new(u32 nr)
{
	struct dr_bucket *b = aligned_alloc(64, nr * sizeof(*b));

	assert_non_null(b);
	return memset(b, 0, nr * sizeof(*b));
}

static struct dr_stripe stripe_new(u32 nr)
{
	return (struct dr_stripe){
		.buckets = buckets_new(nr), .nr_buckets = nr,
	};
}

/* false: refused, and all is as before. */
static bool stripe_move(struct dr_stripe *s, u32 nr)
{
	struct dr_bucket *buckets = buckets_new(nr), *old = s->buckets;
	bool moved = dr_stripe_rehash(s, buckets, nr);

	free(moved ? old : buckets);
	return moved;
}

/* What is really in the stripe, against its own counters. */
static void check_counts(const struct dr_stripe *s)
{
	u32 hints = 0, shares = 0;

	for (u32 i = 0; i < s->nr_buckets; i++) {
		const struct dr_bucket *b = s->buckets + i;
		int free_slots = 0;

		for (int j = 0; j < DR_BUCKET_SLOTS; j++) {
			struct dr_item item = { b->value[j] & DR_ITEM_MASK };

			if (!item.v) {
				free_slots++;
				assert_false(b->found >> j & 1);
				continue;
			}
			assert_int_equal(free_slots, 0);
			if (dr_item_is_share(item))
				shares++;
			else
				hints++;
		}
		assert_int_equal(b->used, DR_BUCKET_SLOTS - free_slots);
	}
	assert_int_equal(s->nr_hints, hints);
	assert_int_equal(s->nr_shares, shares);
}

static void assert_item(struct dr_stripe *s, u64 key, struct dr_item want)
{
	struct dr_item item = {};

	assert_true(dr_stripe_find(s, key, &item));
	assert_int_equal(item.v, want.v);
}

static void assert_none(struct dr_stripe *s, u64 key)
{
	struct dr_item item;

	assert_false(dr_stripe_find(s, key, &item));
}

static void items_come_back(void **state)
{
	(void)state;
	for (int i = 0; i < 10000; i++) {
		u64 r = i ? test_random() : 0;
		u32 file = r >> 44, index = r;
		struct dr_item hint = dr_item_hint(file, index);
		struct dr_item share = dr_item_share(r >> 24);

		assert_true(hint.v && share.v);
		assert_int_equal((hint.v | share.v) & ~DR_ITEM_MASK, 0);
		assert_false(dr_item_is_share(hint));
		assert_int_equal(dr_item_file(hint), file);
		assert_int_equal(dr_item_index(hint), index);
		assert_true(dr_item_is_share(share));
		assert_int_equal(dr_item_pfn(share), r >> 24);
	}
}

/* Equal in the 43 bits that are kept: one entry. One bit of them off: two. */
static void keys_collide_when_they_should(void **state)
{
	struct dr_stripe s = stripe_new(64);
	struct dr_item item = dr_item_hint(1, 2), last = dr_item_share(7);

	(void)state;
	for (int i = 0; i < 1000; i++) {
		u64 key = test_random();

		assert_int_equal(dr_stripe_put(&s, key, item, true),
				 DR_PUT_ADDED);
		for (int bit = DR_KEY_DROPPED; bit < 64; bit++)
			assert_none(&s, key ^ 1ULL << bit);
		assert_item(&s, key ^ (KEY_STEP - 1), item);
		assert_int_equal(dr_stripe_put(&s, key ^ 1, last, true),
				 DR_PUT_REPLACED);
		assert_item(&s, key, last);
		assert_int_equal(s.nr_hints, 0);
		assert_int_equal(s.nr_shares, 1);
		assert_true(dr_stripe_remove(&s, key, last));
		assert_none(&s, key);
	}
	check_counts(&s);
	free(s.buckets);
}

static void another_item_is_not_removed(void **state)
{
	struct dr_stripe s = stripe_new(1);
	struct dr_item share = dr_item_share(5);

	(void)state;
	dr_stripe_put(&s, 0, share, true);
	assert_false(dr_stripe_remove(&s, 0, dr_item_share(4)));
	assert_false(dr_stripe_remove(&s, 0, dr_item_hint(0, 5)));
	assert_false(dr_stripe_remove(&s, KEY_STEP, share));
	assert_item(&s, 0, share);
	assert_true(dr_stripe_remove(&s, 0, share));
	assert_false(dr_stripe_remove(&s, 0, share));
	assert_int_equal(s.nr_shares, 0);
	free(s.buckets);
}

/* As random as a hash; another for each @i (splitmix64). */
static u64 nth_key(u64 i)
{
	i = (i + 1) * 0x9e3779b97f4a7c15;
	i = (i ^ i >> 30) * 0xbf58476d1ce4e5b9;
	i = (i ^ i >> 27) * 0x94d049bb133111eb;
	return i ^ i >> 31;
}

static void oldest_hint_goes_first(void **state)
{
	struct dr_stripe s = stripe_new(1);

	(void)state;
	for (u32 i = 0; i < 100; i++) {
		enum dr_put put = dr_stripe_put(&s, nth_key(i),
						dr_item_hint(1, i), true);

		assert_int_equal(put, i < 5 ? DR_PUT_ADDED : DR_PUT_EVICTED);
		assert_int_equal(s.nr_hints, i < 5 ? i + 1 : 5);
		/* The last five in value[], the oldest first. */
		for (u32 j = 0; j < s.nr_hints; j++)
			assert_int_equal(s.buckets->value[j] & DR_ITEM_MASK,
					 dr_item_hint(1, i + 1 - s.nr_hints +
							 j).v);
	}
	free(s.buckets);
}

static void a_found_hint_is_spared_once(void **state)
{
	struct dr_stripe s = stripe_new(1);
	u32 next = 0;

	(void)state;
	while (next < 5) {
		dr_stripe_put(&s, nth_key(next), dr_item_hint(1, next), true);
		next++;
	}
	assert_item(&s, nth_key(0), dr_item_hint(1, 0));
	/* 1 to 4 go, then 0, which the first eviction made the youngest. */
	for (; next < 9; next++)
		dr_stripe_put(&s, nth_key(next), dr_item_hint(1, next), true);
	assert_int_equal(s.buckets->value[0] & DR_ITEM_MASK,
			 dr_item_hint(1, 0).v);
	dr_stripe_put(&s, nth_key(next), dr_item_hint(1, next), true);
	assert_none(&s, nth_key(0));
	/* All found: one goes all the same. */
	for (u32 i = 5; i < 10; i++)
		assert_item(&s, nth_key(i), dr_item_hint(1, i));
	assert_int_equal(dr_stripe_put(&s, nth_key(10), dr_item_hint(1, 10),
				       true), DR_PUT_EVICTED);
	assert_none(&s, nth_key(5));
	check_counts(&s);
	free(s.buckets);
}

static void shares_are_never_evicted(void **state)
{
	struct dr_stripe s = stripe_new(1);

	(void)state;
	for (u32 i = 0; i < 5; i++)
		dr_stripe_put(&s, nth_key(i), dr_item_hint(1, i), true);
	for (u32 i = 5; i < 10; i++)
		assert_int_equal(dr_stripe_put(&s, nth_key(i),
					       dr_item_share(i), true),
				 DR_PUT_EVICTED);
	assert_int_equal(s.nr_hints, 0);
	for (u32 i = 10; i < 20; i++) {
		struct dr_item item = i & 1 ? dr_item_share(i) :
					      dr_item_hint(1, i);

		assert_int_equal(dr_stripe_put(&s, nth_key(i), item, true),
				 DR_PUT_REFUSED);
		assert_none(&s, nth_key(i));
	}
	for (u32 i = 5; i < 10; i++)
		assert_item(&s, nth_key(i), dr_item_share(i));
	/* The last share leaves: a hint fits again. */
	assert_true(dr_stripe_remove(&s, nth_key(7), dr_item_share(7)));
	assert_int_equal(dr_stripe_put(&s, nth_key(20), dr_item_hint(1, 20),
				       true), DR_PUT_ADDED);
	check_counts(&s);
	free(s.buckets);
}

static void nothing_fits_in_no_buckets(void **state)
{
	struct dr_stripe s = {};
	struct dr_item item = dr_item_hint(1, 1);

	(void)state;
	assert_none(&s, 1);
	assert_int_equal(dr_stripe_put(&s, 1, item, false), DR_PUT_FULL);
	assert_int_equal(dr_stripe_put(&s, 1, item, true), DR_PUT_REFUSED);
	assert_false(dr_stripe_remove(&s, 1, item));
	assert_true(stripe_move(&s, 8));
	assert_int_equal(dr_stripe_put(&s, 1, item, false), DR_PUT_ADDED);
	free(s.buckets);
}

/* Every number of buckets to every kind of other: one more, less, any. */
static void all_sizes_keep_what_they_hold(void **state)
{
	(void)state;
	for (u32 nr = 1; nr <= 300; nr++) {
		struct dr_stripe s = stripe_new(nr);
		u32 n = nr * 3, to[] = {
			nr + 1, nr + nr / 4 + 1, 2 * nr, 1000,
			1 + test_random() % 300, nr,
		};
		u64 base = test_random(), shares = 0;

		for (u32 i = 0; i < n; i++) {
			u64 key = nth_key(base + i);
			bool share = i % 3 == 0;

			if (dr_stripe_put(&s, key, share ? dr_item_share(i) :
					  dr_item_hint(2, i), true) <=
			    DR_PUT_EVICTED)
				shares += share;
		}
		assert_int_equal(s.nr_shares, shares);
		for (size_t t = 0; t < ARRAY_SIZE(to); t++) {
			u32 hints = s.nr_hints, held = 0;
			bool moved = stripe_move(&s, to[t]);

			assert_int_equal(s.nr_shares, shares);
			assert_true(s.nr_hints <= hints);
			/* Loss at a sixth of the load is a mistake. */
			if (to[t] == 1000 && nr <= 250)
				assert_true(moved && s.nr_hints == hints);
			for (u32 i = 0; i < n; i++) {
				struct dr_item item;

				if (!dr_stripe_find(&s, nth_key(base + i),
						    &item))
					continue;
				held++;
				assert_int_equal(item.v, i % 3 == 0 ?
						 dr_item_share(i).v :
						 dr_item_hint(2, i).v);
			}
			assert_int_equal(held, s.nr_hints + s.nr_shares);
			check_counts(&s);
		}
		free(s.buckets);
	}
}

static void shares_refuse_to_shrink(void **state)
{
	struct dr_stripe s = stripe_new(64);
	u32 kept = 0;

	(void)state;
	for (u32 i = 0; i < 100; i++)
		kept += dr_stripe_put(&s, nth_key(i), dr_item_share(i), true) ==
			DR_PUT_ADDED;
	assert_int_equal(kept, 100);
	assert_false(stripe_move(&s, 19));
	assert_int_equal(s.nr_buckets, 64);
	for (u32 i = 0; i < 100; i++)
		assert_item(&s, nth_key(i), dr_item_share(i));
	assert_true(stripe_move(&s, 40));
	for (u32 i = 0; i < 100; i++)
		assert_item(&s, nth_key(i), dr_item_share(i));
	free(s.buckets);
}

/*
 * Hints in all other slots do not keep shares from spreading: with as many as
 * half of the slots hardly one is refused, and stripes can mostly shrink.
 */
static void shares_spread_among_hints(void **state)
{
	const u32 nr = 768, shares = nr * 5 / 2;
	u32 moved = 0, refused = 0, held;

	(void)state;
	for (u32 i = 0; i < 20; i++) {
		struct dr_stripe s = stripe_new(nr);

		for (u32 j = 0; j < 4 * shares; j++) {
			struct dr_item item = j % 4 ? dr_item_hint(1, j) :
						      dr_item_share(j);

			refused += dr_stripe_put(&s, nth_key(i << 16 | j),
						 item, true) ==
				   DR_PUT_REFUSED;
		}
		held = s.nr_shares;
		moved += stripe_move(&s, nr - nr / 6);
		assert_int_equal(s.nr_shares, held);
		check_counts(&s);
		free(s.buckets);
	}
	printf("# half of the slots shares: %u of %u refused, %u of 20 shrink\n",
	       refused, 20 * shares * 4, moved);
	assert_true(refused < 20);
	assert_true(moved >= 10);
}

/* A stripe as the kernel grows it. */
static enum dr_put grow_put(struct dr_stripe *s, u64 key, struct dr_item item,
			    u32 max)
{
	enum dr_put put = dr_stripe_put(s, key, item, s->nr_buckets >= max);

	if (put != DR_PUT_FULL)
		return put;
	stripe_move(s, dr_stripe_step(s->nr_buckets, max));
	return dr_stripe_put(s, key, item, true);
}

#define MODEL_KEYS	4000

/*
 * The plain model is an array of what each key was put with last. The stripe
 * may know less, never anything else: a key that the model does not have is
 * not found, a share that was not refused always is.
 */
struct model {
	struct dr_item item[MODEL_KEYS];
	u64 salt;
	u32 max;
	u32 refused;
};

static u64 model_key(const struct model *m, u32 k)
{
	/* Half of them in few buckets, so that those are full of shares. */
	u64 key = nth_key(m->salt + k);

	return k & 1 ? key : key >> 7;
}

static void model_put(struct model *m, struct dr_stripe *s, u32 k)
{
	u64 r = test_random();
	struct dr_item item = r % 8 == 0 ? dr_item_share(r >> 24) :
					   dr_item_hint(r >> 44, r >> 8);
	enum dr_put put;

	if (dr_item_is_share(item) || !m->item[k].v ||
	    !dr_item_is_share(m->item[k])) {
		put = grow_put(s, model_key(m, k), item, m->max);
	} else {
		/* A hint for what there is a share for. */
		assert_int_equal(grow_put(s, model_key(m, k), item, m->max),
				 DR_PUT_REFUSED);
		assert_item(s, model_key(m, k), m->item[k]);
		return;
	}
	if (put == DR_PUT_REFUSED) {
		/* Any other known key is replaced, never refused. */
		assert_none(s, model_key(m, k));
		m->item[k].v = 0;
		m->refused++;
	} else {
		m->item[k] = item;
		assert_item(s, model_key(m, k), item);
	}
}

static void model_remove(struct model *m, struct dr_stripe *s, u32 k)
{
	u64 key = model_key(m, k);
	struct dr_item item, want = m->item[k];
	bool known;

	if (!want.v)
		want = dr_item_share(k);
	known = dr_stripe_find(s, key, &item);
	assert_int_equal(dr_stripe_remove(s, key, want), known);
	assert_none(s, key);
	m->item[k].v = 0;
}

static void model_check(struct model *m, struct dr_stripe *s)
{
	u32 held = 0;

	for (u32 k = 0; k < MODEL_KEYS; k++) {
		struct dr_item item;

		if (dr_stripe_find(s, model_key(m, k), &item)) {
			held++;
			assert_int_equal(item.v, m->item[k].v);
		} else {
			assert_true(!m->item[k].v ||
				    !dr_item_is_share(m->item[k]));
		}
	}
	assert_int_equal(held, s->nr_hints + s->nr_shares);
	check_counts(s);
}

/* As dr_table_set_target() does. */
static void model_target(struct model *m, struct dr_stripe *s)
{
	m->max = 1 + test_random() % 600;
	if (s->nr_buckets > m->max + m->max / 8)
		stripe_move(s, m->max);
}

static u32 model_run(u64 salt)
{
	static struct model m;
	struct dr_stripe s = {};
	u32 bound = 0;

	m = (struct model){ .salt = salt, .max = 1 };
	for (int i = 0; i < 60000; i++) {
		u32 k = test_random() % MODEL_KEYS;

		if (test_random() % 4)
			model_put(&m, &s, k);
		else
			model_remove(&m, &s, k);
		/* Growth keeps to the bound; shares may hold up a fall. */
		if (m.max > bound)
			bound = m.max;
		assert_true(s.nr_buckets <= bound);
		if (i % 2000 == 1999) {
			model_check(&m, &s);
			model_target(&m, &s);
			model_check(&m, &s);
		}
	}
	free(s.buckets);
	return m.refused;
}

static void random_load_matches_the_model(void **state)
{
	u32 refused = 0;

	(void)state;
	for (int i = 0; i < 5; i++)
		refused += model_run(test_random());
	/* Or the case has not been met. */
	assert_true(refused > 100);
}

/* Hints lost of @percent distinct pages in as many slots as pages. */
static double lost_percent(u32 percent)
{
	struct dr_stripe s = {};
	u32 max = dr_stripe_max(1 << 20, 16), n = max * 5 * percent / 100;
	u64 base = test_random();

	for (u32 i = 0; i < n; i++)
		grow_put(&s, nth_key(base + i), dr_item_hint(1, i), max);
	assert_true(s.nr_buckets <= max);
	n -= s.nr_hints;
	free(s.buckets);
	return 100.0 * n / (max * 5.0 * percent / 100);
}

static void few_hints_are_lost_below_the_bound(void **state)
{
	static const struct {
		u32 percent;
		double lost;
	} cases[] = {
		{ 50, 0.1 }, { 70, 0.2 }, { 85, 2 }, { 100, 9 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		double lost = lost_percent(cases[i].percent);

		printf("# distinct pages %u %% of slots: %.3f %% of hints lost\n",
		       cases[i].percent, lost);
		assert_true(lost <= cases[i].lost);
	}
}

/* Left to itself, a stripe is well filled whenever it grows. */
static void growth_waits_until_it_is_needed(void **state)
{
	const u32 n = 100000;
	struct dr_stripe s = {};
	double worst = 1;

	(void)state;
	for (u32 i = 0; i < n; i++) {
		u32 nr = s.nr_buckets;
		double load = s.nr_hints / (nr * 5.0);

		assert_true(grow_put(&s, nth_key(i), dr_item_hint(1, i),
				     1 << 20) == DR_PUT_ADDED);
		if (s.nr_buckets != nr && nr >= 64 && load < worst)
			worst = load;
	}
	printf("# grown at %.0f %% load or more, %u hints of %u lost\n",
	       worst * 100, n - s.nr_hints, n);
	assert_true(worst > 0.5);
	assert_true(n - s.nr_hints < n / 1000);
	free(s.buckets);
}

static void sizes_keep_to_their_bound(void **state)
{
	(void)state;
	for (int i = 0; i < 100000; i++) {
		u32 stripes = 16 + test_random() % 5000;
		u64 slots = test_random() >> (16 + test_random() % 48);
		u32 max = dr_stripe_max(slots, stripes), nr = 0;
		u64 pages = ((u64)max * 64 + 4095) / 4096;

		assert_true(max == 1 || (u64)max * 5 * stripes <= slots);
		/* Whole pages: at most an eighth of them unused. */
		if (max >= 64)
			assert_true(pages * 4096 - max * 64ULL <= max * 8ULL);
		for (int steps = 0; nr < max; steps++) {
			u32 next = dr_stripe_step(nr, max);

			assert_true(next > nr && next <= max && steps < 120);
			nr = next;
		}
		assert_int_equal(dr_stripe_step(max, max), max);
	}
}

static void stripes_fill_evenly(void **state)
{
	enum { NR = 37, PER = 4000, PARTS = 8 };
	static u32 count[NR][PARTS];

	(void)state;
	for (int i = 0; i < NR * PER; i++) {
		u64 rest;
		u32 stripe = dr_index_stripe(test_random(), NR, &rest);

		assert_true(stripe < NR);
		count[stripe][rest >> 61]++;
	}
	/* Six standard deviations of 500. */
	for (int i = 0; i < NR; i++)
		for (int j = 0; j < PARTS; j++)
			assert_in_range(count[i][j], PER / PARTS - 134,
					PER / PARTS + 134);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_come_back),
		cmocka_unit_test(keys_collide_when_they_should),
		cmocka_unit_test(another_item_is_not_removed),
		cmocka_unit_test(oldest_hint_goes_first),
		cmocka_unit_test(a_found_hint_is_spared_once),
		cmocka_unit_test(shares_are_never_evicted),
		cmocka_unit_test(nothing_fits_in_no_buckets),
		cmocka_unit_test(all_sizes_keep_what_they_hold),
		cmocka_unit_test(shares_refuse_to_shrink),
		cmocka_unit_test(shares_spread_among_hints),
		cmocka_unit_test(random_load_matches_the_model),
		cmocka_unit_test(few_hints_are_lost_below_the_bound),
		cmocka_unit_test(growth_waits_until_it_is_needed),
		cmocka_unit_test(sizes_keep_to_their_bound),
		cmocka_unit_test(stripes_fill_evenly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
