/* SPDX-License-Identifier: GPL-2.0-only */
/* What a guest, and a file of it, keeps for paging. */
#ifndef _DR_PAGING_H
#define _DR_PAGING_H

#include <linux/atomic.h>
#include <linux/denseram.h>
#include <linux/wait.h>

/**
 * struct dr_swapped - pages of a file by the tier that has their bytes
 * @same: pages that are one word over and over
 * @pool: pages in the compressed pool
 * @pool_bytes: their compressed bytes
 * @disk: pages in swap areas, or on their way there
 *
 * Written by the tiers in swapper/ when they take a page or let go of one;
 * the sum is the number of entries of type SWAPPED and CLEAN.
 */
struct dr_swapped {
	atomic_long_t same;
	atomic_long_t pool;
	atomic_long_t pool_bytes;
	atomic_long_t disk;
};

/**
 * struct dr_ahead - what tells how far to read ahead in a file
 * @next: page offset behind the last read
 * @window: pages it read
 * @hits: pages read ahead that were asked for since
 *
 * Guesses, without a lock.
 */
struct dr_ahead {
	unsigned long next;
	unsigned int window;
	atomic_t hits;
};

/**
 * enum dr_returns - does much of what is paged out of a guest come back?
 * @DR_RETURNS_LITTLE: no
 * @DR_RETURNS_POOL: yes, nearly all of it from memory
 * @DR_RETURNS_DISK: yes, from disks, too
 */
enum dr_returns {
	DR_RETURNS_LITTLE,
	DR_RETURNS_POOL,
	DR_RETURNS_DISK,
};

/**
 * struct dr_paged - pages of a guest that were moved
 * @out: paged out
 * @in: brought back since they were asked for
 * @disk: of these, from disks
 */
struct dr_paged {
	s64 out;
	s64 in;
	s64 disk;
};

/**
 * struct dr_paging - the state of paging of a guest
 * @limit: its limit in pages, 0 for none; a copy of the administrator's
 * @goal: pages it is to be paged out down to, for the policy; ULONG_MAX for
 *	none. Written by the policy's thread
 * @waits: the host is at level low, and it is to have no more: its faults for
 *	memory wait. Likewise
 * @parking: it is being paged out whole
 * @lowest: pages it held when it held the least since that began
 * @stale: looks in a row at which it held no less. The pager's alone
 * @tight_until: until then, in jiffies, it may not be above its limit by much:
 *	all of it is in use. Written by the pager
 * @held: it is so far above its limit that its faults wait
 * @wait: where they do
 * @waiting: how many do
 * @fruitless: walks over the guest in a row that gained nothing. The pager's
 *	alone
 * @seen: what had been paged out and had come back when it was last asked. The
 *	pager's
 * @returns: does much of it come back? The pager's
 * @latency: how long faults took that brought a page back, by powers of two
 *	of microseconds
 */
struct dr_paging {
	unsigned long limit;
	unsigned long goal;
	bool waits;
	bool parking;
	u64 lowest;
	unsigned int stale;
	unsigned long tight_until;
	bool held;
	wait_queue_head_t wait;
	atomic_t waiting;
	unsigned int fruitless;
	struct dr_paged seen;
	enum dr_returns returns;
	atomic64_t latency[DR_LATENCY_BUCKETS];
};

#endif /* _DR_PAGING_H */
