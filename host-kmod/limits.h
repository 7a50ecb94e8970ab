/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an administrator grants a guest, and which changes make sense. Pure.
 */
#ifndef _DR_LIMITS_H
#define _DR_LIMITS_H

#include <linux/denseram.h>

#include "pure.h"

#define DR_LIMITS_SHARES_MAX	1000000

/**
 * struct dr_limits - the limits of a guest, in bytes
 * @min: never taken away
 * @max: most it may ever hold; 0 stands for its configured size
 * @limit: most it may hold now; 0 for none
 * @shares: weight against other guests, 1 to 1000000
 * @pinned: 1 for a guest of which nothing can be taken, because something pins
 *	all of it: its min counts as its max. 0 for all others
 */
struct dr_limits {
	u64 min;
	u64 max;
	u64 limit;
	u32 shares;
	u32 pinned;
};

/**
 * dr_limits_valid() - do these limits make sense together?
 * @l: the limits
 *
 * Return: true if they do.
 */
static inline bool dr_limits_valid(const struct dr_limits *l)
{
	return l->shares >= 1 && l->shares <= DR_LIMITS_SHARES_MAX &&
	       (!l->max || l->min <= l->max) &&
	       (!l->limit || l->min <= l->limit) && l->pinned <= 1;
}

/**
 * dr_limits_merge() - take some limits over
 * @into: changed on success only
 * @which: DR_SET_*
 * @from: where the named ones come from
 *
 * Return: 0 or -ERANGE.
 */
static inline int dr_limits_merge(struct dr_limits *into, u32 which,
				  const struct dr_limits *from)
{
	struct dr_limits l = *into;

	if (which & DR_SET_MIN)
		l.min = from->min;
	if (which & DR_SET_MAX)
		l.max = from->max;
	if (which & DR_SET_LIMIT)
		l.limit = from->limit;
	if (which & DR_SET_SHARES)
		l.shares = from->shares;
	if (which & DR_SET_PINNED)
		l.pinned = from->pinned;
	if (!dr_limits_valid(&l))
		return -ERANGE;
	*into = l;
	return 0;
}

#endif /* _DR_LIMITS_H */
