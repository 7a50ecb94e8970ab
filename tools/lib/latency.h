/* SPDX-License-Identifier: GPL-2.0-only */
/* Quantiles of the module's histograms. Pure. */
#ifndef DR_LATENCY_H
#define DR_LATENCY_H

#include <stdint.h>

#include <linux/denseram.h>

/**
 * dr_latency_quantile - within how many microseconds a part was done
 * @latency: %DR_LATENCY_BUCKETS counts
 * @percent: the part, 1 to 100
 *
 * Returns the upper end of the bucket in which that part is reached; 0 when
 * nothing was counted, UINT64_MAX for the last bucket, which has no end.
 */
uint64_t dr_latency_quantile(const __u64 *latency, unsigned int percent);

/* How many were counted. */
uint64_t dr_latency_count(const __u64 *latency);

#endif /* DR_LATENCY_H */
