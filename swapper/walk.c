// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hand of the clock: from span to span of a guest, in the order of their
 * offsets, so that neighbours are paged out together; where it has stopped, it
 * goes on the next time. Where pages are taken by chance, it jumps.
 */
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/xarray.h>

#include "area.h"
#include "evacuate.h"
#include "files.h"
#include "grab.h"
#include "guest.h"
#include "out.h"
#include "pool.h"
#include "span.h"

/* By chance, one in so many runs of so many pages is taken of a span. */
#define ANY_FRACTION	4
#define ANY_RUN		16

/* So often, on average, a page is left alone for each of its returns. */
#define SPARE_TIMES	8

/* So many pages of a block tell whether the pool would take any of it. */
#define BLOCK_TRIES	4

/*
 * A walk that has met so many pages that do not get smaller, and so many more for each
 * that it gained, goes on another time: the CPU has better to do. To park a guest is to
 * look at all of it.
 */
#define STIFF_ENOUGH	256
#define STIFF_PART	16

static bool walk_over(const struct dr_walk *w)
{
	return w->gained >= w->want || w->err ||
	       (w->parking ? !READ_ONCE(*w->parking) :
		w->stiff > STIFF_ENOUGH + w->gained * STIFF_PART);
}

static void take_page(struct dr_walk *w, struct dr_gmem *gm, pgoff_t index)
{
	int err = dr_page_out(gm, index);

	if (!err)
		w->gained++;
	else if (err == -E2BIG)
		w->stiff++;
	else if (err == -ENOSPC || err == -ENOMEM)
		w->err = err;
}

static void take_cold(struct dr_walk *w, struct dr_gmem *gm,
		      struct dr_span *span, const struct dr_age *age)
{
	unsigned int nr;

	for_each_set_bit(nr, age->cold, DR_SPAN_PAGES) {
		if (walk_over(w))
			break;
		take_page(w, gm, span->start + nr);
		cond_resched();
	}
}

/*
 * Runs of pages, cold or not. Without haste the fewer of those the more often they
 * have come back soon: what is used all the time does so whenever it goes.
 */
static void pick_any(struct dr_walk *w, struct dr_gmem *gm,
		     struct dr_span *span, unsigned long *which)
{
	unsigned int spare = w->haste == DR_HASTE_ANY ? 0 : SPARE_TIMES;
	unsigned long left = w->want - w->gained;
	unsigned int nr, i;

	for (nr = ANY_RUN * get_random_u32_below(ANY_FRACTION);
	     nr < DR_SPAN_PAGES;
	     nr += ANY_RUN * (1 + get_random_u32_below(2 * ANY_FRACTION - 1)))
		for (i = nr; i < nr + ANY_RUN && left; i++)
			if (dr_gmem_pick(gm, span->start + i, spare)) {
				__set_bit(i, which);
				left--;
			}
}

static void take_run(struct dr_walk *w, struct dr_gmem *gm, pgoff_t first,
		     pgoff_t end)
{
	pgoff_t index;

	dr_gmem_unmap(gm, first, end - first);
	for (index = first; index < end && !walk_over(w); index++)
		take_page(w, gm, index);
	cond_resched();
}

static void take_any(struct dr_walk *w, struct dr_gmem *gm,
		     struct dr_span *span)
{
	DECLARE_BITMAP(which, DR_SPAN_PAGES) = {};
	unsigned int first, end;

	if (walk_over(w))
		return;
	pick_any(w, gm, span, which);
	for_each_set_bitrange(first, end, which, DR_SPAN_PAGES)
		take_run(w, gm, span->start + first, span->start + end);
}

/* Would the pool take a page of a block? Chance has it which. */
static bool try_block(struct dr_walk *w, struct dr_gmem *gm,
		      struct dr_span *span)
{
	struct page *page = folio_page(span->block,
				       get_random_u32_below(DR_SPAN_PAGES));

	lockdep_assert_held(&span->sem);
	if (PageHWPoison(page))
		return false;
	if (dr_pool_fits(page))
		return true;
	dr_count(gm->guest, DR_EV_SWAP_STIFF);
	w->stiff++;
	return false;
}

/*
 * Is there a place for pages of a block? Without room on a disk only for those that
 * get smaller. To break up a block that has none gains nothing, and costs its guest
 * a mapping of 2 MiB. A guest that is parked does not need it.
 */
static bool block_has_place(struct dr_walk *w, struct dr_gmem *gm,
			    struct dr_span *span)
{
	bool place = w->parking || dr_areas_have_room();
	unsigned int i;

	down_read(&span->sem);
	for (i = 0; i < BLOCK_TRIES && !place && span->block; i++)
		place = try_block(w, gm, span);
	up_read(&span->sem);
	return place;
}

/*
 * Break up a block: one that is cold, so that all of it can go; or any, when it
 * takes that to find cold pages. Return true if it is pages now, and cold.
 */
static bool break_block(struct dr_walk *w, struct dr_gmem *gm,
			struct dr_span *span, const struct dr_age *age)
{
	bool cold = age->nr_cold;

	if (!cold && w->haste < DR_HASTE_BREAK)
		return false;
	if (!block_has_place(w, gm, span) || dr_block_evacuate(gm, span))
		return false;
	if (!cold)
		dr_span_rejuvenate(span);
	return cold;
}

static void visit_span(struct dr_walk *w, struct dr_gmem *gm,
		       struct dr_span *span)
{
	u64 before = dr_gmem_resident(gm);
	struct dr_age age;

	if (w->chance && !READ_ONCE(span->block)) {
		take_any(w, gm, span);
		return;
	}
	dr_span_age(gm, span, &age);
	if (age.block) {
		bool cold = break_block(w, gm, span, &age);
		u64 after = dr_gmem_resident(gm);

		/* Pages of zeros are gone. */
		w->gained += before > after ? before - after : 0;
		if (!cold && w->haste < DR_HASTE_ANY)
			return;
	}
	if (w->haste == DR_HASTE_ANY)
		take_any(w, gm, span);
	else
		take_cold(w, gm, span, &age);
}

/* From the hand to the end of the file, or from the start to the hand. */
static void walk_part(struct dr_walk *w, struct dr_gmem *gm,
		      unsigned long first, unsigned long last)
{
	struct dr_span *span;
	unsigned long i;

	if (first > last)
		return;
	xa_for_each_range(&gm->spans, i, span, first, last) {
		if (walk_over(w))
			return;
		gm->hand = i;
		visit_span(w, gm, span);
		cond_resched();
	}
	gm->hand = last == ULONG_MAX ? 0 : last + 1;
}

static unsigned long random_span(struct dr_gmem *gm)
{
	return get_random_u64() % DIV_ROUND_UP(dr_gmem_pages(gm) + 1,
					       DR_SPAN_PAGES);
}

/*
 * Break up blocks wherever they are, in use or not, so that what is cold in them
 * can go before others have to. From somewhere on: the next walk starts elsewhere.
 */
static void break_blocks(struct dr_walk *w, struct dr_gmem *gm)
{
	u64 before = dr_gmem_resident(gm), after;
	struct dr_span *span;
	unsigned long i;

	xa_for_each_range(&gm->spans, i, span, random_span(gm), ULONG_MAX) {
		if (!w->breaks)
			break;
		if (!READ_ONCE(span->block))
			continue;
		w->breaks--;
		if (block_has_place(w, gm, span) &&
		    !dr_block_evacuate(gm, span))
			dr_span_rejuvenate(span);
		cond_resched();
	}
	after = dr_gmem_resident(gm);
	w->gained += before > after ? before - after : 0;
}

static void walk_file(struct dr_walk *w, struct dr_gmem *gm)
{
	unsigned long start = gm->hand;

	if (w->breaks && atomic_long_read(&gm->nr_blocks))
		break_blocks(w, gm);
	if (w->chance || w->haste == DR_HASTE_ANY)
		start = random_span(gm);
	walk_part(w, gm, start, ULONG_MAX);
	if (!walk_over(w) && start)
		walk_part(w, gm, 0, start - 1);
}

/**
 * dr_walk_guest() - page out of a guest
 * @guest: the guest
 * @w: in: how, and how much; out: how much it was, and why not more
 *
 * Goes around once at most.
 *
 * Context: may sleep. One walk over a guest at a time.
 */
void dr_walk_guest(struct dr_guest *guest, struct dr_walk *w)
{
	struct dr_gmem *gm = NULL;

	while (!walk_over(w) && (gm = dr_files_next(guest, gm)))
		walk_file(w, gm);
	if (gm)
		dr_gmem_put(gm);
}
