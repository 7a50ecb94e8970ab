/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_STORE_H
#define _DR_STORE_H

#include <linux/types.h>

#include "entry.h"

struct dr_gmem;
struct page;

/**
 * struct dr_store_ops - where the bytes of an entry that is not private live
 * @name: for messages and debugfs
 * @peek: return a page that holds the bytes and may be mapped read-only in
 *	the place of the entry (a stand-in), or NULL when there is none. The
 *	page stays valid while the entry is locked and unchanged, and it is
 *	the same one each time. Must not sleep. NULL hook: never.
 * @load: write the bytes to @dst, which comes filled with zeros and is seen
 *	by nobody else. Called for write faults, and for reads that @peek did
 *	not serve. May sleep. Return 0, -ENOMEM to be called again by the next
 *	fault, or -EIO when the bytes are lost: that fault gets SIGBUS and the
 *	entry stays as it is.
 * @drop: the entry has just taken another value: let go of the bytes. Must
 *	not fail, may sleep. NULL hook: nothing to let go of.
 * @claim: lend the very page that stands for the entry, if the entry is its
 *	only user, and let nobody else become one. Waits for no lock. Return
 *	the page or NULL. NULL hook: never.
 * @claimed: end a claim. @taken: the page is isolated and belongs to the entry
 *	from now on, which takes another value without @drop; otherwise
 *	everything is as before. Waits for no lock.
 *
 * Contract C2. One const instance for each type in enum dr_type but
 * DR_PRIVATE; the fault path looks it up by type, so that copy-on-write and
 * swap-in are the same code. All hooks are called with the entry locked, from
 * process context, and must not touch page tables or other entries.
 */
struct dr_store_ops {
	const char *name;
	struct page *(*peek)(struct dr_gmem *gm, struct dr_entry e);
	int (*load)(struct dr_gmem *gm, struct dr_entry e, struct page *dst);
	void (*drop)(struct dr_gmem *gm, struct dr_entry e);
	struct page *(*claim)(struct dr_gmem *gm, struct dr_entry e);
	void (*claimed)(struct page *page, bool taken);
};

const struct dr_store_ops *dr_store_of(struct dr_entry e);
bool dr_store_claim(struct dr_gmem *gm, unsigned long *word, pgoff_t index,
		    const struct page *held);
void dr_stand_in_unmap(struct dr_gmem *gm, struct page *page, pgoff_t index,
		       unsigned long nr);
void dr_store_leave(struct dr_gmem *gm, struct dr_entry e, pgoff_t index);

#endif /* _DR_STORE_H */
