/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the pager share. */
#ifndef _DR_OUT_H
#define _DR_OUT_H

#include "age.h"
#include "gmem.h"

/**
 * enum dr_haste - how badly memory is wanted
 * @DR_HASTE_COLD: take what nobody has touched for a while
 * @DR_HASTE_BREAK: break up blocks too, to tell their cold pages from others
 * @DR_HASTE_ANY: take anything, by chance
 */
enum dr_haste {
	DR_HASTE_COLD,
	DR_HASTE_BREAK,
	DR_HASTE_ANY,
};

/**
 * struct dr_walk - a walk over a guest that pages out
 * @haste: see there
 * @want: pages to gain
 * @breaks: blocks to break up first, whether in use or not
 * @chance: take pages by chance, but none that has just come back
 * @gained: pages gained so far
 * @stiff: pages that did not get smaller, and had no other place to go
 * @parking: what says that the guest is to be parked, if that is what it is for:
 *	it ends when that does; or NULL
 * @err: why it cannot go on: -ENOSPC, or -ENOMEM; 0 when it can
 */
struct dr_walk {
	enum dr_haste haste;
	unsigned long want;
	unsigned int breaks;
	bool chance;
	unsigned long gained;
	unsigned long stiff;
	const bool *parking;
	int err;
};

/* There may be room again. */
void dr_pager_note_room(void);

int dr_page_out(struct dr_gmem *gm, pgoff_t index);
void dr_walk_guest(struct dr_guest *guest, struct dr_walk *w);

#endif /* _DR_OUT_H */
