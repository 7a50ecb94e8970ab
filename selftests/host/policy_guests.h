/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests and hosts for the tests of the policy. */
#ifndef HOST_POLICY_GUESTS_H
#define HOST_POLICY_GUESTS_H

#include "policy.h"
#include "test.h"

#define KIB	(1ULL << 10)
#define MIB	(1ULL << 20)
#define GIB	(1ULL << 30)

/* A guest of 1000 shares with a balloon, all of it resident. */
static inline struct dr_policy_guest test_guest(u64 size, u64 active)
{
	return (struct dr_policy_guest){
		.in = {
			.size = size,
			.resident = size,
			.swap = size,
			.shares = 1000,
			.active = active,
			.active_low = active,
			.active_high = active,
			.flags = DR_POLICY_BALLOON,
		},
	};
}

/* A host on which these guests may have @pool together. */
static inline struct dr_policy_host
test_host(u64 pool, const struct dr_policy_guest *guests, u32 nr)
{
	struct dr_policy_host host = {
		.total = 1024 * GIB,
		.tax = DR_POLICY_TAX,
	};
	u64 resident = 0;

	for (u32 i = 0; i < nr; i++)
		resident += dr_policy_pages_up(guests[i].in.resident) *
			    DR_PAGE_SIZE;
	host.free = dr_policy_pages_up(dr_level_enough(DR_LEVEL_SOFT,
						       host.total)) *
		    DR_PAGE_SIZE + pool;
	/* What guests hold beyond the pool is missing from the reserve. */
	host.free = host.free > resident ? host.free - resident : 0;
	host.available = host.free;
	host.level = dr_level_of(host.free, host.total, DR_LEVEL_HIGH);
	return host;
}

static inline u64 test_below(u64 end)
{
	return end ? test_random() % end : 0;
}

/* Anything: sensible, odd, contradictory, and now and then absurd. */
static inline struct dr_policy_guest test_any_guest(void)
{
	u64 size = test_below(1ULL << (20 + test_below(20)));
	struct dr_policy_guest g = test_guest(size, 0);
	struct dr_policy_in *in = &g.in;

	in->id = test_random();
	in->resident = test_below(size + size / 16 + 1);
	in->min = test_below(3) ? test_below(size / 4 + 1) : 0;
	in->max = test_below(3) ? 0 : in->min + test_below(size + 1);
	in->limit = test_below(4) ? 0 : in->min + test_below(size + 1);
	in->pinned = test_below(6) ? 0 : test_below(in->resident + 1);
	in->need = test_below(4) ? 0 : test_below(size / 8 + 1);
	in->fresh = test_below(3) ? 0 : test_below(in->resident + 1);
	in->swap = test_below(3) ? in->resident : test_below(in->resident + 1);
	in->target = test_below(3) ? test_below(size + 1) & ~4095ULL : 0;
	in->was_active = test_below(3) ? test_below(size + 1) & ~4095ULL : 0;
	in->shares = 1 + test_below(1ULL << test_below(20));
	in->active_low = test_below(DR_POLICY_ONE + 1);
	in->active = in->active_low +
		     test_below(DR_POLICY_ONE + 1 - in->active_low);
	in->active_high = in->active +
			  test_below(DR_POLICY_ONE + 1 - in->active);
	in->flags = test_below(8);
	if (!test_below(500)) {
		u64 *field = (u64 *)in + test_below(sizeof(*in) / sizeof(u64));

		*field = test_below(2) ? ~0ULL : test_random();
	}
	return g;
}

static inline struct dr_policy_host
test_any_host(const struct dr_policy_guest *guests, u32 nr)
{
	struct dr_policy_host host = {
		.total = 0,
		.level = test_below(DR_NR_LEVELS),
		.tax = test_below(3) ? DR_POLICY_TAX : test_below(110),
		.band = test_below(2) ? DR_POLICY_BAND : test_below(100),
		.stalls = test_below(2) ? 0 : test_random(),
		.strained = test_below(2),
		.packed = test_below(2) ? test_below(DR_POLICY_ONE) :
			  test_below(20) ? 0 : test_random(),
	};

	for (u32 i = 0; i < nr; i++)
		host.total += guests[i].in.resident;
	host.total += test_below(host.total / 2 + GIB);
	host.free = test_below(host.total / (1 + test_below(20)) + 1);
	host.available = test_below(host.free + 1);
	return host;
}

#endif /* HOST_POLICY_GUESTS_H */
