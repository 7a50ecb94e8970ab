// SPDX-License-Identifier: GPL-2.0-only
#include "fill.h"

/**
 * DOC: Dividing memory
 *
 * Min-funding revocation takes a page from the guest that pays least for it and
 * gives it to the one that would pay most, again and again. Done page by page
 * that is a walk of millions of steps; where it ends can be had at once.
 *
 * It ends when all prices are equal, except of guests that are held at a bound.
 * A guest with S shares, P pages and A of them active pays
 *
 *	price = S / (A + k * (P - A)),  k = 1 / (1 - tax)
 *
 * for a page, S / P when all are active. Solve that for P: at a level L, the
 * pages that one share buys, which is 1 / price, a guest has
 *
 *	P(L) = S * L                        as long as that is active,
 *	       A + (1 - tax) * (S * L - A)  beyond,
 *
 * and never less than its least or more than its most. Each P(L) grows with L,
 * so their sum does, and the greatest L at which the sum fits the pool is found
 * by bisection: some 40 walks over the guests, no division, no sorting and no
 * memory. The sum never exceeds the pool unless the least of all does.
 *
 * A is a number of pages, not the fraction f of P that the textbook formula S /
 * (P * (f + k * (1 - f))) has. Both agree where the price is right, but f
 * changes when P does: a policy that takes f for a constant asks for too
 * little, measures a higher f, asks for too much, and hunts for ever when tax
 * is high.
 */

/*
 * The level at which a claim has its most. With 2^36 pages and 1 % kept the
 * untaxed pages are below 2^43, so that a level, and shares times a level below
 * it, have room in 63 bits.
 */
static u64 dr_claim_full(const struct dr_claim *claim, u64 keep)
{
	u64 pages = claim->high;

	if (pages > claim->active)
		pages = claim->active +
			(((pages - claim->active) << 16) + keep - 1) / keep;
	return ((pages << DR_FILL_PLACES) + claim->shares - 1) / claim->shares;
}

static u64 sum_at(const struct dr_claim *claims, u32 nr, u64 level, u64 keep)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < nr; i++)
		sum += dr_claim_at(&claims[i], level, keep);
	return sum;
}

/**
 * dr_fill() - find the level at which claims use up a pool
 * @claims: the claims; @full of each is set
 * @nr: how many
 * @pool: pages to divide
 * @keep: untaxed part of idle pages, from dr_fill_keep()
 *
 * dr_claim_at() then tells what each gets.
 *
 * Context: Any. Walks over the claims 65 times at most.
 * Return: the greatest level at which they fit; 0 when not even the least of
 * all fits.
 */
u64 dr_fill(struct dr_claim *claims, u32 nr, u64 pool, u64 keep)
{
	u64 low = 0, high = 0;
	u32 i;

	for (i = 0; i < nr; i++) {
		claims[i].full = dr_claim_full(&claims[i], keep);
		if (claims[i].full > high)
			high = claims[i].full;
	}
	if (sum_at(claims, nr, high, keep) <= pool)
		return high;
	/* It fits at low, unless nothing does, and does not at high. */
	while (high - low > 1) {
		u64 middle = low + (high - low) / 2;

		if (sum_at(claims, nr, middle, keep) <= pool)
			low = middle;
		else
			high = middle;
	}
	return low;
}
