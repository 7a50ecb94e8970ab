/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How short of memory the host is: high, soft, hard, low (ESX: Waldspurger,
 * OSDI 2002, section 6.3). Pure.
 */
#ifndef _DR_LEVEL_H
#define _DR_LEVEL_H

#include <linux/denseram.h>

#include "pure.h"

/**
 * DOC: Free memory of the host
 *
 * What can be had without hurting anybody is what the kernel reckons as available
 * (MemAvailable), and free pages that it leaves out there: those on the allocator's
 * lists of each CPU. A page that is freed goes to such a list, and since 6.7 the
 * kernel lets the lists of CPUs grow that allocate and free much: all of a node may
 * have an eighth of its memory, more than level soft begins with. Nobody frees as
 * much as paging does. If the lists did not count, what is paged out would go
 * missing from what guests have together: their targets would fall and more would be
 * paged out, and as the lists got shorter it would come back. The loop would hunt by
 * all of that. So for targets they count as a whole.
 *
 * But they are not like other memory. A CPU takes from its own list before all else,
 * and from those of others never: the kernel empties them when an allocation has
 * reclaimed in vain, which is late. So for levels they count as much as there is
 * available besides, at the most: whoever takes the last of what all can have finds
 * the level to be low, whatever is on lists. And whether even guests below their
 * targets wait for memory at that level (DR_POLICY_WAIT) goes by what is available
 * alone: with the lists counted they would run it down to nothing, and all of the host
 * would reclaim in vain.
 *
 * A host whose lists hold more than half of what is to be free may thus be at level
 * soft or worse with nothing to take from anybody. That ends by itself: a list gets
 * shorter by an eighth a second when its CPU does not allocate, and it does not grow
 * in a zone that is below its high watermark.
 */

/* Below these parts of the host's memory, in percent, a level begins. */
#define DR_LEVEL_SOFT_PERCENT	6
#define DR_LEVEL_HARD_PERCENT	4
#define DR_LEVEL_LOW_PERCENT	2

/* Free memory above which a host is not short of it, however large it is. */
#define DR_LEVEL_CEILING	(32ULL << 30)

/*
 * Free memory below which a host is short of it, however small it is: its own
 * daemons and page tables do not shrink with it. But never more than an eighth
 * of the host, or a tiny one would be short of memory for ever.
 */
#define DR_LEVEL_FLOOR		(192ULL << 20)
#define DR_LEVEL_FLOOR_PART	8

/**
 * dr_level_below() - free bytes below which the host is at a level or worse
 * @level: DR_LEVEL_SOFT or beyond
 * @total: memory of the host in bytes
 *
 * Return: bytes.
 */
static inline u64 dr_level_below(enum dr_level level, u64 total)
{
	static const u8 percent[DR_NR_LEVELS] = {
		[DR_LEVEL_SOFT] = DR_LEVEL_SOFT_PERCENT,
		[DR_LEVEL_HARD] = DR_LEVEL_HARD_PERCENT,
		[DR_LEVEL_LOW] = DR_LEVEL_LOW_PERCENT,
	};
	u64 ceiling = DR_LEVEL_CEILING / DR_LEVEL_SOFT_PERCENT *
		      percent[level];
	u64 floor = total / DR_LEVEL_FLOOR_PART;
	u64 part = total / 100 * percent[level];

	if (floor > DR_LEVEL_FLOOR)
		floor = DR_LEVEL_FLOOR;
	floor = floor / DR_LEVEL_SOFT_PERCENT * percent[level];
	if (part < floor)
		part = floor;
	return part < ceiling ? part : ceiling;
}

/**
 * dr_level_enough() - free bytes with which a host leaves its level
 * @level: DR_LEVEL_SOFT or beyond
 * @total: memory of the host in bytes
 *
 * A quarter more than where the level begins, so that it does not flutter.
 *
 * Return: bytes.
 */
static inline u64 dr_level_enough(enum dr_level level, u64 total)
{
	u64 below = dr_level_below(level, total);

	return below + below / 4;
}

/**
 * dr_level_free() - what is free, for levels
 * @available: MemAvailable, in bytes
 * @listed: bytes of free pages on lists of CPUs
 *
 * Return: bytes.
 */
static inline u64 dr_level_free(u64 available, u64 listed)
{
	return available + (listed < available ? listed : available);
}

/**
 * dr_level_of() - the level of a host
 * @free: dr_level_free(), in bytes
 * @total: memory of the host in bytes
 * @was: the level before: it is left for a better one only with a quarter
 *	more than its threshold free, so that it does not flutter
 *
 * Return: the level.
 */
static inline enum dr_level dr_level_of(u64 free, u64 total,
					enum dr_level was)
{
	enum dr_level level = DR_LEVEL_LOW;
	u64 below;

	for (; level > DR_LEVEL_HIGH; level--) {
		below = level <= was ? dr_level_enough(level, total) :
				       dr_level_below(level, total);
		if (free < below)
			break;
	}
	return level;
}

/**
 * dr_level_strained() - the level of a host that may strain for memory
 * @level: by what is free
 * @strains: allocations stall (see Stalls of the host)
 *
 * Return: the level: one worse if so, though not low, where faults of guests
 * wait; never a better one.
 */
static inline enum dr_level dr_level_strained(enum dr_level level,
					      bool strains)
{
	return strains && level < DR_LEVEL_HARD ? level + 1 : level;
}

#endif /* _DR_LEVEL_H */
