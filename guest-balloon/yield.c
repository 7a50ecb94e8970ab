// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Giving pages back unasked
 *
 * When the guest needs memory it cannot wait for the host. Blocks went to the
 * host as free memory, and a guest may use free memory without a word; so they
 * are given back at once, from whatever context asks. Single pages went to it by
 * number, and it has to be told that they are used again: their numbers are put
 * down, and a work tells it later. That is allowed unless the host insists on
 * being told first (VIRTIO_BALLOON_F_MUST_TELL_HOST, which QEMU does not); then
 * only blocks are given back here, and the work deflates by the rules.
 *
 * The host sees a smaller balloon and takes that as a request. Nothing is
 * inflated again before it asks again.
 */
#include "denseram_balloon.h"

#include <linux/jiffies.h>
#include <linux/moduleparam.h>
#include <linux/virtio_config.h>

/* The least that is given back, and the most at one go: 4 and 64 MiB. */
#define STEP_MIN	1024U
#define STEP_MAX	16384U

static unsigned int self_deflate_mib = UINT_MAX;
module_param(self_deflate_mib, uint, 0644);
MODULE_PARM_DESC(self_deflate_mib,
		 "most the guest takes back by itself before the host asks again");

static unsigned int allowance(struct dr_balloon *b)
{
	u64 most = (u64)READ_ONCE(self_deflate_mib) << (20 - PAGE_SHIFT);

	return most > b->nr_yielded ? min_t(u64, most - b->nr_yielded,
					    UINT_MAX) : 0;
}

/**
 * dr_yield_allowed() - may the guest take pages back at all?
 * @b: the balloon
 *
 * Without DEFLATE_ON_OOM the host forbids it.
 *
 * Return: whether it may.
 */
bool dr_yield_allowed(struct dr_balloon *b)
{
	return virtio_has_feature(b->vdev, VIRTIO_BALLOON_F_DEFLATE_ON_OOM) &&
	       !READ_ONCE(b->stopping);
}

/**
 * dr_yield_is_full() - has the host to be told before more is given back?
 * @b: the balloon
 *
 * Return: whether all numbers of single pages that there is room for wait for
 * the work, which wakes &dr_balloon.acked when it takes them.
 */
bool dr_yield_is_full(const struct dr_balloon *b)
{
	return READ_ONCE(b->nr_untold) == DR_MESSAGE_FRAMES;
}

/**
 * dr_yield_step() - how much to give back now
 * @b: the balloon
 *
 * Doubles while it is called again and again: a burst is served in a few steps,
 * and a guest that is only a little short takes little.
 *
 * Return: in pages.
 */
unsigned int dr_yield_step(struct dr_balloon *b)
{
	struct dr_pressure *p = &b->pressure;
	unsigned int step;

	spin_lock(&b->lock);
	if (time_after(jiffies, p->last + HZ))
		p->step = STEP_MIN;
	else
		p->step = min(p->step * 2, STEP_MAX);
	p->last = jiffies;
	step = p->step;
	spin_unlock(&b->lock);
	return step;
}

static unsigned int yield_blocks(struct dr_balloon *b, unsigned int nr)
{
	unsigned int given = 0;
	struct page *block;

	while (given < nr) {
		block = dr_pages_release_block(b);
		if (!block)
			break;
		dr_pages_free_block(block);
		given += DR_BLOCK_PAGES;
	}
	return given;
}

static void put_down(struct dr_balloon *b, struct list_head *list,
		     struct list_head *rest)
{
	struct page *page, *next;

	spin_lock(&b->lock);
	list_for_each_entry_safe(page, next, list, lru) {
		if (b->nr_untold == DR_MESSAGE_FRAMES) {
			list_move(&page->lru, rest);
			continue;
		}
		b->untold[b->nr_untold++] = dr_pages_frame(b, page);
	}
	spin_unlock(&b->lock);
}

static unsigned int yield_pages(struct dr_balloon *b, unsigned int nr)
{
	unsigned int got, left = 0;
	LIST_HEAD(list);
	LIST_HEAD(rest);
	struct page *page;

	if (virtio_has_feature(b->vdev, VIRTIO_BALLOON_F_MUST_TELL_HOST))
		return 0;
	nr = min(nr, DR_MESSAGE_FRAMES - READ_ONCE(b->nr_untold));
	got = dr_pages_release(b, &list, nr);
	put_down(b, &list, &rest);
	/* Somebody else put his numbers down first. */
	list_for_each_entry(page, &rest, lru)
		left++;
	if (left)
		dr_pages_hold(b, &rest, left);
	dr_pages_free(&list);
	return got - left;
}

/**
 * dr_yield() - give pages back because the guest needs them
 * @b: the balloon
 * @nr: how many, about
 * @why: DR_COUNT_YIELD_*
 *
 * Context: any but interrupts; neither sleeps nor allocates.
 * Return: how many.
 */
unsigned int dr_yield(struct dr_balloon *b, unsigned int nr,
		      enum dr_count why)
{
	unsigned int given;

	if (!dr_yield_allowed(b))
		return 0;
	spin_lock(&b->lock);
	b->yielded = true;
	nr = min(nr, allowance(b));
	spin_unlock(&b->lock);
	given = nr ? yield_blocks(b, nr) : 0;
	if (given < nr)
		given += yield_pages(b, nr - given);
	spin_lock(&b->lock);
	b->nr_yielded += given;
	spin_unlock(&b->lock);
	dr_count(b, why, given);
	if (given)
		dr_resize_kick(b);
	return given;
}
