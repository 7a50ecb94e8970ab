/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_BLOCK_H
#define _DR_BLOCK_H

#include "alloc.h"
#include "gmem.h"

int dr_block_add(struct dr_gmem *gm, struct dr_span *span,
		 const struct dr_place *place);
void dr_block_drop(struct dr_gmem *gm, struct dr_span *span);
void dr_block_put(struct folio *block);

#endif /* _DR_BLOCK_H */
