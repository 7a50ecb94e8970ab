// SPDX-License-Identifier: GPL-2.0-only
/* swapper/slots.c against an array of bytes. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "slots.h"

static struct dr_slots make(u64 nr)
{
	struct dr_slots s = { .nr = nr };

	s.map = calloc(1, dr_slots_bytes(nr));
	assert_non_null(s.map);
	return s;
}

static void all_are_given_out_once(void **state)
{
	static const u64 sizes[] = { 1, 63, 64, 65, 1000, 4096 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct dr_slots s = make(sizes[i]);
		char *seen = calloc(1, sizes[i]);
		u64 first, got, sum = 0;

		while ((got = dr_slots_alloc(&s, 64, &first))) {
			assert_true(got <= 64 && first + got <= s.nr);
			for (u64 j = first; j < first + got; j++)
				assert_int_equal(seen[j]++, 0);
			sum += got;
			assert_int_equal(s.used, sum);
		}
		assert_int_equal(sum, sizes[i]);
		free(seen);
		free(s.map);
	}
}

static void runs_come_in_order(void **state)
{
	struct dr_slots s = make(1024);
	u64 first;

	(void)state;
	for (u64 i = 0; i < 1024; i += 64) {
		assert_int_equal(dr_slots_alloc(&s, 64, &first), 64);
		assert_int_equal(first, i);
	}
	free(s.map);
}

static void a_long_run_is_found_behind_holes(void **state)
{
	struct dr_slots s = make(1024);
	u64 first;

	(void)state;
	dr_slots_alloc(&s, 1024, &first);
	for (u64 i = 0; i < 512; i += 2)
		assert_true(dr_slots_free(&s, i));
	for (u64 i = 700; i < 764; i++)
		assert_true(dr_slots_free(&s, i));
	assert_int_equal(dr_slots_alloc(&s, 64, &first), 64);
	assert_int_equal(first, 700);
	/* Now only holes are left. */
	assert_int_equal(dr_slots_alloc(&s, 64, &first), 1);
	free(s.map);
}

static void a_free_slot_is_not_freed_again(void **state)
{
	struct dr_slots s = make(100);
	u64 first;

	(void)state;
	assert_false(dr_slots_free(&s, 5));
	assert_false(dr_slots_free(&s, 100));
	assert_int_equal(dr_slots_alloc(&s, 10, &first), 10);
	assert_true(dr_slots_free(&s, 5));
	assert_false(dr_slots_free(&s, 5));
	assert_int_equal(s.used, 9);
	free(s.map);
}

/* At random, against a model. */
static void random_against_model(void **state)
{
	const u64 nr = 3000;
	struct dr_slots s = make(nr);
	char *model = calloc(1, nr);
	u64 used = 0, first, got;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		u64 slot = test_random() % nr;

		if (test_random() % 2) {
			assert_int_equal(dr_slots_free(&s, slot), model[slot]);
			used -= model[slot];
			model[slot] = 0;
		} else {
			got = dr_slots_alloc(&s, 1 + test_random() % 64,
					     &first);
			for (u64 j = first; j < first + got; j++) {
				assert_false(model[j]);
				model[j] = 1;
			}
			used += got;
			assert_true(got || used == nr);
		}
		assert_int_equal(s.used, used);
	}
	for (u64 i = 0; i < nr; i++)
		assert_int_equal(dr_slots_in_use(&s, i), model[i]);
	free(model);
	free(s.map);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_given_out_once),
		cmocka_unit_test(runs_come_in_order),
		cmocka_unit_test(a_long_run_is_found_behind_holes),
		cmocka_unit_test(a_free_slot_is_not_freed_again),
		cmocka_unit_test(random_against_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
