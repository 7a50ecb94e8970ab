// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long single operations take, in buckets.
 *
 * Only where asked for: the clock costs as much as a short operation does. An
 * access to a page that the host has taken away is one operation that takes
 * long, however the host does it; so ways to page can be compared from in here.
 */
#include <time.h>

#include "workload.h"

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static unsigned int bucket_of(uint64_t ns)
{
	uint64_t floor = LATENCY_FLOOR_US * 1000;
	unsigned int b = 1;

	if (ns < floor)
		return 0;
	for (; ns >= 2 * floor; floor *= 2)
		b += 4;
	/* Quarters of an octave: 2^(1/4), 2^(1/2), 2^(3/4) */
	b += (ns * 1000 >= floor * 1189) + (ns * 1000 >= floor * 1414) +
	     (ns * 1000 >= floor * 1682);
	return b < LATENCY_BUCKETS ? b : LATENCY_BUCKETS - 1;
}

void latency_begin(struct worker *w)
{
	if (w->opt->timed)
		w->since = now_ns();
}

void latency_note(struct worker *w)
{
	uint64_t now;

	if (!w->opt->timed)
		return;
	now = now_ns();
	w->took[bucket_of(now - w->since)]++;
	w->since = now;
}

void latency_add(struct worker *w, double seconds)
{
	w->took[bucket_of(seconds * 1e9)]++;
}
