/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How short of memory the host is: high, soft, hard, low (ESX: Waldspurger,
 * OSDI 2002, section 6.3). Pure.
 */
#ifndef _DR_LEVEL_H
#define _DR_LEVEL_H

#include <linux/denseram.h>

#include "pure.h"

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
 * dr_level_of() - the level of a host
 * @free: memory that can be had without hurting anybody, in bytes
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
