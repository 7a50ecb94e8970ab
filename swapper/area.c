// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Swap areas
 *
 * The second tier: files and block devices, any number up to 64, added and
 * removed while guests run. Each is a row of slots of a page. Nothing is assumed
 * about how a file lies on its disk: it is read and written through its file
 * system, by direct I/O, and must only be allocated as a whole, so that a write
 * needs no room that might not be there.
 *
 * Of each slot in use the module keeps a checksum, 8 bytes in memory. What comes
 * back with another one is not delivered to anybody. While a page is on its way
 * out, the place of its checksum points to it, and whoever needs it copies it
 * from there: nobody waits for a write.
 *
 * The first slot has a header that says whose the area is. A device with
 * something else on it is refused by the tool.
 */
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/xxhash.h>
#include <linux/highmem.h>

#include "area.h"
#include "handle.h"
#include "swap.h"
#include "out.h"

/* So long an area is left alone when there was no memory to write to it. */
#define STARVED_WAIT	(HZ / 2)

/* Guards the list; to be found by number needs none while a slot is in use. */
static DEFINE_MUTEX(areas_lock);
static LIST_HEAD(areas);
static struct dr_area *by_id[DR_AREAS_MAX];
static unsigned int nr_areas;

/**
 * dr_area_of() - the area of an entry
 * @id: the id in the handle of an entry that is locked, or in a slot that is
 *	the caller's
 *
 * Return: the area, which stays.
 */
struct dr_area *dr_area_of(unsigned long id)
{
	return READ_ONCE(by_id[dr_slot_area(id) % DR_AREAS_MAX]);
}

static u64 nr_pieces(const struct dr_area *area)
{
	return DIV_ROUND_UP_ULL(area->slots.nr, DR_SUMS_PIECE);
}

/**
 * dr_area_free() - undo dr_area_alloc()
 * @area: the area; nobody finds it any more
 */
void dr_area_free(struct dr_area *area)
{
	u64 i;

	for (i = 0; area->sums && i < nr_pieces(area); i++)
		kfree(area->sums[i]);
	kvfree(area->sums);
	kvfree(area->writing);
	kvfree(area->slots.map);
	kfree(area);
}

/**
 * dr_area_alloc() - an area without a file
 * @nr_slots: how many slots it has, the header's included
 *
 * Return: the area, or NULL when there is no memory.
 */
struct dr_area *dr_area_alloc(u64 nr_slots)
{
	struct dr_area *area = kzalloc(sizeof(*area), GFP_KERNEL);
	u64 first;

	if (!area)
		return NULL;
	spin_lock_init(&area->lock);
	area->seed = get_random_u64();
	area->slots.nr = nr_slots;
	area->slots.map = kvzalloc(dr_slots_bytes(nr_slots), GFP_KERNEL);
	area->writing = kvzalloc(dr_slots_bytes(nr_slots), GFP_KERNEL);
	area->sums = kvcalloc(nr_pieces(area), sizeof(*area->sums),
			      GFP_KERNEL);
	if (!area->slots.map || !area->writing || !area->sums) {
		dr_area_free(area);
		return NULL;
	}
	/* The header's. */
	dr_slots_alloc(&area->slots, 1, &first);
	return area;
}

/* Before the first one of lower priority. */
static struct list_head *place_of(const struct dr_area *area)
{
	struct dr_area *other;

	list_for_each_entry(other, &areas, node)
		if (other->prio < area->prio)
			return &other->node;
	return &areas;
}

/**
 * dr_area_list() - let an area be used
 * @area: the area
 *
 * Return: 0, or -EMFILE when there are too many.
 */
int dr_area_list(struct dr_area *area)
{
	int err = -EMFILE;
	unsigned int id;

	mutex_lock(&areas_lock);
	for (id = 0; id < DR_AREAS_MAX && by_id[id]; id++)
		;
	if (id < DR_AREAS_MAX) {
		area->id = id;
		list_add_tail(&area->node, place_of(area));
		WRITE_ONCE(by_id[id], area);
		WRITE_ONCE(nr_areas, nr_areas + 1);
		err = 0;
	}
	mutex_unlock(&areas_lock);
	return err;
}

/**
 * dr_area_unlist() - undo dr_area_list()
 * @area: an area without a slot in use
 */
void dr_area_unlist(struct dr_area *area)
{
	mutex_lock(&areas_lock);
	list_del(&area->node);
	WRITE_ONCE(by_id[area->id], NULL);
	WRITE_ONCE(nr_areas, nr_areas - 1);
	mutex_unlock(&areas_lock);
}

/* Is a file an area already? */
bool dr_area_known(const struct inode *inode)
{
	struct dr_area *area;
	bool known = false;

	mutex_lock(&areas_lock);
	list_for_each_entry(area, &areas, node)
		known |= file_inode(area->file) == inode ||
			 (area->is_bdev && S_ISBLK(inode->i_mode) &&
			  file_inode(area->file)->i_rdev == inode->i_rdev);
	mutex_unlock(&areas_lock);
	return known;
}

/* An area by its number; kept by whoever adds and removes areas. */
struct dr_area *dr_area_find(u32 id)
{
	return id < DR_AREAS_MAX ? READ_ONCE(by_id[id]) : NULL;
}

/* What stands for a slot in use: its checksum, or the page on its way out. */
static u64 *sum_of(const struct dr_area *area, u64 slot)
{
	return &area->sums[slot / DR_SUMS_PIECE][slot % DR_SUMS_PIECE];
}

/* Slots come with room for their checksums. */
static bool make_pieces(struct dr_area *area, u64 first, u64 nr)
{
	u64 i;

	for (i = first / DR_SUMS_PIECE; i <= (first + nr - 1) / DR_SUMS_PIECE;
	     i++) {
		if (!area->sums[i])
			area->sums[i] = kzalloc(PAGE_SIZE, GFP_NOWAIT |
						__GFP_NOWARN);
		if (!area->sums[i])
			return false;
	}
	return true;
}

/* May a cluster be written? If there was no memory, one now and then. */
static bool is_ready(struct dr_area *area)
{
	lockdep_assert_held(&area->lock);
	if (area->failed || area->leaving)
		return false;
	if (!area->starved)
		return true;
	if (time_before(jiffies, area->retry_at))
		return false;
	area->retry_at = jiffies + STARVED_WAIT;
	return true;
}

static u64 take_from(struct dr_area *area, u64 want, u64 *first)
{
	u64 got = 0, i;

	spin_lock(&area->lock);
	if (is_ready(area))
		got = dr_slots_alloc(&area->slots, want, first);
	if (got && !make_pieces(area, *first, got)) {
		for (i = *first; i < *first + got; i++)
			dr_slots_free(&area->slots, i);
		got = 0;
	}
	spin_unlock(&area->lock);
	return got;
}

/**
 * dr_area_take() - find slots in a row, in the best area that has some
 * @want: how many there should be
 * @first: out: the first one
 * @got: out: how many there are, 1 to @want
 *
 * Context: may sleep, but for no memory.
 * Return: the area, or NULL when there is no room anywhere, or no memory.
 */
struct dr_area *dr_area_take(u64 want, u64 *first, u64 *got)
{
	struct dr_area *area, *found = NULL;

	mutex_lock(&areas_lock);
	list_for_each_entry(area, &areas, node) {
		*got = take_from(area, want, first);
		if (*got) {
			found = area;
			break;
		}
	}
	mutex_unlock(&areas_lock);
	return found;
}

static void free_slot(struct dr_area *area, u64 slot)
{
	lockdep_assert_held(&area->lock);
	WARN_ON_ONCE(!dr_slots_free(&area->slots, slot));
}

/**
 * dr_area_give() - a slot is not needed any more
 * @area: the area
 * @slot: the slot. While its page is on the way out, the end of that frees it
 */
void dr_area_give(struct dr_area *area, u64 slot)
{
	spin_lock(&area->lock);
	if (test_bit(slot, area->writing))
		*sum_of(area, slot) = 0;
	else
		free_slot(area, slot);
	spin_unlock(&area->lock);
}

/**
 * dr_area_put_page() - a page is on its way to a slot
 * @area: the area
 * @slot: the slot
 * @page: the page, which stays as it is until dr_area_written() or
 *	dr_area_lost()
 */
void dr_area_put_page(struct dr_area *area, u64 slot, struct page *page)
{
	spin_lock(&area->lock);
	WARN_ON_ONCE(test_bit(slot, area->writing));
	*sum_of(area, slot) = (unsigned long)page;
	__set_bit(slot, area->writing);
	spin_unlock(&area->lock);
}

/**
 * dr_area_written() - a page has arrived in its slot
 * @area: the area
 * @slot: the slot
 * @sum: its checksum
 *
 * Return: false if nobody wants it any more; the slot is free then.
 */
bool dr_area_written(struct dr_area *area, u64 slot, u64 sum)
{
	bool wanted;

	spin_lock(&area->lock);
	WARN_ON_ONCE(!test_bit(slot, area->writing));
	__clear_bit(slot, area->writing);
	wanted = *sum_of(area, slot);
	if (wanted)
		*sum_of(area, slot) = sum;
	else
		free_slot(area, slot);
	spin_unlock(&area->lock);
	return wanted;
}

/**
 * dr_area_lost() - a page could not be written to its slot
 * @area: the area
 * @slot: the slot
 *
 * The slot stays as if on its way out, so that the page is found until its entry
 * has been pointed to it: call dr_area_give() for the entry then, and
 * dr_area_retire() in any case.
 *
 * Return: the page; NULL if nobody wants it any more.
 */
struct page *dr_area_lost(struct dr_area *area, u64 slot)
{
	struct page *page;

	spin_lock(&area->lock);
	page = (struct page *)(unsigned long)*sum_of(area, slot);
	spin_unlock(&area->lock);
	return page;
}

/**
 * dr_area_retire() - a slot was not written, and has no page any more
 * @area: the area
 * @slot: the slot
 * @bad: never use it again
 *
 * If its entry still leads there, the entry's file is on its way out: nobody
 * reads it any more, and when it is dropped it gives the slot back itself. To
 * free it here as well would be to free it under whoever has it then.
 */
void dr_area_retire(struct dr_area *area, u64 slot, bool bad)
{
	spin_lock(&area->lock);
	WARN_ON_ONCE(!test_bit(slot, area->writing));
	__clear_bit(slot, area->writing);
	if (!*sum_of(area, slot)) {
		if (bad)
			area->nr_bad++;
		else
			free_slot(area, slot);
	}
	spin_unlock(&area->lock);
}

/* The checksum of a page that is, or is to be, in a slot. */
u64 dr_area_sum(const struct dr_area *area, u64 slot, struct page *page)
{
	void *bytes = kmap_local_page(page);
	u64 sum = xxh64(bytes, PAGE_SIZE, area->seed + slot);

	kunmap_local(bytes);
	return sum;
}

/**
 * dr_area_note_good() - a write to an area has succeeded
 * @area: the area
 */
void dr_area_note_good(struct dr_area *area)
{
	bool was_starved;

	spin_lock(&area->lock);
	was_starved = area->starved;
	area->starved = false;
	spin_unlock(&area->lock);
	if (was_starved)
		dr_pager_note_room();
}

/**
 * dr_area_note_starved() - there was no memory for a write to an area
 * @area: the area, which is as good as before, but left alone for a while
 */
void dr_area_note_starved(struct dr_area *area)
{
	spin_lock(&area->lock);
	area->starved = true;
	area->retry_at = jiffies + STARVED_WAIT;
	spin_unlock(&area->lock);
	/* It has to find another place for the pages, or say why there is none. */
	dr_swap_wake();
}

/**
 * dr_area_note_failed() - a write to an area has failed
 * @area: the area, to which nothing is written any more
 * @err: the error
 */
void dr_area_note_failed(struct dr_area *area, long err)
{
	bool first;

	spin_lock(&area->lock);
	area->write_errors++;
	first = !area->failed;
	area->failed = true;
	spin_unlock(&area->lock);
	if (first)
		pr_err("swap area %s: writing failed (%ld): no more pages go there; remove it with 'denseram swap rm'\n",
		       area->path, err);
}

/* Slots that may be taken. */
static u64 room_in(struct dr_area *area)
{
	u64 room = 0;

	spin_lock(&area->lock);
	if (!area->failed && !area->leaving)
		room = area->slots.nr - area->slots.used;
	spin_unlock(&area->lock);
	return room;
}

/**
 * dr_area_space() - room in an area, used or not, that can be counted on
 * @area: the area
 *
 * Return: bytes; 0 when it has failed or is being removed.
 */
u64 dr_area_space(struct dr_area *area)
{
	u64 slots = 0;

	spin_lock(&area->lock);
	if (!area->failed && !area->leaving)
		slots = area->slots.nr - 1 - area->nr_bad;
	spin_unlock(&area->lock);
	return slots * PAGE_SIZE;
}

/**
 * dr_swap_space() - swap space that can be counted on
 *
 * The compressed pool is none: it is memory.
 *
 * Return: bytes, those in use included.
 */
u64 dr_swap_space(void)
{
	struct dr_area *area;
	u64 space = 0;

	mutex_lock(&areas_lock);
	list_for_each_entry(area, &areas, node)
		space += dr_area_space(area);
	mutex_unlock(&areas_lock);
	return space;
}

bool dr_areas_exist(void)
{
	return READ_ONCE(nr_areas);
}

/* What all areas can take, in bytes. */
u64 dr_areas_room(void)
{
	struct dr_area *area;
	u64 room = 0;

	if (!dr_areas_exist())
		return 0;
	mutex_lock(&areas_lock);
	list_for_each_entry(area, &areas, node)
		room += room_in(area);
	mutex_unlock(&areas_lock);
	return room << PAGE_SHIFT;
}

/* Would dr_area_take() find a slot? */
bool dr_areas_have_room(void)
{
	return dr_areas_room();
}

/* Is there room enough to begin anew after all areas were full? */
bool dr_areas_have_much_room(void)
{
	struct dr_area *area;
	bool room = false;

	mutex_lock(&areas_lock);
	list_for_each_entry(area, &areas, node)
		room |= room_in(area) > min(area->slots.nr / 16, 1024);
	mutex_unlock(&areas_lock);
	return room;
}

static void fill(struct dr_area *area, struct dr_swap_area *to)
{
	memset(to, 0, sizeof(*to));
	spin_lock(&area->lock);
	to->id = area->id;
	to->prio = area->prio;
	to->size = (area->slots.nr - 1) * PAGE_SIZE;
	to->used = (area->slots.used - 1 - area->nr_bad) * PAGE_SIZE;
	to->bad = area->nr_bad * PAGE_SIZE;
	to->read_errors = area->read_errors;
	to->write_errors = area->write_errors;
	to->sum_errors = area->sum_errors;
	if (area->is_bdev)
		to->state |= DR_SWAP_AREA_BDEV;
	if (area->failed)
		to->state |= DR_SWAP_AREA_FAILED;
	if (area->leaving)
		to->state |= DR_SWAP_AREA_LEAVING;
	strscpy(to->path, area->path);
	spin_unlock(&area->lock);
}

/**
 * dr_swap_area_nth() - describe an area
 * @n: its place in the list, from 0
 * @to: filled in
 *
 * Return: false when there are not so many.
 */
bool dr_swap_area_nth(unsigned int n, struct dr_swap_area *to)
{
	struct dr_area *area;
	bool found = false;

	mutex_lock(&areas_lock);
	list_for_each_entry(area, &areas, node) {
		if (n--)
			continue;
		fill(area, to);
		found = true;
		break;
	}
	mutex_unlock(&areas_lock);
	return found;
}

/**
 * dr_areas_fill() - describe all areas
 * @s: their part is filled in
 */
void dr_areas_fill(struct dr_swap_status *s)
{
	struct dr_swap_area a;
	unsigned int n;

	for (n = 0; dr_swap_area_nth(n, &a); n++) {
		s->nr_areas++;
		s->areas_size += a.size;
		s->areas_used += a.used;
	}
}
