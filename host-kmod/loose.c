// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Looking into blocks
 *
 * A block that is mapped as one entry tells nothing of its pages: the entry has
 * one accessed bit, and it is brought back by one touch. To see which of its pages
 * are in use it is made *loose* for a while. It stays where it is, not a byte is
 * moved, but it is mapped by 4 KiB entries, as a touch asks for each.
 *
 * The core decides by the end of the file: a folio that reaches beyond it is never
 * mapped as a whole, nor together with its neighbours, but by the page that was
 * touched (since 6.18, and in 6.12 as Debian has it, to preserve SIGBUS there). A
 * loose block says that it begins far beyond any end: its index is nobody else's
 * business, for it is in no page cache. It changes under the folio lock, and whoever
 * maps a page of the block holds that. On a kernel without that rule the block comes
 * back as one entry: it is sampled, but nothing is known of its pages.
 *
 * Afterwards there is a page table in the way of the entry. The 2 MiB are mapped
 * over by themselves to be rid of it, as after a collapse (DOC: Mapping a
 * collapsed block). So a block is made loose only where that is possible. A block
 * that has no large entry to lose is none of those: it is sampled by its pages.
 *
 * A guest has a fault for each page of the block that it uses, once: some 512 for
 * a block in full use, and that some times in ten seconds.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>

#include "gmem.h"
#include "loose.h"
#include "remap.h"
#include "span.h"

static void set_index(struct folio *block, pgoff_t index)
{
	folio_lock(block);
	WRITE_ONCE(block->index, index);
	folio_unlock(block);
}

/**
 * dr_loose_begin() - have a block mapped page by page from now on
 * @gm: the file
 * @span: a span with a block, @span->sem held
 *
 * The mapping that is there stays: unmap it. Undone by dr_loose_end(), or the end
 * of the block.
 *
 * Context: may sleep; takes i_mmap_rwsem, the folio lock.
 * Return: false when it would stay so for good in one of its mappings, and has not
 * begun.
 */
bool dr_loose_begin(struct dr_gmem *gm, struct dr_span *span)
{
	lockdep_assert_held(&span->sem);
	if (dr_loose(span->block) || !dr_remap_works(gm, span->start))
		return false;
	set_index(span->block, DR_LOOSE_INDEX);
	return true;
}

/**
 * dr_loose_end() - have a block mapped as a whole again
 * @gm: the file, kept by the caller
 * @span: its span; it may have no block any more
 *
 * Context: may sleep; takes @span->sem for reading, the folio lock; then, with
 * neither held, mmap_lock of the processes that map the file.
 */
void dr_loose_end(struct dr_gmem *gm, struct dr_span *span)
{
	bool was = false;

	down_read(&span->sem);
	if (span->block && dr_loose(span->block)) {
		set_index(span->block, span->start);
		was = true;
	}
	up_read(&span->sem);
	if (was)
		dr_remap_span(gm, span->start);
}
