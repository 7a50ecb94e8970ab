/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_POOL_H
#define _DR_POOL_H

#include <linux/types.h>

struct dr_gmem;
struct dr_swap_status;
struct page;

int dr_pool_init(void);
void dr_pool_exit(void);

int dr_pool_store(struct dr_gmem *gm, struct page *page, unsigned int returns,
		  unsigned long *id);
bool dr_pool_fits(struct page *page);
int dr_pool_load(unsigned long id, struct page *dst);
void dr_pool_free(struct dr_gmem *gm, unsigned long id);

unsigned int dr_pool_age(unsigned long id);
unsigned int dr_pool_returns(unsigned long id);
unsigned int dr_pool_cutoff(unsigned long want);
bool dr_pool_is_filling(void);

u64 dr_pool_limit(void);
u64 dr_pool_memory(void);
u64 dr_pool_room(void);
void dr_pool_set_limit(u64 bytes);
void dr_pool_fill(struct dr_swap_status *s);

#endif /* _DR_POOL_H */
