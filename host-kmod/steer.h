/* SPDX-License-Identifier: GPL-2.0-only */
/* The policy at work: what it keeps for a guest, and its loop. */
#ifndef _DR_STEER_H
#define _DR_STEER_H

#include <linux/mutex.h>

#include "explain.h"
#include "policy.h"

struct dr_guest;
struct dr_policy_numbers;
struct dr_policy_run;
struct dr_policy_status;

/**
 * struct dr_stalls - does a guest wait for memory of its own?
 * @allocs: allocations that stalled, when it was last asked
 * @swapped: pages it had swapped out
 * @runs: runs in a row in which it said so; negative while it is not believed
 */
struct dr_stalls {
	u64 allocs;
	u64 swapped;
	int runs;
};

/**
 * struct dr_steer - what the policy keeps for a guest
 * @lock: guards @host, @last and @history; nothing is taken under it
 * @host: the host as the last run had it
 * @last: what that run knew of the guest, and decided
 * @history: the last decisions
 * @swapped_in: pages it had brought back at the last run
 * @held: faults of it that had waited then
 * @stalls: see there
 *
 * Part of struct dr_guest. Written by the policy's thread alone, the last three
 * without a lock.
 */
struct dr_steer {
	struct mutex lock;	/* @host, @last, @history */
	struct dr_policy_host host;
	struct dr_policy_guest last;
	struct dr_history history;
	u64 swapped_in;
	u64 held;
	struct dr_stalls stalls;
};

/**
 * struct dr_view - a guest in a run
 * @guest: with a reference
 * @absent: bytes of it that are nowhere: in its balloon, or never used
 * @kept: bytes of it that are shared or paged out
 * @wanted: what is asked of its balloon; %DR_BALLOON_UNASKED for nothing
 * @largest: bytes its balloon may be asked for
 * @balloon: the policy may ask it for memory
 */
struct dr_view {
	struct dr_guest *guest;
	u64 absent;
	u64 kept;
	u64 wanted;
	u64 largest;
	bool balloon;
};

/*
 * The two ends of a run: look at a guest, and do what was decided; or leave it
 * out.
 */
void dr_view_fill(struct dr_view *view, struct dr_policy_in *in,
		  u64 swap_room);
void dr_view_apply(const struct dr_view *view,
		   const struct dr_policy_host *host,
		   const struct dr_policy_guest *p, bool advice);
void dr_view_leave(struct dr_guest *guest);

void dr_steer_init_guest(struct dr_steer *steer);
int dr_steer_explain(struct dr_guest *guest, char *text, size_t len);

int dr_steer_init(void);
void dr_steer_exit(void);
void dr_steer_wake(void);

/* Knobs, and figures. */
unsigned int dr_steer_tax(void);
int dr_steer_set_tax(unsigned int percent);
int dr_steer_set_stall_limit(unsigned int limit);
void dr_steer_set_enabled(bool enabled);
void dr_steer_fill(struct dr_policy_status *s);
int dr_steer_copy(struct dr_policy_run *run, struct dr_policy_numbers *to);
u64 dr_steer_target(struct dr_guest *guest);

#endif /* _DR_STEER_H */
