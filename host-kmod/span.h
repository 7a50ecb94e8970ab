/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_SPAN_H
#define _DR_SPAN_H

#include <linux/rwsem.h>
#include <linux/wait_bit.h>

#include "denseram.h"
#include "entry.h"

/**
 * struct dr_gain - what breaking up a block would save, in pages
 * @zero: pages of zeros
 * @same: pages that others have too, an estimate
 */
struct dr_gain {
	u16 zero;
	u16 same;
};

/**
 * struct dr_span - 2 MiB of a RAM file
 * @sem: read: @block and @table stay as they are; write: change them. Never
 *	waited for while an entry lock is held, so that whoever holds it may
 *	wait for entries
 * @block: order-9 folio behind the whole range, or NULL
 * @table: %DR_SPAN_PAGES words, or NULL. Never together with @block; neither:
 *	all pages are absent
 * @probed: number of the last spot that was picked in it, 0 for none; under the
 *	guest's dr_wss.lock
 * @peeked: the file's zero page has been mapped somewhere in the range while
 *	it was empty
 * @looked: the guest's dr_wss.round in which @block was last looked into, 0 for none;
 *	the sampler's alone, as
 * @touched: what dr_sample_look() said of that look, 0 for none
 * @holes_seen: number of @holes at the last visit, for hollow.c alone
 * @fresh: it has pages that the scanner has not seen; cleared by the scanner
 * @start: page offset of the first page
 * @seen: what breaking up @block would have saved, if that had paid, at
 * @sampled: that time in jiffies. The scanner's alone
 * @aged: when its pages were last unmapped to see which come back, in jiffies;
 *	0 for never. For age.c, and for spots.c, which has it begin anew
 * @holes: pages of @block that were punched: zeroed, not given back yet. A
 *	hint: a guest writes there again without a fault
 * @gone: pages of @block whose memory had failed by the time they were punched:
 *	no byte is lost with them
 *
 * Created by the first touch of the range, freed with the file.
 */
struct dr_span {
	struct rw_semaphore sem;
	struct folio *block;
	unsigned long *table;
	u16 probed;
	bool peeked;
	bool fresh;
	u16 looked;
	u16 touched;
	u16 holes_seen;
	pgoff_t start;
	struct dr_gain seen;
	unsigned long sampled;
	unsigned long aged;
	DECLARE_BITMAP(holes, DR_SPAN_PAGES);
	DECLARE_BITMAP(gone, DR_SPAN_PAGES);
};

struct dr_span *dr_span_find(struct dr_gmem *gm, pgoff_t index);
struct dr_span *dr_span_create(struct dr_gmem *gm, pgoff_t index);
int dr_span_add_table(struct dr_gmem *gm, struct dr_span *span);
void dr_span_drop_table(struct dr_gmem *gm, struct dr_span *span);
void dr_span_destroy(struct dr_gmem *gm, struct dr_span *span);

static inline bool dr_span_empty(const struct dr_span *span)
{
	return !span->block && !span->table;
}

static inline unsigned long *dr_span_word(struct dr_span *span, pgoff_t index)
{
	return &span->table[index & DR_SPAN_MASK];
}

static inline struct dr_entry dr_word_read(const unsigned long *word)
{
	return dr_entry_of(READ_ONCE(*word));
}

static inline bool dr_word_trylock(unsigned long *word)
{
	return !test_and_set_bit_lock(DR_ENTRY_LOCK_BIT, word);
}

/* Hold the span's sem: it keeps the table. */
static inline void dr_word_lock(unsigned long *word)
{
	wait_on_bit_lock(word, DR_ENTRY_LOCK_BIT, TASK_UNINTERRUPTIBLE);
}

static inline void dr_word_unlock(unsigned long *word)
{
	WARN_ON_ONCE(!(READ_ONCE(*word) & DR_ENTRY_LOCK));
	clear_and_wake_up_bit(DR_ENTRY_LOCK_BIT, word);
}

#endif /* _DR_SPAN_H */
