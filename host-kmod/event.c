// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters: one set a guest, which outlives it in a sum. What each counts is
 * said once, at enum dr_event.
 */
#include "event.h"

const char *const dr_event_names[DR_NR_EVENTS] = {
	[DR_EV_FAULT]		= "fault",
	[DR_EV_FAULT_BLOCK]	= "fault_block",
	[DR_EV_FAULT_ZERO]	= "fault_zero",
	[DR_EV_FAULT_LOAD]	= "fault_load",
	[DR_EV_FAULT_SIGBUS]	= "fault_sigbus",
	[DR_EV_FAULT_OOM]	= "fault_oom",
	[DR_EV_MKWRITE]		= "mkwrite",
	[DR_EV_COW]		= "cow",
	[DR_EV_BLOCK_ALLOC]	= "block_alloc",
	[DR_EV_BLOCK_FALLBACK]	= "block_fallback",
	[DR_EV_BLOCK_EVACUATE]	= "block_evacuate",
	[DR_EV_BLOCK_BUSY]	= "block_busy",
	[DR_EV_PAGE_ALLOC]	= "page_alloc",
	[DR_EV_PUNCH]		= "punch",
	[DR_EV_GRAB]		= "grab",
	[DR_EV_GRAB_BUSY]	= "grab_busy",
	[DR_EV_TRIM_ZERO]	= "trim_zero",
	[DR_EV_TRIM_SAME]	= "trim_same",
	[DR_EV_SCAN]		= "scan",
	[DR_EV_SCAN_ZERO]	= "scan_zero",
	[DR_EV_SCAN_VOLATILE]	= "scan_volatile",
	[DR_EV_SCAN_BLOCK]	= "scan_block",
	[DR_EV_SHARE_MERGE]	= "share_merge",
	[DR_EV_SHARE_BREAK]	= "share_break",
	[DR_EV_SHARE_CLAIM]	= "share_claim",
	[DR_EV_SHARE_CHANGED]	= "share_changed",
	[DR_EV_SHARE_BUSY]	= "share_busy",
	[DR_EV_SHARE_DOMAIN]	= "share_domain",
	[DR_EV_BLOCK_RESERVE]	= "block_reserve",
	[DR_EV_BLOCK_COLLAPSE]	= "block_collapse",
	[DR_EV_FAULT_SOFT]	= "fault_soft",
	[DR_EV_FAULT_HELD]	= "fault_held",
	[DR_EV_SWAP_OUT]	= "swap_out",
	[DR_EV_SWAP_IN]		= "swap_in",
	[DR_EV_SWAP_ZERO]	= "swap_zero",
	[DR_EV_SWAP_SAME]	= "swap_same",
	[DR_EV_SWAP_POOL]	= "swap_pool",
	[DR_EV_SWAP_STIFF]	= "swap_stiff",
	[DR_EV_SWAP_FULL]	= "swap_full",
	[DR_EV_SWAP_DISK]	= "swap_disk",
	[DR_EV_SWAP_BACK]	= "swap_back",
	[DR_EV_FAULT_MAJOR]	= "fault_major",
	[DR_EV_SWAP_ERROR]	= "swap_error",
	[DR_EV_SWAP_DAMAGED]	= "swap_damaged",
	[DR_EV_FAULT_ASYNC]	= "fault_async",
	[DR_EV_SWAP_CLEAN]	= "swap_clean",
	[DR_EV_SWAP_AHEAD]	= "swap_ahead",
	[DR_EV_SWAP_AHEAD_HIT]	= "swap_ahead_hit",
};

static_assert(DR_NR_EVENTS <= DR_MAX_EVENTS, "the ioctls have room");

static struct dr_events retired;

/* Keep the counts of a guest that leaves the registry. */
void dr_events_retire(const struct dr_events *events)
{
	int i;

	for (i = 0; i < DR_NR_EVENTS; i++)
		atomic64_add(dr_events_read(events, i), &retired.nr[i]);
}

/* Add what guests that are gone have counted. */
void dr_events_retired(u64 sums[DR_NR_EVENTS])
{
	dr_events_add(&retired, sums);
}
