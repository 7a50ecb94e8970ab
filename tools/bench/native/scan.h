/* SPDX-License-Identifier: GPL-2.0-only */
/* What the scanner does with each page, less locks on the page and faults. */
#ifndef NATIVE_SCAN_H
#define NATIVE_SCAN_H

#include "pages.h"
#include "table.h"

enum scan_step {
	SCAN_ZERO,
	SCAN_HASH,
	SCAN_FIND,
	SCAN_COMPARE,
	SCAN_PUT,
	SCAN_NR_STEPS,
};

/**
 * struct scan - one scan of all pages
 * @merged: pages that are like another, all bytes compared
 * @unlike: pages with the hash of another but not its content
 * @zero: pages of zeros
 * @ticks: of the time stamp counter, by step; scan_split() only
 */
struct scan {
	u32 merged;
	u32 unlike;
	u32 zero;
	u64 ticks[SCAN_NR_STEPS];
};

void scan_whole(struct scan *s, const struct pages *p, struct table *t,
		u64 seed);
void scan_split(struct scan *s, const struct pages *p, struct table *t,
		u64 seed);

#endif /* NATIVE_SCAN_H */
