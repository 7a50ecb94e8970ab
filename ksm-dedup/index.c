// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Content index
 *
 * Which page has the same content as this one? A tree of contents, as KSM has,
 * costs 64 bytes a page and a walk of some twenty pages for each question. A
 * hash table costs one look, but has to be bounded: pages that change, or that
 * nothing else is like, would fill it with entries that are never of use.
 *
 * So entries are of two kinds. A *share* is a page that has been merged and
 * cannot change: it stays until it is removed. A *hint* says where a page with
 * that hash has been seen, promises nothing, and may be dropped at any time.
 *
 * - Buckets are cache lines of five entries, 12.8 bytes each. A key may live in
 *   either of two buckets, which its top bits and a product of it choose; a new
 *   entry goes to the emptier. With one bucket a key, every sixth entry would
 *   find no room when there are as many as slots; with two, few do before 90 %.
 * - Of the 64 bits of a key 43 are kept. They choose the buckets too, whatever
 *   their number, so a stripe can move to any number of buckets with nothing
 *   but what is stored. Two keys that agree in all of them are one: the pages
 *   are compared anyway.
 * - When both buckets are full, the oldest hint of the one with fewer shares
 *   makes room, so that shares spread evenly and always find some. A hint that
 *   has been found since it was put is likely to be found again, and is spared
 *   once.
 * - Stripes keep the work under one lock, and a move to more buckets, short.
 */
#include "index.h"

#define KEY_HIGH	(~DR_ITEM_MASK)
#define BUCKETS_PER_PAGE	(4096 / sizeof(struct dr_bucket))

/* Spreads the low bits of a key to its top: 2^64 over the golden ratio. */
#define KEY_TURN	0x9e3779b97f4a7c15ULL

/* An entry on its way from one bucket to another. */
struct entry {
	u64 key;
	struct dr_item item;
	bool found;
};

static u64 key_kept(u64 key)
{
	return key & GENMASK_ULL(63, DR_KEY_DROPPED);
}

/* The two buckets of a key; where there is one only, twice that. */
static void key_buckets(const struct dr_stripe *s, u64 key,
			struct dr_bucket *at[2])
{
	at[0] = s->buckets + mul_u64_u64_shr(key, s->nr_buckets, 64);
	at[1] = s->buckets + mul_u64_u64_shr(key * KEY_TURN, s->nr_buckets, 64);
	/* Most questions are answered by no: both will be needed. */
	__builtin_prefetch(at[1]);
}

static struct dr_item bucket_item(const struct dr_bucket *b, unsigned int i)
{
	return (struct dr_item){ .v = b->value[i] & DR_ITEM_MASK };
}

static struct entry bucket_entry(const struct dr_bucket *b, unsigned int i)
{
	return (struct entry){
		.key = (b->value[i] & KEY_HIGH) |
		       (u64)b->tag[i] << DR_KEY_DROPPED,
		.item = bucket_item(b, i),
		.found = b->found >> i & 1,
	};
}

/* Return: the slot of @key, or -1. */
static int bucket_find(const struct dr_bucket *b, u64 key)
{
	u32 tag = key >> DR_KEY_DROPPED;
	unsigned int i;

	for (i = 0; i < DR_BUCKET_SLOTS; i++)
		if (b->tag[i] == tag && b->value[i] &&
		    !((b->value[i] ^ key) & KEY_HIGH))
			return i;
	return -1;
}

/* As the youngest; @b is not full. */
static void bucket_append(struct dr_bucket *b, struct entry e)
{
	unsigned int n = b->used++;

	b->value[n] = (e.key & KEY_HIGH) | e.item.v;
	b->tag[n] = e.key >> DR_KEY_DROPPED;
	b->found |= e.found << n;
}

static void bucket_drop(struct dr_bucket *b, unsigned int i)
{
	unsigned int older = (1U << i) - 1;

	b->found = (b->found & older) | (b->found >> 1 & ~older);
	b->used--;
	for (; i < DR_BUCKET_SLOTS - 1; i++) {
		b->value[i] = b->value[i + 1];
		b->tag[i] = b->tag[i + 1];
	}
	b->value[i] = 0;
	b->tag[i] = 0;
}

/*
 * Drop the oldest hint that has not been found, and make those that are passed
 * over the youngest; they are met again, unprotected, before the end is.
 *
 * Return: false when there are shares only.
 */
static bool bucket_evict(struct dr_bucket *b)
{
	unsigned int i = 0;
	struct entry e;

	while (i < DR_BUCKET_SLOTS) {
		e = bucket_entry(b, i);
		if (dr_item_is_share(e.item)) {
			i++;
			continue;
		}
		bucket_drop(b, i);
		if (!e.found)
			return true;
		e.found = false;
		bucket_append(b, e);
	}
	return false;
}

static unsigned int bucket_shares(const struct dr_bucket *b)
{
	unsigned int i, n = 0;

	for (i = 0; i < b->used; i++)
		n += dr_item_is_share(bucket_item(b, i));
	return n;
}

static void stripe_count(struct dr_stripe *s, struct dr_item item, int by)
{
	if (dr_item_is_share(item))
		s->nr_shares += by;
	else
		s->nr_hints += by;
}

/* Above 85 % the odds are that the next one finds both buckets full. */
static bool stripe_is_crowded(const struct dr_stripe *s)
{
	u64 slots = (u64)s->nr_buckets * DR_BUCKET_SLOTS;

	return ((u64)s->nr_hints + s->nr_shares) * 20 >= slots * 17;
}

/* Put an entry whose key is not in the stripe. */
static enum dr_put stripe_add(struct dr_stripe *s, struct dr_bucket *at[2],
			      struct entry e, bool evict)
{
	struct dr_bucket *b = at[at[0]->used > at[1]->used];
	enum dr_put put = DR_PUT_ADDED;

	if (b->used == DR_BUCKET_SLOTS) {
		if (!evict)
			return DR_PUT_FULL;
		b = at[bucket_shares(at[0]) > bucket_shares(at[1])];
		if (!bucket_evict(b))
			return DR_PUT_REFUSED;
		s->nr_hints--;
		put = DR_PUT_EVICTED;
	}
	bucket_append(b, e);
	stripe_count(s, e.item, 1);
	return put;
}

/* Return: the slot of @key in *@b, or -1. */
static int stripe_lookup(const struct dr_stripe *s, u64 key,
			 struct dr_bucket **b)
{
	struct dr_bucket *at[2];
	int i;

	if (!s->nr_buckets)
		return -1;
	key_buckets(s, key, at);
	*b = at[0];
	i = bucket_find(*b, key);
	if (i >= 0)
		return i;
	*b = at[1];
	return bucket_find(*b, key);
}

/**
 * dr_stripe_max() - how many buckets may a stripe have?
 * @slots: bound of the whole index, in entries
 * @nr_stripes: how many stripes share it, at least 1
 *
 * Rounded down to whole pages if the last one were mostly unused.
 *
 * Return: the number of buckets, at least 1.
 */
u32 dr_stripe_max(u64 slots, u32 nr_stripes)
{
	u64 max = slots / DR_BUCKET_SLOTS / nr_stripes;
	u64 over = max % BUCKETS_PER_PAGE;

	if (max > S32_MAX)
		return S32_MAX;
	if (max > BUCKETS_PER_PAGE && over &&
	    BUCKETS_PER_PAGE - over > max / 8)
		max -= over;
	return max ? max : 1;
}

/**
 * dr_stripe_step() - how many buckets next?
 * @nr_buckets: how many there are
 * @max: most there may be
 *
 * Return: a quarter more, in whole pages from one page on, or @max.
 */
u32 dr_stripe_step(u32 nr_buckets, u32 max)
{
	u64 next = (u64)nr_buckets + nr_buckets / 4 + 8;
	u64 over = next % BUCKETS_PER_PAGE;

	if (next > BUCKETS_PER_PAGE && over)
		next += BUCKETS_PER_PAGE - over;
	return next < max ? next : max;
}

/**
 * dr_stripe_find() - what is known of a content?
 * @s: the stripe
 * @key: the key within that stripe; its top 43 bits count
 * @item: out: the item, when there is one
 *
 * A hint that is found is safe from the next eviction.
 *
 * Return: true if there is one.
 */
bool dr_stripe_find(struct dr_stripe *s, u64 key, struct dr_item *item)
{
	struct dr_bucket *b;
	int i = stripe_lookup(s, key_kept(key), &b);

	if (i < 0)
		return false;
	*item = bucket_item(b, i);
	b->found |= 1U << i;
	return true;
}

/**
 * dr_stripe_put() - remember an item, in place of another of the same key
 * @s: the stripe
 * @key: the key within that stripe; its top 43 bits count
 * @item: what to remember
 * @evict: the stripe cannot grow, a hint may be dropped instead
 *
 * A hint never takes the place of a share: that one is sure, and the next page
 * of this content should find it.
 *
 * Return: what became of it; DR_PUT_FULL only without @evict.
 */
enum dr_put dr_stripe_put(struct dr_stripe *s, u64 key, struct dr_item item,
			  bool evict)
{
	struct entry e = { .key = key_kept(key), .item = item };
	struct dr_bucket *b, *at[2];
	int i = stripe_lookup(s, e.key, &b);

	if (i >= 0) {
		if (dr_item_is_share(bucket_item(b, i)) &&
		    !dr_item_is_share(item))
			return DR_PUT_REFUSED;
		stripe_count(s, bucket_item(b, i), -1);
		bucket_drop(b, i);
		bucket_append(b, e);
		stripe_count(s, item, 1);
		return DR_PUT_REPLACED;
	}
	if (!evict && stripe_is_crowded(s))
		return DR_PUT_FULL;
	if (!s->nr_buckets)
		return DR_PUT_REFUSED;
	key_buckets(s, e.key, at);
	return stripe_add(s, at, e, evict);
}

/**
 * dr_stripe_remove() - forget an item
 * @s: the stripe
 * @key: the key within that stripe; its top 43 bits count
 * @item: forgotten only if it is what that key stands for
 *
 * Return: true if it was.
 */
bool dr_stripe_remove(struct dr_stripe *s, u64 key, struct dr_item item)
{
	struct dr_bucket *b;
	int i = stripe_lookup(s, key_kept(key), &b);

	if (i < 0 || bucket_item(b, i).v != item.v)
		return false;
	bucket_drop(b, i);
	stripe_count(s, item, -1);
	return true;
}

/*
 * Copy the shares of a bucket, or its hints.
 *
 * Return: false if a share has found no room in @to.
 */
static bool bucket_copy(struct dr_stripe *to, const struct dr_bucket *from,
			bool shares)
{
	struct dr_bucket *at[2];
	struct entry e;
	unsigned int i;

	for (i = 0; i < from->used; i++) {
		e = bucket_entry(from, i);
		if (dr_item_is_share(e.item) != shares)
			continue;
		key_buckets(to, e.key, at);
		if (stripe_add(to, at, e, true) == DR_PUT_REFUSED && shares)
			return false;
	}
	return true;
}

/**
 * dr_stripe_rehash() - move to another number of buckets
 * @s: the stripe
 * @buckets: where to, all zero; the stripe's on success, and what it had
 *	before is the caller's
 * @nr_buckets: how many, at least 1
 *
 * All shares stay. Hints may be lost, few when the number grows: the fall of
 * nr_hints tells how many.
 *
 * Return: false, and nothing has changed but @buckets, if the shares do not
 * fit.
 */
bool dr_stripe_rehash(struct dr_stripe *s, struct dr_bucket *buckets,
		      u32 nr_buckets)
{
	struct dr_stripe to = { .buckets = buckets, .nr_buckets = nr_buckets };
	u32 i;

	/* Shares first: they spread best while there is nothing else. */
	for (i = 0; s->nr_shares && i < s->nr_buckets; i++)
		if (!bucket_copy(&to, s->buckets + i, true))
			return false;
	for (i = 0; i < s->nr_buckets; i++)
		bucket_copy(&to, s->buckets + i, false);
	*s = to;
	return true;
}
