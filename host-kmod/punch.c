// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking memory out of a file: holes, truncation, eviction.
 */
#include <linux/highmem.h>
#include <linux/pagemap.h>

#include "block.h"
#include "clean.h"
#include "evacuate.h"
#include "gmem.h"
#include "guest.h"
#include "hollow.h"
#include "promise.h"
#include "punch.h"
#include "resolve.h"
#include "span.h"
#include "store.h"

static void drop_private(struct dr_gmem *gm, unsigned long *word,
			 struct dr_entry e, pgoff_t index)
{
	struct page *page = pfn_to_page(dr_entry_pfn(e));

	/* A fault that was answered with the page maps it before this. */
	lock_page(page);
	dr_gmem_set_entry(gm, word, dr_entry_make(DR_ABSENT, 0));
	if (folio_mapped(page_folio(page)))
		unmap_mapping_pages(gm->inode->i_mapping, index, 1, false);
	dr_gmem_disown(page);
}

static void drop_entry(struct dr_gmem *gm, unsigned long *word, pgoff_t index)
{
	struct dr_entry e;

	dr_word_lock(word);
	dr_clean_end(gm, word);
	e = dr_word_read(word);
	if (dr_entry_type(e) == DR_PRIVATE) {
		drop_private(gm, word, e, index);
	} else if (e.v) {
		dr_gmem_set_entry(gm, word, dr_entry_make(DR_ABSENT, 0));
		dr_store_leave(gm, e, index);
	}
	dr_word_unlock(word);
}

static void punch_table(struct dr_gmem *gm, struct dr_span *span,
			pgoff_t first, pgoff_t end)
{
	pgoff_t index;

	lockdep_assert_held(&span->sem);
	/* One zap for the bulk; drop_entry() catches what comes back. */
	unmap_mapping_pages(gm->inode->i_mapping, first, end - first, false);
	for (index = first; index < end; index++)
		if (READ_ONCE(*dr_span_word(span, index)))
			drop_entry(gm, dr_span_word(span, index), index);
}

/*
 * Zero the pages where they are. They stay mapped: a guest that writes to
 * what it has just given up would race with this in any case.
 *
 * Return true when there is one whose memory has failed: it cannot be zeroed.
 */
static bool punch_block(struct dr_gmem *gm, struct dr_span *span,
			pgoff_t first, pgoff_t end)
{
	bool failed = false;
	pgoff_t index;

	for (index = first; index < end; index++) {
		unsigned long nr = index & DR_SPAN_MASK;
		struct page *page = folio_page(span->block, nr);

		if (PageHWPoison(page)) {
			failed = true;
			set_bit(nr, span->gone);
		} else {
			clear_highpage(page);
		}
		if (!test_and_set_bit(nr, span->holes))
			atomic_long_inc(&gm->nr_holes);
	}
	return failed;
}

static void punch_whole(struct dr_gmem *gm, struct dr_span *span)
{
	down_write(&span->sem);
	if (span->block) {
		dr_block_drop(gm, span);
	} else if (span->table) {
		punch_table(gm, span, span->start,
			    span->start + DR_SPAN_PAGES);
		dr_span_drop_table(gm, span);
	}
	up_write(&span->sem);
}

static void punch_part(struct dr_gmem *gm, struct dr_span *span,
		       pgoff_t first, pgoff_t end)
{
	bool failed = false, done = false;
	unsigned int holes = 0;

	down_read(&span->sem);
	if (span->block) {
		failed = punch_block(gm, span, first, end);
		holes = bitmap_weight(span->holes, DR_SPAN_PAGES);
	} else if (span->table) {
		punch_table(gm, span, first, end);
	}
	up_read(&span->sem);
	/* Not just dropped: the guest may have written to some holes again. */
	if (holes == DR_SPAN_PAGES || failed)
		done = !dr_block_evacuate(gm, span);
	if (!done && holes >= DR_EVACUATE_HOLES)
		dr_hollow_note(gm, span);
}

static void punch_pages(struct dr_gmem *gm, pgoff_t first, pgoff_t end)
{
	struct dr_span *span;
	unsigned long i;

	if (first >= end)
		return;
	xa_for_each_range(&gm->spans, i, span, first >> DR_SPAN_ORDER,
			  (end - 1) >> DR_SPAN_ORDER) {
		pgoff_t lo = max(first, span->start);
		pgoff_t hi = min(end, span->start + DR_SPAN_PAGES);

		if (hi - lo == DR_SPAN_PAGES)
			punch_whole(gm, span);
		else
			punch_part(gm, span, lo, hi);
		cond_resched();
	}
}

/* Zero bytes within one page; an absent page stays so. */
static int zero_bytes(struct dr_gmem *gm, loff_t from, loff_t to)
{
	struct dr_resolve r = {
		.gm = gm,
		.index = from >> PAGE_SHIFT,
		.write = true,
	};
	struct page *page;
	int err;

	if (from >= to)
		return 0;
	err = dr_resolve_read(gm, r.index, &page);
	if (err || !page)
		return err;
	put_page(page);
	err = dr_resolve(&r);
	if (err)
		return err == -ERANGE ? 0 : err;
	memzero_page(r.page, offset_in_page(from), to - from);
	unlock_page(r.page);
	put_page(r.page);
	return 0;
}

/**
 * dr_gmem_punch() - make a range of a file read as zero, and free its pages
 * @gm: the file
 * @from: first byte
 * @to: byte after the last one
 *
 * Partial pages at either end are zeroed. Nothing is punched when that fails.
 *
 * Context: may sleep; the inode is locked, or nobody else can reach it.
 * Return: 0, -ENOMEM, or -EIO.
 */
int dr_gmem_punch(struct dr_gmem *gm, loff_t from, loff_t to)
{
	loff_t head = min_t(loff_t, round_up(from, PAGE_SIZE), to);
	loff_t tail = max_t(loff_t, round_down(to, PAGE_SIZE), head);
	int err;

	err = zero_bytes(gm, from, head);
	if (!err)
		err = zero_bytes(gm, tail, to);
	if (err)
		return err;
	punch_pages(gm, head >> PAGE_SHIFT, tail >> PAGE_SHIFT);
	dr_count_add(gm->guest, DR_EV_PUNCH, (tail - head) >> PAGE_SHIFT);
	return 0;
}

/*
 * The core must not map what lies beyond the new end, and a block comes as a
 * whole: break up the one that is cut. It stays when that fails; its tail is
 * zero, and the core compares the folio's end with the file's size.
 */
static void cut_block(struct dr_gmem *gm, loff_t size)
{
	struct dr_span *span = dr_span_find(gm, size >> PAGE_SHIFT);

	if (size & (DR_BLOCK_SIZE - 1) && span)
		dr_block_evacuate(gm, span);
}

static void shrink(struct dr_gmem *gm, loff_t size)
{
	struct address_space *mapping = gm->inode->i_mapping;
	pgoff_t end = dr_gmem_pages(gm);
	pgoff_t first = DIV_ROUND_UP(size, PAGE_SIZE);

	/* Shut out faults: what they check against the size stays true. */
	filemap_invalidate_lock(mapping);
	i_size_write(gm->inode, size);
	unmap_mapping_pages(mapping, first, 0, false);
	punch_pages(gm, first, end);
	cut_block(gm, size);
	filemap_invalidate_unlock(mapping);
}

/**
 * dr_gmem_resize() - change the size of a file
 * @gm: the file
 * @size: new size in bytes
 *
 * Bytes beyond the end are zero, whichever way the size changes.
 *
 * Context: may sleep; the inode is locked.
 * Return: 0, -ENOSPC when the host cannot promise that much, -ENOMEM, or -EIO
 * when a partial page could not be zeroed; the file is then as before.
 */
int dr_gmem_resize(struct dr_gmem *gm, loff_t size)
{
	loff_t old = i_size_read(gm->inode);
	loff_t edge = min(old, size);
	int err;

	lockdep_assert_held_write(&gm->inode->i_rwsem);
	err = dr_promise_grow(gm, size);
	if (err)
		return err;
	err = zero_bytes(gm, edge, round_up(edge, PAGE_SIZE));
	if (err)
		goto trim;
	if (size >= old) {
		i_size_write(gm->inode, size);
		return 0;
	}
	shrink(gm, size);
	old = size;
trim:
	dr_promise_trim(gm, old);
	return err;
}

/**
 * dr_gmem_clear() - free everything
 * @gm: a file that nobody can reach any more
 */
void dr_gmem_clear(struct dr_gmem *gm)
{
	punch_pages(gm, 0, DR_MAX_FILE_SIZE >> PAGE_SHIFT);
}
