/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_GRAB_H
#define _DR_GRAB_H

#include "entry.h"
#include "gmem.h"

/**
 * struct dr_grab - one private page in the hands of a pass
 * @gm: the file
 * @index: page offset
 * @page: the page: mapped nowhere, pinned by nobody, its count frozen at 0;
 *	read it through kmap_local_page()
 * @clean: a store has the same bytes; only after dr_gmem_grab_own()
 * @from: if so, the entry by which it has them
 * @word: the locked word; for grab.c alone
 *
 * Contract C1. Between dr_gmem_grab() and the one dr_gmem_commit(),
 * dr_gmem_give(), dr_gmem_take() or dr_gmem_putback() that ends it, faults on
 * the page wait, so be quick.
 */
struct dr_grab {
	struct dr_gmem *gm;
	pgoff_t index;
	struct page *page;
	bool clean;
	struct dr_entry from;
	unsigned long *word;
};

int dr_gmem_grab_own(struct dr_gmem *gm, pgoff_t index, struct dr_grab *grab);
int dr_gmem_grab(struct dr_gmem *gm, pgoff_t index, struct dr_grab *grab);
void dr_gmem_commit(struct dr_grab *grab, struct dr_entry e);
void dr_gmem_give(struct dr_grab *grab, struct dr_entry e);
struct page *dr_gmem_take(struct dr_grab *grab, struct dr_entry e);
void dr_gmem_putback(struct dr_grab *grab);
unsigned long *dr_gmem_lock_word(struct dr_gmem *gm, pgoff_t index);
struct page *dr_gmem_glance(struct dr_gmem *gm, pgoff_t index);
void dr_gmem_set_note(struct dr_gmem *gm, pgoff_t index,
		      const struct page *page, u16 note);
void dr_gmem_unmap(struct dr_gmem *gm, pgoff_t first, unsigned long nr);
bool dr_gmem_pick(struct dr_gmem *gm, pgoff_t index, unsigned int spare);

#endif /* _DR_GRAB_H */
