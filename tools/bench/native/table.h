/* SPDX-License-Identifier: GPL-2.0-only */
/* The content index as ksm-dedup/table.c builds it, in user space. */
#ifndef NATIVE_TABLE_H
#define NATIVE_TABLE_H

#include "index.h"

/* In the kernel a stripe stands for 16 MiB of the host's RAM. */
#define TABLE_STRIPE_PAGES	4096

struct table_stripe {
	bool locked;
	struct dr_stripe stripe;
} __attribute__((aligned(64)));

struct table {
	struct table_stripe *stripes;
	u32 nr_stripes;
	u32 max_buckets;
};

void table_init(struct table *t, u64 pages, u64 target);
void table_exit(struct table *t);
bool table_find(struct table *t, u64 key, struct dr_item *item);
void table_put(struct table *t, u64 key, struct dr_item item);
bool table_remove(struct table *t, u64 key, struct dr_item item);
u64 table_bytes(const struct table *t);
u64 table_held(const struct table *t);
struct dr_bucket *buckets_new(u32 nr);

#endif /* NATIVE_TABLE_H */
