// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of a swap area: all its pages come home, then it is let go of. Nothing
 * new goes there meanwhile. If there is no room for the pages, or somebody
 * loses patience, the area goes on to be used, with what is still there.
 */
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/pagemap.h>

#include "area.h"
#include "area_ctl.h"
#include "clean.h"
#include "files.h"
#include "gmem.h"
#include "guest.h"
#include "handle.h"
#include "promise.h"
#include "resolve.h"
#include "room.h"
#include "span.h"
#include "swap.h"

/* Rounds without a page less, before what is left counts as lost. */
#define ROUNDS_MAX	50

static u64 pages_left(struct dr_area *area)
{
	u64 left;

	spin_lock(&area->lock);
	left = area->slots.used - 1 - area->nr_bad;
	spin_unlock(&area->lock);
	return left;
}

/*
 * Is a page of this area behind an entry? A glance. A clean page says so itself:
 * lock it.
 */
static bool is_there(const struct dr_area *area, unsigned long *word)
{
	struct dr_entry e = dr_word_read(word);

	if (dr_entry_type(e) == DR_CLEAN && dr_word_trylock(word)) {
		e = dr_word_read(word);
		if (dr_entry_type(e) == DR_CLEAN)
			e = dr_clean_from(e);
		dr_word_unlock(word);
	}
	return dr_entry_type(e) == DR_SWAPPED &&
	       dr_handle_tier(e) == DR_TIER_DISK &&
	       dr_slot_area(dr_handle_id(e)) == area->id;
}

/* Resolving it for a write is what a guest's write does. */
static int bring_page(struct dr_gmem *gm, pgoff_t index)
{
	struct dr_resolve r = {
		.gm = gm,
		.index = index,
		.write = true,
	};
	int err = dr_resolve(&r);

	/* Beyond the end by now; or it cannot be read, and others can. */
	if (err)
		return err == -ERANGE || err == -EIO ? 0 : err;
	unlock_page(r.page);
	put_page(r.page);
	return 0;
}

/* The next page of the area in a span. */
static bool next_there(const struct dr_area *area, struct dr_span *span,
		       unsigned int *nr)
{
	bool found = false;

	down_read(&span->sem);
	for (; span->table && *nr < DR_SPAN_PAGES && !found; (*nr)++)
		found = is_there(area, &span->table[*nr]);
	up_read(&span->sem);
	return found;
}

static int bring_span(struct dr_area *area, struct dr_gmem *gm,
		      struct dr_span *span)
{
	unsigned int nr = 0;
	int err = 0;

	while (!err && next_there(area, span, &nr)) {
		/* The count is one further on. */
		err = bring_page(gm, span->start + nr - 1);
		err = dr_bring_next(err);
		cond_resched();
	}
	return err;
}

static int bring_file(struct dr_area *area, struct dr_gmem *gm)
{
	struct dr_span *span;
	unsigned long i;
	int err;

	xa_for_each(&gm->spans, i, span) {
		err = bring_span(area, gm, span);
		if (err)
			return err;
	}
	return 0;
}

static int bring_guest(struct dr_area *area, struct dr_guest *guest)
{
	struct dr_gmem *gm = NULL;
	int err = 0;

	while (!err && (gm = dr_files_next(guest, gm)))
		err = bring_file(area, gm);
	if (gm)
		dr_gmem_put(gm);
	return err;
}

static int bring_round(struct dr_area *area)
{
	struct dr_guest *guest;
	int err = 0;
	u64 id = 0;

	while (!err && pages_left(area) && (guest = dr_guest_next(id))) {
		id = guest->id;
		err = bring_guest(area, guest);
		dr_guest_put(guest);
	}
	return err;
}

/*
 * Pages that are on their way out to the area right now are there after a
 * moment: go around until nothing is left, or nothing changes any more.
 */
static int bring_home(struct dr_area *area)
{
	u64 left, before = ULLONG_MAX;
	int rounds = 0, err;

	while ((left = pages_left(area))) {
		rounds = left < before ? 0 : rounds + 1;
		if (rounds > ROUNDS_MAX)
			return -EIO;
		before = left;
		err = bring_round(area);
		if (err)
			return err;
		if (pages_left(area) && msleep_interruptible(20))
			return -EINTR;
	}
	return 0;
}

static void set_leaving(struct dr_area *area, bool leaving)
{
	spin_lock(&area->lock);
	area->leaving = leaving;
	spin_unlock(&area->lock);
}

/*
 * From here on nothing goes there, and no promise is built on it. If one was,
 * the area has to stay.
 */
static int begin_leaving(struct dr_area *area)
{
	bool counted = dr_area_space(area);

	set_leaving(area, true);
	if (!counted || !dr_promise_lacks_swap())
		return 0;
	set_leaving(area, false);
	return -ENOSPC;
}

static int leave(struct dr_area *area)
{
	int err = begin_leaving(area);

	if (err)
		return err;
	err = bring_home(area);
	if (err)
		set_leaving(area, false);
	return err;
}

/**
 * dr_swap_area_rm() - remove a swap area
 * @rm: as the ioctl has it, checked; @rm->left is filled in
 *
 * Context: may sleep, for long.
 * Return: 0 or an error, see struct dr_swap_rm; the area is then as before.
 */
int dr_swap_area_rm(struct dr_swap_rm *rm)
{
	struct dr_area *area;
	int err = -ENOENT;

	if (!mutex_trylock(&dr_area_ctl_lock))
		return -EBUSY;
	area = dr_area_find(rm->id);
	if (!area)
		goto unlock;
	err = leave(area);
	rm->left = pages_left(area);
	if (err)
		goto unlock;
	pr_info("swap area %s is removed\n", area->path);
	dr_area_unlist(area);
	dr_area_close(area);
	dr_area_free(area);
unlock:
	mutex_unlock(&dr_area_ctl_lock);
	return err;
}

/* At the end of the module: there are no guests, so nothing is in use. */
void dr_areas_exit(void)
{
	struct dr_area *area;
	u32 id;

	for (id = 0; id < DR_AREAS_MAX; id++) {
		area = dr_area_find(id);
		if (!area)
			continue;
		dr_area_unlist(area);
		dr_area_close(area);
		dr_area_free(area);
	}
}
