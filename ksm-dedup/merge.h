/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_MERGE_H
#define _DR_MERGE_H

#include "gmem.h"
#include "index.h"

bool dr_merge_find(struct dr_gmem *gm, pgoff_t index, u64 key,
		   struct dr_item *item);
int dr_merge(struct dr_gmem *gm, pgoff_t index, u64 key);

#endif /* _DR_MERGE_H */
