// SPDX-License-Identifier: GPL-2.0-only
/* host-kmod/domain.h: who may share with whom. */
#include "test.h"
#include "domain.h"

struct who {
	enum dr_share_mode mode;
	u64 guest;
	u32 owner;
};

static struct who anybody(void)
{
	/* Few of each, so that all cases come up; and the ends of the range. */
	u64 r = test_random();

	return (struct who){
		.mode = r % DR_NR_SHARE_MODES,
		.guest = 1 + (r >> 8) % 3,
		.owner = r >> 63 ? UINT32_MAX - (r >> 16) % 2 : (r >> 16) % 3,
	};
}

/* What the manual says, in so many words. */
static bool may_share(struct who a, struct who b)
{
	if (a.mode != b.mode)
		return false;
	switch (a.mode) {
	case DR_SHARE_GUEST:
		return a.guest == b.guest;
	case DR_SHARE_DOMAIN:
		return a.owner == b.owner;
	case DR_SHARE_ALL:
		return true;
	default:
		return false;
	}
}

static void domains_are_what_the_manual_says(void **state)
{
	unsigned int yes = 0;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		struct who a = anybody(), b = anybody();
		struct dr_domain da = dr_domain_make(a.mode, a.guest, a.owner);
		struct dr_domain db = dr_domain_make(b.mode, b.guest, b.owner);

		assert_int_equal(dr_domain_same(da, db), may_share(a, b));
		assert_int_equal(dr_domain_none(da), a.mode == DR_SHARE_OFF);
		/* A shared page keeps it where bit 0 means something. */
		assert_int_equal(da.v & 1, 0);
		yes += may_share(a, b);
	}
	assert_in_range(yes, 1000, 199000);
}

static void keys_differ_by_domain(void **state)
{
	(void)state;
	for (int i = 0; i < 100000; i++) {
		struct who a = anybody(), b = anybody();
		struct dr_domain da = dr_domain_make(a.mode, a.guest, a.owner);
		struct dr_domain db = dr_domain_make(b.mode, b.guest, b.owner);
		u64 hash = test_random();

		assert_int_equal(dr_domain_key(da, hash) ==
				 dr_domain_key(db, hash), da.v == db.v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(domains_are_what_the_manual_says),
		cmocka_unit_test(keys_differ_by_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
