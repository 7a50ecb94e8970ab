// SPDX-License-Identifier: GPL-2.0-only
/*
 * Write-back: what has been in the compressed pool for longest goes to a swap
 * area, so that the pool has room for what is paged out now.
 *
 * There is no list of what is in the pool: a hand goes around the guests, in the
 * order of offsets, and takes the pages that are old enough. Neighbours that
 * were paged out together so lie together in the area, too.
 */
#include <linux/sched.h>
#include <linux/xarray.h>

#include "back.h"
#include "cluster.h"
#include "files.h"
#include "guest.h"
#include "handle.h"
#include "pool.h"
#include "span.h"
#include "swapped.h"
#include "trace.h"

/**
 * struct back - a round of write-back
 * @age: generations a page must have been in the pool
 * @want: pages to write
 * @done: pages written so far
 * @err: why it cannot go on, or 0
 */
struct back {
	unsigned int age;
	unsigned long want;
	unsigned long done;
	int err;
};

static bool round_over(const struct back *b)
{
	return b->done >= b->want || b->err;
}

/* Move a page that is held to the open cluster. */
static int move(struct dr_hold *hold)
{
	unsigned long id = dr_handle_id(hold->entry);
	struct page *bounce = dr_cluster_bounce();
	struct dr_gmem *gm = hold->gm;
	int err = bounce ? dr_pool_load(id, bounce) : -ENOMEM;

	if (err) {
		dr_swapped_release(hold, hold->entry);
		return err;
	}
	dr_swapped_release(hold, dr_cluster_add(gm, hold->index, bounce));
	dr_pool_free(gm, id);
	dr_count(gm->guest, DR_EV_SWAP_DISK);
	dr_count(gm->guest, DR_EV_SWAP_BACK);
	return 0;
}

static bool is_old(const struct back *b, struct dr_entry e)
{
	return dr_handle_tier(e) == DR_TIER_POOL &&
	       dr_pool_age(dr_handle_id(e)) >= b->age;
}

static void back_page(struct back *b, struct dr_gmem *gm, pgoff_t index)
{
	struct dr_hold hold;

	b->err = dr_cluster_open();
	if (b->err || dr_swapped_hold(gm, index, &hold))
		return;
	if (!is_old(b, hold.entry))
		dr_swapped_release(&hold, hold.entry);
	else if (!move(&hold))
		b->done++;
}

/* The next page of the pool in a span; a glance. */
static bool next_pooled(struct dr_span *span, unsigned int *nr)
{
	bool found = false;
	struct dr_entry e;

	down_read(&span->sem);
	for (; span->table && *nr < DR_SPAN_PAGES && !found; (*nr)++) {
		e = dr_word_read(&span->table[*nr]);
		found = dr_entry_type(e) == DR_SWAPPED &&
			dr_handle_tier(e) == DR_TIER_POOL;
	}
	up_read(&span->sem);
	return found;
}

static void back_span(struct back *b, struct dr_gmem *gm,
		      struct dr_span *span)
{
	unsigned int nr = 0;

	/* The count is one further on than the page. */
	while (!round_over(b) && next_pooled(span, &nr)) {
		back_page(b, gm, span->start + nr - 1);
		cond_resched();
	}
}

static void back_file(struct back *b, struct dr_gmem *gm)
{
	unsigned long start = gm->back_hand, i;
	struct dr_span *span;

	xa_for_each_start(&gm->spans, i, span, start) {
		gm->back_hand = i;
		back_span(b, gm, span);
		if (round_over(b))
			return;
	}
	gm->back_hand = 0;
	xa_for_each_range(&gm->spans, i, span, 0, start) {
		gm->back_hand = i;
		back_span(b, gm, span);
		if (round_over(b))
			return;
	}
}

static void back_guest(struct back *b, struct dr_guest *guest)
{
	struct dr_gmem *gm = NULL;

	while (!round_over(b) && (gm = dr_files_next(guest, gm)))
		back_file(b, gm);
	if (gm)
		dr_gmem_put(gm);
}

/* The guests from one on, or up to it. Return the last one served. */
static u64 back_guests(struct back *b, u64 after, u64 last)
{
	struct dr_guest *guest;
	u64 id = after;

	while (!round_over(b) && (guest = dr_guest_next(id))) {
		id = guest->id;
		if (id <= last)
			back_guest(b, guest);
		dr_guest_put(guest);
		if (id > last)
			break;
	}
	return id;
}

/**
 * dr_write_back() - move the oldest pages of the pool to a swap area
 * @want: how many
 *
 * Context: the pager; may sleep.
 * Return: how many it were.
 */
unsigned long dr_write_back(unsigned long want)
{
	static u64 served;
	struct back b = {
		.age = dr_pool_cutoff(want),
		.want = want,
	};
	u64 from = served;

	/* The one that was not done with goes first. */
	served = back_guests(&b, from ? from - 1 : 0, U64_MAX);
	if (!round_over(&b))
		served = back_guests(&b, 0, from);
	dr_cluster_submit();
	return b.done;
}
