// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breaking up blocks: the bytes of a block move to 4 KiB pages, and the block
 * is freed whole.
 *
 * What somebody else has too is pointed to one page with his and needs no copy.
 * The rest goes to memory that is free, without reclaim; where that does not
 * do, to the reserve. So it never fails for lack of memory while the reserve is full,
 * whatever the host or the memory cgroup has left.
 */
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "alloc.h"
#include "block.h"
#include "bytes.h"
#include "dedup.h"
#include "evacuate.h"
#include "gmem.h"
#include "guest.h"
#include "mount.h"
#include "reserve.h"
#include "span.h"
#include "trace.h"

/**
 * struct evacuation - a block on its way into 4 KiB pages
 * @home: where the memory comes from and who pays
 * @spare: the table and, if @borrowed, the pages of the reserve
 * @borrowed: it is the reserve
 * @copy: what takes the place of pages that hold something; NULL for zeros
 * @note: what is to be remembered of each
 * @shared: which of those are shared pages, with a user for each
 * @nr_copies: how many there are
 */
struct evacuation {
	struct dr_home home;
	struct dr_loan spare;
	bool borrowed;
	struct page *copy[DR_SPAN_PAGES];
	u16 note[DR_SPAN_PAGES];
	DECLARE_BITMAP(shared, DR_SPAN_PAGES);
	unsigned int nr_copies;
};

/* Not if its memory has failed: then it is not to be read. */
static bool page_is_zero(struct page *page)
{
	void *bytes;
	bool zero;

	if (PageHWPoison(page))
		return false;
	bytes = kmap_local_page(page);
	zero = dr_bytes_zero(bytes);
	kunmap_local(bytes);
	return zero;
}

/* A page for a copy: one of the reserve's, or one that is free. */
static struct page *spare_take(struct evacuation *ev)
{
	struct page *page;

	if (!ev->borrowed)
		return dr_home_alloc_page(&ev->home);
	page = list_first_entry_or_null(&ev->spare.pages, struct page, lru);
	if (page)
		list_del_init(&page->lru);
	return page;
}

static void spare_give(struct evacuation *ev, struct page *page)
{
	if (ev->borrowed)
		list_add(&page->lru, &ev->spare.pages);
	else
		put_page(page);
}

/* Back to where they came from, after a failure. */
static void drop_copies(struct evacuation *ev)
{
	unsigned int i;

	for (i = 0; i < DR_SPAN_PAGES; i++) {
		if (test_bit(i, ev->shared))
			dr_dedup_unmatch(ev->copy[i]);
		else if (ev->copy[i])
			spare_give(ev, ev->copy[i]);
		ev->copy[i] = NULL;
	}
	bitmap_zero(ev->shared, DR_SPAN_PAGES);
	ev->nr_copies = 0;
}

/* Is there a page that cannot be copied, and was not given up since? */
static bool bytes_are_lost(struct dr_span *span)
{
	unsigned int i;

	for (i = 0; i < DR_SPAN_PAGES; i++)
		if (PageHWPoison(folio_page(span->block, i)) &&
		    !test_bit(i, span->gone))
			return true;
	return false;
}

/* What is to take the place of a page: somebody's shared one, or a copy. */
static struct page *replacement(struct evacuation *ev, struct dr_gmem *gm,
				struct dr_span *span, unsigned int i)
{
	struct page *from = folio_page(span->block, i);
	struct page *to = dr_dedup_match(gm, span->start + i, from,
					 &ev->note[i]);

	if (to) {
		__set_bit(i, ev->shared);
		return to;
	}
	to = spare_take(ev);
	if (to)
		copy_highpage(to, from);
	return to;
}

/* Empty a frozen block page by page. Return 0, -EIO or -ENOMEM. */
static int copy_block(struct evacuation *ev, struct dr_gmem *gm,
		      struct dr_span *span)
{
	struct page *from, *to;
	unsigned int i;

	if (bytes_are_lost(span))
		return -EIO;
	for (i = 0; i < DR_SPAN_PAGES; i++) {
		from = folio_page(span->block, i);
		if (PageHWPoison(from) || page_is_zero(from))
			continue;
		to = replacement(ev, gm, span, i);
		if (!to) {
			drop_copies(ev);
			return -ENOMEM;
		}
		ev->copy[i] = to;
		ev->nr_copies++;
	}
	return 0;
}

/* Unmap the block and make sure that nobody else holds it. */
static bool block_freeze(struct dr_gmem *gm, struct dr_span *span)
{
	struct folio *block = span->block;

	lockdep_assert_held_write(&span->sem);
	/* Waits for faults that are about to map it; they need no span. */
	folio_lock(block);
	/* Pinned: spare the guest the unmapping. A guess that does no harm. */
	if (folio_ref_count(block) > 1 + folio_mapcount(block)) {
		folio_unlock(block);
		return false;
	}
	unmap_mapping_pages(gm->inode->i_mapping, span->start, DR_SPAN_PAGES,
			    false);
	/* One reference is ours; a second one is a pin. */
	if (folio_ref_freeze(block, 1))
		return true;
	folio_unlock(block);
	return false;
}

/* Return 0, -EBUSY, -EIO or -ENOMEM. */
static int empty_block(struct evacuation *ev, struct dr_gmem *gm,
		       struct dr_span *span)
{
	struct folio *block = span->block;
	int err;

	if (!block_freeze(gm, span))
		return -EBUSY;
	err = copy_block(ev, gm, span);
	folio_ref_unfreeze(block, 1);
	folio_unlock(block);
	return err;
}

/* Move the copies off the reserve, and the table if it is used. */
static void rehome(struct evacuation *ev, unsigned long **table)
{
	unsigned long *fresh_table;
	struct page *fresh;
	unsigned int i;

	fresh_table = *table ? dr_home_alloc_table(&ev->home) : NULL;
	if (fresh_table) {
		ev->spare.table = *table;
		*table = fresh_table;
	}
	for (i = 0; i < DR_SPAN_PAGES; i++) {
		if (!ev->copy[i] || test_bit(i, ev->shared))
			continue;
		fresh = dr_home_alloc_page(&ev->home);
		if (!fresh)
			break;
		copy_highpage(fresh, ev->copy[i]);
		spare_give(ev, ev->copy[i]);
		ev->copy[i] = fresh;
	}
}

/*
 * The block has just been freed, so there are at least as many free pages as
 * this needs, and room in the cgroup. PF_MEMALLOC makes watermarks and limits
 * no obstacle: afterwards there is no less free memory than before the
 * evacuation. What is not to be had is lost to the reserve.
 */
static void repay(struct evacuation *ev, unsigned long **table)
{
	unsigned int flags = memalloc_noreclaim_save();

	rehome(ev, table);
	memalloc_noreclaim_restore(flags);
}

static struct dr_entry entry_for(struct evacuation *ev, struct dr_gmem *gm,
				 struct dr_span *span, unsigned int i)
{
	unsigned long pfn = page_to_pfn(ev->copy[i]);

	if (test_bit(i, ev->shared)) {
		dr_count(gm->guest, DR_EV_SHARE_MERGE);
		trace_dr_merge(gm, span->start + i, 0);
		return dr_entry_page(DR_SHARED, pfn, 0);
	}
	dr_gmem_adopt(gm, ev->copy[i], span->start + i);
	return dr_entry_page(DR_PRIVATE, pfn, ev->note[i]);
}

/* Put the copies into @table, and @table into the span. Cannot fail. */
static void fill_table(struct evacuation *ev, struct dr_gmem *gm,
		       struct dr_span *span, unsigned long *table)
{
	unsigned int i;

	for (i = 0; i < DR_SPAN_PAGES; i++) {
		if (!ev->copy[i])
			continue;
		table[i] = DR_ENTRY_LOCK;
		dr_gmem_set_entry(gm, &table[i], entry_for(ev, gm, span, i));
		table[i] &= ~DR_ENTRY_LOCK;
		ev->copy[i] = NULL;
	}
	bitmap_zero(ev->shared, DR_SPAN_PAGES);
	span->table = table;
	atomic_long_inc(&gm->nr_tables);
}

/*
 * Was the block punched out whole? Holes alone do not tell: a guest may have
 * written there again without a fault. That nothing had to be copied does.
 */
static bool all_punched(const struct evacuation *ev, const struct dr_span *span)
{
	return !ev->nr_copies && bitmap_full(span->holes, DR_SPAN_PAGES);
}

/*
 * Where nothing is left, the span is empty and may be a block again. Not if a
 * part of it was punched: that guest is squeezed and goes on with 4 KiB pages.
 */
static bool needs_table(const struct evacuation *ev, const struct dr_span *span)
{
	return ev->nr_copies || (!bitmap_empty(span->holes, DR_SPAN_PAGES) &&
				 !all_punched(ev, span));
}

/* Free the block, and put what was copied in its place. Cannot fail. */
static void replace_block(struct evacuation *ev, struct dr_gmem *gm,
			  struct dr_span *span)
{
	bool broken_up = !all_punched(ev, span);
	struct folio *block = span->block;
	unsigned long *table = NULL;

	if (needs_table(ev, span))
		swap(table, ev->spare.table);
	/*
	 * Its memory is free for what repays the reserve. That it is gone is
	 * said when its pages are about to be: for the shorter, the better,
	 * the totals count neither.
	 */
	dr_block_put(block);
	if (ev->borrowed)
		repay(ev, &table);
	dr_mount_uncharge(gm->mount, DR_SPAN_PAGES - ev->nr_copies);
	dr_gmem_set_block(gm, span, NULL);
	if (table)
		fill_table(ev, gm, span, table);
	/* Last: who has seen this counted finds the figures of the pages. */
	if (broken_up) {
		dr_count(gm->guest, DR_EV_BLOCK_EVACUATE);
		dr_scan_note_fresh(gm, span, DR_SPAN_PAGES);
	}
}

/*
 * What is allocated here comes without reclaim, so that nobody who waits for
 * the span can be waited for.
 */
static int evacuate_span(struct evacuation *ev, struct dr_gmem *gm,
			 struct dr_span *span)
{
	int err;

	ev->home = dr_home_of(span->block);
	if (!ev->borrowed)
		ev->spare.table = dr_home_alloc_table(&ev->home);
	err = ev->spare.table ? empty_block(ev, gm, span) : -ENOMEM;
	if (!err)
		replace_block(ev, gm, span);
	dr_home_put(&ev->home);
	return err;
}

static int evacuate(struct evacuation *ev, struct dr_gmem *gm,
		    struct dr_span *span)
{
	int err = -ENOENT;

	down_write(&span->sem);
	if (span->block)
		err = evacuate_span(ev, gm, span);
	up_write(&span->sem);
	return err;
}

static struct evacuation *prepare(void)
{
	struct evacuation *ev = kzalloc(sizeof(*ev), GFP_KERNEL | __GFP_NORETRY |
					__GFP_NOWARN);

	if (ev)
		INIT_LIST_HEAD(&ev->spare.pages);
	return ev;
}

static void unprepare(struct evacuation *ev)
{
	kfree(ev->spare.table);
	kfree(ev);
}

/* With memory that is free. -ENOMEM when there is none, or too little. */
static int evacuate_free(struct dr_gmem *gm, struct dr_span *span)
{
	struct evacuation *ev = prepare();
	int err;

	if (!ev)
		return -ENOMEM;
	err = evacuate(ev, gm, span);
	unprepare(ev);
	return err;
}

static int evacuate_on_reserve(struct dr_gmem *gm, struct dr_span *span)
{
	/* Too large for the stack; there is one borrower at a time. */
	static struct evacuation ev;
	int err;

	/* Whoever has the reserve may be waiting for it. */
	lockdep_assert_not_held(&span->sem);
	dr_reserve_borrow(&ev.spare);
	ev.borrowed = true;
	ev.nr_copies = 0;
	err = evacuate(&ev, gm, span);
	dr_reserve_return(&ev.spare);
	if (!err)
		dr_count(gm->guest, DR_EV_BLOCK_RESERVE);
	return err;
}

/**
 * dr_block_evacuate() - break up a block into 4 KiB pages
 * @gm: the file
 * @span: the span
 *
 * Pages of zeros become absent. The others are copied to free memory or, when
 * there is not enough, by way of the reserve. A block of zeros that was punched
 * out page by page leaves nothing behind and is not counted as broken up.
 *
 * Context: may sleep; takes the reserve's lock, @span->sem, folio lock,
 * i_mmap_rwsem. Not from a shrinker.
 * Return: 0; -ENOENT when there is no block (any more); -EBUSY when it is
 * pinned; -EIO when memory of it has failed and the page there was not punched;
 * -ENOMEM when the reserve is used up.
 */
int dr_block_evacuate(struct dr_gmem *gm, struct dr_span *span)
{
	int err = evacuate_free(gm, span);

	if (err == -ENOMEM)
		err = evacuate_on_reserve(gm, span);
	if (err == -EBUSY)
		dr_count(gm->guest, DR_EV_BLOCK_BUSY);
	trace_dr_evacuate(gm, span->start, err);
	return err;
}
