// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stores, by entry type, and the first of them: absent pages, which read
 * as zero and cost nothing.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>

#include "dedup.h"
#include "gmem.h"
#include "guest.h"
#include "note.h"
#include "span.h"
#include "store.h"
#include "swap.h"
#include "trace.h"

/*
 * Nothing to do: the contract hands over a page full of zeros.
 */
static int zero_load(struct dr_gmem *gm, struct dr_entry e, struct page *dst)
{
	return 0;
}

static struct page *zero_peek(struct dr_gmem *gm, struct dr_entry e)
{
	return dr_gmem_zero_page(gm);
}

static const struct dr_store_ops dr_zero_store = {
	.name = "zero",
	.peek = zero_peek,
	.load = zero_load,
};

static const struct dr_store_ops *const stores[DR_NR_TYPES] = {
	[DR_ABSENT] = &dr_zero_store,
	[DR_SHARED] = &dr_share_store,
	[DR_SWAPPED] = &dr_swap_store,
};

/**
 * dr_store_of() - the store that holds the bytes of an entry
 * @e: any entry without a page of the file's own
 *
 * Return: the store, or NULL for a type without one, which is a bug of the
 * caller.
 */
const struct dr_store_ops *dr_store_of(struct dr_entry e)
{
	enum dr_type type = dr_entry_type(e);

	return type < DR_NR_TYPES ? stores[type] : NULL;
}

/*
 * Take a stand-in out of all mappings of its only entry, @refs being the
 * references that are known of. Return false when somebody has it pinned, or
 * is about to map it: a former user may still have it written to its disk.
 */
static bool stand_in_isolate(struct dr_gmem *gm, struct dr_entry e,
			     struct page *page, pgoff_t index, int refs)
{
	struct folio *folio = page_folio(page);
	bool frozen;

	if (PageHWPoison(page) || !folio_trylock(folio))
		return false;
	if (dr_entry_peeked(e))
		unmap_mapping_pages(gm->inode->i_mapping, index, 1, false);
	frozen = folio_ref_freeze(folio, refs);
	if (frozen)
		folio_ref_unfreeze(folio, refs);
	folio_unlock(folio);
	return frozen;
}

/* The page of an entry, taken away from its store, or NULL. */
static struct page *claim(struct dr_gmem *gm, struct dr_entry e, pgoff_t index,
			  const struct page *held)
{
	const struct dr_store_ops *store = dr_store_of(e);
	struct page *page;
	bool taken;

	page = store && store->claim ? store->claim(gm, e) : NULL;
	if (!page)
		return NULL;
	taken = stand_in_isolate(gm, e, page, index, 1 + (page == held));
	store->claimed(page, taken);
	return taken ? page : NULL;
}

/**
 * dr_store_claim() - make an entry private without a copy, if that can be
 * @gm: the file
 * @word: the word of the entry, locked, not private
 * @index: page offset
 * @held: a page the caller has a reference to, which it will only drop; NULL
 *	if none
 *
 * Context: waits for no lock; takes i_mmap_rwsem.
 * Return: true if the entry is private now.
 */
bool dr_store_claim(struct dr_gmem *gm, unsigned long *word, pgoff_t index,
		    const struct page *held)
{
	struct dr_entry e = dr_word_read(word);
	struct page *page = claim(gm, e, index, held);
	u16 note = dr_note_broken(dr_entry_note(e));

	if (!page)
		return false;
	dr_gmem_adopt(gm, page, index);
	dr_gmem_set_entry(gm, word, dr_entry_page(DR_PRIVATE,
						  page_to_pfn(page), note));
	dr_count(gm->guest, DR_EV_SHARE_CLAIM);
	trace_dr_break(gm, index, true);
	return true;
}

/**
 * dr_stand_in_unmap() - drop the mappings of a stand-in
 * @gm: the file
 * @page: the stand-in
 * @index: first page offset
 * @nr: how many pages from there on
 *
 * A fault may have been answered with it and not have mapped it yet: it holds
 * the folio lock until it has, so wait for that first. The caller sees to it
 * that no new fault is answered so.
 *
 * Context: may sleep.
 */
void dr_stand_in_unmap(struct dr_gmem *gm, struct page *page, pgoff_t index,
		       unsigned long nr)
{
	lock_page(page);
	unmap_mapping_pages(gm->inode->i_mapping, index, nr, false);
	unlock_page(page);
}

/**
 * dr_store_leave() - an entry has taken another value: let go of the old one
 * @gm: the file
 * @e: the old value, not private
 * @index: page offset
 *
 * The entry is still locked, so that no new fault finds either.
 *
 * Context: may sleep; takes the stand-in's folio lock.
 */
void dr_store_leave(struct dr_gmem *gm, struct dr_entry e, pgoff_t index)
{
	const struct dr_store_ops *store = dr_store_of(e);

	if (dr_entry_peeked(e))
		dr_stand_in_unmap(gm, store->peek(gm, e), index, 1);
	if (store->drop)
		store->drop(gm, e);
}
