// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that was parked is to run again: bring its pages back before it asks
 * for them one by one.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>

#include "files.h"
#include "guest.h"
#include "resolve.h"
#include "room.h"
#include "span.h"
#include "wake.h"

/* What dr_guest_wake.cursor is at the end. */
#define CURSOR_END	U64_MAX

/* To bring pages back for the pager to take them out again is of no use. */
static bool is_at_limit(struct dr_guest *guest)
{
	unsigned long limit = READ_ONCE(guest->paging.limit);

	return limit && dr_files_resident(guest) >= limit;
}

/* Resolving it for reading is what a guest's read does. */
static int wake_page(struct dr_gmem *gm, pgoff_t index,
		     struct dr_guest_wake *wake)
{
	struct dr_resolve r = {
		.gm = gm,
		.index = index,
	};
	int err = dr_resolve(&r);

	if (err == -ERANGE)
		return 0;
	if (err == -EIO) {
		wake->failed++;
		return 0;
	}
	if (err)
		return err;
	unlock_page(r.page);
	put_page(r.page);
	wake->done++;
	return 0;
}

/* The next swapped page of a span; a glance. */
static bool next_swapped(struct dr_span *span, unsigned int *nr)
{
	bool found = false;

	down_read(&span->sem);
	for (; span->table && *nr < DR_SPAN_PAGES && !found; (*nr)++)
		found = dr_entry_type(dr_word_read(&span->table[*nr])) ==
			DR_SWAPPED;
	up_read(&span->sem);
	return found;
}

static bool is_enough(const struct dr_guest_wake *wake)
{
	return wake->done + wake->failed >= wake->count;
}

static int wake_span(struct dr_gmem *gm, struct dr_span *span,
		     unsigned int *nr, struct dr_guest_wake *wake)
{
	int err = 0;

	/* The count is one further on than the page. */
	while (!err && !is_enough(wake) && next_swapped(span, nr)) {
		err = wake_page(gm, span->start + *nr - 1, wake);
		err = dr_bring_next(err);
		cond_resched();
	}
	return err;
}

/* A cursor is a page offset in the files of a guest put end to end. */
static int wake_file(struct dr_gmem *gm, u64 base,
		     struct dr_guest_wake *wake)
{
	unsigned int nr = (wake->cursor - base) & DR_SPAN_MASK;
	struct dr_span *span;
	unsigned long i;
	int err = 0;

	xa_for_each_start(&gm->spans, i, span,
			  (wake->cursor - base) >> DR_SPAN_ORDER) {
		if (wake->cursor < base + span->start) {
			wake->cursor = base + span->start;
			nr = 0;
		}
		err = wake_span(gm, span, &nr, wake);
		wake->cursor = base + span->start + nr;
		nr = 0;
		if (err || is_enough(wake))
			break;
	}
	return err;
}

/**
 * dr_guest_wake() - bring back what a guest has paged out, or a part of it
 * @guest: the guest
 * @wake: as the ioctl has it, checked; what it puts out is filled in
 *
 * Files that come or go between two calls blur the answer.
 *
 * Context: may sleep, for long.
 * Return: 0, -ENOMEM, or -EINTR.
 */
int dr_guest_wake(struct dr_guest *guest, struct dr_guest_wake *wake)
{
	struct dr_gmem *gm = NULL;
	u64 base = 0, end;
	int err = 0;

	wake->done = 0;
	wake->failed = 0;
	WRITE_ONCE(guest->paging.parking, false);
	if (is_at_limit(guest)) {
		wake->cursor = CURSOR_END;
		return 0;
	}
	while (!err && !is_enough(wake) && (gm = dr_files_next(guest, gm))) {
		end = base + round_up(dr_gmem_pages(gm), DR_SPAN_PAGES);
		wake->cursor = max(wake->cursor, base);
		if (wake->cursor < end)
			err = wake_file(gm, base, wake);
		if (!err && !is_enough(wake))
			wake->cursor = max(wake->cursor, end);
		base = end;
	}
	if (gm)
		dr_gmem_put(gm);
	else if (!err)
		wake->cursor = CURSOR_END;
	return err;
}
