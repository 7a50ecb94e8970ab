/* SPDX-License-Identifier: GPL-2.0-only */
/* All that host-kmod sees of content-based sharing. */
#ifndef _DR_DEDUP_H
#define _DR_DEDUP_H

#include "span.h"
#include "store.h"
#include "trim.h"

/**
 * enum dr_share_knob - what an administrator may turn
 * @DR_KNOB_ENABLED: 0 or 1: the scanners run
 * @DR_KNOB_BUDGET: percent of a CPU that a scanner may use
 * @DR_KNOB_BUDGET_FAST: the same while there is something new, or pressure
 * @DR_KNOB_INTERVAL: seconds between routine passes that find something
 * @DR_KNOB_RATE_MAX: pages a second that a scanner may hash; 0: as many as its
 *	budget allows
 * @DR_KNOB_BLOCK_GAIN: percent of a block that must be saved to break it up
 *	while the host is not short of memory
 * @DR_NR_KNOBS: how many there are
 */
enum dr_share_knob {
	DR_KNOB_ENABLED,
	DR_KNOB_BUDGET,
	DR_KNOB_BUDGET_FAST,
	DR_KNOB_INTERVAL,
	DR_KNOB_RATE_MAX,
	DR_KNOB_BLOCK_GAIN,
	DR_NR_KNOBS,
};

extern const struct dr_store_ops dr_share_store;
extern const struct dr_pass_ops dr_zero_pass;

int dr_dedup_init(void);
void dr_dedup_exit(void);

void dr_scan_add(struct dr_gmem *gm);
void dr_scan_remove(struct dr_gmem *gm);

unsigned int dr_knob(enum dr_share_knob knob);
int dr_knob_set(enum dr_share_knob knob, unsigned int value);

void dr_dedup_fill(struct dr_share_status *s);
int dr_guest_unshare(struct dr_guest *guest);
void dr_guest_rescan(const struct dr_guest *guest);
int dr_guest_shares(struct dr_guest *guest, struct dr_guest_shares *shares);
u64 dr_shares_saved(u64 shared);

struct page *dr_dedup_match(struct dr_gmem *gm, pgoff_t index,
			    struct page *page, u16 *note);
void dr_dedup_unmatch(struct page *share);
bool dr_share_sole(struct dr_entry e);

void dr_scan_note_fresh(struct dr_gmem *gm, struct dr_span *span, long nr);

#endif /* _DR_DEDUP_H */
