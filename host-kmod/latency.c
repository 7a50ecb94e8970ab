// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long faults took that brought a page back: one histogram a guest, and one
 * for all there ever were.
 */
#include "latency.h"

static atomic64_t retired[DR_LATENCY_BUCKETS];

/**
 * dr_latency_note() - a fault has brought a page back
 * @guest: whose
 * @ns: how long it took
 */
void dr_latency_note(struct dr_guest *guest, u64 ns)
{
	atomic64_inc(&guest->paging.latency[dr_latency_bucket(ns)]);
}

/**
 * dr_latency_retire() - keep the histogram of a guest that leaves the registry
 * @guest: the guest
 */
void dr_latency_retire(const struct dr_guest *guest)
{
	int i;

	for (i = 0; i < DR_LATENCY_BUCKETS; i++)
		atomic64_add(atomic64_read(&guest->paging.latency[i]),
			     &retired[i]);
}

static void add(const atomic64_t *from, u64 sums[DR_LATENCY_BUCKETS])
{
	int i;

	for (i = 0; i < DR_LATENCY_BUCKETS; i++)
		sums[i] += atomic64_read(&from[i]);
}

/* Add the histogram of a guest to a sum. */
void dr_latency_add(const struct dr_guest *guest, u64 sums[DR_LATENCY_BUCKETS])
{
	add(guest->paging.latency, sums);
}

/* Add those of guests that are gone. */
void dr_latency_retired(u64 sums[DR_LATENCY_BUCKETS])
{
	add(retired, sums);
}
