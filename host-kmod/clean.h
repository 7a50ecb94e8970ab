/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_CLEAN_H
#define _DR_CLEAN_H

#include "entry.h"
#include "gmem.h"

struct dr_entry dr_clean_make(struct page *page, struct dr_entry from,
			      u16 note);
struct dr_entry dr_clean_from(struct dr_entry e);
void dr_clean_fail(struct dr_gmem *gm, unsigned long *word);
void dr_clean_end(struct dr_gmem *gm, unsigned long *word);

#endif /* _DR_CLEAN_H */
