// SPDX-License-Identifier: GPL-2.0-only
/* Who may share with whom, and how short of memory a host is. */
#include <kunit/test.h>

#include "domain.h"
#include "level.h"

static void domains_by_mode(struct kunit *test)
{
	static const struct {
		enum dr_share_mode mode;
		u64 guest;
		u32 owner;
		bool same;
	} others[] = {
		{ DR_SHARE_DOMAIN, 2, 7, true },
		{ DR_SHARE_DOMAIN, 1, 8, false },
		{ DR_SHARE_GUEST, 1, 7, false },
		{ DR_SHARE_GUEST, 7, 7, false },
		{ DR_SHARE_ALL, 1, 7, false },
		{ DR_SHARE_OFF, 1, 7, false },
	};
	struct dr_domain d = dr_domain_make(DR_SHARE_DOMAIN, 1, 7);
	int i;

	for (i = 0; i < ARRAY_SIZE(others); i++)
		KUNIT_EXPECT_EQ(test, others[i].same,
				dr_domain_same(d, dr_domain_make(others[i].mode,
								 others[i].guest,
								 others[i].owner)));
}

static void off_is_no_domain(struct kunit *test)
{
	struct dr_domain none = dr_domain_make(DR_SHARE_OFF, 1, 7);

	KUNIT_EXPECT_TRUE(test, dr_domain_none(none));
	KUNIT_EXPECT_FALSE(test, dr_domain_same(none, none));
	KUNIT_EXPECT_FALSE(test, dr_domain_none(dr_domain_make(DR_SHARE_DOMAIN,
							       1, 0)));
}

static void level_has_hysteresis(struct kunit *test)
{
	u64 total = 16ULL << 30, below = dr_level_below(DR_LEVEL_SOFT, total);

	KUNIT_EXPECT_EQ(test, DR_LEVEL_HIGH,
			dr_level_of(below, total, DR_LEVEL_HIGH));
	KUNIT_EXPECT_EQ(test, DR_LEVEL_SOFT,
			dr_level_of(below - 1, total, DR_LEVEL_HIGH));
	KUNIT_EXPECT_EQ(test, DR_LEVEL_SOFT,
			dr_level_of(below + below / 8, total, DR_LEVEL_SOFT));
	KUNIT_EXPECT_EQ(test, DR_LEVEL_HIGH,
			dr_level_of(below + below / 4, total, DR_LEVEL_SOFT));
	KUNIT_EXPECT_EQ(test, DR_LEVEL_LOW,
			dr_level_of(0, total, DR_LEVEL_HIGH));
}

static struct kunit_case domain_cases[] = {
	KUNIT_CASE(domains_by_mode),
	KUNIT_CASE(off_is_no_domain),
	KUNIT_CASE(level_has_hysteresis),
	{}
};

static struct kunit_suite domain_suite = {
	.name = "denseram_domain",
	.test_cases = domain_cases,
};

kunit_test_suite(domain_suite);
