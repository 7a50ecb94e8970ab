// SPDX-License-Identifier: GPL-2.0-only
/*
 * The store of swapped entries (contract C2): the way back from all tiers.
 */
#include <linux/ratelimit.h>

#include "area.h"
#include "gmem.h"
#include "guest.h"
#include "handle.h"
#include "pool.h"
#include "same.h"
#include "swap.h"

static int load_pool(struct dr_gmem *gm, unsigned long id, struct page *dst)
{
	int err = dr_pool_load(id, dst);

	if (err)
		pr_err_ratelimited("guest %s: a page in the compressed pool is damaged\n",
				   dr_guest_name(gm->guest).text);
	return err;
}

static int swap_load(struct dr_gmem *gm, struct dr_entry e, struct page *dst)
{
	unsigned long id = dr_handle_id(e);

	switch (dr_handle_tier(e)) {
	case DR_TIER_SAME:
		dr_same_fill(id, dst);
		return 0;
	case DR_TIER_POOL:
		return load_pool(gm, id, dst);
	case DR_TIER_DISK:
		return dr_disk_load(gm, id, dst);
	case DR_NR_TIERS:
		break;
	}
	WARN_ON_ONCE(1);
	return -EIO;
}

static void swap_drop(struct dr_gmem *gm, struct dr_entry e)
{
	switch (dr_handle_tier(e)) {
	case DR_TIER_SAME:
		dr_same_free(gm);
		break;
	case DR_TIER_POOL:
		dr_pool_free(gm, dr_handle_id(e));
		break;
	case DR_TIER_DISK:
		dr_disk_free(gm, dr_handle_id(e));
		break;
	case DR_NR_TIERS:
		WARN_ON_ONCE(1);
		break;
	}
}

/* What compresses well is cheap to do again; what was written is not. */
static bool swap_keep(struct dr_entry e)
{
	return dr_handle_tier(e) == DR_TIER_DISK;
}

/* Of what was on a disk nothing else is known. */
static unsigned int swap_returns(struct dr_entry e)
{
	switch (dr_handle_tier(e)) {
	case DR_TIER_POOL:
		return dr_pool_returns(dr_handle_id(e));
	case DR_TIER_DISK:
		return 1;
	default:
		return 0;
	}
}

const struct dr_store_ops dr_swap_store = {
	.name = "swap",
	.load = swap_load,
	.keep = swap_keep,
	.returns = swap_returns,
	.fetch = &dr_disk_fetch,
	.drop = swap_drop,
};
