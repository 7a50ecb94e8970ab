// SPDX-License-Identifier: GPL-2.0-only
/* Paging for people: the paragraphs of "status" and "guest show". */
#include "output.h"
#include "../lib/latency.h"
#include "../lib/units.h"

#include <inttypes.h>
#include <stdio.h>

const char *swap_stop_name(unsigned int stop)
{
	static const char *const names[DR_SWAP_NR_STOPS] = {
		[DR_SWAP_STOP_NONE] = "none",
		[DR_SWAP_STOP_POOL] = "pool full",
		[DR_SWAP_STOP_MEMORY] = "no memory",
		[DR_SWAP_STOP_AREAS] = "areas full",
	};

	return stop < DR_SWAP_NR_STOPS ? names[stop] : "unknown";
}

static void print_size(const char *label, uint64_t bytes, const char *meaning)
{
	char text[DR_SIZE_TEXT];

	printf("  %-16s %10s  %s\n", label, dr_size_format(bytes, text),
	       meaning);
}

static void print_tiers(const struct dr_tiers *tiers)
{
	char text[DR_SIZE_TEXT];
	uint64_t pool = tiers->pool * DR_PAGE_SIZE;

	print_size("same", tiers->same * DR_PAGE_SIZE,
		   "pages of one word, without storage");
	printf("  %-16s %10s  compressed", "pool", dr_size_format(pool, text));
	if (tiers->pool_bytes)
		printf(" to %s, %.1f : 1",
		       dr_size_format(tiers->pool_bytes, text),
		       (double)pool / (double)tiers->pool_bytes);
	printf("\n");
}

/* "8 us", or that it is beyond all buckets. */
static void print_quantile(const __u64 *latency, unsigned int percent)
{
	uint64_t us = dr_latency_quantile(latency, percent);

	if (us == UINT64_MAX)
		printf("%u %% of them take longer than 4 s",
		       100 - percent);
	else
		printf("%u %% within %" PRIu64 " us", percent, us);
}

static void print_traffic(const __u64 *events, const __u64 *latency)
{
	printf("  %-16s %10" PRIu64 "  pages, of which %" PRIu64
	       " were zeros\n", "out", (uint64_t)events[DR_EV_SWAP_OUT],
	       (uint64_t)events[DR_EV_SWAP_ZERO]);
	printf("  %-16s %10" PRIu64 "  pages", "in",
	       (uint64_t)events[DR_EV_SWAP_IN]);
	if (dr_latency_count(latency)) {
		printf("; ");
		print_quantile(latency, 50);
		printf(", ");
		print_quantile(latency, 99);
	}
	printf("\n");
	printf("  %-16s %10" PRIu64 "  faults on pages that were just not mapped\n",
	       "soft", (uint64_t)events[DR_EV_FAULT_SOFT]);
	printf("  %-16s %10" PRIu64 "  pages found that get no smaller\n",
	       "stiff", (uint64_t)events[DR_EV_SWAP_STIFF]);
	printf("  %-16s %10" PRIu64 "  pages there was no room for\n", "full",
	       (uint64_t)events[DR_EV_SWAP_FULL]);
}

void print_host_paging(const struct dr_swap_status *swap, const __u64 *events)
{
	char memory[DR_SIZE_TEXT], limit[DR_SIZE_TEXT];

	printf("\nPaging: %s, pool %s of at most %s, CPU %.1f s\n",
	       swap->compressor, dr_size_format(swap->pool_memory, memory),
	       dr_size_format(swap->pool_limit, limit),
	       (double)swap->cpu_ns / 1e9);
	if (swap->stop != DR_SWAP_STOP_NONE)
		printf("  It cannot go on: %s\n", swap_stop_name(swap->stop));
	print_tiers(&swap->tiers);
	print_traffic(events, swap->latency);
}

void print_guest_paging(const struct dr_guest_swap *swap,
			const __u64 *events)
{
	printf("\nPaging\n");
	print_tiers(&swap->tiers);
	print_traffic(events, swap->latency);
	printf("  %-16s %10" PRIu64 "  faults that waited: beyond its limit\n",
	       "held", (uint64_t)events[DR_EV_FAULT_HELD]);
}
