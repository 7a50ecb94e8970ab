/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What scanner and pager remember of a page, in the spare bits of the page's own
 * word, so that it costs no memory. Pure.
 *
 *   15     13  12     11    10   8  7     0
 *   [ returns ][ STIFF ][ SEEN ][ age ][ tag ]
 *
 * The tag is a piece of the hash that the page had when it was last visited,
 * and the age says how often to visit it: every 2^age-th pass. A page starts
 * unseen and is visited by the next pass. Each visit makes it older: what has
 * not changed is known by a hint already, and what changes all the time is
 * not worth sharing.
 */
#ifndef _DR_NOTE_H
#define _DR_NOTE_H

#include "pure.h"

#define DR_NOTE_TAG_MASK	0xffU
#define DR_NOTE_AGE_SHIFT	8
#define DR_NOTE_AGE_MAX		7U
#define DR_NOTE_SEEN		0x800U

/*
 * The pager's bits. STIFF: the page did not get smaller when it was compressed.
 * The next visit of the scanner forgets it. The returns: how often it came back
 * soon after it was paged out, less how often it stayed away. They are for the pager
 * alone to forget.
 */
#define DR_NOTE_STIFF		0x1000U
#define DR_NOTE_RETURN		0x2000U
#define DR_NOTE_RETURNS		0xe000U
#define DR_NOTE_RETURNS_MAX	7U

/* Pages at rest are still visited often enough to notice new contents. */
#define DR_NOTE_AGE_REST	3U

static inline unsigned int dr_note_returns(u16 note)
{
	return note / DR_NOTE_RETURN;
}

/* Another return, soon after the page went or not: see DOC: Paging. */
static inline unsigned int dr_note_return(unsigned int returns, bool soon)
{
	if (soon)
		return returns < DR_NOTE_RETURNS_MAX ? returns + 1 : returns;
	return returns ? returns - 1 : 0;
}

static inline unsigned int dr_note_age(u16 note)
{
	return note >> DR_NOTE_AGE_SHIFT & DR_NOTE_AGE_MAX;
}

static inline u16 dr_note_make(unsigned int age, u64 hash)
{
	return DR_NOTE_SEEN | age << DR_NOTE_AGE_SHIFT |
	       (hash & DR_NOTE_TAG_MASK);
}

/**
 * dr_note_due() - is a page to be visited in this pass?
 * @note: what is known of it
 * @index: its offset, which spreads pages of one age over the passes
 * @pass: number of the pass
 * @age_max: treat older pages as if they were this old; 0 to visit all
 *
 * Return: true if it is.
 */
static inline bool dr_note_due(u16 note, unsigned long index,
			       unsigned int pass, unsigned int age_max)
{
	unsigned int age = dr_note_age(note);

	if (!(note & DR_NOTE_SEEN))
		return true;
	if (age > age_max)
		age = age_max;
	/* Neighbours tend to age alike: scatter them by more than the index. */
	return !((pass + (index * 0x9e3779b1UL >> 16)) & (BIT(age) - 1));
}

/* Has the page other bytes than when it was last visited? */
static inline bool dr_note_changed(u16 note, u64 hash)
{
	return note & DR_NOTE_SEEN &&
	       (note & DR_NOTE_TAG_MASK) != (hash & DR_NOTE_TAG_MASK);
}

/**
 * dr_note_visited() - what to remember after a visit
 * @note: what was known
 * @hash: hash of the page now
 *
 * Return: the new note.
 */
static inline u16 dr_note_visited(u16 note, u64 hash)
{
	unsigned int age = dr_note_age(note);
	unsigned int max = DR_NOTE_AGE_REST;
	u16 kept = note & DR_NOTE_RETURNS;

	if (!(note & DR_NOTE_SEEN))
		return kept | dr_note_make(0, hash);
	if (dr_note_changed(note, hash))
		max = DR_NOTE_AGE_MAX;
	else if (age > max)
		return kept | dr_note_make(age - 1, hash);
	return kept | dr_note_make(age < max ? age + 1 : max, hash);
}

/**
 * dr_note_broken() - what to remember of a page whose sharing a write ended
 * @note: what was known while it was shared
 *
 * It was written after it had been found worth sharing: be slow to try again.
 *
 * Return: the new note.
 */
static inline u16 dr_note_broken(u16 note)
{
	unsigned int age = dr_note_age(note) + 2;

	return dr_note_make(age < DR_NOTE_AGE_MAX ? age : DR_NOTE_AGE_MAX,
			    note);
}

/* A match found busy so often in a row is left to the usual passes. */
#define DR_NOTE_TRIES	DR_NOTE_AGE_MAX

/**
 * dr_note_busy() - what to remember of a page that could not be merged just now
 * @note: what was known before the visit
 * @hash: hash of the page now
 *
 * Somebody had it or its match in hand, for a moment mostly: it is as good as
 * unseen, so that the next pass tries again. Where a page stays pinned that
 * ends after %DR_NOTE_TRIES; the age of what is unseen counts them.
 *
 * Return: the new note.
 */
static inline u16 dr_note_busy(u16 note, u64 hash)
{
	unsigned int tries = note & DR_NOTE_SEEN ? 1 : dr_note_age(note) + 1;
	u16 kept = note & DR_NOTE_RETURNS;

	if (tries >= DR_NOTE_TRIES)
		return kept | dr_note_make(DR_NOTE_AGE_REST, hash);
	return kept | tries << DR_NOTE_AGE_SHIFT;
}

#endif /* _DR_NOTE_H */
