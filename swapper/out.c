// SPDX-License-Identifier: GPL-2.0-only
/*
 * One page on its way out: to the cheapest tier that takes it.
 */
#include <linux/random.h>
#include <linux/sched/mm.h>

#include "area.h"
#include "cluster.h"
#include "guest.h"
#include "handle.h"
#include "note.h"
#include "out.h"
#include "pool.h"
#include "same.h"
#include "swap.h"
#include "trace.h"

/* One in so many pages that did not get smaller is tried again. */
#define STIFF_RETRY	16

/* Was a page found not to get smaller? It may have other bytes by now. */
static bool is_stiff(const struct dr_grab *grab)
{
	return dr_entry_note(dr_word_read(grab->word)) & DR_NOTE_STIFF;
}

/* To the pool. The grab has ended when this returns 0. */
static int to_pool(struct dr_grab *grab)
{
	u16 note = dr_entry_note(dr_word_read(grab->word));
	unsigned int flags = memalloc_noreclaim_save();
	unsigned long id;
	int err;

	/*
	 * Watermarks are no obstacle: a page that goes frees more than it
	 * takes, and where memory is shortest it is wanted most.
	 */
	err = dr_pool_store(grab->gm, grab->page, dr_note_returns(note), &id);
	memalloc_noreclaim_restore(flags);
	if (!err)
		dr_gmem_commit(grab, dr_handle_entry(DR_TIER_POOL, id));
	return err;
}

/* To the open cluster, as it is. */
static void to_disk(struct dr_grab *grab)
{
	struct dr_entry e = dr_cluster_add(grab->gm, grab->index, grab->page);

	/* The page is the cluster's from now on. */
	dr_gmem_take(grab, e);
}

/*
 * To some tier. @no_disk: why none can be written to, or 0. Return what counts as
 * success, or an error.
 */
static int to_tier(struct dr_grab *grab, int no_disk)
{
	bool stiff = is_stiff(grab);
	u32 word;
	int err;

	if (!dr_same_take(grab, &word))
		return word ? DR_EV_SWAP_SAME : DR_EV_SWAP_ZERO;
	/* Known to be hard to compress: spare the try, most times. */
	if (stiff && (!no_disk || get_random_u32_below(STIFF_RETRY)))
		err = -E2BIG;
	else
		err = to_pool(grab);
	if (!err)
		return DR_EV_SWAP_POOL;
	if (no_disk)
		return err == -ENOSPC ? no_disk : err;
	to_disk(grab);
	return DR_EV_SWAP_DISK;
}

/* Remember that a page is not worth another try, as long as it is there. */
static void note_stiff(struct dr_gmem *gm, pgoff_t index, struct page *page,
		       u16 note)
{
	dr_count(gm->guest, DR_EV_SWAP_STIFF);
	dr_gmem_set_note(gm, index, page,
			 DR_NOTE_STIFF | (note & DR_NOTE_RETURNS));
}

static int page_out_grabbed(struct dr_grab *grab, int no_disk)
{
	struct dr_gmem *gm = grab->gm;
	struct page *page = grab->page;
	pgoff_t index = grab->index;
	u16 note;
	int ret;

	if (grab->clean) {
		dr_gmem_commit(grab, grab->from);
		dr_count(gm->guest, DR_EV_SWAP_OUT);
		dr_count(gm->guest, DR_EV_SWAP_CLEAN);
		return 0;
	}
	ret = to_tier(grab, no_disk);
	if (ret >= 0) {
		dr_count(gm->guest, ret);
		dr_count(gm->guest, DR_EV_SWAP_OUT);
		return 0;
	}
	note = dr_entry_note(dr_word_read(grab->word));
	dr_gmem_putback(grab);
	if (ret == -E2BIG)
		note_stiff(gm, index, page, note);
	else
		dr_count(gm->guest, DR_EV_SWAP_FULL);
	return ret;
}

/**
 * dr_page_out() - page out a private page
 * @gm: the file, kept by the caller
 * @index: page offset
 *
 * Context: may sleep.
 * Return: 0; -E2BIG when it does not get smaller and there is no other place
 * for it; -ENOSPC when there is no room; -ENOMEM; or what dr_gmem_grab()
 * returns.
 */
int dr_page_out(struct dr_gmem *gm, pgoff_t index)
{
	/* Before the grab: this may have to wait for a write. */
	int no_disk = dr_areas_exist() ? dr_cluster_open() : -ENOSPC;
	struct dr_grab grab;
	int err = dr_gmem_grab_own(gm, index, &grab);

	if (!err)
		err = page_out_grabbed(&grab, no_disk);
	trace_dr_swap_out(gm, index, err);
	return err;
}
