// SPDX-License-Identifier: GPL-2.0-only
/*
 * Host memory for guests: zeroed, placed by the mapping's NUMA policy, and
 * charged to the memory cgroup of the task that touches it first, as kernel
 * memory; what the module moves or copies for a guest, to the guest's. It is
 * unmovable, and so are the pageblocks it comes from.
 */
#include <linux/gfp.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "alloc.h"
#include "denseram.h"

#define DR_GFP	(GFP_HIGHUSER | __GFP_ZERO | __GFP_ACCOUNT)

static struct folio *alloc_home(const struct dr_home *home, gfp_t gfp,
				unsigned int order)
{
	struct mem_cgroup *old = set_active_memcg(home->memcg);
	struct folio *folio;

	/* Without an active cgroup the task would pay. */
	if (!home->memcg)
		gfp &= ~__GFP_ACCOUNT;
	folio = __folio_alloc_node(gfp, order, home->node);
	set_active_memcg(old);
	return folio;
}

static struct folio *alloc_at(const struct dr_place *place, gfp_t gfp,
			      unsigned int order)
{
	if (place->home)
		return alloc_home(place->home, gfp, order);
	if (place->vma)
		return dr_vma_alloc_folio(gfp, order, place->vma, place->addr);
	return folio_alloc(gfp, order);
}

/**
 * dr_alloc_page() - a 4 KiB page of zeros
 * @place: where from
 *
 * Context: may sleep, and reclaim; no entry is locked.
 * Return: the page, or NULL.
 */
struct page *dr_alloc_page(const struct dr_place *place)
{
	gfp_t gfp = DR_GFP;
	struct folio *folio;

	/*
	 * A system call can fail, so it does not kill anybody for memory. A
	 * fault cannot, and behaves as any other.
	 */
	if (!place->vma)
		gfp |= __GFP_RETRY_MAYFAIL | __GFP_NOWARN;
	folio = alloc_at(place, gfp, 0);
	return folio ? folio_page(folio, 0) : NULL;
}

/**
 * dr_alloc_page_nowait() - a 4 KiB page, if there is a free one
 * @place: where from
 *
 * Return: the page, or NULL.
 */
struct page *dr_alloc_page_nowait(const struct dr_place *place)
{
	struct folio *folio;

	folio = alloc_at(place, (DR_GFP & ~__GFP_DIRECT_RECLAIM) |
				__GFP_NOWARN, 0);
	return folio ? folio_page(folio, 0) : NULL;
}

/**
 * dr_alloc_block() - 2 MiB of zeros in one piece, if they are easy to get
 * @place: where from
 *
 * By the kernel's default rule for huge pages: compact memory only where
 * madvise(MADV_HUGEPAGE) asked for it, otherwise take what is there.
 *
 * Context: may sleep.
 * Return: the folio, or NULL.
 */
struct folio *dr_alloc_block(const struct dr_place *place)
{
	gfp_t gfp = (DR_GFP & ~__GFP_RECLAIM) | __GFP_COMP | __GFP_NOWARN |
		    __GFP_NORETRY;

	if (place->compact)
		gfp |= __GFP_DIRECT_RECLAIM;
	return alloc_at(place, gfp, DR_SPAN_ORDER);
}

/**
 * dr_home_of() - where a page or block of a guest belongs
 * @folio: it, kept by the caller
 *
 * Return: its home, for dr_home_put().
 */
struct dr_home dr_home_of(struct folio *folio)
{
	struct dr_home home = { .node = folio_nid(folio) };

	rcu_read_lock();
	home.memcg = folio_memcg(folio);
	if (!mem_cgroup_tryget(home.memcg))
		home.memcg = NULL;
	rcu_read_unlock();
	return home;
}

void dr_home_put(struct dr_home *home)
{
	mem_cgroup_put(home->memcg);
}

/**
 * dr_home_alloc_page() - a 4 KiB page, if there is a free one
 * @home: where, and who pays
 *
 * Causes no reclaim, in the host or in the cgroup.
 *
 * Return: the page, not zeroed, or NULL.
 */
struct page *dr_home_alloc_page(const struct dr_home *home)
{
	struct folio *folio;

	folio = alloc_home(home, (GFP_HIGHUSER & ~__GFP_DIRECT_RECLAIM) |
				 __GFP_NOWARN | __GFP_ACCOUNT, 0);
	return folio ? folio_page(folio, 0) : NULL;
}

/**
 * dr_home_alloc_block() - 2 MiB in one piece, if there is a free one
 * @home: where, and who pays
 *
 * Return: the folio, not zeroed, or NULL.
 */
struct folio *dr_home_alloc_block(const struct dr_home *home)
{
	return alloc_home(home, (DR_GFP & ~(__GFP_RECLAIM | __GFP_ZERO)) |
				__GFP_COMP | __GFP_NOWARN | __GFP_NORETRY,
			  DR_SPAN_ORDER);
}

/**
 * dr_home_alloc_table() - a table of absent entries, if there is memory
 * @home: who pays
 *
 * Return: the table, or NULL.
 */
unsigned long *dr_home_alloc_table(const struct dr_home *home)
{
	struct mem_cgroup *old = set_active_memcg(home->memcg);
	gfp_t gfp = home->memcg ? GFP_KERNEL_ACCOUNT : GFP_KERNEL;
	unsigned long *table;

	table = kcalloc(DR_SPAN_PAGES, sizeof(*table),
			(gfp & ~__GFP_DIRECT_RECLAIM) | __GFP_NOWARN);
	set_active_memcg(old);
	return table;
}
