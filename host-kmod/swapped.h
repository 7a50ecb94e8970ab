/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_SWAPPED_H
#define _DR_SWAPPED_H

#include "entry.h"
#include "gmem.h"

/**
 * struct dr_hold - one swapped entry in the hands of the pager
 * @gm: the file
 * @index: page offset
 * @entry: its value; what is behind that stays until the end of the hold
 * @word: the locked word; for swapped.c alone
 *
 * What a grab is for private pages. Ends with dr_swapped_release().
 */
struct dr_hold {
	struct dr_gmem *gm;
	pgoff_t index;
	struct dr_entry entry;
	unsigned long *word;
};

int dr_swapped_hold(struct dr_gmem *gm, pgoff_t index, struct dr_hold *hold);
void dr_swapped_release(struct dr_hold *hold, struct dr_entry e);
bool dr_swapped_restore(struct dr_gmem *gm, pgoff_t index, struct dr_entry e,
			struct page **page);

#endif /* _DR_SWAPPED_H */
