/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_FETCH_H
#define _DR_FETCH_H

#include "entry.h"
#include "gmem.h"
#include "resolve.h"

/* Entries brought back at a time, at most. */
#define DR_FETCH_MAX	16

/* Among so many pages behind the first, and as far from where the last ended. */
#define DR_FETCH_REACH	64

/**
 * struct dr_fetch - entries on their way back
 * @gm: the file; pinned
 * @index: page offset of the first
 * @nr: how many
 * @word: the first one's word
 * @at: how far behind the first each is, in pages and so in words; ascending
 * @entry: what they are; their words are locked
 * @page: where the bytes go
 * @err: out, by the store: 0, or why the bytes of one are not there
 * @start: when it began, in ns
 * @asked: whoever needs the first could not wait
 * @here: the read may be started by who needs it, who waits for it anyway
 * @store: room for the store's own use
 *
 * Made by a fault for the entry it needs and for those behind it that may be
 * needed next; ended by dr_fetch_done() in another thread.
 */
struct dr_fetch {
	struct dr_gmem *gm;
	pgoff_t index;
	unsigned int nr;
	unsigned long *word;
	u8 at[DR_FETCH_MAX];
	struct dr_entry entry[DR_FETCH_MAX];
	struct page *page[DR_FETCH_MAX];
	int err[DR_FETCH_MAX];
	u64 start;
	bool asked;
	bool here;
	u8 store[] __aligned(8);
};

bool dr_fetch_begin(struct dr_resolve *r, struct dr_span *span,
		    unsigned long *word);
void dr_fetch_done(struct dr_fetch *fetch);

#endif /* _DR_FETCH_H */
