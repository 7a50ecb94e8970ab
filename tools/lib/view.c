// SPDX-License-Identifier: GPL-2.0-only
#include "view.h"

uint64_t dr_view_size(const struct dr_view_guest *g)
{
	return g->info.usage.size;
}

uint64_t dr_view_resident(const struct dr_view_guest *g)
{
	return g->info.usage.resident;
}

uint64_t dr_view_target(const struct dr_view_guest *g)
{
	return g->target;
}

uint64_t dr_view_active(const struct dr_view_guest *g)
{
	return g->active;
}

uint64_t dr_view_shared(const struct dr_view_guest *g)
{
	return g->info.usage.shared * DR_PAGE_SIZE;
}

uint64_t dr_view_compressed(const struct dr_view_guest *g)
{
	return dr_tiers_compressed(&g->swap.tiers);
}

uint64_t dr_view_disk(const struct dr_view_guest *g)
{
	return dr_tiers_disk(&g->swap.tiers);
}

uint64_t dr_view_balloon(const struct dr_view_guest *g)
{
	return g->balloon.backed;
}
