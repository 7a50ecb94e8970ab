/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The word that says where one page of guest RAM is. Pure.
 *
 *   63           8  7    6       5       4        3    1   0
 *   [ payload:56 ][ 0 ][ ASKED ][ YOUNG ][ PEEKED ][ type:3 ][ LOCK ]
 *
 * The payload of PRIVATE, CLEAN and SHARED is a page frame number and the scanner's
 * note on the page, that of other types belongs to their store. The all-zero
 * word is ABSENT, so fresh tables need no set-up.
 *
 *   63       48  47     8
 *   [ note:16 ][ pfn:40 ]...
 */
#ifndef _DR_ENTRY_H
#define _DR_ENTRY_H

#include "pure.h"

#define DR_ENTRY_LOCK_BIT	0
#define DR_ENTRY_LOCK		BIT(DR_ENTRY_LOCK_BIT)
#define DR_ENTRY_TYPE_SHIFT	1
#define DR_ENTRY_TYPE_MASK	(7UL << DR_ENTRY_TYPE_SHIFT)
#define DR_ENTRY_PEEKED		BIT(4)
#define DR_ENTRY_YOUNG		BIT(5)
#define DR_ENTRY_ASKED		BIT(6)
#define DR_ENTRY_PAYLOAD_SHIFT	8
#define DR_ENTRY_PAYLOAD_BITS	56
#define DR_ENTRY_PFN_BITS	40
#define DR_ENTRY_NOTE_BITS	(DR_ENTRY_PAYLOAD_BITS - DR_ENTRY_PFN_BITS)

/**
 * enum dr_type - what an entry is
 * @DR_ABSENT: reads as zero, costs nothing
 * @DR_PRIVATE: one 4 KiB page of this file's own
 * @DR_SHARED: a page that other entries point to as well, mapped read-only
 * @DR_SWAPPED: the swapper's store holds the bytes
 * @DR_CLEAN: one 4 KiB page of this file's own, mapped read-only, and the
 *	swapper's store holds the same bytes
 * @DR_NR_TYPES: how many there are
 */
enum dr_type {
	DR_ABSENT,
	DR_PRIVATE,
	DR_SHARED,
	DR_SWAPPED,
	DR_CLEAN,
	DR_NR_TYPES,
};

/**
 * struct dr_entry - the value of an entry, without its lock bit
 * @v: the word
 */
struct dr_entry {
	unsigned long v;
};

static_assert(sizeof(struct dr_entry) == 8, "one word a page");
static_assert(DR_NR_TYPES <= 8, "the type has three bits");

static inline struct dr_entry dr_entry_make(enum dr_type type,
					    unsigned long payload)
{
	return (struct dr_entry){
		.v = payload << DR_ENTRY_PAYLOAD_SHIFT |
		     (unsigned long)type << DR_ENTRY_TYPE_SHIFT,
	};
}

/* The entry in a word as it stands in a table, lock bit or not. */
static inline struct dr_entry dr_entry_of(unsigned long word)
{
	return (struct dr_entry){ .v = word & ~DR_ENTRY_LOCK };
}

static inline enum dr_type dr_entry_type(struct dr_entry e)
{
	return (e.v & DR_ENTRY_TYPE_MASK) >> DR_ENTRY_TYPE_SHIFT;
}

static inline unsigned long dr_entry_payload(struct dr_entry e)
{
	return e.v >> DR_ENTRY_PAYLOAD_SHIFT;
}

/* An entry that a page stands behind: PRIVATE, CLEAN or SHARED. */
static inline struct dr_entry dr_entry_page(enum dr_type type,
					    unsigned long pfn, u16 note)
{
	return dr_entry_make(type, (unsigned long)note << DR_ENTRY_PFN_BITS |
				   pfn);
}

static inline unsigned long dr_entry_pfn(struct dr_entry e)
{
	return dr_entry_payload(e) & (BIT(DR_ENTRY_PFN_BITS) - 1);
}

static inline u16 dr_entry_note(struct dr_entry e)
{
	return dr_entry_payload(e) >> DR_ENTRY_PFN_BITS;
}

/* A page of the file's own stands behind it. */
static inline bool dr_entry_own(struct dr_entry e)
{
	return dr_entry_type(e) == DR_PRIVATE ||
	       dr_entry_type(e) == DR_CLEAN;
}

/*
 * YOUNG: a page that was brought back before anybody asked for it, and has not
 * been asked for since. ASKED: likewise, but somebody has asked who could not
 * wait for it.
 */
static inline bool dr_entry_young(struct dr_entry e)
{
	return e.v & DR_ENTRY_YOUNG;
}

static inline struct dr_entry dr_entry_mkyoung(struct dr_entry e)
{
	return (struct dr_entry){ .v = e.v | DR_ENTRY_YOUNG };
}

static inline struct dr_entry dr_entry_mkasked(struct dr_entry e)
{
	return (struct dr_entry){ .v = e.v | DR_ENTRY_ASKED };
}

/* Either of the two. */
static inline bool dr_entry_fresh(struct dr_entry e)
{
	return e.v & (DR_ENTRY_YOUNG | DR_ENTRY_ASKED);
}

static inline struct dr_entry dr_entry_mkold(struct dr_entry e)
{
	return (struct dr_entry){
		.v = e.v & ~(DR_ENTRY_YOUNG | DR_ENTRY_ASKED),
	};
}

/*
 * PEEKED: a page that stands for this entry without being its own (the zero
 * page, a shared page) has been mapped read-only since the entry took its
 * value, so those mappings must go when it takes another.
 */
static inline bool dr_entry_peeked(struct dr_entry e)
{
	return e.v & DR_ENTRY_PEEKED;
}

static inline struct dr_entry dr_entry_mkpeeked(struct dr_entry e)
{
	return (struct dr_entry){ .v = e.v | DR_ENTRY_PEEKED };
}

#endif /* _DR_ENTRY_H */
