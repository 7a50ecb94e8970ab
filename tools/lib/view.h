/* SPDX-License-Identifier: GPL-2.0-only */
/* The host and its guests at one time. Pure. */
#ifndef DR_VIEW_H
#define DR_VIEW_H

#include <stddef.h>
#include <stdint.h>

#include <linux/denseram.h>

/**
 * struct dr_view_guest - a guest
 * @info: what the module knows
 * @balloon: of its balloon
 * @swap: of what is paged out of it
 * @target: bytes it may have, from the last run of the policy; 0 before
 * @active: bytes of its memory in use, as the policy has it
 * @rule: what bound the target; NULL before the first run
 */
struct dr_view_guest {
	struct dr_guest_info info;
	struct dr_balloon_info balloon;
	struct dr_guest_swap swap;
	uint64_t target;
	uint64_t active;
	const char *rule;
};

/**
 * struct dr_view - all of it
 * @status: of the host
 * @share: of sharing
 * @swap: of paging
 * @policy: of the last run of the policy
 * @admission: of what is promised
 * @areas: swap areas; @nr_areas of them, in the order they are filled
 * @guests: by id; @nr_guests of them
 */
struct dr_view {
	struct dr_status status;
	struct dr_share_status share;
	struct dr_swap_status swap;
	struct dr_policy_status policy;
	struct dr_admission_status admission;
	struct dr_swap_area *areas;
	size_t nr_areas;
	struct dr_view_guest *guests;
	size_t nr_guests;
};

/* Bytes in swap areas that are not in memory as well. */
static inline uint64_t dr_tiers_disk(const struct dr_tiers *tiers)
{
	return tiers->disk > tiers->clean ?
	       (tiers->disk - tiers->clean) * DR_PAGE_SIZE : 0;
}

/* Bytes of guest RAM in the compressed pool; not what they take there. */
static inline uint64_t dr_tiers_compressed(const struct dr_tiers *tiers)
{
	return (tiers->pool + tiers->same) * DR_PAGE_SIZE;
}

/* Sizes of a guest that are shown everywhere, in bytes. */
uint64_t dr_view_size(const struct dr_view_guest *g);
uint64_t dr_view_resident(const struct dr_view_guest *g);
uint64_t dr_view_target(const struct dr_view_guest *g);
uint64_t dr_view_active(const struct dr_view_guest *g);
uint64_t dr_view_shared(const struct dr_view_guest *g);
uint64_t dr_view_compressed(const struct dr_view_guest *g);
uint64_t dr_view_disk(const struct dr_view_guest *g);
uint64_t dr_view_balloon(const struct dr_view_guest *g);

#endif /* DR_VIEW_H */
