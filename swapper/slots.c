// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Slots
 *
 * A swap area is a row of slots of one page each, and a bit of a map says
 * whether one is in use. Slots are given out in runs, for pages that go
 * together should lie together: one write takes them out, and one read may
 * bring neighbours back. The search goes on where the last one ended, so that an
 * area fills up in the order of time before holes in it are used; and it does
 * not go far for a long run when shorter ones are at hand.
 */
#include "slots.h"

/* Slots to look at before the best run so far has to do. */
#define LOOK_FAR	65536

static unsigned long bit_of(u64 slot)
{
	return 1UL << slot % DR_SLOTS_WORD;
}

/**
 * dr_slots_in_use() - is a slot in use?
 * @s: the slots
 * @slot: its number
 *
 * Return: true if so.
 */
bool dr_slots_in_use(const struct dr_slots *s, u64 slot)
{
	return s->map[slot / DR_SLOTS_WORD] & bit_of(slot);
}

/* The first free slot from @slot on, or @end. */
static u64 skip_used(const struct dr_slots *s, u64 slot, u64 end)
{
	while (slot < end && dr_slots_in_use(s, slot)) {
		if (s->map[slot / DR_SLOTS_WORD] == ~0UL)
			slot = (slot / DR_SLOTS_WORD + 1) * DR_SLOTS_WORD;
		else
			slot++;
	}
	return slot < end ? slot : end;
}

/* How long is the run of free slots that starts at @slot? */
static u64 run_length(const struct dr_slots *s, u64 slot, u64 max)
{
	u64 length = 0;

	while (length < max && slot + length < s->nr &&
	       !dr_slots_in_use(s, slot + length))
		length++;
	return length;
}

/**
 * struct run - free slots in a row
 * @first: the first
 * @length: how many
 */
struct run {
	u64 first;
	u64 length;
};

/* Look for a better run in a part of the area. */
static void search(const struct dr_slots *s, u64 from, u64 end, u64 want,
		   struct run *best)
{
	u64 slot = from, length;

	while (best->length < want) {
		/* Something was found, and the search has gone far. */
		if (best->length && slot - from > LOOK_FAR)
			return;
		slot = skip_used(s, slot, end);
		if (slot >= end)
			return;
		length = run_length(s, slot, want);
		if (length > best->length)
			*best = (struct run){ slot, length };
		slot += length;
	}
}

/**
 * dr_slots_alloc() - take free slots that lie in a row
 * @s: the slots
 * @want: how many there should be
 * @first: out: the first of them
 *
 * Return: how many there are, from 1 to @want; 0 when all are in use.
 */
u64 dr_slots_alloc(struct dr_slots *s, u64 want, u64 *first)
{
	struct run best = { 0, 0 };
	u64 i;

	if (s->used == s->nr)
		return 0;
	search(s, s->next, s->nr, want, &best);
	if (best.length < want)
		search(s, 0, s->next, want, &best);
	for (i = best.first; i < best.first + best.length; i++)
		s->map[i / DR_SLOTS_WORD] |= bit_of(i);
	s->used += best.length;
	s->next = best.first + best.length;
	if (s->next >= s->nr)
		s->next = 0;
	*first = best.first;
	return best.length;
}

/**
 * dr_slots_free() - give a slot back
 * @s: the slots
 * @slot: its number
 *
 * Return: false if it was not in use, which is a bug of the caller.
 */
bool dr_slots_free(struct dr_slots *s, u64 slot)
{
	if (slot >= s->nr || !dr_slots_in_use(s, slot))
		return false;
	s->map[slot / DR_SLOTS_WORD] &= ~bit_of(slot);
	s->used--;
	return true;
}
