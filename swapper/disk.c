// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages in swap areas, on their way back.
 */
#include <linux/highmem.h>
#include <linux/ktime.h>
#include <linux/ratelimit.h>

#include "area.h"
#include "fetch.h"
#include "gmem.h"
#include "guest.h"
#include "handle.h"
#include "io.h"
#include "out.h"
#include "patience.h"
#include "store.h"
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
			   dr_guest_name(gm->guest).text, area->path, err);
}

static void note_mismatch(struct dr_gmem *gm, struct dr_area *area, u64 slot)
{
	spin_lock(&area->lock);
	area->sum_errors++;
	spin_unlock(&area->lock);
	dr_count(gm->guest, DR_EV_SWAP_DAMAGED);
	pr_err_ratelimited("guest %s: page %llu of swap area %s is damaged, its checksum is wrong; it is not delivered\n",
			   dr_guest_name(gm->guest).text, slot, area->path);
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
 * Return: 0; -EIO when they cannot be had; -ENOMEM when they could not just now.
 */
int dr_disk_load(struct dr_gmem *gm, unsigned long id, struct page *dst)
{
	struct dr_area *area = dr_area_of(id);
	u64 slot = dr_slot_nr(id), start;
	int err;

	if (copy_writing(area, slot, dst))
		return 0;
	dr_count(gm->guest, DR_EV_FAULT_MAJOR);
	start = ktime_get_ns();
	err = dr_io_wait(area->file, false, slot, dst);
	dr_patience_note(ktime_get_ns() - start);
	if (!err)
		return check(gm, area, slot, dst);
	if (dr_io_is_shortage(err))
		return -ENOMEM;
	note_error(gm, area, err);
	clear_highpage(dst);
	return -EIO;
}

/* A page on the disk alone: not one that is still on its way there. */
static bool is_on_disk(struct dr_entry e)
{
	struct dr_area *area;
	bool writing;

	if (dr_handle_tier(e) != DR_TIER_DISK)
		return false;
	area = dr_area_of(dr_handle_id(e));
	spin_lock(&area->lock);
	writing = test_bit(dr_slot_nr(dr_handle_id(e)), area->writing);
	spin_unlock(&area->lock);
	return !writing;
}

static bool disk_follows(struct dr_entry e, struct dr_entry next,
			 unsigned int nr)
{
	return dr_handle_id(next) == dr_handle_id(e) + nr && is_on_disk(next);
}

/**
 * struct disk_fetch - a fetch as it is read
 * @io: the read
 * @work: what is to be done after it
 * @fetch: the fetch, of which this is a part
 * @bvec: its pages
 */
struct disk_fetch {
	struct dr_io io;
	struct work_struct work;
	struct dr_fetch *fetch;
	struct bio_vec bvec[DR_FETCH_MAX];
};

static void disk_fetch_work(struct work_struct *work)
{
	struct disk_fetch *d = container_of(work, struct disk_fetch, work);
	struct dr_fetch *f = d->fetch;
	struct dr_area *area = dr_area_of(dr_handle_id(f->entry[0]));
	unsigned int i;

	if (d->io.result && !dr_io_is_shortage(d->io.result))
		note_error(f->gm, area, d->io.result);
	for (i = 0; i < f->nr; i++) {
		f->err[i] = d->io.result;
		if (!f->err[i])
			f->err[i] = check(f->gm, area, d->io.slot + i,
					  f->page[i]);
	}
	dr_fetch_done(f);
}

static void disk_fetch_done(struct dr_io *io)
{
	struct disk_fetch *d = container_of(io, struct disk_fetch, io);

	dr_patience_note(ktime_get_ns() - d->fetch->start);
	INIT_WORK(&d->work, disk_fetch_work);
	dr_io_finish(&d->work);
}

static void disk_fetch_start(struct dr_fetch *f)
{
	struct disk_fetch *d = (void *)f->store;
	unsigned long id = dr_handle_id(f->entry[0]);
	unsigned int i;

	d->fetch = f;
	for (i = 0; i < f->nr; i++)
		bvec_set_page(&d->bvec[i], f->page[i], PAGE_SIZE, 0);
	d->io = (struct dr_io){
		.file = dr_area_of(id)->file,
		.slot = dr_slot_nr(id),
		.bvec = d->bvec,
		.nr = f->nr,
		.here = f->here,
		.done = disk_fetch_done,
	};
	INIT_WORK(&d->io.work, dr_io_work);
	dr_io_queue(&d->io);
}

const struct dr_fetch_ops dr_disk_fetch = {
	.room = sizeof(struct disk_fetch),
	.follows = disk_follows,
	.start = disk_fetch_start,
};

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
