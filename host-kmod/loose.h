/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_LOOSE_H
#define _DR_LOOSE_H

#include <linux/mm_types.h>

struct dr_gmem;
struct dr_span;

/* The index of a loose block: beyond the end of any file. */
#define DR_LOOSE_INDEX	(ULONG_MAX / 2)

/* Is a block mapped page by page? Its span's sem is held, or its folio lock. */
static inline bool dr_loose(const struct folio *block)
{
	return READ_ONCE(block->index) == DR_LOOSE_INDEX;
}

bool dr_loose_begin(struct dr_gmem *gm, struct dr_span *span);
void dr_loose_end(struct dr_gmem *gm, struct dr_span *span);

#endif /* _DR_LOOSE_H */
