// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"

#include "../lib/latency.h"

static void nothing_counted(void **state)
{
	__u64 latency[DR_LATENCY_BUCKETS] = { 0 };

	(void)state;
	assert_int_equal(dr_latency_count(latency), 0);
	assert_int_equal(dr_latency_quantile(latency, 50), 0);
	assert_int_equal(dr_latency_quantile(latency, 100), 0);
}

static void one_bucket(void **state)
{
	(void)state;
	for (int i = 0; i < DR_LATENCY_BUCKETS - 1; i++) {
		__u64 latency[DR_LATENCY_BUCKETS] = { 0 };

		latency[i] = 1;
		assert_int_equal(dr_latency_quantile(latency, 1), 1ULL << i);
		assert_int_equal(dr_latency_quantile(latency, 100), 1ULL << i);
	}
}

static void halves(void **state)
{
	__u64 latency[DR_LATENCY_BUCKETS] = { [3] = 50, [10] = 49, [23] = 1 };

	(void)state;
	assert_int_equal(dr_latency_count(latency), 100);
	assert_int_equal(dr_latency_quantile(latency, 50), 8);
	assert_int_equal(dr_latency_quantile(latency, 51), 1024);
	assert_int_equal(dr_latency_quantile(latency, 99), 1024);
	assert_int_equal(dr_latency_quantile(latency, 100), UINT64_MAX);
}

static void many(void **state)
{
	__u64 latency[DR_LATENCY_BUCKETS] = { [1] = UINT64_MAX / 2 };

	(void)state;
	assert_int_equal(dr_latency_quantile(latency, 100), 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_counted),
		cmocka_unit_test(one_bucket),
		cmocka_unit_test(halves),
		cmocka_unit_test(many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
