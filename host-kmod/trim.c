// SPDX-License-Identifier: GPL-2.0-only
/*
 * One pass over a guest that gives back what needs no memory to keep: pages of
 * zeros, and pages filled with one word. The guest runs meanwhile.
 */
#include <linux/highmem.h>
#include <linux/sched/signal.h>

#include "dedup.h"
#include "evacuate.h"
#include "files.h"
#include "guest.h"
#include "span.h"
#include "swap.h"
#include "trace.h"
#include "trim.h"

static const struct dr_pass_ops *const passes[] = {
	&dr_zero_pass,
	&dr_same_pass,
};

/* The pass that takes a page, among those asked for, or NULL. */
static const struct dr_pass_ops *pass_for(struct page *page, u32 flags)
{
	int i;

	/* Memory that has failed is not to be read. */
	if (PageHWPoison(page))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(passes); i++)
		if (flags & passes[i]->flag && passes[i]->fits(page))
			return passes[i];
	return NULL;
}

static int trim_page(struct dr_gmem *gm, pgoff_t index,
		     struct dr_guest_trim *trim)
{
	const struct dr_pass_ops *pass;
	struct dr_grab grab;
	struct page *page;
	int err;

	page = dr_gmem_glance(gm, index);
	if (!page)
		return -ENODATA;
	trim->scanned++;
	pass = pass_for(page, trim->flags);
	/* Not a pin any more: the grab would meet its own. */
	put_page(page);
	if (!pass)
		return -ENODATA;
	err = dr_gmem_grab(gm, index, &grab);
	if (!err)
		err = pass->take(&grab);
	if (!err) {
		trim->freed++;
		dr_count(gm->guest, pass->event);
	} else if (err == -EBUSY) {
		trim->busy++;
	}
	trace_dr_trim(gm, index, err);
	return err;
}

static bool block_pays(struct folio *block, u32 flags)
{
	unsigned int i, nr = 0;

	for (i = 0; i < DR_SPAN_PAGES; i++) {
		nr += !!pass_for(folio_page(block, i), flags);
		cond_resched();
	}
	return nr >= DR_SPAN_PAGES / 2;
}

/* Break up the block of a span if half of it would be saved. */
static void trim_block(struct dr_gmem *gm, struct dr_span *span,
		       struct dr_guest_trim *trim)
{
	u64 before = atomic_long_read(&gm->nr[DR_PRIVATE]), kept;
	struct folio *block = NULL;
	bool pays;
	int err;

	down_read(&span->sem);
	if (span->block) {
		block = span->block;
		folio_get(block);
	}
	up_read(&span->sem);
	if (!block)
		return;
	trim->scanned += DR_SPAN_PAGES;
	pays = block_pays(block, trim->flags);
	folio_put(block);
	if (!pays)
		return;
	err = dr_block_evacuate(gm, span);
	if (!err) {
		kept = atomic_long_read(&gm->nr[DR_PRIVATE]) - before;
		/* Faults of the guest meanwhile blur this; never below 0. */
		trim->freed += kept < DR_SPAN_PAGES ? DR_SPAN_PAGES - kept : 0;
	} else if (err == -EBUSY) {
		trim->busy += DR_SPAN_PAGES;
	}
}

static int trim_span(struct dr_gmem *gm, struct dr_span *span,
		     struct dr_guest_trim *trim)
{
	pgoff_t i;

	if (trim->flags & DR_TRIM_BLOCKS)
		trim_block(gm, span, trim);
	for (i = 0; i < DR_SPAN_PAGES; i++) {
		/* A hint; dr_gmem_glance() looks again under the lock. */
		if (!READ_ONCE(span->table))
			break;
		trim_page(gm, span->start + i, trim);
		if (!(i % 64)) {
			if (signal_pending(current))
				return -EINTR;
			cond_resched();
		}
	}
	return 0;
}

static int trim_file(struct dr_gmem *gm, struct dr_guest_trim *trim)
{
	struct dr_span *span;
	unsigned long i;
	int err = 0;

	xa_for_each(&gm->spans, i, span) {
		err = trim_span(gm, span, trim);
		/* A span that stays a block has not looked. */
		if (!err && signal_pending(current))
			err = -EINTR;
		if (err)
			break;
		cond_resched();
	}
	return err;
}

/**
 * dr_trim_guest() - give back pages that need no memory to keep
 * @guest: the guest
 * @trim: in: flags; out: what came of it
 *
 * Context: may sleep, for long.
 * Return: 0, or -EINTR; what was done until then stays done and is counted.
 */
int dr_trim_guest(struct dr_guest *guest, struct dr_guest_trim *trim)
{
	struct dr_gmem *gm = NULL;
	int err;

	while ((gm = dr_files_next(guest, gm))) {
		err = trim_file(gm, trim);
		if (err) {
			dr_gmem_put(gm);
			return err;
		}
	}
	return 0;
}
