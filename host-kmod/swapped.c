// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the pager moves a page that is paged out already from one place to
 * another, and back into memory when that has failed.
 */
#include "clean.h"
#include "grab.h"
#include "span.h"
#include "swapped.h"

/**
 * dr_swapped_hold() - take hold of a swapped entry
 * @gm: the file, kept by the caller
 * @index: page offset
 * @hold: out: the hold
 *
 * Context: does not wait for locks.
 * Return: 0; -ENODATA or -EISDIR when it is no swapped entry; -EBUSY.
 */
int dr_swapped_hold(struct dr_gmem *gm, pgoff_t index, struct dr_hold *hold)
{
	unsigned long *word = dr_gmem_lock_word(gm, index);

	if (IS_ERR(word))
		return PTR_ERR(word);
	hold->entry = dr_word_read(word);
	if (dr_entry_type(hold->entry) != DR_SWAPPED) {
		dr_word_unlock(word);
		return -ENODATA;
	}
	hold->gm = gm;
	hold->index = index;
	hold->word = word;
	return 0;
}

/**
 * dr_swapped_release() - end a hold
 * @hold: the hold
 * @e: the value it has from now on: another place that has the bytes, or
 *	@hold->entry
 */
void dr_swapped_release(struct dr_hold *hold, struct dr_entry e)
{
	dr_gmem_set_entry(hold->gm, hold->word, e);
	dr_word_unlock(hold->word);
	hold->word = NULL;
}

/*
 * Whoever read the page meanwhile has a copy, which counts as clean: that is the
 * file's own page from now on, and @page is not needed.
 */
static bool restore_word(struct dr_gmem *gm, unsigned long *word,
			 pgoff_t index, struct dr_entry e, struct page **page)
{
	struct dr_entry now;
	bool same;

	dr_word_lock(word);
	now = dr_word_read(word);
	same = now.v == e.v;
	if (same) {
		dr_gmem_adopt(gm, *page, index);
		dr_gmem_set_entry(gm, word, dr_entry_page(DR_PRIVATE,
							  page_to_pfn(*page),
							  0));
		*page = NULL;
	} else if (dr_entry_type(now) == DR_CLEAN) {
		same = dr_clean_from(now).v == e.v;
		if (same)
			dr_clean_fail(gm, word);
	}
	dr_word_unlock(word);
	return same;
}

/**
 * dr_swapped_restore() - the place a page was on its way to has not got it
 * @gm: the file, kept by the caller
 * @index: page offset
 * @e: what the entry should be by now, or be clean by
 * @page: the page, seen by nobody but readers of its bytes; NULL afterwards if it
 *	is the entry's
 *
 * Context: may sleep; takes the span's sem and the entry.
 * Return: false if the entry has another value. If not, it has none that leads to
 * @e any more.
 */
bool dr_swapped_restore(struct dr_gmem *gm, pgoff_t index, struct dr_entry e,
			struct page **page)
{
	struct dr_span *span = dr_span_find(gm, index);
	bool restored = false;

	if (!span)
		return false;
	down_read(&span->sem);
	if (span->table)
		restored = restore_word(gm, dr_span_word(span, index), index,
					e, page);
	up_read(&span->sem);
	return restored;
}
