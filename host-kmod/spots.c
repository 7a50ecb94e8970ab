// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is sampled of a guest in one period: pick it, unmap it, note who comes
 * back, and see at the end what has.
 *
 * A fault finds the spots of its span by dr_span.probed, which is 0 for all
 * others: that is all that faults elsewhere pay. One that hits a spot takes a
 * spinlock of its own guest for a moment.
 *
 * The order is: note the spot, then unmap. So no touch is missed, but for a
 * fault that had its answer before the spot was noted, and maps it after the
 * unmapping; that is why what is mapped at the end has come back, too.
 */
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/sched.h>

#include "age.h"
#include "files.h"
#include "grab.h"
#include "guest.h"
#include "loose.h"
#include "span.h"
#include "spots.h"

/* Of a file with many holes it takes so many tries to find a page. */
#define TRIES	64

/* The spots of a span; @w->lock is held. */
static struct dr_spot *spot_nr(struct dr_wss *w, u16 nr)
{
	lockdep_assert_held(&w->lock);
	return nr && !WARN_ON_ONCE(nr > w->nr_spots) ?
		&w->spots->spot[nr - 1] : NULL;
}

static struct dr_spot *first_spot(struct dr_wss *w,
				  const struct dr_span *span)
{
	return spot_nr(w, span->probed);
}

static struct dr_spot *next_spot(struct dr_wss *w, const struct dr_spot *spot)
{
	return spot_nr(w, spot->next);
}

/* Is it all of a block, whether looked into or not? */
static bool is_block(const struct dr_spot *spot)
{
	return spot->kind == DR_SPOT_BLOCK || spot->kind == DR_SPOT_LOOK;
}

/* Count a spot as what it is now, or take it out again, with @sign -1. */
static void tally(struct dr_sample *sample, const struct dr_spot *spot,
		  int sign)
{
	u32 nr = spot->weight * sign;

	if (is_block(spot)) {
		sample->blocks += nr;
		sample->blocks_back += spot->seen ? nr : 0;
	} else {
		sample->pages += nr;
		sample->pages_back += spot->seen ? nr : 0;
	}
}

static void touch(struct dr_wss *w, struct dr_spot *spot, pgoff_t index)
{
	if (!is_block(spot) && spot->index != index)
		return;
	if (spot->kind == DR_SPOT_LOOK)
		__set_bit(index & DR_SPAN_MASK,
			  w->spots->look[spot->look].touched);
	if (spot->seen)
		return;
	tally(&w->sample, spot, -1);
	spot->seen = true;
	tally(&w->sample, spot, 1);
}

/**
 * dr_spots_touch() - a fault has brought back a page of a span that is probed
 * @gm: the file
 * @span: the span, as far as a look without a lock tells
 * @index: page offset
 *
 * Context: a fault, with a folio lock; does not sleep.
 */
void dr_spots_touch(struct dr_gmem *gm, struct dr_span *span, pgoff_t index)
{
	struct dr_wss *w = &gm->guest->wss;
	struct dr_spot *spot;

	spin_lock(&w->lock);
	for (spot = first_spot(w, span); spot; spot = next_spot(w, spot))
		touch(w, spot, index);
	spin_unlock(&w->lock);
}

/*
 * What the sampler unmaps would look cold to the pager, who takes it for
 * unmapped since its last look: have its second chance begin now.
 */
static void spare(struct dr_span *span)
{
	if (READ_ONCE(span->aged))
		dr_span_rejuvenate(span);
}

static void unmap_spot(struct dr_gmem *gm, struct dr_span *span,
		       const struct dr_spot *spot)
{
	bool block = is_block(spot);

	spare(span);
	unmap_mapping_pages(gm->inode->i_mapping,
			    block ? span->start : spot->index,
			    block ? DR_SPAN_PAGES : 1, false);
}

/* The spot that a pick falls on again; @w->lock is held. */
static struct dr_spot *find_spot(struct dr_wss *w, struct dr_span *span,
				 pgoff_t index)
{
	struct dr_spot *spot;

	for (spot = first_spot(w, span); spot; spot = next_spot(w, spot))
		if (is_block(spot) || spot->index == index)
			return spot;
	return NULL;
}

/* A block picked again counts once more, a page does not. */
static bool add_weight(struct dr_wss *w, struct dr_spot *spot)
{
	if (!is_block(spot) || spot->weight == U16_MAX)
		return false;
	tally(&w->sample, spot, -1);
	spot->weight++;
	tally(&w->sample, spot, 1);
	return true;
}

static struct dr_spot *new_spot(struct dr_wss *w, struct dr_gmem *gm,
				struct dr_span *span, pgoff_t index,
				enum dr_spot_kind kind)
{
	struct dr_spot *spot = &w->spots->spot[w->nr_spots++];

	lockdep_assert_held(&w->lock);
	*spot = (struct dr_spot){
		.index = index,
		.file = gm->id,
		.next = span->probed,
		.weight = 1,
		.kind = kind,
	};
	WRITE_ONCE(span->probed, w->nr_spots);
	tally(&w->sample, spot, 1);
	return spot;
}

/*
 * Look into a block that has just been picked, if chance and its mappings allow
 * it. The span's sem is held.
 */
static void begin_look(struct dr_wss *w, struct dr_gmem *gm,
		       struct dr_span *span, struct dr_spot *spot)
{
	if (w->nr_looks == DR_LOOKS_MOST || span->looked == w->round ||
	    get_random_u16() >= w->odds || !dr_loose_begin(gm, span))
		return;
	span->looked = w->round;
	w->looked++;
	spin_lock(&w->lock);
	spot->kind = DR_SPOT_LOOK;
	spot->look = w->nr_looks++;
	bitmap_zero(w->spots->look[spot->look].touched, DR_SPAN_PAGES);
	spin_unlock(&w->lock);
}

/* The span's sem is held. */
static bool add_spot(struct dr_gmem *gm, struct dr_span *span, pgoff_t index,
		     enum dr_spot_kind kind)
{
	struct dr_wss *w = &gm->guest->wss;
	struct dr_spot *spot, *fresh = NULL;
	bool picked = false;

	spin_lock(&w->lock);
	spot = find_spot(w, span, index);
	if (spot)
		picked = add_weight(w, spot);
	else if (w->nr_spots < DR_SPOTS_MOST)
		fresh = new_spot(w, gm, span, index, kind);
	spin_unlock(&w->lock);
	if (!fresh)
		return picked;
	/* Only the sampler takes spots away: this one stays as it is. */
	if (kind == DR_SPOT_BLOCK)
		begin_look(w, gm, span, fresh);
	unmap_spot(gm, span, fresh);
	return true;
}

/*
 * A block that is mapped, but nowhere as a whole, comes back page by page, so
 * it is sampled by the page. A glance: to be wrong costs a fault.
 */
static enum dr_spot_kind kind_of(struct folio *block)
{
	return folio_mapped(block) && !folio_entire_mapcount(block) ?
		DR_SPOT_PIECE : DR_SPOT_BLOCK;
}

static bool try_page(struct dr_gmem *gm, pgoff_t index)
{
	struct dr_span *span = dr_span_find(gm, index);
	bool picked = false;

	if (!span)
		return false;
	down_read(&span->sem);
	if (span->block)
		picked = add_spot(gm, span, index, kind_of(span->block));
	else if (span->table &&
		 dr_entry_own(dr_word_read(dr_span_word(span, index))))
		picked = add_spot(gm, span, index, DR_SPOT_PAGE);
	up_read(&span->sem);
	return picked;
}

/* A page by chance from the @nth part of @pages, of @parts alike. */
static u64 place(u64 pages, u64 nth, u64 parts)
{
	return ((nth << 16 | get_random_u16()) * pages / parts) >> 16;
}

/*
 * Pages of one file by chance, each resident one as likely as any other. First one
 * from each part of the file: where all of it is resident, each of its blocks is
 * picked as often as the others, which is less noise. For those that were not
 * resident, from anywhere: in turn, the parts that come first would get more.
 */
static void pick_in(struct dr_gmem *gm, u32 parts)
{
	u64 pages = dr_gmem_pages(gm), turn;
	u32 want = parts;

	for (turn = 0; want && turn < (u64)parts * TRIES && pages; turn++) {
		u64 nth = turn < parts ? turn : get_random_u32_below(parts);

		want -= try_page(gm, place(pages, nth, parts));
		cond_resched();
	}
}

/*
 * In a round no block is looked into twice. It ends when all have been, about, and
 * when what they showed has been forgotten.
 */
static u32 blocks_left(struct dr_wss *w, u64 held)
{
	if (!w->round || w->looked + w->estimate.looks > held ||
	    dr_estimate_forgot(&w->estimate, w->used)) {
		w->round = w->round % U16_MAX + 1;
		w->looked = 0;
		w->used = 0;
	}
	return held - w->looked;
}

/*
 * The chance of a block to be looked into, so that about as many are as the
 * estimate wants, if it is all blocks. With few of them most are picked again
 * and again.
 */
static u32 odds_of_look(struct dr_wss *w, u64 held, u32 want)
{
	u64 left = blocks_left(w, held), picked = clamp_t(u64, held, 1, max(want, 1U));

	/* Of the blocks picked as many are left as of all. */
	picked = max(picked * left / max(held, 1ULL), 1ULL);
	return min_t(u64, READ_ONCE(w->estimate.looks) * DR_ESTIMATE_ONE / picked,
		     DR_ESTIMATE_ONE);
}

/**
 * dr_spots_pick() - pick pages of a guest, and unmap them
 * @guest: the guest, with room for spots and none in it
 * @resident: pages it holds, about
 * @want: how many to pick
 *
 * Marks at equal distances are laid over all it holds, from a random place on,
 * and a file gets as many picks as marks fall on it: with thousands of small
 * files this walks them once.
 *
 * Context: may sleep; takes dr_span.sem for reading, folio locks, i_mmap_rwsem.
 */
void dr_spots_pick(struct dr_guest *guest, u64 resident, u32 want)
{
	u64 at = get_random_u64() % resident, marks = 0, next;
	struct dr_wss *w = &guest->wss;
	struct dr_gmem *gm = NULL;

	w->odds = odds_of_look(w, resident / DR_SPAN_PAGES, want);
	while ((gm = dr_files_pin_next(guest, gm))) {
		at += dr_gmem_resident(gm) * want;
		next = min_t(u64, at / resident, want);
		pick_in(gm, next - marks);
		marks = next;
	}
}

/* The span of a spot, if it is still there. The file is pinned. */
static struct dr_span *span_of(const struct dr_guest *guest,
			       struct dr_gmem *gm, const struct dr_spot *spot)
{
	return gm->guest == guest ? dr_span_find(gm, spot->index) : NULL;
}

/*
 * Is a page of a table there, and mapped? Whoever has its word locked is about
 * to change it, or to map it, and then it has been seen: wait for nobody, a
 * read from a disk may take long.
 */
static bool page_stays(struct dr_gmem *gm, pgoff_t index, bool *mapped)
{
	unsigned long *word = dr_gmem_lock_word(gm, index);
	struct dr_entry e;
	bool own;

	if (IS_ERR(word))
		return false;
	e = dr_word_read(word);
	own = dr_entry_own(e);
	if (own)
		*mapped = folio_mapped(page_folio(pfn_to_page(dr_entry_pfn(e))));
	dr_word_unlock(word);
	return own;
}

/* Is what was picked still the guest's, as the same kind of memory? */
static bool spot_stays(struct dr_gmem *gm, struct dr_span *span,
		       struct dr_spot *spot, bool *mapped)
{
	bool stays;

	*mapped = false;
	if (spot->kind == DR_SPOT_PAGE)
		return page_stays(gm, spot->index, mapped);
	down_read(&span->sem);
	stays = span->block;
	if (stays && spot->kind == DR_SPOT_LOOK)
		stays = dr_loose(span->block);
	/* Of a piece only the fault tells. */
	if (stays && is_block(spot))
		*mapped = folio_mapped(span->block);
	spot->whole = stays && folio_entire_mapcount(span->block);
	up_read(&span->sem);
	return stays;
}

static void settle(struct dr_wss *w, struct dr_spot *spot, bool stays,
		   bool mapped)
{
	spin_lock(&w->lock);
	tally(&w->sample, spot, -1);
	if (mapped)
		spot->seen = true;
	if (stays)
		tally(&w->sample, spot, 1);
	spin_unlock(&w->lock);
}

/* What a look has seen, unless the block was mapped as a whole again. */
static void end_look(struct dr_wss *w, struct dr_span *span, const struct dr_spot *spot)
{
	const unsigned long *touched = w->spots->look[spot->look].touched;

	if (spot->kind != DR_SPOT_LOOK || spot->whole)
		return;
	spin_lock(&w->lock);
	span->touched = dr_sample_look(&w->sample, bitmap_weight(touched, DR_SPAN_PAGES),
				       span->touched);
	spin_unlock(&w->lock);
}

static void collect_spot(struct dr_guest *guest, struct dr_spot *spot)
{
	struct dr_gmem *gm = dr_files_find(spot->file);
	bool stays = false, mapped = false;
	struct dr_span *span = NULL;

	if (gm)
		span = span_of(guest, gm, spot);
	if (span && READ_ONCE(span->probed))
		stays = spot_stays(gm, span, spot, &mapped);
	settle(&guest->wss, spot, stays, mapped);
	if (stays)
		end_look(&guest->wss, span, spot);
	if (gm)
		dr_gmem_unpin(gm);
}

/**
 * dr_spots_collect() - see what has come back, and what is gone
 * @guest: the guest
 *
 * What is gone, because it was punched, paged out, merged or broken up, is not
 * counted any more, whether it had come back or not: it was not sampled.
 *
 * Context: may sleep; takes dr_span.sem for reading.
 */
void dr_spots_collect(struct dr_guest *guest)
{
	struct dr_wss *w = &guest->wss;
	unsigned int i;

	for (i = 0; i < w->nr_spots; i++) {
		collect_spot(guest, &w->spots->spot[i]);
		cond_resched();
	}
}

static void unmark(struct dr_guest *guest, const struct dr_spot *spot)
{
	struct dr_gmem *gm = dr_files_find(spot->file);
	struct dr_span *span;

	if (!gm)
		return;
	span = span_of(guest, gm, spot);
	if (span) {
		spin_lock(&guest->wss.lock);
		WRITE_ONCE(span->probed, 0);
		spin_unlock(&guest->wss.lock);
		if (spot->kind == DR_SPOT_LOOK)
			dr_loose_end(gm, span);
	}
	dr_gmem_unpin(gm);
}

/**
 * dr_spots_drop() - forget all spots of a guest
 * @guest: the guest
 *
 * No span of it is marked any more when the list of spots ends: a fault never
 * finds a number without a spot.
 *
 * Context: may sleep; see dr_loose_end() for blocks that were looked into.
 */
void dr_spots_drop(struct dr_guest *guest)
{
	struct dr_wss *w = &guest->wss;
	unsigned int i;

	for (i = 0; i < w->nr_spots; i++) {
		unmark(guest, &w->spots->spot[i]);
		cond_resched();
	}
	spin_lock(&w->lock);
	w->nr_spots = 0;
	w->nr_looks = 0;
	spin_unlock(&w->lock);
}
