/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Divide a pool of pages between claims, so that a page has the same price for
 * all that are neither at their least nor at their most. Pure.
 */
#ifndef _DR_FILL_H
#define _DR_FILL_H

#include "pure.h"

#define DR_FILL_SHARES_MAX	1000000
#define DR_FILL_PAGES_MAX	BIT_ULL(36)

/* A level is pages for one share, in fixed point with so many binary places. */
#define DR_FILL_PLACES		20

/* Of an idle page this part goes untaxed, in 1/65536; tax 99 % at most. */
#define DR_FILL_KEEP_ONE	BIT(16)
#define DR_FILL_TAX_MAX		99

/**
 * struct dr_claim - one claim to the pool; all counts in pages
 * @shares: its weight, 1 to DR_FILL_SHARES_MAX
 * @active: pages in use: held free of tax
 * @low: least it gets
 * @high: most it gets, not below @low, up to DR_FILL_PAGES_MAX
 * @full: dr_fill()'s own: the level at which it has @high
 *
 * As many as there are guests, in the caller's memory, rewritten for each
 * division.
 */
struct dr_claim {
	u64 shares;
	u64 active;
	u64 low;
	u64 high;
	u64 full;
};

/**
 * dr_fill_keep() - the untaxed part of an idle page
 * @tax: of idle pages in percent, cut to DR_FILL_TAX_MAX
 *
 * Return: 1 - @tax, in 1/65536.
 */
static inline u64 dr_fill_keep(u32 tax)
{
	if (tax > DR_FILL_TAX_MAX)
		tax = DR_FILL_TAX_MAX;
	return DR_FILL_KEEP_ONE * (100 - tax) / 100;
}

/**
 * dr_claim_at() - what a claim gets at a level
 * @claim: prepared by dr_fill()
 * @level: pages for a share
 * @keep: as for dr_fill()
 *
 * Return: pages.
 */
static inline u64 dr_claim_at(const struct dr_claim *claim, u64 level,
			      u64 keep)
{
	u64 pages;

	if (level >= claim->full)
		return claim->high;
	/* Below full this is at most 2^63: see dr_claim_full(). */
	pages = claim->shares * level >> DR_FILL_PLACES;
	if (pages > claim->active)
		pages = claim->active +
			((pages - claim->active) * keep >> 16);
	if (pages > claim->high)
		return claim->high;
	return pages > claim->low ? pages : claim->low;
}

u64 dr_fill(struct dr_claim *claims, u32 nr, u64 pool, u64 keep);

#endif /* _DR_FILL_H */
