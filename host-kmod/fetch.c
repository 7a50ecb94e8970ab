// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Bringing pages back
 *
 * A page on a disk takes long to come. A fault that needs one locks its entry,
 * starts a read and gives the lock away to it. Whoever can wait then waits for
 * the lock, like everybody else who needs the page; whoever cannot is sent back.
 * The latter is what KVM's first try at a page is, and it lets the guest run
 * another task meanwhile (asynchronous page faults). When the bytes are there,
 * another thread puts the page into the entry and unlocks it.
 *
 * With one page come others behind it whose bytes lie behind on the disk as well,
 * which is what the way out sees to. There are gaps between them in the file, for
 * what was shared or went to the pool is not on the disk. How many come, the file's
 * recent past tells: twice as many each time the guest goes on where the last read
 * ended, or not far behind, or has used most of what was read ahead; half as many
 * when it has not.
 *
 * KVM's worker for asynchronous faults asks for every page as if to write it,
 * though nobody may write to it, and ignores what it is told: all it wants is to
 * be called back when the page is there. So it is told that there is no such page
 * as soon as the page is there, and the page stays clean. It is known by being a
 * kernel worker that touches somebody else's memory, just after a fault that
 * could not wait.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "alloc.h"
#include "clean.h"
#include "fetch.h"
#include "guest.h"
#include "latency.h"
#include "note.h"
#include "span.h"
#include "store.h"
#include "trace.h"

/* Does the guest go on where the last read ended, but for a gap? */
static bool goes_on(struct dr_ahead *a, pgoff_t index)
{
	return index - READ_ONCE(a->next) < DR_FETCH_REACH;
}

/*
 * How many pages to read at once, the first included. Races with other faults on
 * the file make it guess worse, no more.
 */
static unsigned int ahead_window(struct dr_ahead *a, pgoff_t index)
{
	unsigned int window = max(READ_ONCE(a->window), 1U);
	unsigned int hits = atomic_xchg(&a->hits, 0);

	if (goes_on(a, index) || (window > 1 && hits * 2 >= window))
		window = min(window * 2, (unsigned int)DR_FETCH_MAX);
	else
		window = max(window / 2, 1U);
	WRITE_ONCE(a->window, window);
	return window;
}

/* Does the entry @at pages behind the first belong to the read? Locks it if so. */
static bool take_word(struct dr_fetch *f, const struct dr_fetch_ops *ops,
		      unsigned int at)
{
	unsigned long *word = f->word + at;
	struct dr_entry e = dr_word_read(word);

	if (dr_entry_type(e) != DR_SWAPPED ||
	    !ops->follows(f->entry[0], e, f->nr) || !dr_word_trylock(word))
		return false;
	e = dr_word_read(word);
	if (dr_entry_type(e) != DR_SWAPPED ||
	    !ops->follows(f->entry[0], e, f->nr)) {
		dr_word_unlock(word);
		return false;
	}
	f->entry[f->nr] = e;
	f->at[f->nr] = at;
	return true;
}

/*
 * Add what lies behind the first on the disk and within @reach pages, as far as
 * memory goes.
 */
static void extend(struct dr_fetch *f, const struct dr_resolve *r,
		   const struct dr_fetch_ops *ops, unsigned int max,
		   unsigned int reach)
{
	struct page *page = NULL;
	unsigned int at;

	for (at = 1; at < reach && f->nr < max; at++) {
		if (!page)
			page = dr_alloc_page_nowait(&r->place);
		if (!page)
			return;
		if (!take_word(f, ops, at))
			continue;
		f->page[f->nr++] = page;
		page = NULL;
	}
	if (page)
		put_page(page);
}

/* Pages from @index on, to the end of its span, of the file, and of what is looked at. */
static unsigned int pages_behind(struct dr_gmem *gm, struct dr_span *span,
				 pgoff_t index)
{
	pgoff_t end = min(span->start + DR_SPAN_PAGES, dr_gmem_pages(gm));

	return index < end ? min_t(pgoff_t, end - index, DR_FETCH_REACH) : 1;
}

/**
 * dr_fetch_begin() - start to bring back the entry of a fault
 * @r: the request; its spare page is used
 * @span: the span, its sem held
 * @word: the word, locked: by the read, if this succeeds
 *
 * Context: waits for nothing if the request may not; or else may sleep.
 * Return: false if the store needs no time, or there is no memory to do without
 * waiting: load the entry.
 */
bool dr_fetch_begin(struct dr_resolve *r, struct dr_span *span,
		    unsigned long *word)
{
	struct dr_entry e = dr_word_read(word);
	const struct dr_store_ops *store = dr_store_of(e);
	struct dr_fetch *f;
	unsigned int max;

	lockdep_assert_held(&span->sem);
	if (!store || !store->fetch || !store->fetch->follows(e, e, 0))
		return false;
	f = kzalloc(sizeof(*f) + store->fetch->room,
		    GFP_NOWAIT | __GFP_NOWARN);
	if (!f)
		return false;
	dr_gmem_pin(r->gm);
	f->gm = r->gm;
	f->index = r->index;
	f->word = word;
	f->entry[0] = e;
	f->page[0] = r->spare;
	f->nr = 1;
	f->start = ktime_get_ns();
	f->asked = r->nowait || r->async;
	f->here = !r->nowait;
	r->spare = NULL;
	max = ahead_window(&r->gm->ahead, r->index);
	extend(f, r, store->fetch, max, pages_behind(r->gm, span, r->index));
	WRITE_ONCE(r->gm->ahead.next, r->index + f->at[f->nr - 1] + 1);
	dr_count(r->gm->guest, DR_EV_FAULT_MAJOR);
	dr_count_add(r->gm->guest, DR_EV_SWAP_AHEAD, f->nr - 1);
	store->fetch->start(f);
	return true;
}

/* One page is there: put it into its entry. */
static void install(struct dr_fetch *f, unsigned int i)
{
	pgoff_t index = f->index + f->at[i];
	struct dr_gmem *gm = f->gm;
	struct dr_entry e;

	dr_gmem_adopt(gm, f->page[i], index);
	e = dr_clean_make(f->page[i], f->entry[i], i ? 0 : DR_NOTE_RETURN);
	if (i)
		e = dr_entry_mkyoung(e);
	else if (f->asked)
		e = dr_entry_mkasked(e);
	dr_gmem_set_entry(gm, f->word + f->at[i], e);
	dr_count(gm->guest, DR_EV_SWAP_IN);
	dr_count(gm->guest, DR_EV_PAGE_ALLOC);
	trace_dr_swap_in(gm, index, 0);
}

/**
 * dr_fetch_done() - the bytes are there, or will not come
 * @fetch: the fetch; freed by this
 *
 * An entry whose bytes could not be had stays as it was: the next fault tries
 * again, waits, and gets the error.
 *
 * Context: a thread; takes no locks.
 */
void dr_fetch_done(struct dr_fetch *fetch)
{
	struct dr_gmem *gm = fetch->gm;
	unsigned int i;

	dr_latency_note(gm->guest, ktime_get_ns() - fetch->start);
	for (i = 0; i < fetch->nr; i++) {
		if (fetch->err[i])
			put_page(fetch->page[i]);
		else
			install(fetch, i);
		dr_word_unlock(fetch->word + fetch->at[i]);
	}
	kfree(fetch);
	dr_gmem_unpin(gm);
}
