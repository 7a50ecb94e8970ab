/* SPDX-License-Identifier: GPL-2.0-only */
/* All that host-kmod sees of paging. */
#ifndef _DR_SWAP_H
#define _DR_SWAP_H

#include "store.h"
#include "trim.h"

extern const struct dr_store_ops dr_swap_store;
extern const struct dr_pass_ops dr_same_pass;

int dr_swap_init(void);
void dr_swap_exit(void);

/* Have the pager look at the limits of all guests. */
void dr_swap_wake(void);

/* There is nowhere to put a page just now. */
bool dr_swap_stuck(void);

/* A page on a disk comes so soon that a fault waits for it. */
bool dr_swap_waits(void);
u64 dr_swap_read_us(void);
unsigned int dr_swap_async_us(void);
int dr_swap_set_async_us(unsigned int us);

u64 dr_swap_room(void);
void dr_swap_fill(struct dr_swap_status *s);

/* Room in swap areas that a promise may be built on, in bytes. */
u64 dr_swap_space(void);

int dr_swap_area_add(struct dr_swap_add *add);
int dr_swap_area_rm(struct dr_swap_rm *rm);
bool dr_swap_area_nth(unsigned int n, struct dr_swap_area *area);

int dr_comp_select(const char *name);
const char *dr_comp_name(unsigned int comp);
void dr_pool_set_limit(u64 bytes);
u64 dr_pool_memory(void);

#endif /* _DR_SWAP_H */
