// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../lib/view.h"

/* What is in memory as well is not on disk alone. */
static void disk_is_what_is_not_in_memory(void **state)
{
	struct dr_view_guest g = {
		.swap.tiers = { .same = 1, .pool = 2, .disk = 7, .clean = 3 },
	};

	(void)state;
	assert_int_equal(dr_view_compressed(&g), 3 * DR_PAGE_SIZE);
	assert_int_equal(dr_view_disk(&g), 4 * DR_PAGE_SIZE);
	/* Counted one after the other, while they change. */
	g.swap.tiers.clean = 8;
	assert_int_equal(dr_view_disk(&g), 0);
}

static void sizes_are_bytes(void **state)
{
	struct dr_view_guest g = {
		.info.usage = { .size = 1, .resident = 2, .shared = 3 },
		.target = 4, .active = 5, .balloon.backed = 6,
	};

	(void)state;
	assert_int_equal(dr_view_size(&g), 1);
	assert_int_equal(dr_view_resident(&g), 2);
	assert_int_equal(dr_view_shared(&g), 3 * DR_PAGE_SIZE);
	assert_int_equal(dr_view_target(&g), 4);
	assert_int_equal(dr_view_active(&g), 5);
	assert_int_equal(dr_view_balloon(&g), 6);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(disk_is_what_is_not_in_memory),
		cmocka_unit_test(sizes_are_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
