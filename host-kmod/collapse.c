// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Collapse
 *
 * The way back from 4 KiB pages to a block, for ranges that stayed private
 * while memory is plentiful. All 512 words of the span are locked, the pages
 * unmapped at one go and frozen, as a grab does with one; their bytes are
 * copied to a fresh block, and the block takes the place of the table. Nobody
 * is waited for: a page that is pinned, or in the hands of a pass, ends the
 * attempt, and everything is as before.
 *
 * Absent pages within the range become zeros that cost memory. They are
 * entered as holes of the block, so that it is broken up again as soon as the
 * guest gives back the rest of a half.
 *
 * Then the page tables: see remap.c. Without that a collapse would gain the
 * 4 KiB of the span's table and nothing else, for a page table that is already
 * there, though empty, keeps the core from mapping the block as one entry.
 */
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "alloc.h"
#include "clean.h"
#include "collapse.h"
#include "files.h"
#include "grab.h"
#include "guest.h"
#include "mount.h"
#include "remap.h"
#include "span.h"
#include "store.h"
#include "trace.h"

/**
 * struct collapse - pages on their way into a block
 * @gm: the file
 * @span: the span
 * @block: the block to be, with one reference
 * @max_absent: most pages that may be missing
 * @nr_pages: private pages found
 * @peeked: the zero page stands in somewhere
 * @page: the private pages; NULL where absent
 */
struct collapse {
	struct dr_gmem *gm;
	struct dr_span *span;
	struct folio *block;
	unsigned int max_absent;
	unsigned int nr_pages;
	bool peeked;
	struct page *page[DR_SPAN_PAGES];
};

static bool note_word(struct collapse *c, unsigned int i)
{
	struct dr_entry e;

	dr_clean_end(c->gm, &c->span->table[i]);
	e = dr_word_read(&c->span->table[i]);
	c->page[i] = NULL;
	c->peeked |= dr_entry_peeked(e);
	if (dr_entry_type(e) == DR_ABSENT)
		return true;
	if (dr_entry_type(e) != DR_PRIVATE)
		return false;
	c->page[i] = pfn_to_page(dr_entry_pfn(e));
	c->nr_pages++;
	/* To read memory that has failed would bring down the host. */
	return !PageHWPoison(c->page[i]);
}

static void unlock_words(struct collapse *c, unsigned int nr)
{
	while (nr--)
		dr_word_unlock(&c->span->table[nr]);
}

/*
 * Faults hold the span's sem for as long as they hold a word, so whoever has
 * one now is a pass, and may keep it for long: do not wait.
 */
static int lock_words(struct collapse *c)
{
	unsigned int i;
	int err = 0;

	lockdep_assert_held_write(&c->span->sem);
	for (i = 0; i < DR_SPAN_PAGES; i++) {
		if (!dr_word_trylock(&c->span->table[i])) {
			unlock_words(c, i);
			return -EBUSY;
		}
		if (!note_word(c, i))
			err = -ENODATA;
	}
	if (DR_SPAN_PAGES - c->nr_pages > c->max_absent)
		err = -ENODATA;
	if (err)
		unlock_words(c, DR_SPAN_PAGES);
	return err;
}

static void unlock_pages(struct collapse *c, unsigned int nr)
{
	while (nr--)
		if (c->page[nr])
			unlock_page(c->page[nr]);
}

static int lock_pages(struct collapse *c)
{
	unsigned int i;

	for (i = 0; i < DR_SPAN_PAGES; i++) {
		if (!c->page[i] || trylock_page(c->page[i]))
			continue;
		unlock_pages(c, i);
		return -EBUSY;
	}
	return 0;
}

static void thaw_pages(struct collapse *c, unsigned int nr)
{
	while (nr--)
		if (c->page[nr])
			folio_ref_unfreeze(page_folio(c->page[nr]), 1);
}

/* One reference of each is the file's; a second one is a pin. */
static int freeze_pages(struct collapse *c)
{
	unsigned int i;

	for (i = 0; i < DR_SPAN_PAGES; i++) {
		if (!c->page[i] ||
		    folio_ref_freeze(page_folio(c->page[i]), 1))
			continue;
		thaw_pages(c, i);
		return -EBUSY;
	}
	return 0;
}

/* Take all pages out of all page tables, and the zero page with them. */
static void unmap_pages(struct collapse *c)
{
	if (c->peeked)
		dr_stand_in_unmap(c->gm, dr_gmem_zero_page(c->gm),
				  c->span->start, DR_SPAN_PAGES);
	else
		unmap_mapping_pages(c->gm->inode->i_mapping, c->span->start,
				    DR_SPAN_PAGES, false);
}

static void copy_pages(struct collapse *c)
{
	struct page *to;
	unsigned int i;

	for (i = 0; i < DR_SPAN_PAGES; i++) {
		to = folio_page(c->block, i);
		if (c->page[i])
			copy_highpage(to, c->page[i]);
		else
			clear_highpage(to);
		if (!(i % 64))
			cond_resched();
	}
}

/*
 * The words are locked and the span's sem is held for writing: nobody looks at
 * the table or is about to, so it may go as it is. Cannot fail.
 */
static void install_block(struct collapse *c)
{
	unsigned int i;

	c->block->index = c->span->start;
	dr_gmem_fold(c->gm, c->span, c->block, c->nr_pages);
	c->block = NULL;
	for (i = 0; i < DR_SPAN_PAGES; i++) {
		if (c->page[i]) {
			folio_ref_unfreeze(page_folio(c->page[i]), 1);
			dr_gmem_disown(c->page[i]);
		} else {
			set_bit(i, c->span->holes);
			atomic_long_inc(&c->gm->nr_holes);
		}
	}
}

/* With the words locked; they are gone on success. */
static int collapse_words(struct collapse *c)
{
	unsigned int absent = DR_SPAN_PAGES - c->nr_pages;
	int err;

	err = dr_mount_charge(c->gm->mount, absent);
	if (err)
		return err;
	err = lock_pages(c);
	if (err)
		goto uncharge;
	unmap_pages(c);
	err = freeze_pages(c);
	if (err)
		goto unlock;
	copy_pages(c);
	install_block(c);
	return 0;

unlock:
	unlock_pages(c, DR_SPAN_PAGES);
uncharge:
	dr_mount_uncharge(c->gm->mount, absent);
	return err;
}

static bool span_fits(struct dr_gmem *gm, struct dr_span *span)
{
	return READ_ONCE(gm->mount->huge) && span->table &&
	       span->start + DR_SPAN_PAGES <=
			i_size_read(gm->inode) >> PAGE_SHIFT;
}

static int collapse_locked(struct collapse *c)
{
	int err;

	if (!span_fits(c->gm, c->span))
		return -ENODATA;
	err = lock_words(c);
	if (err)
		return err;
	err = collapse_words(c);
	if (err)
		unlock_words(c, DR_SPAN_PAGES);
	return err;
}

/* Does the span look worth a try? */
static bool survey(struct collapse *c)
{
	unsigned int i, nr = 0;

	down_read(&c->span->sem);
	for (i = 0; span_fits(c->gm, c->span) && i < DR_SPAN_PAGES; i++)
		nr += dr_entry_own(dr_word_read(&c->span->table[i]));
	up_read(&c->span->sem);
	return nr && DR_SPAN_PAGES - nr <= c->max_absent;
}

/* A block where the first private page is, paid for by the same cgroup. */
static struct folio *alloc_block(struct collapse *c)
{
	struct folio *block;
	struct dr_home home;
	struct page *page;
	unsigned int i;

	for (i = 0; i < DR_SPAN_PAGES; i++) {
		page = dr_gmem_glance(c->gm, c->span->start + i);
		if (page)
			break;
	}
	if (i == DR_SPAN_PAGES)
		return NULL;
	home = dr_home_of(page_folio(page));
	/* It would be a pin. */
	put_page(page);
	block = dr_home_alloc_block(&home);
	dr_home_put(&home);
	return block;
}

/*
 * The size of the file does not change under the invalidate lock, so a block
 * never reaches beyond its end.
 */
static int collapse(struct collapse *c)
{
	struct address_space *mapping = c->gm->inode->i_mapping;
	int err;

	c->block = alloc_block(c);
	if (!c->block)
		return -ENOMEM;
	filemap_invalidate_lock_shared(mapping);
	down_write(&c->span->sem);
	err = collapse_locked(c);
	up_write(&c->span->sem);
	filemap_invalidate_unlock_shared(mapping);
	if (c->block)
		folio_put(c->block);
	return err;
}

/**
 * dr_block_collapse() - make a block of a span's 4 KiB pages
 * @gm: the file
 * @span: the span
 * @max_absent: most absent pages, which become zeros
 *
 * Needs a free block, and takes none that would have to be made by reclaim or
 * compaction.
 *
 * Context: may sleep; takes the mapping's invalidate lock for reading,
 * @span->sem, entries, folio locks, i_mmap_rwsem; then, with none of these
 * held, mmap_lock of the processes that map the file. The caller keeps @gm.
 * Return: 0; -ENODATA when the span is no such range; -EBUSY when a page is
 * pinned or contended; -ENOSPC at the mount's size limit; -ENOMEM.
 */
int dr_block_collapse(struct dr_gmem *gm, struct dr_span *span,
		      unsigned int max_absent)
{
	struct collapse *c = kzalloc(sizeof(*c), GFP_KERNEL);
	int err = -ENODATA;

	if (!c)
		return -ENOMEM;
	c->gm = gm;
	c->span = span;
	c->max_absent = max_absent;
	if (survey(c)) {
		err = collapse(c);
		trace_dr_collapse(gm, span->start, err);
	}
	kfree(c);
	if (!err) {
		dr_count(gm->guest, DR_EV_BLOCK_COLLAPSE);
		dr_remap_span(gm, span->start);
	}
	return err;
}

static int collapse_file(struct dr_gmem *gm, unsigned int max_absent,
			 bool (*ripe)(struct dr_span *span), long *nr)
{
	struct dr_span *span;
	unsigned long i;
	int err;

	xa_for_each(&gm->spans, i, span) {
		if (fatal_signal_pending(current))
			return -EINTR;
		/* A hint: looked at again under the lock. */
		if (!READ_ONCE(span->table) || (ripe && !ripe(span)))
			continue;
		err = dr_block_collapse(gm, span, max_absent);
		if (!err)
			(*nr)++;
		if (err == -ENOMEM || err == -ENOSPC)
			return err;
		cond_resched();
	}
	return 0;
}

/**
 * dr_collapse_guest() - make blocks wherever a guest's pages allow it
 * @guest: the guest, kept by the caller
 * @max_absent: most absent pages of a span, which become zeros
 * @ripe: asked of each span that has a table, without a lock held; NULL: all
 *	are
 *
 * Ends early when there are no blocks to be had any more.
 *
 * Context: may sleep, for long; see dr_block_collapse().
 * Return: how many blocks it made.
 */
long dr_collapse_guest(struct dr_guest *guest, unsigned int max_absent,
		       bool (*ripe)(struct dr_span *span))
{
	struct dr_gmem *gm = NULL;
	long nr = 0;

	while ((gm = dr_files_next(guest, gm))) {
		if (!collapse_file(gm, max_absent, ripe, &nr))
			continue;
		dr_gmem_put(gm);
		break;
	}
	return nr;
}
