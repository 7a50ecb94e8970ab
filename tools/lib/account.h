/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the bytes of guest RAM are, from the module's counts. Pure. */
#ifndef DR_ACCOUNT_H
#define DR_ACCOUNT_H

#include <stdint.h>

#include <linux/denseram.h>

/* Every byte of the configured size is in exactly one of these places. */
enum dr_place {
	DR_PLACE_BLOCKS,	/* data in 2 MiB blocks */
	DR_PLACE_HOLES,		/* punched out of blocks, not yet given back */
	DR_PLACE_PAGES,		/* private 4 KiB pages */
	DR_PLACE_SHARED,	/* a page used by others too */
	DR_PLACE_SWAPPED,	/* compressed or on disk */
	DR_PLACE_ABSENT,	/* never touched or given back: zero, free */
	DR_NR_PLACES,
};

/**
 * struct dr_place_text - how a place is called
 * @key: in JSON
 * @label: in text
 * @meaning: in text, a few words
 */
struct dr_place_text {
	const char *key;
	const char *label;
	const char *meaning;
};

extern const struct dr_place_text dr_place_text[DR_NR_PLACES];

/**
 * dr_account - split the configured size by place
 * @usage: counts, read while they change: need not add up
 * @bytes: bytes in each place, never more than the size when summed up,
 *	unless the counts themselves are more
 */
void dr_account(const struct dr_usage *usage, uint64_t bytes[DR_NR_PLACES]);

/* Name of an event in sysfs and JSON; NULL when this program knows none. */
const char *dr_event_name(unsigned int event);

#endif /* DR_ACCOUNT_H */
