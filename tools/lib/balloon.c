// SPDX-License-Identifier: GPL-2.0-only
#include "balloon.h"

#include <string.h>

const char *dr_balloon_state_name(unsigned int state)
{
	static const char *const names[DR_NR_BALLOON_STATES] = {
		[DR_BALLOON_NONE] = "none",
		[DR_BALLOON_SETTLED] = "settled",
		[DR_BALLOON_MOVING] = "moving",
		[DR_BALLOON_SHORT] = "short",
		[DR_BALLOON_IDLE] = "idle",
		[DR_BALLOON_SILENT] = "silent",
	};

	return state < DR_NR_BALLOON_STATES ? names[state] : "unknown";
}

static const struct stat_text {
	const char *name;
	int is_size;
} stats[DR_NR_BALLOON_STATS] = {
	[DR_BSTAT_SWAP_IN] = { "swap_in", 1 },
	[DR_BSTAT_SWAP_OUT] = { "swap_out", 1 },
	[DR_BSTAT_MAJOR_FAULTS] = { "major_faults", 0 },
	[DR_BSTAT_MINOR_FAULTS] = { "minor_faults", 0 },
	[DR_BSTAT_FREE] = { "free", 1 },
	[DR_BSTAT_TOTAL] = { "total", 1 },
	[DR_BSTAT_AVAILABLE] = { "available", 1 },
	[DR_BSTAT_CACHES] = { "caches", 1 },
	[DR_BSTAT_HUGETLB_ALLOCS] = { "hugetlb_allocs", 0 },
	[DR_BSTAT_HUGETLB_FAILS] = { "hugetlb_fails", 0 },
	[DR_BSTAT_OOM_KILLS] = { "oom_kills", 0 },
	[DR_BSTAT_ALLOC_STALLS] = { "alloc_stalls", 0 },
	[DR_BSTAT_ASYNC_SCANS] = { "async_scans", 1 },
	[DR_BSTAT_DIRECT_SCANS] = { "direct_scans", 1 },
	[DR_BSTAT_ASYNC_RECLAIMS] = { "async_reclaims", 1 },
	[DR_BSTAT_DIRECT_RECLAIMS] = { "direct_reclaims", 1 },
};

const char *dr_balloon_stat_name(unsigned int stat)
{
	return stat < DR_NR_BALLOON_STATS ? stats[stat].name : "unknown";
}

int dr_balloon_stat_is_size(unsigned int stat)
{
	return stat < DR_NR_BALLOON_STATS && stats[stat].is_size;
}

void dr_balloon_sum(const struct dr_balloon_info *balloons, size_t nr,
		    struct dr_balloon_sum *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (size_t i = 0; i < nr; i++) {
		if (balloons[i].wanted != DR_BALLOON_UNASKED)
			sum->wanted += balloons[i].wanted;
		sum->actual += balloons[i].actual;
		sum->backed += balloons[i].backed;
		if (balloons[i].state < DR_NR_BALLOON_STATES)
			sum->nr[balloons[i].state]++;
	}
}
