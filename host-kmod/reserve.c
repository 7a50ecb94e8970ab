// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: The reserve
 *
 * Whoever breaks up a block wants memory back, and needs memory for it: the
 * pages that hold something are copied before the block can be freed, up to
 * 2 MiB of them. On a host that has run out that would be the end, so 512
 * pages and one table are set aside when the module is loaded.
 *
 * The reserve is lent, to one borrower at a time. He copies the block to
 * borrowed pages and frees it, and thereby the host has 512 pages more than
 * before. From these he takes the ones that the guest gets, copies once more,
 * and returns what he has borrowed. So the pages of a guest are on the node of
 * its block and charged to the memory cgroup of the block, as they would be
 * without the reserve, and those of the reserve belong to no cgroup and to no
 * guest. Only where somebody else was faster to take the freed memory, a
 * borrowed page goes to the guest, uncharged. That one is *lost*; the next
 * borrower begins by filling the gap.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "denseram.h"
#include "reserve.h"

/* Held while the reserve is lent, and guards it. */
static DEFINE_MUTEX(reserve_lock);
static LIST_HEAD(reserve_pages);
static unsigned int nr_pages;
static unsigned long *reserve_table;
static u64 nr_loans, nr_lost;

/* Fill what is missing, as far as memory goes. */
static void top_up(gfp_t gfp)
{
	struct page *page;

	lockdep_assert_held(&reserve_lock);
	if (!reserve_table)
		reserve_table = kcalloc(DR_SPAN_PAGES, sizeof(*reserve_table),
					gfp);
	while (nr_pages < DR_SPAN_PAGES) {
		page = alloc_page(gfp | __GFP_HIGHMEM);
		if (!page)
			break;
		list_add(&page->lru, &reserve_pages);
		nr_pages++;
	}
}

static void take_back(struct list_head *pages)
{
	struct page *page;

	while ((page = list_first_entry_or_null(pages, struct page, lru))) {
		list_move(&page->lru, &reserve_pages);
		nr_pages++;
	}
}

/**
 * dr_reserve_borrow() - take the whole reserve
 * @loan: out: what there is: 512 pages and a table, if the reserve is full
 *
 * Context: may sleep, until another borrower is done. No span's sem is held:
 * the other one may be waiting for it. Never called from a shrinker.
 */
void dr_reserve_borrow(struct dr_loan *loan)
{
	mutex_lock(&reserve_lock);
	top_up(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN);
	INIT_LIST_HEAD(&loan->pages);
	list_splice_init(&reserve_pages, &loan->pages);
	loan->table = reserve_table;
	reserve_table = NULL;
	nr_pages = 0;
	nr_loans++;
}

/**
 * dr_reserve_return() - give the reserve back
 * @loan: what dr_reserve_borrow() gave, but for what was lost; empty after
 *	this
 *
 * Context: may sleep.
 */
void dr_reserve_return(struct dr_loan *loan)
{
	take_back(&loan->pages);
	reserve_table = loan->table;
	loan->table = NULL;
	nr_lost += DR_SPAN_PAGES - nr_pages + !reserve_table;
	mutex_unlock(&reserve_lock);
}

/**
 * dr_reserve_stat() - read the figures
 * @stat: filled in
 *
 * Context: may sleep, until a borrower is done.
 */
void dr_reserve_stat(struct dr_reserve_stat *stat)
{
	mutex_lock(&reserve_lock);
	stat->pages = nr_pages;
	stat->tables = !!reserve_table;
	stat->loans = nr_loans;
	stat->lost = nr_lost;
	mutex_unlock(&reserve_lock);
}

/**
 * dr_reserve_init() - fill the reserve
 *
 * Return: 0 or -ENOMEM.
 */
int dr_reserve_init(void)
{
	bool full;

	mutex_lock(&reserve_lock);
	top_up(GFP_KERNEL);
	full = nr_pages == DR_SPAN_PAGES && reserve_table;
	mutex_unlock(&reserve_lock);
	if (full)
		return 0;
	dr_reserve_exit();
	return -ENOMEM;
}

/* Safe on a reserve that is filled in part. */
void dr_reserve_exit(void)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &reserve_pages, lru) {
		list_del_init(&page->lru);
		__free_page(page);
	}
	nr_pages = 0;
	kfree(reserve_table);
	reserve_table = NULL;
}
