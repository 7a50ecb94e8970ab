/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/* Part of <linux/denseram.h>: the policy, who may have how much. */
#ifndef _UAPI_LINUX_DENSERAM_POLICY_H
#define _UAPI_LINUX_DENSERAM_POLICY_H

#include <linux/types.h>

/**
 * struct dr_policy_status - DR_IOC_POLICY_STATUS, the last run of the policy
 * @flags: in: must be 0
 * @enabled: 0: it decides, but asks no guest for memory before the host is at
 *	level hard by what is free
 * @level: enum dr_level
 * @tax: on idle memory, in percent
 * @nr_guests: guests it knew
 * @strained: 1: allocations of the host stall, and @level is one worse for that than
 *	by what is free
 * @runs: how many there were
 * @run_ns: what the last one took
 * @run_ns_max: the longest so far
 * @total: memory of the host
 * @free: of it, what could be had without hurting anybody
 * @pool: what the guests may have together
 * @granted: sum of their targets
 * @missing: what guarantees exceed @pool by
 * @wanted: what had to be freed
 * @taken: what guests were told to give
 * @held: guests whose target stayed as it was, though a bit off
 * @changed: guests that got another target
 * @stalled: allocations of the host that had to reclaim memory for themselves,
 *	since the module was loaded
 * @stalls: of them, a second, a decaying average in thousandths
 * @stall_limit: a second, above which @level is made one worse; 0 for never
 */
struct dr_policy_status {
	__u32 flags;
	__u32 enabled;
	__u32 level;
	__u32 tax;
	__u32 nr_guests;
	__u32 strained;
	__u64 runs;
	__u64 run_ns;
	__u64 run_ns_max;
	__u64 total;
	__u64 free;
	__u64 pool;
	__u64 granted;
	__u64 missing;
	__u64 wanted;
	__u64 taken;
	__u64 held;
	__u64 changed;
	__u64 stalled;
	__u64 stalls;
	__u64 stall_limit;
};

/* Numbers that a run knows of a guest, and numbers it decides. */
#define DR_POLICY_NR_IN		17
#define DR_POLICY_NR_OUT	9

/**
 * struct dr_policy_numbers - a guest in a run
 * @in: what was known, in the order of struct dr_policy_in
 * @out: what was decided, in the order of struct dr_policy_out
 *
 * The order is that of records of this release ("denseram record").
 */
struct dr_policy_numbers {
	__u64 in[DR_POLICY_NR_IN];
	__u64 out[DR_POLICY_NR_OUT];
};

/**
 * struct dr_policy_run - DR_IOC_POLICY_RUN, the last run with all numbers
 * @flags: in: must be 0
 * @count: in: room at @guests in entries; out: guests in the run, of which no
 *	more than the room were written
 * @run: in: number of a run; out: number of the last run. If that is the same
 *	nothing else is written
 * @time: when it was, in nanoseconds of CLOCK_MONOTONIC
 * @host: the numbers of struct dr_policy_host
 * @result: the numbers of struct dr_policy_result
 * @guests: in: address of an array of struct dr_policy_numbers
 */
struct dr_policy_run {
	__u32 flags;
	__u32 count;
	__u64 run;
	__u64 time;
	__u64 host[9];
	__u64 result[7];
	__u64 guests;
};

#define DR_IOC_POLICY_STATUS	_IOWR(DR_IOC_MAGIC, 48, struct dr_policy_status)
#define DR_IOC_POLICY_RUN	_IOWR(DR_IOC_MAGIC, 49, struct dr_policy_run)

#endif /* _UAPI_LINUX_DENSERAM_POLICY_H */
