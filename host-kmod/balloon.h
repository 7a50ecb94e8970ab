/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_BALLOON_H
#define _DR_BALLOON_H

#include <linux/spinlock.h>

#include "denseram.h"
#include "follow.h"

/**
 * struct dr_balloon - the host's half of a guest's balloon
 * @lock: guards all below; innermost, no other lock is taken under it
 * @follow: what is wanted, and how the guest follows
 * @by_hand: what is wanted was set by an administrator, and the policy leaves
 *	it alone
 * @left_over: something was asked for by hand, and then it was left to the policy,
 *	which has not asked for anything since
 * @features: DR_BALLOON_*, as reported
 * @nr_asked: how often a size was asked for
 * @stats: what the guest tells of its memory, by enum dr_balloon_stat
 * @stats_at: when that was reported, in nanoseconds; 0 for never
 *
 * Part of struct dr_guest.
 */
struct dr_balloon {
	spinlock_t lock;	/* all below */
	struct dr_follow follow;
	bool by_hand;
	bool left_over;
	u32 features;
	u32 nr_asked;
	u64 stats[DR_NR_BALLOON_STATS];
	u64 stats_at;
};

extern const char *const dr_balloon_state_names[DR_NR_BALLOON_STATES];
extern const char *const dr_balloon_stat_names[DR_NR_BALLOON_STATS];

void dr_balloon_init(struct dr_balloon *balloon);
int dr_balloon_ask(struct dr_guest *guest, u64 wanted);
void dr_balloon_steer(struct dr_guest *guest, u64 wanted);
bool dr_balloon_by_hand(struct dr_guest *guest);
int dr_balloon_report(struct dr_guest *guest,
		      const struct dr_balloon_report *report);
bool dr_balloon_left_over(struct dr_guest *guest);
void dr_balloon_fill(struct dr_guest *guest, struct dr_balloon_info *info);

#endif /* _DR_BALLOON_H */
