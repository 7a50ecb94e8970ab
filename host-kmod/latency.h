/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_LATENCY_H
#define _DR_LATENCY_H

#include <linux/log2.h>
#include <linux/math64.h>

#include "guest.h"

/* The bucket of a time in nanoseconds. */
static inline unsigned int dr_latency_bucket(u64 ns)
{
	u64 us = div_u64(ns, 1000);

	if (!us)
		return 0;
	return min_t(unsigned int, ilog2(us) + 1, DR_LATENCY_BUCKETS - 1);
}

void dr_latency_note(struct dr_guest *guest, u64 ns);
void dr_latency_retire(const struct dr_guest *guest);
void dr_latency_add(const struct dr_guest *guest,
		    u64 sums[DR_LATENCY_BUCKETS]);
void dr_latency_retired(u64 sums[DR_LATENCY_BUCKETS]);

#endif /* _DR_LATENCY_H */
