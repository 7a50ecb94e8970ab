/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_PROGRESS_H
#define _DR_PROGRESS_H

#include <linux/atomic.h>
#include <linux/list.h>

#include "stride.h"

/**
 * struct dr_scan - where the scanner is in a file
 * @node: in the list of files to scan
 * @walk: spans still to visit in this pass
 * @pass: number of the pass
 * @fresh_only: this pass looks at what is new and skips the rest
 * @fast: this pass has something new to look at
 * @everything: the next routine pass visits all pages, due or not
 * @thorough: this one does
 * @busy: a scanner works on the file right now
 * @begun: jiffies when the pass began
 * @visited: pages hashed in this pass
 * @gained: pages given back in this pass
 * @pause: jiffies between routine passes
 * @due: jiffies at which the next one starts
 * @fresh: pages that have come since the last pass began
 *
 * One in each file. All but @fresh is under the scanner's lock, or belongs to
 * the scanner that set @busy.
 */
struct dr_scan {
	struct list_head node;
	struct dr_stride walk;
	unsigned int pass;
	bool fresh_only;
	bool fast;
	bool everything;
	bool thorough;
	bool busy;
	unsigned long begun;
	unsigned long visited;
	unsigned long gained;
	unsigned long pause;
	unsigned long due;
	atomic_long_t fresh;
};

#endif /* _DR_PROGRESS_H */
