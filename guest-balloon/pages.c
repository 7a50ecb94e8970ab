// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pages of the balloon: taken from the guest's allocator without pressure,
 * kept on a list, given back.
 */
#include "denseram_balloon.h"

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/virtio_config.h>
#include <uapi/linux/virtio_balloon.h>

static_assert(DR_ROUND_PAGES == 1U << DR_ROUND_ORDER);

/*
 * Take what is free or easily freed: the reserves, retries and the OOM killer
 * are for those who need memory.
 */
#define DR_BALLOON_GFP	(GFP_HIGHUSER | __GFP_NOMEMALLOC | __GFP_NORETRY | \
			 __GFP_NOWARN)

/*
 * A block of 2 MiB costs the host one hole instead of 512, and the unmovable
 * pages of the balloon stay together in the guest.
 */
static bool alloc_block(struct list_head *pages)
{
	struct page *page = alloc_pages(DR_BALLOON_GFP, DR_ROUND_ORDER);
	unsigned int i;

	if (!page)
		return false;
	split_page(page, DR_ROUND_ORDER);
	for (i = 0; i < DR_ROUND_PAGES; i++)
		list_add_tail(&page[i].lru, pages);
	return true;
}

/**
 * dr_pages_alloc - take pages from the guest
 * @pages: the list they are appended to
 * @nr: how many at most
 *
 * May sleep and reclaim; call it without dr_balloon.lock.
 *
 * Return: how many.
 */
unsigned int dr_pages_alloc(struct list_head *pages, unsigned int nr)
{
	unsigned int got = 0;
	struct page *page;

	if (nr >= DR_ROUND_PAGES && alloc_block(pages))
		return DR_ROUND_PAGES;
	for (; got < nr; got++) {
		page = alloc_page(DR_BALLOON_GFP);
		if (!page)
			break;
		list_add_tail(&page->lru, pages);
	}
	return got;
}

/**
 * dr_pages_free - give pages back to the guest
 * @pages: list of pages that the balloon does not hold
 */
void dr_pages_free(struct list_head *pages)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, pages, lru) {
		list_del(&page->lru);
		__free_page(page);
	}
}

/*
 * A balloon that deflates when memory is short counts as memory of the guest;
 * one that does not makes the guest smaller.
 */
static void adjust_managed(struct dr_balloon *b, struct page *page, long nr)
{
	if (!virtio_has_feature(b->vdev, VIRTIO_BALLOON_F_DEFLATE_ON_OOM))
		adjust_managed_page_count(page, nr);
}

/**
 * dr_pages_hold - the host may have this page from now on
 * @b: the balloon
 * @page: on no list
 */
void dr_pages_hold(struct dr_balloon *b, struct page *page)
{
	lockdep_assert_held(&b->lock);
	/* Dumps and readers of all memory leave it alone. */
	__SetPageOffline(page);
	list_add(&page->lru, &b->pages);
	b->held++;
	adjust_managed(b, page, -1);
}

/**
 * dr_pages_release - take the page held last out of the balloon
 * @b: the balloon
 *
 * Return: the page, to be freed when the host knows; NULL when none is held.
 */
struct page *dr_pages_release(struct dr_balloon *b)
{
	struct page *page;

	lockdep_assert_held(&b->lock);
	page = list_first_entry_or_null(&b->pages, struct page, lru);
	if (!page)
		return NULL;
	list_del(&page->lru);
	b->held--;
	__ClearPageOffline(page);
	adjust_managed(b, page, 1);
	return page;
}
