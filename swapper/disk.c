// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages in swap areas, on their way back.
 */
#include <linux/highmem.h>
#include <linux/ratelimit.h>

#include "area.h"
#include "gmem.h"
#include "guest.h"
#include "handle.h"
#include "io.h"
#include "out.h"
#include "swap.h"

/* Copy a page that is on its way out. */
static bool copy_writing(struct dr_area *area, u64 slot, struct page *dst)
{
	struct page *page = NULL;

	spin_lock(&area->lock);
	if (test_bit(slot, area->writing))
		page = (struct page *)(unsigned long)dr_area_word(area, slot);
	if (page)
		copy_highpage(dst, page);
	spin_unlock(&area->lock);
	return page;
}

static void note_error(struct dr_gmem *gm, struct dr_area *area, int err)
{
	spin_lock(&area->lock);
	area->read_errors++;
	spin_unlock(&area->lock);
	dr_count(gm->guest, DR_EV_SWAP_ERROR);
	pr_err_ratelimited("guest %s: reading a page from swap area %s failed (%d)\n",
			   dr_guest_name(gm->guest), area->path, err);
}

static void note_mismatch(struct dr_gmem *gm, struct dr_area *area, u64 slot)
{
	spin_lock(&area->lock);
	area->sum_errors++;
	spin_unlock(&area->lock);
	dr_count(gm->guest, DR_EV_SWAP_DAMAGED);
	pr_err_ratelimited("guest %s: page %llu of swap area %s is damaged, its checksum is wrong; it is not delivered\n",
			   dr_guest_name(gm->guest), slot, area->path);
}

static int check(struct dr_gmem *gm, struct dr_area *area, u64 slot,
		 struct page *page)
{
	u64 sum;

	spin_lock(&area->lock);
	sum = dr_area_word(area, slot);
	spin_unlock(&area->lock);
	if (dr_area_sum(area, slot, page) == sum)
		return 0;
	note_mismatch(gm, area, slot);
	/* What is left in it is nobody's business. */
	clear_highpage(page);
	return -EIO;
}

/**
 * dr_disk_load() - the bytes of a page in a swap area
 * @gm: the file it belongs to
 * @id: the id of its handle; the entry is locked
 * @dst: where they go
 *
 * Context: may sleep.
 * Return: 0, or -EIO when they cannot be had.
 */
int dr_disk_load(struct dr_gmem *gm, unsigned long id, struct page *dst)
{
	struct dr_area *area = dr_area_of(id);
	u64 slot = dr_slot_nr(id);
	int err;

	if (copy_writing(area, slot, dst))
		return 0;
	dr_count(gm->guest, DR_EV_FAULT_MAJOR);
	err = dr_io_wait(area->file, false, slot, dst);
	if (!err)
		return check(gm, area, slot, dst);
	note_error(gm, area, err);
	clear_highpage(dst);
	return -EIO;
}

/**
 * dr_disk_free() - forget a page in a swap area
 * @gm: the file it belonged to
 * @id: the id of its handle
 */
void dr_disk_free(struct dr_gmem *gm, unsigned long id)
{
	atomic_long_dec(&gm->swapped.disk);
	dr_area_give(dr_area_of(id), dr_slot_nr(id));
	if (unlikely(dr_swap_stuck()) && dr_areas_have_much_room())
		dr_pager_note_room();
}
