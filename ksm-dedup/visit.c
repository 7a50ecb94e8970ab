// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scanner visits a span: hash the pages that are due, give back those of
 * zeros, merge what others have too, leave a hint of the rest. A block is
 * sampled, and broken up when that pays.
 */
#include <linux/highmem.h>
#include <linux/jiffies.h>

#include "collapse.h"
#include "dedup.h"
#include "evacuate.h"
#include "grab.h"
#include "guest.h"
#include "merge.h"
#include "note.h"
#include "scan.h"
#include "table.h"

/* A block must have been as it is for that long before it is broken up. */
#define BLOCK_REST	HZ

static bool give_back_zero(struct dr_visit *v, pgoff_t index)
{
	struct dr_grab grab;

	if (dr_gmem_grab(v->gm, index, &grab) || dr_zero_pass.take(&grab))
		return false;
	dr_count(v->gm->guest, DR_EV_SCAN_ZERO);
	v->gained++;
	return true;
}

static void share_page(struct dr_visit *v, pgoff_t index,
		       const struct page *page, u16 note, u64 hash)
{
	int err = dr_merge(v->gm, index, dr_domain_key(v->domain, hash));

	if (!err) {
		v->gained++;
	} else if (err == -EBUSY) {
		note = dr_note_busy(note, hash);
		dr_gmem_set_note(v->gm, index, page, note);
		v->again |= !(note & DR_NOTE_SEEN);
	}
}

static void visit_page(struct dr_visit *v, pgoff_t index, u16 note)
{
	struct page *page = dr_gmem_glance(v->gm, index);
	bool changed;
	u64 hash;

	if (!page)
		return;
	v->visited++;
	if (dr_zero_pass.fits(page)) {
		put_page(page);
		give_back_zero(v, index);
		return;
	}
	if (dr_domain_none(v->domain)) {
		put_page(page);
		return;
	}
	hash = dr_scan_hash(page);
	changed = dr_note_changed(note, hash);
	dr_gmem_set_note(v->gm, index, page, dr_note_visited(note, hash));
	/* Not a pin any more: a grab would meet its own. */
	put_page(page);
	if (changed)
		dr_count(v->gm->guest, DR_EV_SCAN_VOLATILE);
	else
		share_page(v, index, page, note, hash);
}

/* Pages planned at a time: the plan is on the stack. */
#define PLAN_PAGES	128

/**
 * struct plan - the pages of a part of a span to visit now
 * @first: offset of the first page of the part, within the span
 * @due: which
 * @note: what is known of each
 */
struct plan {
	unsigned int first;
	DECLARE_BITMAP(due, PLAN_PAGES);
	u16 note[PLAN_PAGES];
};

static_assert(DR_SPAN_PAGES % PLAN_PAGES == 0);

/* Is it a page of its own, to be visited now? A glance without its lock. */
static bool page_due(const struct dr_visit *v, struct dr_entry e,
		     pgoff_t index)
{
	u16 note = dr_entry_note(e);

	if (!dr_entry_own(e))
		return false;
	return v->unseen_only ? !(note & DR_NOTE_SEEN) :
	       dr_note_due(note, index, v->pass, v->age_max);
}

/* Made beforehand, so that the span is not held while pages are visited. */
static void make_plan(const struct dr_visit *v, struct dr_span *span,
		      struct plan *plan)
{
	struct dr_entry e;
	int i;

	bitmap_zero(plan->due, PLAN_PAGES);
	down_read(&span->sem);
	for (i = 0; span->table && i < PLAN_PAGES; i++) {
		e = dr_word_read(&span->table[plan->first + i]);
		if (!page_due(v, e, span->start + plan->first + i))
			continue;
		__set_bit(i, plan->due);
		plan->note[i] = dr_entry_note(e);
	}
	up_read(&span->sem);
}

static void visit_part(struct dr_visit *v, struct dr_span *span,
		       unsigned int first)
{
	struct plan plan = { .first = first };
	unsigned int nr;

	make_plan(v, span, &plan);
	for_each_set_bit(nr, plan.due, PLAN_PAGES) {
		visit_page(v, span->start + first + nr, plan.note[nr]);
		cond_resched();
	}
}

static void visit_table(struct dr_visit *v, struct dr_span *span)
{
	unsigned long before = v->visited;
	unsigned int first;

	for (first = 0; first < DR_SPAN_PAGES; first += PLAN_PAGES)
		visit_part(v, span, first);
	dr_count_add(v->gm->guest, DR_EV_SCAN, v->visited - before);
}

static struct folio *block_get(struct dr_span *span)
{
	struct folio *block;

	down_read(&span->sem);
	block = span->block;
	if (block)
		folio_get(block);
	up_read(&span->sem);
	return block;
}

static bool block_pays(const struct dr_visit *v, struct dr_gain gain)
{
	return gain.zero + gain.same >= v->block_gain;
}

/* Most of it is zeros, and hardly anything of it is known from elsewhere. */
static bool block_is_empty(const struct dr_visit *v, struct dr_gain gain)
{
	return gain.same < v->block_gain && gain.zero > DR_SPAN_PAGES / 2;
}

/*
 * Fresh blocks are about to be written: only one that would have saved as much
 * a while ago is broken up. Pages that others have too are where they will stay;
 * zeros in a block of which most is zeros are not, and get more time.
 */
static bool block_rests(const struct dr_visit *v, const struct dr_span *span)
{
	unsigned long rest = block_is_empty(v, span->seen) ? v->zero_rest :
							     BLOCK_REST;

	return block_pays(v, span->seen) &&
	       time_before_eq(jiffies, span->sampled + rest);
}

/* Remember what was seen of a block. Return true to break it up. */
static bool block_ripe(struct dr_visit *v, struct dr_span *span,
		       struct dr_gain gain)
{
	struct dr_gain before = span->seen;

	dr_count(v->gm->guest, DR_EV_SCAN_BLOCK);
	span->seen = (struct dr_gain){};
	if (!block_pays(v, gain))
		return false;
	/* Not while it is being filled. */
	if (block_pays(v, before) && gain.zero >= before.zero)
		return true;
	span->seen = gain;
	span->sampled = jiffies;
	v->again = true;
	return false;
}

/*
 * Its pages of zeros are gone then, and all others have been looked up but for
 * those whose match was busy: these are unseen.
 */
static void break_up(struct dr_visit *v, struct dr_span *span,
		     struct dr_gain gain)
{
	if (dr_block_evacuate(v->gm, span))
		return;
	v->unseen_only = true;
	v->visited += DR_SPAN_PAGES - gain.zero;
	v->gained += gain.zero + gain.same;
}

static void visit_block(struct dr_visit *v, struct dr_span *span)
{
	struct folio *block = block_get(span);
	struct dr_gain gain;

	if (!block)
		return;
	if (block_rests(v, span)) {
		v->again = true;
		folio_put(block);
		return;
	}
	gain = dr_sample_block(v, span, block);
	folio_put(block);
	if (block_ripe(v, span, gain))
		break_up(v, span, gain);
}

/* Has the page been found unlike all others visit after visit? */
static bool page_settled(struct dr_entry e)
{
	u16 note = dr_entry_note(e);

	return dr_entry_type(e) == DR_PRIVATE && note & DR_NOTE_SEEN &&
	       dr_note_age(note) >= DR_NOTE_AGE_REST;
}

/*
 * Most pages of a block that is made again may be absent, so that the next
 * sample does not find it worth to be broken up.
 */
static unsigned int absent_max(const struct dr_visit *v)
{
	return min(v->block_gain / 2, (unsigned int)DR_COLLAPSE_ABSENT);
}

/* Is all of a span private, and likely to stay so? */
static bool span_settled(const struct dr_visit *v, struct dr_span *span)
{
	unsigned int i, absent = 0;
	struct dr_entry e;

	down_read(&span->sem);
	for (i = 0; span->table && i < DR_SPAN_PAGES; i++) {
		e = dr_word_read(&span->table[i]);
		if (dr_entry_type(e) == DR_ABSENT)
			absent++;
		else if (!page_settled(e))
			break;
	}
	up_read(&span->sem);
	return i == DR_SPAN_PAGES && absent <= absent_max(v);
}

/**
 * dr_visit_span() - look for pages of a span that need not be kept
 * @v: what to do and what came of it
 * @span: a span of @v->gm
 *
 * Context: may sleep. The caller keeps the file.
 */
void dr_visit_span(struct dr_visit *v, struct dr_span *span)
{
	/* Before the look: what comes meanwhile is for the next pass. */
	WRITE_ONCE(span->fresh, false);
	visit_block(v, span);
	visit_table(v, span);
	if (v->collapse && span_settled(v, span))
		dr_block_collapse(v->gm, span, absent_max(v));
}
