// SPDX-License-Identifier: GPL-2.0-only
#include "account.h"

#include <assert.h>
#include <stddef.h>

const struct dr_place_text dr_place_text[DR_NR_PLACES] = {
	[DR_PLACE_BLOCKS] = { "blocks", "2 MiB blocks", "data" },
	[DR_PLACE_HOLES] = { "holes", "holes in blocks",
			     "zeroed, still held" },
	[DR_PLACE_PAGES] = { "pages", "4 KiB pages", "data" },
	[DR_PLACE_SHARED] = { "shared", "shared pages",
			      "one page for many" },
	[DR_PLACE_SWAPPED] = { "swapped", "swapped",
			       "compressed or on disk" },
	[DR_PLACE_ABSENT] = { "absent", "absent",
			      "reads as zero, costs nothing" },
};

static const char *const event_names[] = {
	[DR_EV_FAULT] = "fault",
	[DR_EV_FAULT_BLOCK] = "fault_block",
	[DR_EV_FAULT_ZERO] = "fault_zero",
	[DR_EV_FAULT_LOAD] = "fault_load",
	[DR_EV_FAULT_SIGBUS] = "fault_sigbus",
	[DR_EV_FAULT_OOM] = "fault_oom",
	[DR_EV_MKWRITE] = "mkwrite",
	[DR_EV_COW] = "cow",
	[DR_EV_BLOCK_ALLOC] = "block_alloc",
	[DR_EV_BLOCK_FALLBACK] = "block_fallback",
	[DR_EV_BLOCK_EVACUATE] = "block_evacuate",
	[DR_EV_BLOCK_BUSY] = "block_busy",
	[DR_EV_PAGE_ALLOC] = "page_alloc",
	[DR_EV_PUNCH] = "punch",
	[DR_EV_GRAB] = "grab",
	[DR_EV_GRAB_BUSY] = "grab_busy",
	[DR_EV_TRIM_ZERO] = "trim_zero",
	[DR_EV_TRIM_SAME] = "trim_same",
	[DR_EV_SCAN] = "scan",
	[DR_EV_SCAN_ZERO] = "scan_zero",
	[DR_EV_SCAN_VOLATILE] = "scan_volatile",
	[DR_EV_SCAN_BLOCK] = "scan_block",
	[DR_EV_SHARE_MERGE] = "share_merge",
	[DR_EV_SHARE_BREAK] = "share_break",
	[DR_EV_SHARE_CLAIM] = "share_claim",
	[DR_EV_SHARE_CHANGED] = "share_changed",
	[DR_EV_SHARE_BUSY] = "share_busy",
	[DR_EV_SHARE_DOMAIN] = "share_domain",
	[DR_EV_BLOCK_RESERVE] = "block_reserve",
	[DR_EV_BLOCK_COLLAPSE] = "block_collapse",
	[DR_EV_FAULT_SOFT] = "fault_soft",
	[DR_EV_FAULT_HELD] = "fault_held",
	[DR_EV_SWAP_OUT] = "swap_out",
	[DR_EV_SWAP_IN] = "swap_in",
	[DR_EV_SWAP_ZERO] = "swap_zero",
	[DR_EV_SWAP_SAME] = "swap_same",
	[DR_EV_SWAP_POOL] = "swap_pool",
	[DR_EV_SWAP_STIFF] = "swap_stiff",
	[DR_EV_SWAP_FULL] = "swap_full",
	[DR_EV_SWAP_DISK] = "swap_disk",
	[DR_EV_SWAP_BACK] = "swap_back",
	[DR_EV_FAULT_MAJOR] = "fault_major",
	[DR_EV_SWAP_ERROR] = "swap_error",
	[DR_EV_SWAP_DAMAGED] = "swap_damaged",
	[DR_EV_FAULT_ASYNC] = "fault_async",
	[DR_EV_SWAP_CLEAN] = "swap_clean",
	[DR_EV_SWAP_AHEAD] = "swap_ahead",
	[DR_EV_SWAP_AHEAD_HIT] = "swap_ahead_hit",
};

static_assert(sizeof(event_names) / sizeof(*event_names) == DR_NR_EVENTS,
	      "an event without a name");

static uint64_t minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

void dr_account(const struct dr_usage *usage, uint64_t bytes[DR_NR_PLACES])
{
	uint64_t blocks = usage->blocks * DR_BLOCK_SIZE;
	uint64_t rest = usage->size;

	bytes[DR_PLACE_HOLES] = usage->holes * DR_PAGE_SIZE;
	bytes[DR_PLACE_BLOCKS] = minus(blocks, bytes[DR_PLACE_HOLES]);
	bytes[DR_PLACE_PAGES] = usage->pages * DR_PAGE_SIZE;
	bytes[DR_PLACE_SHARED] = usage->shared * DR_PAGE_SIZE;
	bytes[DR_PLACE_SWAPPED] = usage->swapped * DR_PAGE_SIZE;
	for (int i = 0; i < DR_PLACE_ABSENT; i++)
		rest = minus(rest, bytes[i]);
	bytes[DR_PLACE_ABSENT] = rest;
}

const char *dr_event_name(unsigned int event)
{
	return event < DR_NR_EVENTS ? event_names[event] : NULL;
}
