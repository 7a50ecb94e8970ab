/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_WSS_H
#define _DR_WSS_H

#include <linux/spinlock.h>

#include "estimate.h"
#include "spots.h"

/* Length of a period of sampling, in milliseconds. */
#define DR_WSS_PERIOD_MIN	1000
#define DR_WSS_PERIOD_MAX	60000
#define DR_WSS_PERIOD_DEFAULT	10000

/**
 * struct dr_wss - what is known of the working set of a guest; one a guest
 * @lock: guards what follows, and dr_span.probed of all spans of the guest
 * @estimate: what whole periods have told
 * @sample: what the running period has counted so far
 * @spots: what it has picked: made when the first period begins
 * @nr_spots: how many spots there are
 * @nr_looks: how many of the blocks are looked into
 * @odds: chance of a block to be, in 1/%DR_ESTIMATE_ONE; the sampler's alone, as
 * @round: in a round no block is looked into twice; 1 to 65535, and
 * @looked: blocks that were in this one, and
 * @used: of those the ones in use
 * @running: a period is running, and all of it is picked
 * @begun: pages that were resident when the running period began
 * @whole: the same for the last period that is over
 *
 * Only the sampler adds spots and takes them away, and it does so under
 * @lock; so it may read those without.
 */
struct dr_wss {
	spinlock_t lock;	/* what follows, and span->probed */
	struct dr_estimate estimate;
	struct dr_sample sample;
	struct dr_spots *spots;
	unsigned int nr_spots;
	unsigned int nr_looks;
	u32 odds;
	u16 round;
	u32 looked;
	u32 used;
	bool running;
	u64 begun;
	u64 whole;
};

void dr_wss_init_guest(struct dr_guest *guest);
void dr_wss_free_guest(struct dr_guest *guest);

void dr_wss_now(struct dr_guest *guest, struct dr_active *active);
u64 dr_wss_fresh(struct dr_guest *guest);
void dr_wss_size(struct dr_guest *guest, u32 *samples, u32 *periods);

bool dr_wss_enabled(void);
int dr_wss_enable(bool enable);
unsigned int dr_wss_period(void);
int dr_wss_set_period(unsigned int ms);

int dr_wss_init(void);
void dr_wss_exit(void);

#endif /* _DR_WSS_H */
