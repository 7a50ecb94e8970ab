// SPDX-License-Identifier: GPL-2.0-only
/* host-kmod/stride.h: every thing once, in an order like chance. */
#include <stdlib.h>

#include "test.h"
#include "stride.h"

static void meets_each_once(u64 nr, u64 random)
{
	unsigned char *met = calloc(nr + 1, 1);
	struct dr_stride s;

	assert_non_null(met);
	dr_stride_start(&s, nr, random);
	assert_int_equal(s.left, nr);
	for (u64 i = 0; i < nr; i++) {
		u64 at = dr_stride_next(&s);

		assert_true(at < nr);
		assert_false(met[at]);
		met[at] = 1;
	}
	assert_int_equal(s.left, 0);
	free(met);
}

static void small_walks(void **state)
{
	(void)state;
	for (u64 nr = 0; nr <= 300; nr++) {
		meets_each_once(nr, 0);
		meets_each_once(nr, UINT64_MAX);
		for (int i = 0; i < 20; i++)
			meets_each_once(nr, test_random());
	}
}

static void large_walks(void **state)
{
	(void)state;
	meets_each_once(1 << 20, test_random());
	meets_each_once(1000003, test_random());
	meets_each_once(720720, test_random());
}

/* Two walks over the same things go different ways. */
static void walks_differ(void **state)
{
	unsigned int same = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct dr_stride a, b;

		dr_stride_start(&a, 1009, test_random());
		dr_stride_start(&b, 1009, test_random());
		same += a.step == b.step && a.at == b.at;
	}
	assert_true(same < 10);
}

/* A file of 64 TiB has 2^25 spans: its start must not take long. */
static void huge_walks_start(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct dr_stride s;

		dr_stride_start(&s, 1 << 25, test_random());
		assert_int_equal(dr_gcd(s.step, s.nr), 1);
		assert_true(s.step < s.nr && s.at < s.nr);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_walks),
		cmocka_unit_test(large_walks),
		cmocka_unit_test(walks_differ),
		cmocka_unit_test(huge_walks_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
