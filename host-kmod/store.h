/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_STORE_H
#define _DR_STORE_H

#include <linux/types.h>

#include "entry.h"

struct dr_fetch;
struct dr_gmem;
struct page;

/**
 * struct dr_fetch_ops - how a store brings bytes back without waiting
 * @room: bytes it wants to have at @fetch->store
 * @follows: are the bytes of @next those behind the bytes of @e, by @nr pages,
 *	so that one transfer brings both? @e itself is asked with 0: does it take
 *	a transfer at all?
 * @start: start to bring the bytes of all entries of @fetch to its pages, and
 *	see to it that dr_fetch_done() is called at the end, by another thread,
 *	with @fetch->err set for each
 *
 * Called with the entries locked; must not sleep for memory.
 */
struct dr_fetch_ops {
	size_t room;
	bool (*follows)(struct dr_entry e, struct dr_entry next,
			unsigned int nr);
	void (*start)(struct dr_fetch *fetch);
};

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
 * @keep: may the store keep the bytes when a reader has them back? NULL hook:
 *	never
 * @returns: what the note of the page is to say of its returns, this one included;
 *	NULL hook: none
 * @fetch: how to bring bytes back without waiting for them; see there. NULL:
 *	they never have to be waited for
 * @claim: lend the very page that stands for the entry, if the entry is its
 *	only user, and let nobody else become one. Waits for no lock. Return
 *	the page or NULL. NULL hook: never.
 * @claimed: end a claim. @taken: the page is isolated and belongs to the entry
 *	from now on, which takes another value without @drop; otherwise
 *	everything is as before. Waits for no lock.
 *
 * Contract C2. One const instance for each type in enum dr_type but those of
 * the file's own pages, DR_PRIVATE and DR_CLEAN; the fault path looks it up by
 * type, so that copy-on-write and swap-in are the same code. All hooks are
 * called with the entry locked, from process context, and must not touch page
 * tables or other entries.
 */
struct dr_store_ops {
	const char *name;
	struct page *(*peek)(struct dr_gmem *gm, struct dr_entry e);
	int (*load)(struct dr_gmem *gm, struct dr_entry e, struct page *dst);
	void (*drop)(struct dr_gmem *gm, struct dr_entry e);
	bool (*keep)(struct dr_entry e);
	unsigned int (*returns)(struct dr_entry e);
	const struct dr_fetch_ops *fetch;
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
