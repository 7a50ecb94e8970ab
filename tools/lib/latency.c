// SPDX-License-Identifier: GPL-2.0-only
#include "latency.h"

uint64_t dr_latency_count(const __u64 *latency)
{
	uint64_t sum = 0;

	for (int i = 0; i < DR_LATENCY_BUCKETS; i++)
		sum += latency[i];
	return sum;
}

uint64_t dr_latency_quantile(const __u64 *latency, unsigned int percent)
{
	uint64_t all = dr_latency_count(latency), sum = 0, need;

	/* Rounded up, without overflow for any count. */
	need = all / 100 * percent + (all % 100 * percent + 99) / 100;
	for (int i = 0; i < DR_LATENCY_BUCKETS - 1; i++) {
		sum += latency[i];
		if (sum && sum >= need)
			return UINT64_C(1) << i;
	}
	return all ? UINT64_MAX : 0;
}
