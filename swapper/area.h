/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_AREA_H
#define _DR_AREA_H

#include <linux/denseram.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/spinlock.h>

#include "slots.h"

struct dr_fetch_ops;
struct dr_gmem;

#define DR_AREAS_MAX	64

/* Slot 0 says that this is a swap area of denseram's. */
#define DR_AREA_HEADER	0

/* Checksums are kept in pieces of a page, which come with their first slot. */
#define DR_SUMS_PIECE	(PAGE_SIZE / sizeof(u64))

/**
 * struct dr_area - a swap area: a file or a block device
 * @node: in the list of areas, by falling priority, then by age
 * @id: its number, which entries name it by
 * @prio: areas of the highest priority are filled first
 * @file: what is read and written: the file, or the device opened for us alone
 * @is_bdev: it is a device
 * @seed: of the checksums; differs from area to area
 * @lock: guards what follows
 * @slots: which slots are in use
 * @writing: a bit a slot: it is on its way out, and instead of its checksum
 *	there is a pointer to the page, or NULL when nobody wants it any more
 * @sums: checksums of the slots in use, in pieces
 * @nr_bad: slots that could not be written; in use for ever
 * @failed: a write has failed: nothing more is written there
 * @leaving: it is being removed
 * @starved: there was no memory for the last write
 * @retry_at: when one cluster may try again, in jiffies; as long as it is @starved
 * @read_errors: reads that failed
 * @write_errors: writes that failed
 * @sum_errors: pages that came back with other bytes
 * @path: for people
 *
 * Added by an administrator, freed when he has removed it. An entry in one of
 * its slots keeps it: while there are any it is not removed.
 */
struct dr_area {
	struct list_head node;
	unsigned int id;
	int prio;
	struct file *file;
	bool is_bdev;
	u64 seed;

	/* Guards the fields from here to @path. */
	spinlock_t lock;
	struct dr_slots slots;
	unsigned long *writing;
	u64 **sums;
	u64 nr_bad;
	bool failed;
	bool leaving;
	bool starved;
	unsigned long retry_at;
	u64 read_errors;
	u64 write_errors;
	u64 sum_errors;

	char path[DR_SWAP_PATH_LEN];
};

struct dr_area *dr_area_of(unsigned long id);
struct dr_area *dr_area_alloc(u64 nr_slots);
void dr_area_free(struct dr_area *area);
int dr_area_list(struct dr_area *area);
void dr_area_unlist(struct dr_area *area);
bool dr_area_known(const struct inode *inode);
struct dr_area *dr_area_find(u32 id);

struct dr_area *dr_area_take(u64 want, u64 *first, u64 *got);
void dr_area_give(struct dr_area *area, u64 slot);
void dr_area_put_page(struct dr_area *area, u64 slot, struct page *page);
bool dr_area_written(struct dr_area *area, u64 slot, u64 sum);
struct page *dr_area_lost(struct dr_area *area, u64 slot);
void dr_area_retire(struct dr_area *area, u64 slot, bool bad);
u64 dr_area_sum(const struct dr_area *area, u64 slot, struct page *page);
void dr_area_note_good(struct dr_area *area);
void dr_area_note_starved(struct dr_area *area);
void dr_area_note_failed(struct dr_area *area, long err);

u64 dr_areas_room(void);
bool dr_areas_have_room(void);
bool dr_areas_have_much_room(void);
bool dr_areas_exist(void);
u64 dr_area_space(struct dr_area *area);
void dr_areas_fill(struct dr_swap_status *s);
void dr_areas_exit(void);

/* What is kept of a slot: see @writing. The lock is held. */
static inline u64 dr_area_word(const struct dr_area *area, u64 slot)
{
	return area->sums[slot / DR_SUMS_PIECE][slot % DR_SUMS_PIECE];
}

/* disk.c: the tier as a store. */
int dr_disk_load(struct dr_gmem *gm, unsigned long id, struct page *dst);
extern const struct dr_fetch_ops dr_disk_fetch;
void dr_disk_free(struct dr_gmem *gm, unsigned long id);

#endif /* _DR_AREA_H */
