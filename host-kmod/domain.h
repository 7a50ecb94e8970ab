/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trust domains: pages are only ever shared within one. Pure.
 */
#ifndef _DR_DOMAIN_H
#define _DR_DOMAIN_H

#include <linux/denseram.h>

#include "pure.h"

/**
 * struct dr_domain - a trust domain
 * @v: 0 for none: share with nobody. Otherwise the mode and what tells the
 *	domains of one mode apart. Bit 0 is always clear
 */
struct dr_domain {
	u64 v;
};

/**
 * dr_domain_make() - the domain of a guest
 * @mode: its mode of sharing
 * @guest: its number, from 1 on
 * @owner: user id of its owner
 *
 * Return: the domain.
 */
static inline struct dr_domain dr_domain_make(enum dr_share_mode mode,
					      u64 guest, u32 owner)
{
	u64 who = mode == DR_SHARE_GUEST ? guest :
		  mode == DR_SHARE_DOMAIN ? owner : 0;

	if (mode == DR_SHARE_OFF)
		return (struct dr_domain){};
	return (struct dr_domain){ .v = who << 3 | (u64)mode << 1 };
}

static inline bool dr_domain_none(struct dr_domain d)
{
	return !d.v;
}

static inline bool dr_domain_same(struct dr_domain a, struct dr_domain b)
{
	return a.v == b.v && a.v;
}

/*
 * The key of a page in the table, from its hash: equal pages of two domains do
 * not meet there.
 */
static inline u64 dr_domain_key(struct dr_domain d, u64 hash)
{
	return hash ^ d.v * 0x9e3779b97f4a7c15ULL;
}

#endif /* _DR_DOMAIN_H */
