// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a page offset to a page: what faults, write(2), fallocate(2) and
 * read(2) have in common.
 *
 * A span is filled on first touch, by a block or by a table. After that there
 * is one shape for every entry: private, take its page; a read, and the store
 * has a page to show, take that; otherwise load the bytes into a fresh page
 * and make it private. Copy-on-write and swap-in are the last case.
 */
#include <linux/pagemap.h>

#include "block.h"
#include "clean.h"
#include "dedup.h"
#include "fetch.h"
#include "gmem.h"
#include "guest.h"
#include "latency.h"
#include "mount.h"
#include "note.h"
#include "resolve.h"
#include "span.h"
#include "store.h"
#include "trace.h"

/* Hand out a page of the file's own; its entry or its block is held. */
static void answer(struct dr_resolve *r, struct page *page, bool writable)
{
	WARN_ON_ONCE(!folio_ref_count(page_folio(page)));
	get_page(page);
	/*
	 * Whoever maps pages into page tables holds the folio lock while
	 * doing so, and needs neither entry nor span for it: no deadlock.
	 */
	folio_lock(page_folio(page));
	r->page = page;
	r->writable = writable;
}

static void answer_block(struct dr_resolve *r, struct dr_span *span)
{
	unsigned long nr = r->index & DR_SPAN_MASK;

	answer(r, folio_page(span->block, nr), true);
	if (r->write && !PageHWPoison(r->page) &&
	    test_and_clear_bit(nr, span->holes))
		atomic_long_dec(&r->gm->nr_holes);
}

/* May a store keep the bytes of an entry that is brought back? */
static bool may_keep(const struct dr_resolve *r, struct dr_entry e)
{
	const struct dr_store_ops *store = dr_store_of(e);

	return !r->write && store->keep && store->keep(e);
}

/* The entry that @e becomes when @page takes its place. */
static struct dr_entry private_entry(struct dr_entry e, struct page *page)
{
	const struct dr_store_ops *store = dr_store_of(e);
	u16 note = 0;

	if (store->returns)
		note = store->returns(e) * DR_NOTE_RETURN;
	if (dr_entry_type(e) == DR_SHARED)
		note = dr_note_broken(dr_entry_note(e));
	return dr_entry_page(DR_PRIVATE, page_to_pfn(page), note);
}

static void count_private(struct dr_gmem *gm, struct dr_entry was,
			  pgoff_t index)
{
	if (dr_entry_peeked(was))
		dr_count(gm->guest, DR_EV_COW);
	if (dr_entry_type(was) != DR_ABSENT)
		dr_count(gm->guest, DR_EV_FAULT_LOAD);
	if (dr_entry_type(was) == DR_SHARED) {
		dr_count(gm->guest, DR_EV_SHARE_BREAK);
		trace_dr_break(gm, index, false);
	}
	if (dr_entry_type(was) == DR_SWAPPED) {
		dr_count(gm->guest, DR_EV_SWAP_IN);
		trace_dr_swap_in(gm, index, 0);
	}
	dr_count(gm->guest, DR_EV_PAGE_ALLOC);
}

/* Load an entry that a fault waits for, and note how long that takes. */
static int load(struct dr_gmem *gm, struct dr_entry e, struct page *dst)
{
	const struct dr_store_ops *store = dr_store_of(e);
	u64 start;
	int err;

	if (dr_entry_type(e) != DR_SWAPPED)
		return store->load(gm, e, dst);
	start = ktime_get_ns();
	err = store->load(gm, e, dst);
	dr_latency_note(gm->guest, ktime_get_ns() - start);
	return err;
}

/*
 * Put the spare page into a locked entry, filled with what the entry stands
 * for.
 */
static int make_private(struct dr_resolve *r, unsigned long *word)
{
	struct dr_entry e = dr_word_read(word);
	const struct dr_store_ops *store = dr_store_of(e);
	int err = 0;

	if (WARN_ON_ONCE(!store))
		return -EIO;
	if (dr_entry_type(e) == DR_ABSENT)
		err = dr_mount_charge(r->gm->mount, 1);
	if (err)
		return err;
	err = load(r->gm, e, r->spare);
	if (err) {
		if (dr_entry_type(e) == DR_ABSENT)
			dr_mount_uncharge(r->gm->mount, 1);
		return err;
	}
	dr_gmem_adopt(r->gm, r->spare, r->index);
	if (may_keep(r, e)) {
		dr_gmem_set_entry(r->gm, word,
				  dr_clean_make(r->spare, e,
						DR_NOTE_RETURN));
	} else {
		dr_gmem_set_entry(r->gm, word, private_entry(e, r->spare));
		dr_store_leave(r->gm, e, r->index);
	}
	count_private(r->gm, e, r->index);
	r->spare = NULL;
	return 0;
}

/* The page that stands in for the entry under a read, or NULL. */
static struct page *peek(struct dr_resolve *r, struct dr_entry e)
{
	const struct dr_store_ops *store = dr_store_of(e);
	struct page *page;

	if (r->write || !store || !store->peek)
		return NULL;
	page = store->peek(r->gm, e);
	/*
	 * Each mapping takes a reference. Stop long before the count could
	 * wrap: a process that maps a huge file over and over must not be
	 * able to free a page that is in use.
	 */
	return page && page_ref_count(page) < INT_MAX / 2 ? page : NULL;
}

/* Somebody has asked for a page that was read before. */
static struct dr_entry note_asked(struct dr_gmem *gm, unsigned long *word,
				  struct dr_entry e)
{
	if (!dr_entry_fresh(e))
		return e;
	if (dr_entry_young(e)) {
		atomic_inc(&gm->ahead.hits);
		dr_count(gm->guest, DR_EV_SWAP_AHEAD_HIT);
	}
	e = dr_entry_mkold(e);
	dr_gmem_set_entry(gm, word, e);
	return e;
}

/* A page of the file's own: a clean one stays so until it is written. */
static int answer_own(struct dr_resolve *r, unsigned long *word)
{
	struct dr_entry e = dr_word_read(word);
	struct page *page;

	if (r->async && dr_entry_fresh(e))
		return -EALREADY;
	e = note_asked(r->gm, word, e);
	if (r->write)
		dr_clean_end(r->gm, word);
	e = dr_word_read(word);
	page = pfn_to_page(dr_entry_pfn(e));
	if (!dr_gmem_owns(r->gm, page, r->index))
		return -EIO;
	r->own = true;
	answer(r, page, dr_entry_type(e) == DR_PRIVATE);
	return 0;
}

/* A page that stands in for the entry. Return false if there is none. */
static bool answer_peeked(struct dr_resolve *r, unsigned long *word)
{
	struct dr_entry e = dr_word_read(word);
	struct page *page = peek(r, e);

	if (!page)
		return false;
	if (!dr_entry_peeked(e))
		dr_gmem_set_entry(r->gm, word, dr_entry_mkpeeked(e));
	answer(r, page, false);
	return true;
}

/*
 * Answer from a locked entry. Return 0; -EAGAIN when a spare page is needed
 * first; -EINPROGRESS when a read has been started, and has the lock now; or the
 * error.
 */
static int answer_locked(struct dr_resolve *r, struct dr_span *span,
			 unsigned long *word)
{
	int err;

	r->soft = dr_entry_own(dr_word_read(word)) && !r->fetched;
	if (dr_entry_own(dr_word_read(word)))
		return answer_own(r, word);
	if (answer_peeked(r, word))
		return 0;
	if (!r->spare)
		return -EAGAIN;
	if (!r->fetched && dr_fetch_begin(r, span, word))
		return -EINPROGRESS;
	err = dr_store_claim(r->gm, word, r->index, r->held) ? 0 :
	      make_private(r, word);
	return err ? err : answer_own(r, word);
}

/* Lock an entry. Return false if it is being read, and that is too long. */
static bool lock_entry(const struct dr_resolve *r, unsigned long *word)
{
	if (r->nowait && dr_entry_type(dr_word_read(word)) == DR_SWAPPED)
		return dr_word_trylock(word);
	dr_word_lock(word);
	return true;
}

static int try_entry(struct dr_resolve *r, struct dr_span *span)
{
	unsigned long *word = dr_span_word(span, r->index);
	enum dr_type was;
	int err;

	/* It keeps the table, for whoever waits for the word. */
	lockdep_assert_held(&span->sem);
	if (!lock_entry(r, word))
		return -EBUSY;
	was = dr_entry_type(dr_word_read(word));
	err = answer_locked(r, span, word);
	if (err == -EINPROGRESS) {
		r->fetched = true;
		return r->nowait ? -EBUSY : err;
	}
	if (was == DR_ABSENT && !err && r->writable)
		dr_scan_note_fresh(r->gm, span, 1);
	dr_word_unlock(word);
	return err;
}

/* Will a page be needed that is not there yet? A glance. */
static bool needs_spare(const struct dr_resolve *r, struct dr_span *span)
{
	return r->write &&
	       !dr_entry_own(dr_word_read(dr_span_word(span, r->index)));
}

static int answer_entry(struct dr_resolve *r, struct dr_span *span)
{
	bool spare = needs_spare(r, span);
	int err;

	do {
		/* Allocate with the entry unlocked: reclaim may call us. */
		if (spare && !r->spare) {
			r->spare = dr_alloc_page(&r->place);
			if (!r->spare)
				return -ENOMEM;
		}
		err = try_entry(r, span);
		spare = err == -EAGAIN;
	} while (err == -EAGAIN || err == -EINPROGRESS);
	return err;
}

/* Back an empty span by a block, or else prepare it for 4 KiB pages. */
static int fill_span(struct dr_resolve *r, struct dr_span *span)
{
	int err = 0;

	down_write(&span->sem);
	if (dr_span_empty(span)) {
		err = r->block_ok ?
			dr_block_add(r->gm, span, &r->place) : -EOPNOTSUPP;
		if (err)
			err = dr_span_add_table(r->gm, span);
		if (span->peeked)
			dr_stand_in_unmap(r->gm, dr_gmem_zero_page(r->gm),
					  span->start, DR_SPAN_PAGES);
		span->peeked = false;
	}
	up_write(&span->sem);
	return err;
}

/*
 * A read of an empty span that may not become a block now, though it may
 * later: the zero page stands in, and the span stays empty.
 */
static bool answer_empty(struct dr_resolve *r, struct dr_span *span)
{
	struct page *page = peek(r, dr_entry_make(DR_ABSENT, 0));

	if (r->block_ok || !page)
		return false;
	/* Only ever set by readers of the sem, only ever cleared by writers. */
	WRITE_ONCE(span->peeked, true);
	answer(r, page, false);
	return true;
}

static int resolve_in(struct dr_resolve *r, struct dr_span *span)
{
	int err = 0;

	down_read(&span->sem);
	r->soft = span->block;
	while (dr_span_empty(span)) {
		bool answered = answer_empty(r, span);

		up_read(&span->sem);
		if (answered)
			return 0;
		err = fill_span(r, span);
		if (err)
			return err;
		down_read(&span->sem);
	}
	if (span->block)
		answer_block(r, span);
	else
		err = answer_entry(r, span);
	if (unlikely(READ_ONCE(span->probed)))
		r->probed = span;
	up_read(&span->sem);
	return err;
}

/* Nobody may touch memory that has failed, the kernel least of all. */
static int refuse_failed(struct dr_resolve *r)
{
	if (!PageHWPoison(r->page))
		return 0;
	unlock_page(r->page);
	put_page(r->page);
	return -EIO;
}

/**
 * dr_resolve() - find or make the page at an offset
 * @r: the request; @r->page is set on success, with a reference taken and its
 *	folio locked
 *
 * The caller unlocks the folio and puts the page. A truncation waits for the
 * folio lock, so a page that was inside the file stays mappable until then.
 *
 * Context: may sleep; takes the mapping's invalidate lock for reading, then
 * the span's sem, then the entry, then the folio lock.
 * Return: 0; -ERANGE beyond the end of the file; -ENOMEM; -ENOSPC at the
 * mount's size limit; -EIO when the bytes of the page are lost, by a failure
 * of its store or of the memory itself; -EBUSY and -EALREADY as asked for
 * by @r.
 */
int dr_resolve(struct dr_resolve *r)
{
	struct address_space *mapping = r->gm->inode->i_mapping;
	struct dr_span *span;
	int err = -ERANGE;

	filemap_invalidate_lock_shared(mapping);
	if (r->grow || r->index < dr_gmem_pages(r->gm)) {
		span = dr_span_create(r->gm, r->index);
		err = span ? resolve_in(r, span) : -ENOMEM;
	}
	filemap_invalidate_unlock_shared(mapping);
	if (r->spare)
		put_page(r->spare);
	return err ? err : refuse_failed(r);
}

/* Load an entry into a page that belongs to nobody, for a reader. */
static int load_copy(struct dr_gmem *gm, struct dr_entry e,
		     struct page **pagep)
{
	const struct dr_store_ops *store = dr_store_of(e);
	struct page *page;
	int err;

	if (WARN_ON_ONCE(!store))
		return -EIO;
	page = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
	if (!page)
		return -ENOMEM;
	err = store->load(gm, e, page);
	if (err) {
		put_page(page);
		return err;
	}
	*pagep = page;
	return 0;
}

static int read_entry(struct dr_gmem *gm, unsigned long *word,
		      struct page **pagep)
{
	struct dr_entry e;
	int err = 0;

	dr_word_lock(word);
	e = dr_word_read(word);
	if (dr_entry_own(e)) {
		*pagep = pfn_to_page(dr_entry_pfn(e));
		get_page(*pagep);
	} else if (dr_entry_type(e) != DR_ABSENT) {
		err = load_copy(gm, e, pagep);
	}
	dr_word_unlock(word);
	return err;
}

/**
 * dr_resolve_read() - the bytes at an offset, without making anything resident
 * @gm: the file
 * @index: page offset
 * @pagep: out: a page to read, with a reference, not locked; NULL when the
 *	page is absent and reads as zero
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, or -EIO when the bytes are lost.
 */
int dr_resolve_read(struct dr_gmem *gm, pgoff_t index, struct page **pagep)
{
	struct dr_span *span = dr_span_find(gm, index);
	int err = 0;

	*pagep = NULL;
	if (!span)
		return 0;
	down_read(&span->sem);
	if (span->block) {
		*pagep = folio_page(span->block, index & DR_SPAN_MASK);
		get_page(*pagep);
	} else if (span->table) {
		err = read_entry(gm, dr_span_word(span, index), pagep);
	}
	up_read(&span->sem);
	if (*pagep && PageHWPoison(*pagep)) {
		put_page(*pagep);
		err = -EIO;
	}
	return err;
}
