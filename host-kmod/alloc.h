/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_ALLOC_H
#define _DR_ALLOC_H

#include <linux/mm_types.h>

/**
 * struct dr_home - where memory of a guest belongs that moves within the host
 * @memcg: pays for it; with a reference, or NULL: nobody does
 * @node: its NUMA node
 */
struct dr_home {
	struct mem_cgroup *memcg;
	int node;
};

/**
 * struct dr_place - where fresh memory should come from
 * @home: where it belongs and who pays; NULL: the task does
 * @vma: mapping whose NUMA policy decides, or NULL for the task's
 * @addr: address in @vma
 * @compact: a block is worth direct compaction
 */
struct dr_place {
	const struct dr_home *home;
	struct vm_area_struct *vma;
	unsigned long addr;
	bool compact;
};

struct page *dr_alloc_page(const struct dr_place *place);
struct page *dr_alloc_page_nowait(const struct dr_place *place);
struct folio *dr_alloc_block(const struct dr_place *place);

struct dr_home dr_home_of(struct folio *folio);
void dr_home_put(struct dr_home *home);
struct page *dr_home_alloc_page(const struct dr_home *home);
struct folio *dr_home_alloc_block(const struct dr_home *home);
unsigned long *dr_home_alloc_table(const struct dr_home *home);

#endif /* _DR_ALLOC_H */
