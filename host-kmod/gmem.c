// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Guest memory
 *
 * A guest's RAM is a file of the denseram file system, and the module owns
 * the pages behind it. Anonymous memory would not do: merging, aging and
 * paging of another process's pages needs the kernel's reverse mappings, and
 * none of those functions is exported. For a file of our own two things are
 * enough, unmap_mapping_pages(), whose zap runs the MMU notifiers so that KVM
 * drops its entries too, and our own fault handler.
 *
 * The index of a file has two levels. An xarray leads to a *span* of 2 MiB.
 * A span is empty, or a *block* (one order-9 folio, mapped as one entry), or a
 * table of 512 words, one for each 4 KiB page. Each word is of one type:
 *
 * - absent: reads as zero and costs nothing;
 * - private: a 4 KiB page of this file alone;
 * - shared: a page that other words point to as well, mapped read-only;
 * - swapped: a store holds the bytes;
 * - clean: a page of this file alone, mapped read-only, whose bytes a store
 *   holds as well.
 *
 * Pages are refcounted and returned by the fault handler locked. They are not
 * in the page cache and on no LRU list, and the mappings are ordinary ones,
 * so that O_DIRECT, vhost and asynchronous page faults work. A 4 KiB private
 * page carries mapping and index, which fast GUP asks for, and loses them
 * before the file lets go of it: the last reference may be somebody else's,
 * and the page allocator takes no page with a mapping.
 *
 * To change a word, lock it (bit 0), and no fault gets past it. To take a
 * private page away, also lock the folio, which waits for a fault that has
 * found the page and has not mapped it yet, unmap, and freeze the reference
 * count at the one the file holds. Whoever pinned the page makes the freeze
 * fail, and the page is left alone. All of this is in grab.c, and block.c does
 * the same for a block.
 *
 * dr_gmem_set_entry() and dr_gmem_set_block() are the only writers of words
 * and blocks, and keep the totals.
 */
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "dedup.h"
#include "files.h"
#include "gmem.h"
#include "guest.h"
#include "mount.h"
#include "promise.h"
#include "span.h"

/**
 * dr_gmem_adopt() - tie a fresh 4 KiB page to its place in a file
 * @gm: the file
 * @page: order-0 page that nobody else sees yet
 * @index: page offset
 *
 * Fast GUP on 6.12 refuses pages without a mapping when secretmem is built
 * in, and folio_mkclean() finds the mappings by the two.
 */
void dr_gmem_adopt(struct dr_gmem *gm, struct page *page, pgoff_t index)
{
	struct folio *folio = page_folio(page);

	WARN_ON_ONCE(folio->mapping || folio_mapped(folio));
	folio->mapping = gm->inode->i_mapping;
	folio->index = index;
}

/**
 * dr_gmem_disown() - let go of a 4 KiB page
 * @page: the page, not mapped any more, its folio locked; unlocked by this
 *
 * Drops the file's reference. The page itself may live on in the hands of
 * whoever pinned it.
 */
void dr_gmem_disown(struct page *page)
{
	struct folio *folio = page_folio(page);

	WARN_ON_ONCE(!folio_test_locked(folio) || folio_mapped(folio));
	folio->mapping = NULL;
	folio->private = NULL;
	folio_unlock(folio);
	folio_put(folio);
}

struct page *dr_gmem_zero_page(struct dr_gmem *gm)
{
	return gm->zero;
}

/**
 * dr_gmem_create() - set up the memory of a fresh inode
 * @inode: a regular file's inode, not visible yet
 * @guest: the guest it belongs to
 *
 * Context: may sleep.
 * Return: the file's memory, or NULL when there is no memory.
 */
struct dr_gmem *dr_gmem_create(struct inode *inode, struct dr_guest *guest)
{
	struct dr_gmem *gm = kzalloc(sizeof(*gm), GFP_KERNEL_ACCOUNT);

	if (!gm)
		return NULL;
	gm->inode = inode;
	gm->mount = dr_mount_of(inode->i_sb);
	gm->guest = guest;
	xa_init_flags(&gm->spans, XA_FLAGS_ACCOUNT);
	gm->zero = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!gm->zero)
		goto free;
	/* From here on it may be looked up by its number. */
	if (dr_files_add(gm))
		goto put_zero;
	dr_gmem_adopt(gm, gm->zero, 0);
	dr_guest_hold(guest);
	mutex_lock(&guest->lock);
	list_add_tail(&gm->node, &guest->files);
	guest->nr_files++;
	mutex_unlock(&guest->lock);
	dr_scan_add(gm);
	return gm;

put_zero:
	put_page(gm->zero);
free:
	kfree(gm);
	return NULL;
}

/* Off the list of its guest, unless a walk of that list stands there. */
static bool take_off_list(struct dr_gmem *gm)
{
	struct dr_guest *guest = gm->guest;
	bool free;

	mutex_lock(&guest->lock);
	free = !atomic_read(&gm->pins);
	if (free) {
		list_del(&gm->node);
		guest->nr_files--;
	}
	mutex_unlock(&guest->lock);
	return free;
}

/**
 * dr_gmem_unlist() - hide a file from all who look for files
 * @gm: a file whose inode is being evicted
 *
 * Context: may sleep, until nobody works on the file any more.
 */
void dr_gmem_unlist(struct dr_gmem *gm)
{
	dr_scan_remove(gm);
	dr_files_remove(gm);
	do
		wait_var_event(&gm->pins, !atomic_read(&gm->pins));
	while (!take_off_list(gm));
}

/**
 * dr_gmem_unpin() - undo dr_gmem_pin()
 * @gm: the file; may be freed by its eviction now
 */
void dr_gmem_unpin(struct dr_gmem *gm)
{
	if (atomic_dec_and_test(&gm->pins))
		wake_up_var(&gm->pins);
}

/* Is there anything that a file may not leave behind? */
static bool gmem_is_in_use(const struct dr_gmem *gm)
{
	return atomic_read(&gm->pins) || dr_gmem_charged(gm) ||
	       atomic_long_read(&gm->swapped.same) ||
	       atomic_long_read(&gm->swapped.pool) ||
	       atomic_long_read(&gm->swapped.disk);
}

/**
 * dr_gmem_destroy() - free what is left of a file
 * @gm: the file, unlisted and emptied by dr_gmem_clear()
 *
 * Context: may sleep.
 */
void dr_gmem_destroy(struct dr_gmem *gm)
{
	struct dr_span *span;
	unsigned long i;

	xa_for_each(&gm->spans, i, span)
		dr_span_destroy(gm, span);
	xa_destroy(&gm->spans);
	lock_page(gm->zero);
	dr_gmem_disown(gm->zero);
	WARN_ON_ONCE(gmem_is_in_use(gm));
	dr_promise_trim(gm, 0);
	dr_guest_leave(gm->guest);
	kfree(gm);
}

/**
 * dr_gmem_get() - keep a file while a pass works on it
 * @gm: the file, found in its guest's list under the guest's lock
 *
 * Holds the file system as well: an inode that outlived its super block would
 * be a bug.
 *
 * Return: false when the file is on its way out.
 */
bool dr_gmem_get(struct dr_gmem *gm)
{
	struct super_block *sb = gm->inode->i_sb;

	if (!atomic_inc_not_zero(&sb->s_active))
		return false;
	if (igrab(gm->inode))
		return true;
	/*
	 * The inode is being evicted, and its evictor, who holds the file
	 * system too, waits for the guest's lock to take it off the list. So
	 * this is not the last one.
	 */
	atomic_dec(&sb->s_active);
	return false;
}

/**
 * dr_gmem_put() - undo dr_gmem_get()
 * @gm: the file; may be freed by this
 *
 * Context: may sleep. No lock of a guest is held.
 */
void dr_gmem_put(struct dr_gmem *gm)
{
	struct super_block *sb = gm->inode->i_sb;

	lockdep_assert_not_held(&gm->guest->lock);
	iput(gm->inode);
	deactivate_super(sb);
}

/**
 * dr_gmem_set_entry() - the one writer of words
 * @gm: the file
 * @word: the word, locked by the caller; stays locked
 * @e: its new value
 *
 * Keeps the totals of the file, and gives back the mount's charge when a page
 * becomes absent. For the other way the caller has charged the page already,
 * because that may fail.
 */
void dr_gmem_set_entry(struct dr_gmem *gm, unsigned long *word,
		       struct dr_entry e)
{
	enum dr_type was = dr_entry_type(dr_word_read(word));
	enum dr_type is = dr_entry_type(e);

	WARN_ON_ONCE(!(READ_ONCE(*word) & DR_ENTRY_LOCK));
	if (was != is) {
		atomic_long_dec(&gm->nr[was]);
		atomic_long_inc(&gm->nr[is]);
		if (is == DR_ABSENT)
			dr_mount_uncharge(gm->mount, 1);
	}
	/* Others only ever try to set the lock bit, which is set. */
	WRITE_ONCE(*word, e.v | DR_ENTRY_LOCK);
}

/**
 * dr_gmem_set_block() - the one writer of blocks
 * @gm: the file
 * @span: the span, @span->sem held for writing, without a table
 * @block: the folio, or NULL to take the present one away
 *
 * Charges nothing: the caller has, and gives back what it does not keep.
 */
void dr_gmem_set_block(struct dr_gmem *gm, struct dr_span *span,
		       struct folio *block)
{
	lockdep_assert_held_write(&span->sem);
	WARN_ON_ONCE(!block == !span->block || span->table);
	if (block) {
		atomic_long_inc(&gm->nr_blocks);
	} else {
		atomic_long_dec(&gm->nr_blocks);
		atomic_long_sub(bitmap_weight(span->holes, DR_SPAN_PAGES),
				&gm->nr_holes);
		bitmap_zero(span->holes, DR_SPAN_PAGES);
		bitmap_zero(span->gone, DR_SPAN_PAGES);
	}
	span->block = block;
}

/**
 * dr_gmem_fold() - put a block in the place of a table
 * @gm: the file
 * @span: the span, @span->sem held for writing
 * @block: the folio, with the bytes of all pages
 * @nr_private: private pages in the table; the caller has them, and all words
 *	locked
 *
 * Frees the table. Charges nothing: the private pages were charged, and the
 * caller has charged the absent ones.
 */
void dr_gmem_fold(struct dr_gmem *gm, struct dr_span *span,
		  struct folio *block, unsigned int nr_private)
{
	lockdep_assert_held_write(&span->sem);
	atomic_long_sub(nr_private, &gm->nr[DR_PRIVATE]);
	atomic_long_dec(&gm->nr_tables);
	kfree(span->table);
	span->table = NULL;
	dr_gmem_set_block(gm, span, block);
}

static u64 gmem_metadata(const struct dr_gmem *gm)
{
	unsigned long spans = atomic_long_read(&gm->nr_spans);

	return sizeof(*gm) + PAGE_SIZE + spans * sizeof(struct dr_span) +
	       DIV_ROUND_UP(spans, XA_CHUNK_SIZE) * sizeof(struct xa_node) +
	       atomic_long_read(&gm->nr_tables) * DR_SPAN_PAGES *
	       sizeof(unsigned long);
}

/**
 * dr_gmem_usage() - add a file's memory to a sum
 * @gm: the file
 * @u: what to add to
 *
 * Shared pages are not counted in resident: what they cost is not this
 * file's alone.
 */
void dr_gmem_usage(struct dr_gmem *gm, struct dr_usage *u)
{
	unsigned long blocks = atomic_long_read(&gm->nr_blocks);
	unsigned long pages = atomic_long_read(&gm->nr[DR_PRIVATE]) +
			      atomic_long_read(&gm->nr[DR_CLEAN]);

	u->size += i_size_read(gm->inode);
	u->blocks += blocks;
	u->pages += pages;
	u->resident += (u64)(blocks * DR_SPAN_PAGES + pages) << PAGE_SHIFT;
	u->shared += atomic_long_read(&gm->nr[DR_SHARED]);
	u->swapped += atomic_long_read(&gm->nr[DR_SWAPPED]);
	u->holes += atomic_long_read(&gm->nr_holes);
	u->metadata += gmem_metadata(gm);
}

/* What a recount finds, in the order of the totals. */
struct recount {
	long nr[DR_NR_TYPES];
	long blocks;
	long holes;
	long spans;
	long tables;
};

static void recount_span(struct dr_span *span, struct recount *c)
{
	int i;

	down_read(&span->sem);
	c->spans++;
	if (span->block) {
		c->blocks++;
		c->holes += bitmap_weight(span->holes, DR_SPAN_PAGES);
	} else if (span->table) {
		c->tables++;
		for (i = 0; i < DR_SPAN_PAGES; i++)
			c->nr[dr_entry_type(dr_word_read(&span->table[i]))]++;
	}
	up_read(&span->sem);
}

static bool recount_agrees(const struct dr_gmem *gm, const struct recount *c)
{
	int type;

	/* Absent entries come with their table and are not counted. */
	for (type = DR_ABSENT + 1; type < DR_NR_TYPES; type++)
		if (atomic_long_read(&gm->nr[type]) != c->nr[type])
			return false;
	return READ_ONCE(gm->promised) == i_size_read(gm->inode) &&
	       atomic_long_read(&gm->nr_blocks) == c->blocks &&
	       atomic_long_read(&gm->nr_holes) == c->holes &&
	       atomic_long_read(&gm->nr_spans) == c->spans &&
	       atomic_long_read(&gm->nr_tables) == c->tables;
}

/**
 * dr_gmem_recount() - count all entries and compare with the totals
 * @gm: the file
 *
 * Meant for a file at rest: faults going on make it try again, three times.
 *
 * Context: may sleep.
 * Return: 0, or -EUCLEAN when the totals are wrong.
 */
int dr_gmem_recount(struct dr_gmem *gm)
{
	struct dr_span *span;
	unsigned long i;
	int try;

	for (try = 0; try < 3; try++) {
		struct recount c = {};

		xa_for_each(&gm->spans, i, span)
			recount_span(span, &c);
		if (recount_agrees(gm, &c))
			return 0;
		cond_resched();
	}
	return -EUCLEAN;
}
