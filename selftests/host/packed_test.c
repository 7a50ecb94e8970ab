// SPDX-License-Identifier: GPL-2.0-only
/* swapper/packed.h: names of objects of the compressed pool. */
#include "test.h"

#include "handle.h"
#include "packed.h"

#define ADDRESS_MAX	((1ULL << (DR_PACKED_HANDLE_BITS + 3)) - 8)
#define LENGTH_MAX	(((1UL << DR_PACKED_LENGTH_BITS) - 1) * 8)

static void check_round_trip(u64 address, size_t len)
{
	unsigned long id;
	struct dr_entry e;

	assert_true(dr_packed_make(address, len, &id));
	assert_true(dr_packed_address(id) == address);
	assert_int_equal(dr_packed_length(id), (len + 7) / 8 * 8);
	/* It fits beside the tier. */
	e = dr_handle_entry(DR_TIER_POOL, id);
	assert_true(dr_handle_id(e) == id);
	assert_int_equal(dr_handle_tier(e), DR_TIER_POOL);
}

static void names_come_back(void **state)
{
	(void)state;
	check_round_trip(0, 1);
	check_round_trip(ADDRESS_MAX, LENGTH_MAX);
	for (int i = 0; i < 10000; i++)
		check_round_trip((test_random() & ADDRESS_MAX) & ~7ULL,
				 test_random() % LENGTH_MAX + 1);
}

static void what_does_not_fit_is_refused(void **state)
{
	unsigned long id;

	(void)state;
	assert_false(dr_packed_make(ADDRESS_MAX + 8, 8, &id));
	assert_false(dr_packed_make(4, 8, &id));
	assert_false(dr_packed_make(8, LENGTH_MAX + 1, &id));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_come_back),
		cmocka_unit_test(what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
