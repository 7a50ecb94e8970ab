// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hand of the clock: from span to span of a guest, in the order of their
 * offsets, so that neighbours are paged out together; where it has stopped, it
 * goes on the next time. In a hurry it jumps.
 */
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/xarray.h>

#include "evacuate.h"
#include "files.h"
#include "out.h"
#include "span.h"

/* In a hurry, one in so many pages of a span is taken. */
#define ANY_FRACTION	4

static bool walk_over(const struct dr_walk *w)
{
	return w->gained >= w->want || w->err ||
	       (w->parking && !READ_ONCE(*w->parking));
}

static void take_page(struct dr_walk *w, struct dr_gmem *gm, pgoff_t index)
{
	int err = dr_page_out(gm, index);

	if (!err)
		w->gained++;
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

/* Whatever comes, cold or not. */
static void take_any(struct dr_walk *w, struct dr_gmem *gm,
		     struct dr_span *span)
{
	unsigned int nr;

	for (nr = get_random_u32_below(ANY_FRACTION); nr < DR_SPAN_PAGES;
	     nr += 1 + get_random_u32_below(2 * ANY_FRACTION - 1)) {
		if (walk_over(w))
			break;
		take_page(w, gm, span->start + nr);
		cond_resched();
	}
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
	if (dr_block_evacuate(gm, span))
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

static void walk_file(struct dr_walk *w, struct dr_gmem *gm)
{
	unsigned long start = gm->hand;

	if (w->haste == DR_HASTE_ANY)
		start = get_random_u64() % DIV_ROUND_UP(dr_gmem_pages(gm) + 1,
							DR_SPAN_PAGES);
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
