/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_COLLAPSE_H
#define _DR_COLLAPSE_H

#include <linux/types.h>

#include "denseram.h"

/*
 * Absent pages that a new block may fill with zeros. An eighth: what a guest
 * gave back page by page is not taken up again as a whole, and a block that
 * is collapsed is far from being hollow.
 */
#define DR_COLLAPSE_ABSENT	(DR_SPAN_PAGES / 8)

int dr_block_collapse(struct dr_gmem *gm, struct dr_span *span,
		      unsigned int max_absent);
long dr_collapse_guest(struct dr_guest *guest, unsigned int max_absent,
		       bool (*ripe)(struct dr_span *span));

#endif /* _DR_COLLAPSE_H */
