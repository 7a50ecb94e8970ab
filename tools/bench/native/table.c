// SPDX-License-Identifier: GPL-2.0-only
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *zeroed(size_t bytes)
{
	void *mem = aligned_alloc(64, bytes);

	if (!mem) {
		perror("native: table");
		exit(1);
	}
	return memset(mem, 0, bytes);
}

struct dr_bucket *buckets_new(u32 nr)
{
	return zeroed((size_t)nr * sizeof(struct dr_bucket));
}

/* @pages as many as the host has, @target of them resident. */
void table_init(struct table *t, u64 pages, u64 target)
{
	u64 nr = pages / TABLE_STRIPE_PAGES;

	t->nr_stripes = nr < 16 ? 16 : nr;
	t->max_buckets = dr_stripe_max(target, t->nr_stripes);
	t->stripes = zeroed((size_t)t->nr_stripes * sizeof(*t->stripes));
}

void table_exit(struct table *t)
{
	for (u32 i = 0; i < t->nr_stripes; i++)
		free(t->stripes[i].stripe.buckets);
	free(t->stripes);
}

/* What a spinlock costs that nobody else wants. */
static struct table_stripe *lock_stripe(struct table *t, u64 key, u64 *rest)
{
	struct table_stripe *ts =
		t->stripes + dr_index_stripe(key, t->nr_stripes, rest);

	while (__atomic_test_and_set(&ts->locked, __ATOMIC_ACQUIRE))
		;
	return ts;
}

static void unlock_stripe(struct table_stripe *ts)
{
	__atomic_clear(&ts->locked, __ATOMIC_RELEASE);
}

bool table_find(struct table *t, u64 key, struct dr_item *item)
{
	u64 rest;
	struct table_stripe *ts = lock_stripe(t, key, &rest);
	bool found = dr_stripe_find(&ts->stripe, rest, item);

	unlock_stripe(ts);
	return found;
}

static void stripe_grow(struct table *t, struct dr_stripe *s)
{
	u32 nr = dr_stripe_step(s->nr_buckets, t->max_buckets);
	struct dr_bucket *buckets = buckets_new(nr), *old = s->buckets;

	free(dr_stripe_rehash(s, buckets, nr) ? old : buckets);
}

void table_put(struct table *t, u64 key, struct dr_item item)
{
	u64 rest;
	struct table_stripe *ts = lock_stripe(t, key, &rest);
	struct dr_stripe *s = &ts->stripe;

	if (dr_stripe_put(s, rest, item, s->nr_buckets >= t->max_buckets) ==
	    DR_PUT_FULL) {
		stripe_grow(t, s);
		dr_stripe_put(s, rest, item, true);
	}
	unlock_stripe(ts);
}

bool table_remove(struct table *t, u64 key, struct dr_item item)
{
	u64 rest;
	struct table_stripe *ts = lock_stripe(t, key, &rest);
	bool removed = dr_stripe_remove(&ts->stripe, rest, item);

	unlock_stripe(ts);
	return removed;
}

u64 table_bytes(const struct table *t)
{
	u64 bytes = t->nr_stripes * sizeof(*t->stripes);

	for (u32 i = 0; i < t->nr_stripes; i++)
		bytes += (u64)t->stripes[i].stripe.nr_buckets *
			 sizeof(struct dr_bucket);
	return bytes;
}

u64 table_held(const struct table *t)
{
	u64 held = 0;

	for (u32 i = 0; i < t->nr_stripes; i++)
		held += (u64)t->stripes[i].stripe.nr_hints +
			t->stripes[i].stripe.nr_shares;
	return held;
}
