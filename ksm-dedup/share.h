/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_SHARE_H
#define _DR_SHARE_H

#include <linux/mm_types.h>

#include "domain.h"
#include "entry.h"
#include "index.h"

struct page *dr_share_make(struct page *page, u64 key, struct dr_domain domain,
			   long users);
bool dr_share_get(struct dr_item item);
void dr_share_put(struct page *page);
struct dr_domain dr_share_domain(const struct page *page);

/* Shared pages there are. */
long dr_shares_kept(void);

/* Entries that point to them, and passes that hold one. */
long dr_shares_users(void);

void dr_share_init(void);
void dr_share_exit(void);

#endif /* _DR_SHARE_H */
