/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_GMEM_H
#define _DR_GMEM_H

#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "denseram.h"
#include "entry.h"
#include "paging.h"
#include "progress.h"
#include "span.h"

/**
 * struct dr_gmem - a RAM file
 * @inode: the file's inode, whose eviction ends this
 * @guest: the guest the file belongs to; holds it
 * @mount: options and charge of the file system
 * @node: in @guest->files, under its lock
 * @spans: struct dr_span by page offset >> %DR_SPAN_ORDER. A span stays until
 *	the file is evicted, so that a pointer found without a lock stays good
 * @zero: page of zeros that stands in for absent entries under read faults;
 *	one for each file, so that guests do not share its cache line
 * @id: number of the file, not above %DR_FILE_ID_MAX; given again when it is gone
 * @promised: its size, as far as the promise to its guest goes: at least what
 *	it is. Changed by whoever changes the size
 * @pins: passes that work on the file: its eviction waits for them
 * @scan: where the scanner of content-based sharing is
 * @hand: span that the pager looks at next; the pager's alone
 * @back_hand: span whose pages the pager moves on next, likewise
 * @ahead: how far to read ahead
 * @swapped: swapped entries by tier
 * @hollow: breaks up blocks that are holes for the most part
 * @nr: entries of each type in tables; blocks are not counted here
 * @nr_blocks: spans backed by a block
 * @nr_holes: pages punched out of those blocks
 * @nr_spans: spans allocated
 * @nr_tables: spans with a table
 *
 * One for each regular file; allocated with the inode, freed when it is
 * evicted. The counts change only together with what they count: @nr and
 * @nr_blocks in dr_gmem_set_entry(), dr_gmem_set_block() and dr_gmem_fold().
 */
struct dr_gmem {
	struct inode *inode;
	struct dr_guest *guest;
	struct dr_mount *mount;
	struct list_head node;
	struct xarray spans;
	struct page *zero;
	u32 id;
	loff_t promised;
	atomic_t pins;
	struct dr_scan scan;
	unsigned long hand;
	unsigned long back_hand;
	struct dr_ahead ahead;
	struct dr_swapped swapped;
	struct delayed_work hollow;
	atomic_long_t nr[DR_NR_TYPES];
	atomic_long_t nr_blocks;
	atomic_long_t nr_holes;
	atomic_long_t nr_spans;
	atomic_long_t nr_tables;
};

struct dr_gmem *dr_gmem_create(struct inode *inode, struct dr_guest *guest);
void dr_gmem_unlist(struct dr_gmem *gm);
void dr_gmem_destroy(struct dr_gmem *gm);

/* A file that stays while a pass works on it, though it be unlinked. */
bool dr_gmem_get(struct dr_gmem *gm);
void dr_gmem_put(struct dr_gmem *gm);
void dr_gmem_unpin(struct dr_gmem *gm);

void dr_gmem_set_entry(struct dr_gmem *gm, unsigned long *word,
		       struct dr_entry e);
void dr_gmem_set_block(struct dr_gmem *gm, struct dr_span *span,
		       struct folio *block);
void dr_gmem_fold(struct dr_gmem *gm, struct dr_span *span,
		  struct folio *block, unsigned int nr_private);
void dr_gmem_usage(struct dr_gmem *gm, struct dr_usage *u);
int dr_gmem_recount(struct dr_gmem *gm);

struct page *dr_gmem_zero_page(struct dr_gmem *gm);
void dr_gmem_adopt(struct dr_gmem *gm, struct page *page, pgoff_t index);
void dr_gmem_disown(struct page *page);

/*
 * Have the eviction of a file wait for dr_gmem_unpin(). Where the file was
 * found, a lock keeps it from being taken out meanwhile.
 */
static inline void dr_gmem_pin(struct dr_gmem *gm)
{
	atomic_inc(&gm->pins);
}

static inline struct dr_gmem *dr_gmem_of(const struct inode *inode)
{
	return inode->i_private;
}

/*
 * Is this the 4 KiB page at that place, as a private word says it is? Anything
 * else is a bug, of the kind that corrupts memory: leave the page alone.
 */
static inline bool dr_gmem_owns(const struct dr_gmem *gm,
				const struct page *page, pgoff_t index)
{
	const struct folio *folio = page_folio(page);

	return !WARN_ON_ONCE(folio->mapping != gm->inode->i_mapping ||
			     folio->index != index || folio_test_large(folio));
}

/* Pages the file spans, a partial last one included. */
static inline pgoff_t dr_gmem_pages(const struct dr_gmem *gm)
{
	return DIV_ROUND_UP(i_size_read(gm->inode), PAGE_SIZE);
}

/* Pages of the host's memory that are this file's alone. */
static inline u64 dr_gmem_resident(const struct dr_gmem *gm)
{
	return atomic_long_read(&gm->nr_blocks) * DR_SPAN_PAGES +
	       atomic_long_read(&gm->nr[DR_PRIVATE]) +
	       atomic_long_read(&gm->nr[DR_CLEAN]);
}

/* Pages that the mount's size limit counts for this file. */
static inline u64 dr_gmem_charged(const struct dr_gmem *gm)
{
	return dr_gmem_resident(gm) +
	       atomic_long_read(&gm->nr[DR_SHARED]) +
	       atomic_long_read(&gm->nr[DR_SWAPPED]);
}

#endif /* _DR_GMEM_H */
