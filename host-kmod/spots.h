/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_SPOTS_H
#define _DR_SPOTS_H

#include <linux/bitmap.h>
#include <linux/types.h>

#include "estimate.h"

struct dr_gmem;
struct dr_guest;
struct dr_span;

/* Most of a guest in a period; the interval that is wanted takes fewer. */
#define DR_SPOTS_MOST		512

/**
 * enum dr_spot_kind - what was unmapped
 * @DR_SPOT_PAGE: a page of a table
 * @DR_SPOT_PIECE: a page of a block that is mapped page by page for good
 * @DR_SPOT_BLOCK: a block, as a whole
 * @DR_SPOT_LOOK: a block, which is mapped page by page for the period
 */
enum dr_spot_kind {
	DR_SPOT_PAGE,
	DR_SPOT_PIECE,
	DR_SPOT_BLOCK,
	DR_SPOT_LOOK,
};

/**
 * struct dr_spot - a page or a block that was picked in the running period
 * @index: page offset of the page picked
 * @file: number of the file
 * @next: number of the next spot in the same span, as in dr_span.probed
 * @weight: how often it was picked: a block may be by several of its pages
 * @kind: what was unmapped
 * @look: which look it is, of a block that is looked into
 * @seen: somebody has come back to it
 * @whole: a block is mapped as a whole at the end: a look into it has seen nothing
 *
 * Refers to a file that may go at any time, by a number that another file may
 * get then: what is found by it counts only if the file is of the same guest
 * and its span is being probed.
 */
struct dr_spot {
	u64 index;
	u32 file;
	u16 next;
	u16 weight;
	u8 kind;
	u8 look;
	bool seen;
	bool whole;
};

/**
 * struct dr_look - what was touched of a block that is looked into
 * @touched: its pages
 */
struct dr_look {
	DECLARE_BITMAP(touched, DR_BLOCK_PAGES);
};

/**
 * struct dr_spots - all that was picked in a period; one a guest
 * @spot: the spots
 * @look: of the blocks that are looked into
 */
struct dr_spots {
	struct dr_spot spot[DR_SPOTS_MOST];
	struct dr_look look[DR_LOOKS_MOST];
};

void dr_spots_pick(struct dr_guest *guest, u64 resident, u32 want);
void dr_spots_collect(struct dr_guest *guest);
void dr_spots_drop(struct dr_guest *guest);

/* For the fault handler. */
void dr_spots_touch(struct dr_gmem *gm, struct dr_span *span, pgoff_t index);

#endif /* _DR_SPOTS_H */
