// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Clean pages
 *
 * A page that was brought back from a disk is still there, and as long as
 * nobody writes to it, it can be paged out again for nothing. So its entry
 * becomes *clean*: a page of the file's own whose store still has the bytes. It
 * is mapped read-only, by the VMM and so by KVM; the first write is noticed,
 * lets the store forget its copy, and makes the page private where it is. Pages
 * that guests only read, programs and files for the most part, are written to the
 * disk once.
 *
 * Where the store has the bytes stands in a field of the page that nobody else
 * uses for a page like that, so a clean page costs nothing besides its slot.
 */
#include <linux/mm.h>

#include "clean.h"
#include "span.h"
#include "store.h"

static struct page *clean_page(struct dr_entry e)
{
	return pfn_to_page(dr_entry_pfn(e));
}

/**
 * dr_clean_make() - the entry of a page whose store keeps the bytes
 * @page: the page, which has them; seen by nobody else yet
 * @from: the swapped entry that it comes from
 * @note: what to remember of it
 *
 * Return: the entry.
 */
struct dr_entry dr_clean_make(struct page *page, struct dr_entry from,
			      u16 note)
{
	set_page_private(page, dr_entry_payload(from));
	return dr_entry_page(DR_CLEAN, page_to_pfn(page), note);
}

/**
 * dr_clean_from() - the swapped entry that a clean one comes from
 * @e: the clean entry, locked
 *
 * Return: the entry it can become again.
 */
struct dr_entry dr_clean_from(struct dr_entry e)
{
	return dr_entry_make(DR_SWAPPED, page_private(clean_page(e)));
}

/**
 * dr_clean_fail() - the store has not got the bytes of a clean page after all
 * @gm: the file
 * @word: the word of a clean page, locked; private afterwards
 */
void dr_clean_fail(struct dr_gmem *gm, unsigned long *word)
{
	struct dr_entry e = dr_word_read(word);

	set_page_private(clean_page(e), 0);
	dr_gmem_set_entry(gm, word, dr_entry_page(DR_PRIVATE, dr_entry_pfn(e),
						  dr_entry_note(e)));
}

/**
 * dr_clean_end() - a clean page is to be written: let its store forget it
 * @gm: the file
 * @word: the word, locked; private afterwards if it was clean
 *
 * Nothing has to be unmapped: the page stays, and may be mapped for writing now.
 *
 * Context: may sleep.
 */
void dr_clean_end(struct dr_gmem *gm, unsigned long *word)
{
	struct dr_entry e = dr_word_read(word), from;

	if (dr_entry_type(e) != DR_CLEAN)
		return;
	from = dr_clean_from(e);
	dr_clean_fail(gm, word);
	dr_store_of(from)->drop(gm, from);
}
