/* SPDX-License-Identifier: GPL-2.0-only */
/* Which slots of a swap area are in use. Pure. */
#ifndef _DR_SLOTS_H
#define _DR_SLOTS_H

#include "pure.h"

#define DR_SLOTS_WORD	(8 * (unsigned int)sizeof(unsigned long))

/**
 * struct dr_slots - the slots of an area, numbered from 0
 * @map: a bit a slot, set when it is in use; the caller's memory, all zero at
 *	first, dr_slots_bytes() of it
 * @nr: how many slots
 * @used: how many are in use
 * @next: where the next search begins
 */
struct dr_slots {
	unsigned long *map;
	u64 nr;
	u64 used;
	u64 next;
};

/* Bytes of the map for so many slots. */
static inline u64 dr_slots_bytes(u64 nr)
{
	return (nr + DR_SLOTS_WORD - 1) / DR_SLOTS_WORD *
	       sizeof(unsigned long);
}

u64 dr_slots_alloc(struct dr_slots *s, u64 want, u64 *first);
bool dr_slots_free(struct dr_slots *s, u64 slot);
bool dr_slots_in_use(const struct dr_slots *s, u64 slot);

#endif /* _DR_SLOTS_H */
