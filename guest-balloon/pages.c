// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pages of the balloon: taken from the guest's allocator without making
 * anybody wait, kept in two lists, given back. Blocks of 2 MiB are ours alone;
 * single pages are known to compaction, which may move them.
 */
#include "denseram_balloon.h"

#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/virtio_config.h>

static_assert(DR_BLOCK_PAGES == 1U << DR_BLOCK_ORDER);

static bool blocks = true;
module_param(blocks, bool, 0644);
MODULE_PARM_DESC(blocks, "give memory in blocks of 2 MiB where the host takes them");

/*
 * Take what is free: who reclaims for itself would stall, and the reserves are for
 * others. A page that is missing wakes those who make more free in the background;
 * a block does not, for they would compact a guest in fragments, which moves pages
 * of the balloon, and tell the host of each, while single pages do as well.
 */
#define DR_GFP		(__GFP_NOMEMALLOC | __GFP_NORETRY | __GFP_NOWARN)
#define DR_BLOCK_GFP	((GFP_HIGHUSER & ~__GFP_RECLAIM) | DR_GFP)
#define DR_PAGE_GFP	((DR_MOVABLE_GFP & ~__GFP_RECLAIM) | DR_GFP | \
			 __GFP_KSWAPD_RECLAIM)

/**
 * dr_pages_use_blocks() - does the host take blocks?
 * @b: the balloon
 *
 * One that knows what free pages contain does not drop them.
 *
 * Return: whether it does.
 */
bool dr_pages_use_blocks(const struct dr_balloon *b)
{
	return READ_ONCE(blocks) && b->report.vq && !b->poisoned;
}

/**
 * dr_pages_alloc_blocks() - take blocks from the guest
 * @b: the balloon
 * @list: they are appended to it
 * @nr: how many at most
 * @msecs: for how long at most
 *
 * Return: how many; fewer when the guest has run short meanwhile.
 */
unsigned int dr_pages_alloc_blocks(struct dr_balloon *b,
				   struct list_head *list, unsigned int nr,
				   unsigned int msecs)
{
	unsigned long until = jiffies + msecs_to_jiffies(msecs);
	unsigned int got = 0;
	struct page *page;

	while (got < nr && !READ_ONCE(b->yielded) &&
	       (!got || time_before(jiffies, until))) {
		page = alloc_pages(DR_BLOCK_GFP, DR_BLOCK_ORDER);
		if (!page) {
			dr_count(b, DR_COUNT_BLOCK_FAILS, 1);
			break;
		}
		list_add_tail(&page->lru, list);
		got++;
		/* Zeroing one takes as long as a process may have to wait. */
		cond_resched();
	}
	return got;
}

/**
 * dr_pages_alloc() - take single pages from the guest
 * @b: the balloon
 * @list: they are appended to it
 * @nr: how many at most
 *
 * Return: how many.
 */
unsigned int dr_pages_alloc(struct dr_balloon *b, struct list_head *list,
			    unsigned int nr)
{
	unsigned int got = 0;
	struct page *page;

	while (got < nr) {
		page = alloc_page(DR_PAGE_GFP);
		if (!page)
			break;
		list_add_tail(&page->lru, list);
		got++;
	}
	if (got < nr)
		dr_count(b, DR_COUNT_PAGE_FAILS, 1);
	return got;
}

/**
 * dr_pages_free_block() - give a block back to the guest
 * @block: on no list
 */
void dr_pages_free_block(struct page *block)
{
	__free_pages(block, DR_BLOCK_ORDER);
}

/**
 * dr_pages_free() - give single pages back to the guest
 * @list: pages that the balloon does not hold
 */
void dr_pages_free(struct list_head *list)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, list, lru) {
		list_del(&page->lru);
		__free_page(page);
	}
}

/*
 * A balloon that deflates when memory is short counts as memory of the guest;
 * one that does not makes the guest smaller.
 */
static void adjust_managed(struct dr_balloon *b, struct page *page, long nr)
{
	if (!virtio_has_feature(b->vdev, VIRTIO_BALLOON_F_DEFLATE_ON_OOM))
		adjust_managed_page_count(page, nr);
}

/* Dumps and readers of all memory leave it alone. */
static void mark_offline(struct page *block)
{
	unsigned int i;

	for (i = 0; i < DR_BLOCK_PAGES; i++)
		__SetPageOffline(block + i);
}

static void mark_online(struct page *block)
{
	unsigned int i;

	for (i = 0; i < DR_BLOCK_PAGES; i++)
		__ClearPageOffline(block + i);
}

/**
 * dr_pages_hold_blocks() - the host has these blocks from now on
 * @b: the balloon
 * @list: the blocks; empty afterwards
 */
void dr_pages_hold_blocks(struct dr_balloon *b, struct list_head *list)
{
	unsigned int nr = 0;
	struct page *page;

	list_for_each_entry(page, list, lru) {
		mark_offline(page);
		adjust_managed(b, page, -(long)DR_BLOCK_PAGES);
		nr++;
	}
	spin_lock(&b->lock);
	list_splice_init(list, &b->blocks);
	b->nr_blocks += nr;
	spin_unlock(&b->lock);
	dr_count(b, DR_COUNT_BLOCKS_IN, nr);
}

/**
 * dr_pages_hold() - the host may have these pages from now on
 * @b: the balloon
 * @list: single pages; empty afterwards
 * @nr: how many
 */
void dr_pages_hold(struct dr_balloon *b, struct list_head *list,
		   unsigned int nr)
{
	struct page *page;

	if (!DR_BALLOON_ADJUSTS)
		list_for_each_entry(page, list, lru)
			adjust_managed(b, page, -1);
	spin_lock(&b->lock);
	b->nr_pages += nr;
	spin_unlock(&b->lock);
	balloon_page_list_enqueue(&b->migratable, list);
	dr_count(b, DR_COUNT_PAGES_IN, nr);
}

/**
 * dr_pages_release_block() - take a block out of the balloon
 * @b: the balloon
 *
 * The host need not be told: it takes reported memory for free.
 *
 * Context: any but interrupts.
 * Return: the block, to be freed, or NULL when none is held.
 */
struct page *dr_pages_release_block(struct dr_balloon *b)
{
	struct page *block;

	spin_lock(&b->lock);
	block = list_first_entry_or_null(&b->blocks, struct page, lru);
	if (block) {
		list_del(&block->lru);
		b->nr_blocks--;
	}
	spin_unlock(&b->lock);
	if (!block)
		return NULL;
	mark_online(block);
	adjust_managed(b, block, DR_BLOCK_PAGES);
	dr_count(b, DR_COUNT_BLOCKS_OUT, 1);
	return block;
}

/**
 * dr_pages_lend_block() - take a block out for a moment
 * @b: the balloon
 *
 * It counts as held, but nobody can give it back to the guest.
 *
 * Return: the block, for dr_pages_return_blocks(), or NULL.
 */
struct page *dr_pages_lend_block(struct dr_balloon *b)
{
	struct page *block;

	spin_lock(&b->lock);
	block = list_first_entry_or_null(&b->blocks, struct page, lru);
	if (block) {
		list_del(&block->lru);
		b->nr_blocks--;
		b->nr_lent++;
	}
	spin_unlock(&b->lock);
	return block;
}

/**
 * dr_pages_return_blocks() - the moment is over
 * @b: the balloon
 * @list: blocks that were lent; empty afterwards
 */
void dr_pages_return_blocks(struct dr_balloon *b, struct list_head *list)
{
	spin_lock(&b->lock);
	list_splice_init(list, &b->blocks);
	b->nr_blocks += b->nr_lent;
	b->nr_lent = 0;
	spin_unlock(&b->lock);
}

/**
 * dr_pages_release() - take single pages out of the balloon
 * @b: the balloon
 * @list: they are added to it, to be freed when the host knows
 * @nr: how many at most
 *
 * Context: any but interrupts.
 * Return: how many; those that compaction is moving stay.
 */
unsigned int dr_pages_release(struct dr_balloon *b, struct list_head *list,
			      unsigned int nr)
{
	unsigned int got = balloon_page_list_dequeue(&b->migratable, list, nr);
	struct page *page;

	spin_lock(&b->lock);
	b->nr_pages -= got;
	spin_unlock(&b->lock);
	if (!DR_BALLOON_ADJUSTS)
		list_for_each_entry(page, list, lru)
			adjust_managed(b, page, 1);
	dr_count(b, DR_COUNT_PAGES_OUT, got);
	return got;
}

/**
 * dr_pages_split_block() - make single pages of a block
 * @b: the balloon
 *
 * So that less than a block can be taken back.
 */
void dr_pages_split_block(struct dr_balloon *b)
{
	struct page *block = dr_pages_release_block(b);
	LIST_HEAD(list);
	unsigned int i;

	if (!block)
		return;
	split_page(block, DR_BLOCK_ORDER);
	for (i = 0; i < DR_BLOCK_PAGES; i++)
		list_add_tail(&block[i].lru, &list);
	dr_pages_hold(b, &list, DR_BLOCK_PAGES);
}

/**
 * dr_pages_held() - size of the balloon
 * @b: the balloon
 *
 * Return: in pages.
 */
unsigned int dr_pages_held(struct dr_balloon *b)
{
	unsigned int held;

	spin_lock(&b->lock);
	held = (b->nr_blocks + b->nr_lent) * DR_BLOCK_PAGES + b->nr_pages;
	spin_unlock(&b->lock);
	return held;
}

/**
 * dr_pages_empty() - give all pages back
 * @b: the balloon; the host has forgotten it
 *
 * Context: may sleep, until compaction returns the pages it is moving.
 */
void dr_pages_empty(struct dr_balloon *b)
{
	struct page *block;
	LIST_HEAD(list);

	while ((block = dr_pages_release_block(b)))
		dr_pages_free_block(block);
	while (READ_ONCE(b->nr_pages)) {
		if (!dr_pages_release(b, &list, DR_MESSAGE_FRAMES))
			schedule_timeout_uninterruptible(1);
		dr_pages_free(&list);
	}
	spin_lock(&b->lock);
	b->nr_untold = 0;
	spin_unlock(&b->lock);
}

/**
 * dr_pages_frame() - how a message names a page
 * @b: the balloon
 * @page: the page
 *
 * Return: its frame number, in the order of the device.
 */
__virtio32 dr_pages_frame(struct dr_balloon *b, const struct page *page)
{
	return cpu_to_virtio32(b->vdev, page_to_pfn(page));
}
