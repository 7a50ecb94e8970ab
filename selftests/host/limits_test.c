// SPDX-License-Identifier: GPL-2.0-only
/* host-kmod/limits.h: which limits make sense, and how they change. */
#include "test.h"
#include "limits.h"

static const struct dr_limits fresh = { .shares = 1000 };

static void limits_make_sense_or_not(void **state)
{
	static const struct {
		struct dr_limits limits;
		bool valid;
	} cases[] = {
		{ { 0, 0, 0, 1000, 0 }, true },
		{ { 0, 0, 0, 0, 0 }, false },
		{ { 0, 0, 0, 1, 0 }, true },
		{ { 0, 0, 0, DR_LIMITS_SHARES_MAX, 0 }, true },
		{ { 0, 0, 0, DR_LIMITS_SHARES_MAX + 1, 0 }, false },
		{ { 0, 0, 0, UINT32_MAX, 0 }, false },
		{ { 5, 5, 5, 1, 0 }, true },
		{ { 6, 5, 0, 1, 0 }, false },
		{ { 6, 0, 5, 1, 0 }, false },
		{ { 6, 0, 0, 1, 0 }, true },
		{ { UINT64_MAX, 0, 0, 1, 0 }, true },
		{ { UINT64_MAX, UINT64_MAX - 1, 0, 1, 0 }, false },
		{ { 4, 8, 6, 1, 0 }, true },
		{ { 4, 8, 16, 1, 0 }, true },
		{ { .shares = 1, .pinned = 1 }, true },
		{ { .shares = 1, .pinned = 2 }, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(dr_limits_valid(&cases[i].limits),
				 cases[i].valid);
}

static void only_named_limits_change(void **state)
{
	struct dr_limits from = { .min = 1, .max = 10, .limit = 5, .shares = 7,
				  .pinned = 1 };

	(void)state;
	for (u32 which = 0; which <= DR_SET_ALL; which++) {
		struct dr_limits l = fresh;

		assert_int_equal(dr_limits_merge(&l, which, &from), 0);
		assert_int_equal(l.min, which & DR_SET_MIN ? 1 : 0);
		assert_int_equal(l.max, which & DR_SET_MAX ? 10 : 0);
		assert_int_equal(l.limit, which & DR_SET_LIMIT ? 5 : 0);
		assert_int_equal(l.shares, which & DR_SET_SHARES ? 7 : 1000);
		assert_int_equal(l.pinned, which & DR_SET_PINNED ? 1 : 0);
	}
}

/* Whatever comes in: a refused change changes nothing, an accepted one is valid. */
static void refused_changes_change_nothing(void **state)
{
	struct dr_limits l = fresh;
	int refused = 0, taken = 0;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		struct dr_limits from = {
			.min = test_random() % 8,
			.max = test_random() % 8,
			.limit = test_random() % 8,
			.shares = test_random() % 4,
			.pinned = test_random() % 3,
		};
		struct dr_limits before = l;
		int err = dr_limits_merge(&l, test_random() % (DR_SET_ALL + 1),
					  &from);

		assert_true(dr_limits_valid(&l));
		if (err) {
			assert_int_equal(err, -ERANGE);
			assert_memory_equal(&l, &before, sizeof(l));
			refused++;
		} else {
			taken++;
		}
	}
	assert_true(refused > 1000 && taken > 1000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_make_sense_or_not),
		cmocka_unit_test(only_named_limits_change),
		cmocka_unit_test(refused_changes_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
