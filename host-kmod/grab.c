// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contract C1: how a pass (sharing, paging) takes hold of a private page, and
 * gives it back or away. Passes never touch page tables or locks.
 *
 * Why a frozen page cannot change: its entry is locked, so no fault gets a
 * reference; the folio lock says that no fault that got one earlier is still
 * about to map it; the zap has removed all page table entries and KVM's, which
 * only ever follow those, so it is left out where there are none; and
 * the reference count was the file's one alone, so nobody has it pinned. Fast
 * GUP takes a reference first and then looks at the page table entry again, so
 * it either made the freeze fail or finds the entry gone.
 */
#include <linux/pagemap.h>
#include <linux/random.h>

#include "clean.h"
#include "grab.h"
#include "guest.h"
#include "note.h"
#include "span.h"
#include "store.h"

/* So often is a page spared, on average, before one of its returns is forgotten. */
#define FORGET	64

/* Lock a word, without waiting for anybody: the caller may hold a grab. */
static unsigned long *word_of(struct dr_span *span, pgoff_t index)
{
	unsigned long *word;

	if (!span->table)
		return ERR_PTR(span->block ? -EISDIR : -ENODATA);
	word = dr_span_word(span, index);
	return dr_word_trylock(word) ? word : ERR_PTR(-EBUSY);
}

/**
 * dr_gmem_lock_word() - lock an entry, without waiting for anybody
 * @gm: the file, kept by the caller
 * @index: page offset
 *
 * Context: does not wait for locks.
 * Return: the word; -ENODATA when there is none; -EISDIR in a block; -EBUSY.
 */
unsigned long *dr_gmem_lock_word(struct dr_gmem *gm, pgoff_t index)
{
	struct dr_span *span = dr_span_find(gm, index);
	unsigned long *word;

	if (!span)
		return ERR_PTR(-ENODATA);
	if (!down_read_trylock(&span->sem))
		return ERR_PTR(-EBUSY);
	word = word_of(span, index);
	/* A locked word keeps its table. */
	up_read(&span->sem);
	return word;
}

static bool is_own(const unsigned long *word)
{
	return dr_entry_own(dr_word_read(word));
}

/* Lock the word of an own page, or of one that can be private at once. */
static unsigned long *lock_own(struct dr_gmem *gm, pgoff_t index)
{
	unsigned long *word = dr_gmem_lock_word(gm, index);

	if (IS_ERR(word) || is_own(word) ||
	    dr_store_claim(gm, word, index, NULL))
		return word;
	dr_word_unlock(word);
	return ERR_PTR(-ENODATA);
}

static bool page_isolate(struct dr_grab *grab)
{
	struct folio *folio = page_folio(grab->page);

	/* To read memory that has failed would bring down the host. */
	if (PageHWPoison(grab->page) ||
	    !dr_gmem_owns(grab->gm, grab->page, grab->index) ||
	    !folio_trylock(folio))
		return false;
	/*
	 * Nobody is about to map it: a look at the counts spares the walk
	 * where nothing is mapped, and where it would be in vain for a pin.
	 */
	if (folio_ref_count(folio) > 1 + folio_mapcount(folio))
		goto unlock;
	if (folio_mapped(folio))
		unmap_mapping_pages(grab->gm->inode->i_mapping, grab->index,
				    1, false);
	if (folio_ref_freeze(folio, 1))
		return true;
unlock:
	folio_unlock(folio);
	return false;
}

/* The end of a grab: it has been one up to here. */
static void page_thaw(struct folio *folio)
{
	WARN_ON_ONCE(!folio_test_locked(folio) || folio_ref_count(folio) ||
		     folio_mapped(folio));
	folio_ref_unfreeze(folio, 1);
}

static int grab_locked(struct dr_grab *grab, struct dr_gmem *gm,
		       pgoff_t index, unsigned long *word)
{
	grab->gm = gm;
	grab->index = index;
	grab->word = word;
	grab->page = pfn_to_page(dr_entry_pfn(dr_word_read(word)));
	if (page_isolate(grab))
		return 0;
	dr_word_unlock(word);
	return -EBUSY;
}

/**
 * dr_gmem_grab_own() - take hold of a private or clean 4 KiB page
 * @gm: the file, kept by the caller
 * @index: page offset
 * @grab: out: the grab
 *
 * As dr_gmem_grab(), but a clean page stays so. @grab->clean says whether the
 * page is one, and then @grab->from is the entry that has the same bytes: if the
 * grab ends with another one, the caller lets go of that.
 *
 * Context: may sleep; takes i_mmap_rwsem and locks of page tables.
 * Return: as dr_gmem_grab().
 */
int dr_gmem_grab_own(struct dr_gmem *gm, pgoff_t index, struct dr_grab *grab)
{
	unsigned long *word = lock_own(gm, index);
	int err = PTR_ERR_OR_ZERO(word);

	if (!err)
		err = grab_locked(grab, gm, index, word);
	if (!err) {
		grab->clean = dr_entry_type(dr_word_read(word)) == DR_CLEAN;
		if (grab->clean)
			grab->from = dr_clean_from(dr_word_read(word));
		dr_count(gm->guest, DR_EV_GRAB);
	} else if (err == -EBUSY) {
		dr_count(gm->guest, DR_EV_GRAB_BUSY);
	}
	return err;
}

/**
 * dr_gmem_grab() - take hold of a private 4 KiB page
 * @gm: the file, kept by the caller
 * @index: page offset
 * @grab: out: the grab
 *
 * Waits for nobody, so a pass may hold two at a time. A shared page that
 * nobody else uses any more becomes private and is grabbed as such; and so is a
 * clean one, whose store forgets it.
 *
 * Context: may sleep; takes i_mmap_rwsem and locks of page tables.
 * Return: 0; -ENODATA when there is no private page; -EISDIR when the page is
 * part of a block; -EBUSY when it is pinned, when somebody is working on it, or
 * when its memory has failed.
 */
int dr_gmem_grab(struct dr_gmem *gm, pgoff_t index, struct dr_grab *grab)
{
	int err = dr_gmem_grab_own(gm, index, grab);

	if (!err && grab->clean) {
		dr_clean_end(gm, grab->word);
		grab->clean = false;
	}
	return err;
}

/**
 * dr_gmem_commit() - end a grab by giving the entry another value
 * @grab: the grab
 * @e: the new value, not private; a store stands ready for it
 *
 * Frees the page.
 */
void dr_gmem_commit(struct dr_grab *grab, struct dr_entry e)
{
	struct folio *folio = page_folio(grab->page);

	dr_gmem_set_entry(grab->gm, grab->word, e);
	page_thaw(folio);
	dr_gmem_disown(grab->page);
	dr_word_unlock(grab->word);
	grab->page = NULL;
}

/**
 * dr_gmem_give() - end a grab by letting others use the page too
 * @grab: the grab
 * @e: the new value, not private: a store that owns the page from now on,
 *	and has made it ready
 *
 * The file's reference to the page becomes the store's.
 */
void dr_gmem_give(struct dr_grab *grab, struct dr_entry e)
{
	struct folio *folio = page_folio(grab->page);

	dr_gmem_set_entry(grab->gm, grab->word, e);
	page_thaw(folio);
	folio_unlock(folio);
	dr_word_unlock(grab->word);
	grab->page = NULL;
}

/**
 * dr_gmem_take() - end a grab by taking the page away
 * @grab: the grab
 * @e: the new value, not private; a store stands ready for it
 *
 * Return: the page, which is nobody's now, with the file's reference.
 */
struct page *dr_gmem_take(struct dr_grab *grab, struct dr_entry e)
{
	struct page *page = grab->page;
	struct folio *folio = page_folio(page);

	folio->mapping = NULL;
	folio->private = NULL;
	dr_gmem_set_entry(grab->gm, grab->word, e);
	page_thaw(folio);
	folio_unlock(folio);
	dr_word_unlock(grab->word);
	grab->page = NULL;
	return page;
}

/**
 * dr_gmem_putback() - end a grab with everything as it was
 * @grab: the grab
 *
 * The page is mapped again by the next fault.
 */
void dr_gmem_putback(struct dr_grab *grab)
{
	struct folio *folio = page_folio(grab->page);

	page_thaw(folio);
	folio_unlock(folio);
	dr_word_unlock(grab->word);
	grab->page = NULL;
}

/**
 * dr_gmem_glance() - look at a private page while its guest runs
 * @gm: the file, kept by the caller
 * @index: page offset
 *
 * For passes that want to know, before they disturb the guest, whether a grab
 * is worth it. The bytes may change at any time.
 *
 * Context: does not wait for locks.
 * Return: the page with a reference, or NULL.
 */
struct page *dr_gmem_glance(struct dr_gmem *gm, pgoff_t index)
{
	unsigned long *word = dr_gmem_lock_word(gm, index);
	struct page *page = NULL;

	if (IS_ERR(word))
		return NULL;
	if (is_own(word)) {
		page = pfn_to_page(dr_entry_pfn(dr_word_read(word)));
		if (PageHWPoison(page))
			page = NULL;
		else
			get_page(page);
	}
	dr_word_unlock(word);
	return page;
}

/**
 * dr_gmem_set_note() - remember something of a private page
 * @gm: the file, kept by the caller
 * @index: page offset
 * @page: the page that was there; nothing happens if it is not any more
 * @note: what to remember
 *
 * Context: does not wait for locks.
 */
void dr_gmem_set_note(struct dr_gmem *gm, pgoff_t index,
		      const struct page *page, u16 note)
{
	unsigned long *word = dr_gmem_lock_word(gm, index);
	unsigned long pfn = page_to_pfn(page);
	struct dr_entry e;

	if (IS_ERR(word))
		return;
	e = dr_word_read(word);
	if (dr_entry_own(e) && dr_entry_pfn(e) == pfn)
		dr_gmem_set_entry(gm, word,
				  dr_entry_page(dr_entry_type(e), pfn, note));
	dr_word_unlock(word);
}

/**
 * dr_gmem_pick() - may the page of an entry be taken, as far as a look tells?
 * @gm: the file, kept by the caller
 * @index: page offset
 * @spare: so often, on average, a page may not for each of its returns; 0: not at
 *	all
 *
 * Context: does not wait for locks.
 * Return: true if so.
 */
bool dr_gmem_pick(struct dr_gmem *gm, pgoff_t index, unsigned int spare)
{
	unsigned long *word = dr_gmem_lock_word(gm, index);
	struct dr_entry e;
	bool pick, spared;
	u16 note;

	if (IS_ERR(word))
		return false;
	e = dr_word_read(word);
	note = dr_entry_note(e);
	pick = dr_entry_own(e) || dr_entry_type(e) == DR_SHARED;
	spare *= dr_note_returns(note);
	spared = spare && dr_entry_own(e) && get_random_u32_below(1 + spare);
	/* What is used no more will not come back to say so. */
	if (spared && !get_random_u32_below(FORGET))
		dr_gmem_set_entry(gm, word,
				  dr_entry_page(dr_entry_type(e),
						dr_entry_pfn(e),
						note - DR_NOTE_RETURN));
	dr_word_unlock(word);
	return pick && !spared;
}

/**
 * dr_gmem_unmap() - unmap neighbours that are about to be grabbed
 * @gm: the file, kept by the caller
 * @first: page offset of the first
 * @nr: how many
 *
 * All together: it stops the CPUs of the guest once, and not for each.
 *
 * Context: may sleep; takes i_mmap_rwsem.
 */
void dr_gmem_unmap(struct dr_gmem *gm, pgoff_t first, unsigned long nr)
{
	unmap_mapping_pages(gm->inode->i_mapping, first, nr, false);
}
