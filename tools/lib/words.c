// SPDX-License-Identifier: GPL-2.0-only
#include "words.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))

const char *dr_run_state_name(unsigned int state)
{
	static const char *const names[] = {
		[DR_RUN_UNKNOWN] = "unknown",
		[DR_RUN_RUNNING] = "running",
		[DR_RUN_PAUSED] = "paused",
		[DR_RUN_SHUTDOWN] = "shutdown",
	};

	return state < ARRAY_SIZE(names) ? names[state] : "unknown";
}

const char *dr_guest_state_name(const struct dr_guest_info *guest)
{
	if (guest->state & DR_GUEST_MIGRATING)
		return "migrating";
	if (guest->run_state != DR_RUN_UNKNOWN)
		return dr_run_state_name(guest->run_state);
	if (guest->state & DR_GUEST_KVM)
		return "kvm";
	return guest->vmm_pid ? "mapped" : "-";
}

const char *dr_level_word(unsigned int level)
{
	static const char *const names[DR_NR_LEVELS] = {
		[DR_LEVEL_HIGH] = "high",
		[DR_LEVEL_SOFT] = "soft",
		[DR_LEVEL_HARD] = "hard",
		[DR_LEVEL_LOW] = "low",
	};

	return level < DR_NR_LEVELS ? names[level] : "unknown";
}

const char *dr_swap_stop_name(unsigned int stop)
{
	static const char *const names[DR_SWAP_NR_STOPS] = {
		[DR_SWAP_STOP_NONE] = "none",
		[DR_SWAP_STOP_POOL] = "pool full",
		[DR_SWAP_STOP_MEMORY] = "no memory",
		[DR_SWAP_STOP_AREAS] = "areas full",
	};

	return stop < DR_SWAP_NR_STOPS ? names[stop] : "unknown";
}

const char *dr_area_state_name(const struct dr_swap_area *area)
{
	if (area->state & DR_SWAP_AREA_LEAVING)
		return "leaving";
	return area->state & DR_SWAP_AREA_FAILED ? "failed" : "ok";
}
