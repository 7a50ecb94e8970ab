/* SPDX-License-Identifier: GPL-2.0-only */
/* How much of its memory a guest uses, from samples. Pure. */
#ifndef _DR_ESTIMATE_H
#define _DR_ESTIMATE_H

#include "pure.h"

/* Fractions are in 1/DR_ESTIMATE_ONE. */
#define DR_ESTIMATE_ONE		BIT(16)

/* Half the width of the interval that is wanted: 5 %. */
#define DR_ESTIMATE_WANT	(DR_ESTIMATE_ONE / 20)

/* Samples a period, from and to. */
#define DR_ESTIMATE_LEAST	64
#define DR_ESTIMATE_MOST	1024

/* Pages in a block, and blocks a period that are looked into, from and to. */
#define DR_BLOCK_PAGES		512
#define DR_LOOKS_LEAST		2
#define DR_LOOKS_MOST		32

/*
 * Pages of these that are touched in a period, about, for each is a fault: some
 * 10 ms of the guest's ten seconds, a third of that while all stays as it was, and
 * twice that while it does not. And how many blocks are remembered, at most, and where
 * another part of the guest came back than before.
 */
#define DR_LOOKS_TOUCHED	3072
#define DR_LOOKS_CALM		1024
#define DR_LOOKS_CHANGED	6144
#define DR_LOOKS_KEPT		256
#define DR_LOOKS_DOUBTED	8

/**
 * DOC: Who samples
 *
 * In each period of some ten seconds, for each guest: pick @samples of the
 * estimate's pages by chance, each in proportion to memory; unmap each, the
 * whole 2 MiB mapping where it is in one; count it as a page or a block, and as
 * back when it faults. Of the blocks look into @looks, chosen by chance from those
 * that have not been looked into yet, see dr_estimate_forgot(): have them mapped page
 * by page for the period, and count the pages that were touched with
 * dr_sample_look(). What is taken from the guest meanwhile was not sampled:
 * uncount it. At the end of the period dr_estimate_period(), and clear the
 * sample. dr_estimate_now() may be asked at any time.
 */

/**
 * struct dr_sample - one period of sampling one guest
 * @pages: pages that were unmapped by themselves
 * @pages_back: of those, touched again
 * @blocks: pages whose 2 MiB mapping was unmapped
 * @blocks_back: of those blocks, touched again anywhere
 * @looks: blocks that were looked into and touched
 * @touched: pages of these that were touched, in all
 * @squares: the sum of their squares, block by block
 * @changed: looks that saw another half of the block than the one before
 * @held: blocks that the guest holds, about; 0 where that is not known
 *
 * One a guest, filled by the one who samples it, and cleared when a period
 * begins. @pages and @blocks are picked with a chance in proportion to memory,
 * so that they weigh each other by themselves.
 */
struct dr_sample {
	u32 pages;
	u32 pages_back;
	u32 blocks;
	u32 blocks_back;
	u32 looks;
	u32 touched;
	u32 squares;
	u32 changed;
	u32 held;
};

/**
 * struct dr_active - what is known of a guest's activity
 * @part: active part of its resident memory, in 1/DR_ESTIMATE_ONE
 * @low: lower end of the interval around it, of 95 % confidence
 * @high: upper end
 */
struct dr_active {
	u32 part;
	u32 low;
	u32 high;
};

/**
 * struct dr_estimate - what is remembered of earlier periods; one a guest
 * @slow: average with a memory of about eight periods
 * @fast: average with a memory of about four, which follows a rise at once
 * @above: from the last period's fraction to the upper end of its interval
 * @below: from there to the lower end
 * @want: half the width of the interval that is wanted
 * @samples: how many samples the next period needs for it
 * @periods: how many there were; stays at its most
 * @since: how many there were since a rise, four at most
 * @last: part of the last period's samples that came back, blocks counted whole
 * @looks: how many blocks the next period should look into
 * @seen: blocks looked into, %DR_LOOKS_KEPT at most, in 1/256
 * @touched: pages of these that were touched, likewise
 * @squares: their squares, likewise
 */
struct dr_estimate {
	u32 slow;
	u32 fast;
	u32 above;
	u32 below;
	u32 want;
	u32 samples;
	u32 periods;
	u32 since;
	u32 last;
	u32 looks;
	u64 seen;
	u64 touched;
	u64 squares;
};

void dr_estimate_init(struct dr_estimate *estimate, u32 want);
void dr_estimate_period(struct dr_estimate *estimate,
			const struct dr_sample *sample);
void dr_estimate_now(const struct dr_estimate *estimate,
		     const struct dr_sample *sample, struct dr_active *active);
bool dr_estimate_forgot(const struct dr_estimate *estimate, u32 looks);
u16 dr_sample_look(struct dr_sample *sample, u32 touched, u16 before);

#endif /* _DR_ESTIMATE_H */
