/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the payload of a swapped entry means: which tier, and what that tier
 * needs to find the bytes. Pure.
 */
#ifndef _DR_HANDLE_H
#define _DR_HANDLE_H

#include "entry.h"

#define DR_HANDLE_TIER_SHIFT	54

/**
 * enum dr_tier - where the bytes of a swapped page are
 * @DR_TIER_SAME: nowhere: the page is one 32 bit word over and over, and the
 *	handle is that word
 * @DR_TIER_POOL: in the compressed pool, by the name that packed.h describes
 * @DR_TIER_DISK: in a swap area
 * @DR_NR_TIERS: how many there are
 */
enum dr_tier {
	DR_TIER_SAME,
	DR_TIER_POOL,
	DR_TIER_DISK,
	DR_NR_TIERS,
};

static_assert(DR_NR_TIERS <= 4, "the tier has two bits");
static_assert(DR_HANDLE_TIER_SHIFT + 2 == DR_ENTRY_PAYLOAD_BITS,
	      "tier and id fill the payload");

static inline struct dr_entry dr_handle_entry(enum dr_tier tier,
					      unsigned long id)
{
	return dr_entry_make(DR_SWAPPED,
			     (unsigned long)tier << DR_HANDLE_TIER_SHIFT | id);
}

static inline enum dr_tier dr_handle_tier(struct dr_entry e)
{
	return dr_entry_payload(e) >> DR_HANDLE_TIER_SHIFT;
}

static inline unsigned long dr_handle_id(struct dr_entry e)
{
	return dr_entry_payload(e) & ((1UL << DR_HANDLE_TIER_SHIFT) - 1);
}

/*
 * Of the tier DISK: number of the area, and of the slot in it.
 *
 *   53     46  45     0
 *   [ area:8 ][ slot:46 ]
 */
#define DR_SLOT_BITS		46

static inline struct dr_entry dr_handle_slot(unsigned int area,
					     unsigned long slot)
{
	return dr_handle_entry(DR_TIER_DISK,
			       (unsigned long)area << DR_SLOT_BITS | slot);
}

static inline unsigned int dr_slot_area(unsigned long id)
{
	return id >> DR_SLOT_BITS;
}

static inline unsigned long dr_slot_nr(unsigned long id)
{
	return id & ((1UL << DR_SLOT_BITS) - 1);
}

/**
 * dr_same_word() - is a page one 32 bit word over and over?
 * @words: the page
 * @nr: its size in words of 32 bits, at least 1
 * @word: out: the word, when it is
 *
 * Return: true if it is.
 */
static inline bool dr_same_word(const u32 *words, size_t nr, u32 *word)
{
	size_t i;

	/* Most pages that differ do so at their end: look there first. */
	if (words[0] != words[nr - 1])
		return false;
	for (i = 1; i < nr; i++)
		if (words[i] != words[0])
			return false;
	*word = words[0];
	return true;
}

#endif /* _DR_HANDLE_H */
