// SPDX-License-Identifier: GPL-2.0-only
/*
 * The content index with locks and memory. Its stripes grow one by one, as
 * they fill up, until they have together as many slots as there are resident
 * pages.
 */
#include <linux/cache.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>

#include "table.h"

/* At 16 MiB of host RAM each, a full stripe moves in some 30 us. */
#define STRIPE_PAGES	((16UL << 20) >> PAGE_SHIFT)
#define STRIPES_MIN	16UL

/* So many buckets a stripe may have however little is resident: 256 bytes. */
#define BUCKETS_MIN	4U
#define STRIPES_MAX	BIT(20)

#define BUCKETS_GFP	(GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN | \
			 __GFP_NORETRY)

/**
 * struct table_stripe - a stripe and what guards it
 * @lock: guards all that follows
 * @stripe: the entries
 * @evicted: hints dropped for others
 * @refused: items not kept
 * @grown: times that it has grown
 */
struct table_stripe {
	spinlock_t lock;	/* innermost */
	struct dr_stripe stripe;
	u64 evicted;
	u64 refused;
	u64 grown;
} ____cacheline_aligned;

/* There is one table. All but @max_buckets is constant between init and exit. */
static struct {
	struct table_stripe *stripes;
	u32 nr_stripes;
	/* Of a stripe; read without a lock, a stale value does no harm. */
	u32 max_buckets;
} table;

static struct table_stripe *stripe_of(u64 key, u64 *rest)
{
	return table.stripes + dr_index_stripe(key, table.nr_stripes, rest);
}

/* Not kvmalloc(): it would round a stripe up to a power of two. */
static struct dr_bucket *buckets_alloc(u32 nr)
{
	size_t size = nr * sizeof(struct dr_bucket);

	if (size < PAGE_SIZE)
		return kmalloc(size, BUCKETS_GFP);
	return __vmalloc(size, BUCKETS_GFP);
}

static size_t buckets_bytes(u32 nr)
{
	size_t size = nr * sizeof(struct dr_bucket);

	return size < PAGE_SIZE ? kmalloc_size_roundup(size) : PAGE_ALIGN(size);
}

/*
 * Memory comes in sizes: as many buckets as @nr or fewer, so that not more than
 * an eighth of it is never used.
 */
static u32 buckets_fit(u32 nr)
{
	size_t size = nr * sizeof(struct dr_bucket);

	if (buckets_bytes(nr) <= size + size / 8)
		return nr;
	size = size < PAGE_SIZE ? rounddown_pow_of_two(size) :
				  round_down(size, PAGE_SIZE);
	return size / sizeof(struct dr_bucket);
}

/*
 * Move a stripe from @from buckets to @to. Memory comes and goes outside the
 * lock; when somebody else has moved the stripe meanwhile, nothing happens.
 */
static void stripe_resize(struct table_stripe *ts, u32 from, u32 to)
{
	struct dr_bucket *buckets = buckets_alloc(to);
	struct dr_bucket *old;
	u32 hints;

	if (!buckets)
		return;
	spin_lock(&ts->lock);
	old = ts->stripe.buckets;
	hints = ts->stripe.nr_hints;
	if (ts->stripe.nr_buckets == from &&
	    dr_stripe_rehash(&ts->stripe, buckets, to)) {
		ts->evicted += hints - ts->stripe.nr_hints;
		ts->grown += to > from;
		buckets = old;
	}
	spin_unlock(&ts->lock);
	kvfree(buckets);
}

static void stripe_grow(struct table_stripe *ts)
{
	u32 from = READ_ONCE(ts->stripe.nr_buckets);
	u32 to = dr_stripe_step(from, READ_ONCE(table.max_buckets));

	if (to > from)
		stripe_resize(ts, from, to);
}

/* At the bound there is nothing to be had from growing. */
static enum dr_put put_locked(struct table_stripe *ts, u64 rest,
			      struct dr_item item, bool evict)
{
	enum dr_put put;

	lockdep_assert_held(&ts->lock);
	if (ts->stripe.nr_buckets >= READ_ONCE(table.max_buckets))
		evict = true;
	put = dr_stripe_put(&ts->stripe, rest, item, evict);
	ts->evicted += put == DR_PUT_EVICTED;
	ts->refused += put == DR_PUT_REFUSED;
	return put;
}

static enum dr_put stripe_put(struct table_stripe *ts, u64 rest,
			      struct dr_item item, bool evict)
{
	enum dr_put put;

	spin_lock(&ts->lock);
	put = put_locked(ts, rest, item, evict);
	spin_unlock(&ts->lock);
	return put;
}

static bool find_locked(struct table_stripe *ts, u64 rest,
			struct dr_item *item, bool (*get)(struct dr_item item))
{
	lockdep_assert_held(&ts->lock);
	return dr_stripe_find(&ts->stripe, rest, item) &&
	       (!dr_item_is_share(*item) || get(*item));
}

/**
 * dr_table_find() - what is known of a content?
 * @key: hash of the content
 * @item: out: the item, when there is one
 * @get: called for a share, under a spinlock, before anybody can remove it.
 *	Takes a reference and returns true, or false if the share is on its way
 *	out: then it counts as not found
 *
 * Context: Process context. Does not sleep.
 * Return: true if there is one.
 */
bool dr_table_find(u64 key, struct dr_item *item,
		   bool (*get)(struct dr_item item))
{
	u64 rest;
	struct table_stripe *ts = stripe_of(key, &rest);
	bool found;

	spin_lock(&ts->lock);
	found = find_locked(ts, rest, item, get);
	spin_unlock(&ts->lock);
	return found;
}

/**
 * dr_table_find_or_put() - what is known of a content? If nothing, this
 * @key: hash of the content
 * @item: out: the item, when there is one
 * @get: as for dr_table_find()
 * @hint: remembered, at that very moment, when there is none: of two who ask
 *	for one content at a time, the second finds the first
 *
 * Context: Process context. May sleep and allocate, but does not insist.
 * Return: true if there is one.
 */
bool dr_table_find_or_put(u64 key, struct dr_item *item,
			  bool (*get)(struct dr_item item), struct dr_item hint)
{
	u64 rest;
	struct table_stripe *ts = stripe_of(key, &rest);
	enum dr_put put = DR_PUT_REPLACED;
	bool found, grown = false;

	for (;;) {
		spin_lock(&ts->lock);
		found = find_locked(ts, rest, item, get);
		if (!found)
			put = put_locked(ts, rest, hint, grown);
		spin_unlock(&ts->lock);
		if (found || put != DR_PUT_FULL)
			return found;
		stripe_grow(ts);
		grown = true;
	}
}

/**
 * dr_table_put() - remember an item, in place of another of the same key
 * @key: hash of its content
 * @item: what to remember. A share must be removed before its page is freed
 *
 * Context: Process context. May sleep and allocate, but does not insist.
 * Return: false if it is not kept: shares take all the room there is for it.
 */
bool dr_table_put(u64 key, struct dr_item item)
{
	u64 rest;
	struct table_stripe *ts = stripe_of(key, &rest);
	enum dr_put put = stripe_put(ts, rest, item, false);

	if (put == DR_PUT_FULL) {
		stripe_grow(ts);
		put = stripe_put(ts, rest, item, true);
	}
	return put != DR_PUT_REFUSED;
}

/**
 * dr_table_remove() - forget an item
 * @key: hash of its content
 * @item: forgotten only if it is what that key stands for
 *
 * Context: Process context, under any lock of denseram. Neither sleeps nor
 * allocates.
 * Return: true if it was.
 */
bool dr_table_remove(u64 key, struct dr_item item)
{
	u64 rest;
	struct table_stripe *ts = stripe_of(key, &rest);
	bool removed;

	spin_lock(&ts->lock);
	removed = dr_stripe_remove(&ts->stripe, rest, item);
	spin_unlock(&ts->lock);
	return removed;
}

/**
 * dr_table_set_target() - say how large the table may be
 * @pages: resident pages; the table keeps to as many slots, but no less than
 *	%BUCKETS_MIN buckets a stripe
 *
 * Stripes that are more than an eighth too large shrink now, as far as their
 * shares fit; the others follow when they are. So the table takes no more than
 * 14.4 bytes a page.
 *
 * Context: Process context, one at a time. May sleep.
 */
void dr_table_set_target(unsigned long pages)
{
	u32 max = max(buckets_fit(dr_stripe_max(pages, table.nr_stripes)),
		      BUCKETS_MIN);
	u32 i, nr;

	WRITE_ONCE(table.max_buckets, max);
	for (i = 0; i < table.nr_stripes; i++) {
		nr = READ_ONCE(table.stripes[i].stripe.nr_buckets);
		if (nr > max + max / 8)
			stripe_resize(table.stripes + i, nr, max);
		cond_resched();
	}
}

static void stripe_add_stats(struct table_stripe *ts, struct dr_table_stats *st)
{
	spin_lock(&ts->lock);
	st->bytes += buckets_bytes(ts->stripe.nr_buckets);
	st->slots += (u64)ts->stripe.nr_buckets * DR_BUCKET_SLOTS;
	st->hints += ts->stripe.nr_hints;
	st->shares += ts->stripe.nr_shares;
	st->evicted += ts->evicted;
	st->refused += ts->refused;
	st->grown += ts->grown;
	spin_unlock(&ts->lock);
}

/**
 * dr_table_stats() - the table in numbers
 * @stats: out: the sum over all stripes, one after the other
 *
 * Context: Process context. May sleep.
 */
void dr_table_stats(struct dr_table_stats *stats)
{
	u32 i;

	*stats = (struct dr_table_stats){
		.bytes = (u64)table.nr_stripes * sizeof(*table.stripes),
	};
	for (i = 0; i < table.nr_stripes; i++) {
		stripe_add_stats(table.stripes + i, stats);
		cond_resched();
	}
}

/**
 * dr_table_init() - set up the table, empty and small
 *
 * Return: 0 or -ENOMEM.
 */
int dr_table_init(void)
{
	u32 i, nr = clamp(totalram_pages() / STRIPE_PAGES, STRIPES_MIN,
			  STRIPES_MAX);

	table.stripes = kvcalloc(nr, sizeof(*table.stripes), GFP_KERNEL);
	if (!table.stripes)
		return -ENOMEM;
	for (i = 0; i < nr; i++)
		spin_lock_init(&table.stripes[i].lock);
	table.nr_stripes = nr;
	table.max_buckets = BUCKETS_MIN;
	return 0;
}

/**
 * dr_table_exit() - forget everything
 *
 * No share may be left: nobody could free its page later.
 */
void dr_table_exit(void)
{
	u32 i;

	for (i = 0; i < table.nr_stripes; i++) {
		WARN_ON_ONCE(table.stripes[i].stripe.nr_shares);
		kvfree(table.stripes[i].stripe.buckets);
	}
	kvfree(table.stripes);
	table.stripes = NULL;
	table.nr_stripes = 0;
}
