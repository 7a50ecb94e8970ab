/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_TRIM_H
#define _DR_TRIM_H

#include "grab.h"

/**
 * struct dr_pass_ops - a way to give back a page by what is in it
 * @flag: DR_TRIM_*, which asks for it
 * @event: what a success counts as
 * @fits: is this page worth a grab? The bytes may change while it looks
 * @take: decide on a grabbed page: end the grab by a commit and return 0, or
 *	by a putback and return -EAGAIN when the bytes have changed
 *
 * Instances are const and live in the folder of their mechanism; trim.c calls
 * them in its own thread and chooses the pages.
 */
struct dr_pass_ops {
	u32 flag;
	enum dr_event event;
	bool (*fits)(struct page *page);
	int (*take)(struct dr_grab *grab);
};

int dr_trim_guest(struct dr_guest *guest, struct dr_guest_trim *trim);

#endif /* _DR_TRIM_H */
