// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Blocks
 *
 * Fresh memory comes in blocks of 2 MiB where the file, the mapping and the
 * host's memory allow, and the core maps a block as one entry in the page
 * tables of the VMM and of KVM. A guest that is not squeezed takes one fault
 * instead of 512 and runs at huge-page speed.
 *
 * A block cannot be split: the function that does it is not exported, and
 * taking a compound page apart by hand means writing struct page internals.
 * A block is *evacuated* instead. It is unmapped and frozen, its pages of
 * zeros become absent, what is left is copied to 4 KiB pages, and the block is
 * freed whole. Until then pages punched out of it are zeroed in place and
 * remembered as holes, for a guest that gives back 2 MiB page by page ends up
 * with a block that is all holes and costs one free and no copy.
 *
 * A block that stays holes for one half is evacuated, by hollow.c; so is any
 * block whose memory somebody wants. It is done with memory that is free, or
 * else on a reserve. The way back, from pages to a block, is a collapse.
 */
#include <linux/pagemap.h>

#include "block.h"
#include "dedup.h"
#include "guest.h"
#include "mount.h"
#include "span.h"

static struct folio *charge_block(struct dr_mount *mount,
				  const struct dr_place *place)
{
	struct folio *block;

	if (dr_mount_charge(mount, DR_SPAN_PAGES))
		return NULL;
	block = dr_alloc_block(place);
	if (!block)
		dr_mount_uncharge(mount, DR_SPAN_PAGES);
	return block;
}

/**
 * dr_block_add() - back an empty span by a block
 * @gm: the file
 * @span: an empty span, @span->sem held for writing
 * @place: where the memory should come from
 *
 * Context: may sleep.
 * Return: 0; -EOPNOTSUPP when the mount or the file has no room for blocks
 * here; -ENOMEM when there is no block to be had. The caller then goes on with
 * 4 KiB pages.
 */
int dr_block_add(struct dr_gmem *gm, struct dr_span *span,
		 const struct dr_place *place)
{
	struct folio *block;

	lockdep_assert_held_write(&span->sem);
	if (!READ_ONCE(gm->mount->huge) ||
	    span->start + DR_SPAN_PAGES > i_size_read(gm->inode) >> PAGE_SHIFT)
		return -EOPNOTSUPP;
	block = charge_block(gm->mount, place);
	if (!block) {
		dr_count(gm->guest, DR_EV_BLOCK_FALLBACK);
		return -ENOMEM;
	}
	/*
	 * No mapping: fast GUP needs none on large folios, and every path of
	 * the core that splits or migrates them gives up. The index is what
	 * the core compares with the file's size before it maps 2 MiB.
	 */
	block->index = span->start;
	dr_gmem_set_block(gm, span, block);
	dr_scan_note_fresh(gm, span, DR_SPAN_PAGES);
	dr_count(gm->guest, DR_EV_BLOCK_ALLOC);
	return 0;
}

static bool block_has_failed(struct folio *block)
{
	unsigned int i;

	for (i = 0; i < DR_SPAN_PAGES; i++)
		if (PageHWPoison(folio_page(block, i)))
			return true;
	return false;
}

/**
 * dr_block_put() - let go of a block
 * @block: the file's no more; the last reference is the caller's
 *
 * The page allocator keeps single pages that have failed from everybody, but
 * does not look into blocks: keep all of it, for good.
 */
void dr_block_put(struct folio *block)
{
	if (block_has_failed(block))
		pr_warn_ratelimited("2 MiB at pfn %#lx have failed memory and are not used again\n",
				    folio_pfn(block));
	else
		folio_put(block);
}

/**
 * dr_block_drop() - take a block away with all it holds
 * @gm: the file
 * @span: its span, @span->sem held for writing
 *
 * Context: may sleep; takes the folio lock and i_mmap_rwsem.
 */
void dr_block_drop(struct dr_gmem *gm, struct dr_span *span)
{
	struct folio *block = span->block;

	/* A fault that was answered with the block maps it before this. */
	folio_lock(block);
	dr_gmem_set_block(gm, span, NULL);
	unmap_mapping_pages(gm->inode->i_mapping, span->start, DR_SPAN_PAGES,
			    false);
	folio_unlock(block);
	dr_block_put(block);
	dr_mount_uncharge(gm->mount, DR_SPAN_PAGES);
}
