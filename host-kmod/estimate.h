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

/* Draws from a block in one period, and pages in a block. */
#define DR_PROBE_DRAWS		8
#define DR_PROBE_PAGES		512

/**
 * DOC: Who samples
 *
 * In each period of some ten seconds, for each guest: pick @samples of the
 * estimate's pages by chance, each in proportion to memory; unmap each, the
 * whole 2 MiB mapping where it is in one; count it as a page or a block. When
 * it faults, count it as back, for a block with dr_probe_draw(), which says
 * whether to unmap the block again. What is taken from the guest meanwhile was
 * not sampled: uncount it. At the end of the period dr_estimate_period(), and
 * clear the sample. dr_estimate_now() may be asked at any time.
 */

/**
 * struct dr_sample - one period of sampling one guest
 * @pages: pages that were unmapped by themselves
 * @pages_back: of those, touched again
 * @blocks: pages whose 2 MiB mapping was unmapped
 * @blocks_back: of those blocks, touched again anywhere
 * @pairs: pairs of touches of one block, from dr_probe_draw()
 * @same: of those, pairs that hit the same page
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
	u32 pairs;
	u32 same;
};

/**
 * struct dr_probe - the touches of one block in one period
 * @nr: how many
 * @page: which page of the block each was for
 *
 * When the block comes back, note the page of the fault, and unmap the block
 * again a while later (a tenth of a period), up to DR_PROBE_DRAWS times.
 */
struct dr_probe {
	u16 nr;
	u16 page[DR_PROBE_DRAWS];
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
 * @pairs: of touches in blocks, with a memory of about eight periods, in 1/8
 * @same: of those, pairs that hit the same page
 */
struct dr_estimate {
	u32 slow;
	u32 fast;
	u32 above;
	u32 below;
	u32 want;
	u32 samples;
	u32 periods;
	u64 pairs;
	u64 same;
};

void dr_estimate_init(struct dr_estimate *estimate, u32 want);
void dr_estimate_period(struct dr_estimate *estimate,
			const struct dr_sample *sample);
void dr_estimate_now(const struct dr_estimate *estimate,
		     const struct dr_sample *sample, struct dr_active *active);
bool dr_probe_draw(struct dr_probe *probe, struct dr_sample *sample, u16 page);

#endif /* _DR_ESTIMATE_H */
