/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The content index: from the hash of a page to where such a page may be
 * found. Pure.
 */
#ifndef _DR_INDEX_H
#define _DR_INDEX_H

#include "pure.h"

#define DR_BUCKET_SLOTS		5

/* A value is an item in its low bits and a part of the key above them. */
#define DR_ITEM_BITS		53
#define DR_ITEM_MASK		GENMASK_ULL(DR_ITEM_BITS - 1, 0)

/* So much of a key is kept; what differs below these bits is one key. */
#define DR_KEY_BITS		43
#define DR_KEY_DROPPED		(64 - DR_KEY_BITS)

/**
 * struct dr_item - what the index knows of a content
 * @v: 53 bits; never 0, which stands for nothing
 *
 *   52   51         32 31        0
 *   [ 1 ][ file:20    ][ index:32 ]	hint
 *   [ 0 ][ 1 ][ 0 ][ pfn:40       ]	share
 *
 * A hint is a page that had this content when it was looked at: unverified,
 * and worth nothing but another look. A share is a page that cannot change.
 */
struct dr_item {
	u64 v;
};

#define DR_ITEM_HINT		BIT_ULL(52)
#define DR_ITEM_SHARE		BIT_ULL(51)
#define DR_ITEM_FILE_SHIFT	32
#define DR_ITEM_FILE_BITS	20
#define DR_ITEM_PFN_BITS	40

static inline struct dr_item dr_item_hint(u32 file, u32 index)
{
	u64 id = file & GENMASK_ULL(DR_ITEM_FILE_BITS - 1, 0);

	return (struct dr_item){
		.v = DR_ITEM_HINT | id << DR_ITEM_FILE_SHIFT | index,
	};
}

static inline struct dr_item dr_item_share(u64 pfn)
{
	return (struct dr_item){
		.v = DR_ITEM_SHARE |
		     (pfn & GENMASK_ULL(DR_ITEM_PFN_BITS - 1, 0)),
	};
}

static inline bool dr_item_is_share(struct dr_item item)
{
	return !(item.v & DR_ITEM_HINT);
}

/* Of a hint: the number of its file, below 2^20. */
static inline u32 dr_item_file(struct dr_item item)
{
	return item.v >> DR_ITEM_FILE_SHIFT &
	       GENMASK_ULL(DR_ITEM_FILE_BITS - 1, 0);
}

/* Of a hint: the page's offset in its file, in pages. */
static inline u32 dr_item_index(struct dr_item item)
{
	return item.v;
}

/* Of a share: its page frame number. */
static inline u64 dr_item_pfn(struct dr_item item)
{
	return item.v & GENMASK_ULL(DR_ITEM_PFN_BITS - 1, 0);
}

/**
 * struct dr_bucket - some entries, in one cache line
 * @value: an item and, above it, the top 11 bits of its key; 0 is free.
 *	Free slots come last, and the others are in order of age, oldest first
 * @tag: the next 32 bits of the key
 * @used: how many slots are not free
 * @found: bit i: hint i has been found since it was put or spared
 */
struct dr_bucket {
	u64 value[DR_BUCKET_SLOTS];
	u32 tag[DR_BUCKET_SLOTS];
	u16 used;
	u16 found;
};

static_assert(sizeof(struct dr_bucket) == 64, "a bucket is a cache line");
static_assert(DR_ITEM_BITS + 32 + DR_KEY_BITS == 64 + 64,
	      "value and tag hold item and key");

/**
 * struct dr_stripe - a part of the index: a hash table of any size
 * @buckets: the caller's; NULL when there are none
 * @nr_buckets: how many
 * @nr_hints: how many entries are hints
 * @nr_shares: how many are shares
 *
 * All zero is an empty one. The caller sees to it that one at a time uses it.
 */
struct dr_stripe {
	struct dr_bucket *buckets;
	u32 nr_buckets;
	u32 nr_hints;
	u32 nr_shares;
};

/**
 * enum dr_put - what became of an item
 * @DR_PUT_ADDED: it has taken a free slot
 * @DR_PUT_REPLACED: it has replaced the item of the same key
 * @DR_PUT_EVICTED: it has taken the slot of an older hint
 * @DR_PUT_FULL: not kept, the stripe should grow
 * @DR_PUT_REFUSED: not kept: there are shares in all slots it might take, or
 *	it is a hint and its key has a share
 */
enum dr_put {
	DR_PUT_ADDED,
	DR_PUT_REPLACED,
	DR_PUT_EVICTED,
	DR_PUT_FULL,
	DR_PUT_REFUSED,
};

/**
 * dr_index_stripe() - which stripe does a key belong to?
 * @key: the key, any 64 bits evenly spread
 * @nr_stripes: how many there are
 * @rest: out: the key to use within that stripe, spread as evenly
 *
 * Stripe and rest are the halves of a product: no two keys have both in
 * common.
 *
 * Return: the number of the stripe.
 */
static inline u32 dr_index_stripe(u64 key, u32 nr_stripes, u64 *rest)
{
	*rest = key * nr_stripes;
	return mul_u64_u64_shr(key, nr_stripes, 64);
}

u32 dr_stripe_max(u64 slots, u32 nr_stripes);
u32 dr_stripe_step(u32 nr_buckets, u32 max);
bool dr_stripe_find(struct dr_stripe *s, u64 key, struct dr_item *item);
enum dr_put dr_stripe_put(struct dr_stripe *s, u64 key, struct dr_item item,
			  bool evict);
bool dr_stripe_remove(struct dr_stripe *s, u64 key, struct dr_item item);
bool dr_stripe_rehash(struct dr_stripe *s, struct dr_bucket *buckets,
		      u32 nr_buckets);

#endif /* _DR_INDEX_H */
