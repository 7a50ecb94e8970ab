// SPDX-License-Identifier: GPL-2.0-only
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "hash.h"
#include "scan.h"
#include "table.h"

static struct dr_stripe stripe_new(struct kunit *test, u32 nr)
{
	struct dr_stripe s = { .nr_buckets = nr };

	s.buckets = kunit_kcalloc(test, nr, sizeof(*s.buckets), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, s.buckets);
	return s;
}

static u64 nth_key(u32 i)
{
	return dr_page_key(page_address(ZERO_PAGE(0)), i);
}

static void expect_item(struct kunit *test, struct dr_stripe *s, u64 key,
			struct dr_item want)
{
	struct dr_item item = {};

	KUNIT_EXPECT_TRUE(test, dr_stripe_find(s, key, &item));
	KUNIT_EXPECT_EQ(test, item.v, want.v);
}

static void index_keeps_items_apart(struct kunit *test)
{
	struct dr_item hint = dr_item_hint(0xfffff, U32_MAX);
	struct dr_item share = dr_item_share(0);

	KUNIT_EXPECT_FALSE(test, dr_item_is_share(hint));
	KUNIT_EXPECT_EQ(test, dr_item_file(hint), 0xfffffu);
	KUNIT_EXPECT_EQ(test, dr_item_index(hint), U32_MAX);
	KUNIT_EXPECT_TRUE(test, dr_item_is_share(share));
	KUNIT_EXPECT_EQ(test, dr_item_pfn(share), 0ULL);
	KUNIT_EXPECT_NE(test, share.v, 0ULL);
}

/* The 43 top bits are the key; the item has to be the very one to go. */
static void index_removes_that_item_only(struct kunit *test)
{
	struct dr_stripe s = stripe_new(test, 8);
	struct dr_item share = dr_item_share(5);
	u64 key = nth_key(1);

	KUNIT_EXPECT_EQ(test, dr_stripe_put(&s, key, share, true),
			DR_PUT_ADDED);
	expect_item(test, &s, key ^ 1, share);
	KUNIT_EXPECT_FALSE(test, dr_stripe_remove(&s, key, dr_item_share(4)));
	KUNIT_EXPECT_FALSE(test, dr_stripe_remove(&s, ~key, share));
	KUNIT_EXPECT_TRUE(test, dr_stripe_remove(&s, key, share));
	KUNIT_EXPECT_FALSE(test, dr_stripe_remove(&s, key, share));
	KUNIT_EXPECT_EQ(test, s.nr_shares, 0u);
}

static void index_evicts_the_oldest_hint(struct kunit *test)
{
	struct dr_stripe s = stripe_new(test, 1);
	struct dr_item item;
	u32 i;

	dr_stripe_put(&s, nth_key(0), dr_item_share(9), true);
	for (i = 1; i < 5; i++)
		dr_stripe_put(&s, nth_key(i), dr_item_hint(1, i), true);
	expect_item(test, &s, nth_key(1), dr_item_hint(1, 1));
	KUNIT_EXPECT_EQ(test, dr_stripe_put(&s, nth_key(5), dr_item_hint(1, 5),
					    true), DR_PUT_EVICTED);
	KUNIT_EXPECT_FALSE(test, dr_stripe_find(&s, nth_key(2), &item));
	expect_item(test, &s, nth_key(0), dr_item_share(9));
	expect_item(test, &s, nth_key(1), dr_item_hint(1, 1));
	for (i = 10; i < 14; i++)
		dr_stripe_put(&s, nth_key(i), dr_item_share(i), true);
	KUNIT_EXPECT_EQ(test, dr_stripe_put(&s, nth_key(6), dr_item_hint(1, 6),
					    true), DR_PUT_REFUSED);
}

static void index_rehash_keeps_shares(struct kunit *test)
{
	struct dr_stripe to, s = stripe_new(test, 1);
	u32 i, nr, n = 0;

	for (nr = 2; nr < 100; nr++) {
		for (; n < nr * 2; n++)
			dr_stripe_put(&s, nth_key(n), n & 1 ?
				      dr_item_share(n) : dr_item_hint(1, n),
				      true);
		to = stripe_new(test, nr);
		KUNIT_ASSERT_TRUE(test, dr_stripe_rehash(&s, to.buckets, nr));
		for (i = 1; i < n; i += 2)
			expect_item(test, &s, nth_key(i), dr_item_share(i));
	}
	KUNIT_EXPECT_EQ(test, s.nr_shares, n / 2);
}

/*
 * The rest is of the table itself, which is live: put it back as it was. The
 * scanners would set its size to what they see, so they have to go meanwhile.
 */
#define TABLE_TASKS	4
#define TABLE_KEYS	20000

static bool get_any(struct dr_item item)
{
	return item.v;
}

static bool get_none(struct dr_item item)
{
	return !item.v;
}

struct table_task {
	struct completion done;
	u32 nr;
	u32 lost;
	u32 wrong;
};

/* Each has keys of its own, so it knows what it must find. */
static int table_work(void *arg)
{
	struct table_task *t = arg;
	u32 i, base = t->nr * TABLE_KEYS;
	struct dr_item item;

	for (i = 0; i < TABLE_KEYS; i++) {
		u64 key = nth_key(base + i);

		if (!dr_table_put(key, i & 1 ? dr_item_share(base + i) :
				  dr_item_hint(t->nr, i)))
			t->lost++;
		cond_resched();
	}
	for (i = 0; i < TABLE_KEYS; i++) {
		struct dr_item want = i & 1 ? dr_item_share(base + i) :
					      dr_item_hint(t->nr, i);
		u64 key = nth_key(base + i);

		if (!dr_table_find(key, &item, get_any))
			t->lost++;
		else if (item.v != want.v || !dr_table_remove(key, want))
			t->wrong++;
		cond_resched();
	}
	complete(&t->done);
	return 0;
}

static void table_serves_many_at_once(struct kunit *test)
{
	struct table_task *task = kunit_kcalloc(test, TABLE_TASKS,
						sizeof(*task), GFP_KERNEL);
	struct dr_table_stats before, after;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, task);
	dr_scan_exit();
	dr_table_stats(&before);
	dr_table_set_target(TABLE_TASKS * TABLE_KEYS * 2);
	for (i = 0; i < TABLE_TASKS; i++) {
		task[i].nr = i;
		init_completion(&task[i].done);
		if (IS_ERR(kthread_run(table_work, task + i, "dr_table/%u", i)))
			complete(&task[i].done);
	}
	for (i = 0; i < TABLE_TASKS; i++) {
		wait_for_completion(&task[i].done);
		KUNIT_EXPECT_EQ(test, task[i].wrong, 0u);
		KUNIT_EXPECT_LT(test, task[i].lost, TABLE_KEYS / 1000u);
	}
	dr_table_stats(&after);
	KUNIT_EXPECT_EQ(test, after.shares, before.shares);
	KUNIT_EXPECT_EQ(test, after.hints, before.hints);
	KUNIT_EXPECT_GT(test, after.grown, before.grown);
	KUNIT_EXPECT_GT(test, after.slots, (u64)TABLE_TASKS * TABLE_KEYS);
	KUNIT_EXPECT_LE(test, after.slots, (u64)TABLE_TASKS * TABLE_KEYS * 2);
	dr_table_set_target(0);
	dr_table_stats(&after);
	KUNIT_EXPECT_LT(test, after.slots, (u64)TABLE_KEYS);
	KUNIT_EXPECT_EQ(test, 0, dr_scan_init());
}

static void table_asks_before_it_gives(struct kunit *test)
{
	u64 key = nth_key(U32_MAX);
	struct dr_item share = dr_item_share(1), item;

	KUNIT_ASSERT_TRUE(test, dr_table_put(key, share));
	KUNIT_EXPECT_FALSE(test, dr_table_find(key, &item, get_none));
	KUNIT_EXPECT_TRUE(test, dr_table_find(key, &item, get_any));
	KUNIT_EXPECT_EQ(test, item.v, share.v);
	KUNIT_EXPECT_FALSE(test, dr_table_remove(key, dr_item_share(2)));
	KUNIT_EXPECT_TRUE(test, dr_table_remove(key, share));
	KUNIT_EXPECT_FALSE(test, dr_table_find(key, &item, get_any));
}

static void table_takes_the_first(struct kunit *test)
{
	struct dr_item first = dr_item_hint(1, 1), second = dr_item_hint(2, 2);
	u64 key = nth_key(U32_MAX);
	struct dr_item item = {};

	dr_scan_exit();
	KUNIT_EXPECT_FALSE(test, dr_table_find_or_put(key, &item, get_any,
						      first));
	KUNIT_EXPECT_TRUE(test, dr_table_find_or_put(key, &item, get_any,
						     second));
	KUNIT_EXPECT_EQ(test, item.v, first.v);
	KUNIT_EXPECT_TRUE(test, dr_table_remove(key, first));
	/* A share on its way out keeps its place until it is gone. */
	KUNIT_ASSERT_TRUE(test, dr_table_put(key, dr_item_share(1)));
	KUNIT_EXPECT_FALSE(test, dr_table_find_or_put(key, &item, get_none,
						      first));
	KUNIT_EXPECT_TRUE(test, dr_table_remove(key, dr_item_share(1)));
	KUNIT_EXPECT_EQ(test, 0, dr_scan_init());
}

static struct kunit_case index_cases[] = {
	KUNIT_CASE(index_keeps_items_apart),
	KUNIT_CASE(index_removes_that_item_only),
	KUNIT_CASE(index_evicts_the_oldest_hint),
	KUNIT_CASE(index_rehash_keeps_shares),
	KUNIT_CASE(table_serves_many_at_once),
	KUNIT_CASE(table_asks_before_it_gives),
	KUNIT_CASE(table_takes_the_first),
	{}
};

static struct kunit_suite index_suite = {
	.name = "denseram_index",
	.test_cases = index_cases,
};

kunit_test_suite(index_suite);
