/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the scanner share. */
#ifndef _DR_SCAN_H
#define _DR_SCAN_H

#include "domain.h"
#include "gmem.h"

/**
 * struct dr_visit - what one visit of a span does and finds
 * @gm: the file
 * @domain: trust domain of its guest
 * @pass: number of the pass
 * @age_max: treat older pages as if they were this old
 * @unseen_only: visit pages that were never visited
 * @zero_rest: so long a block must have had as many zeros to be broken up for
 *	them, in jiffies
 * @block_gain: pages that must be saved to break up a block
 * @collapse: memory is plentiful: make blocks of what is private for good
 * @visited: pages hashed
 * @gained: pages given back
 * @again: something was put off: look again soon
 */
struct dr_visit {
	struct dr_gmem *gm;
	struct dr_domain domain;
	unsigned int pass;
	unsigned int age_max;
	bool unseen_only;
	unsigned long zero_rest;
	unsigned int block_gain;
	bool collapse;
	unsigned long visited;
	unsigned long gained;
	bool again;
};

void dr_visit_span(struct dr_visit *v, struct dr_span *span);
struct dr_gain dr_sample_block(struct dr_visit *v, struct dr_span *span,
			       struct folio *block);

int dr_scan_init(void);
void dr_scan_exit(void);
void dr_scan_wake(void);
void dr_scan_settle(void);
void dr_scan_restart(const struct dr_guest *guest);
void dr_scan_fill(struct dr_share_status *s);

bool dr_scan_wanted(const struct dr_gmem *gm);
u64 dr_scan_hash(struct page *page);

#endif /* _DR_SCAN_H */
