// SPDX-License-Identifier: GPL-2.0-only
/* Paging for people: the paragraphs of "status" and "guest show". */
#include "output.h"
#include "verbs.h"
#include "../lib/latency.h"
#include "../lib/table.h"
#include "../lib/text.h"
#include "../lib/units.h"
#include "../lib/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

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
	printf("  %-16s %10s  in swap areas", "disk",
	       dr_size_format(tiers->disk * DR_PAGE_SIZE, text));
	if (tiers->clean)
		printf(", %s of it in memory as well",
		       dr_size_format(tiers->clean * DR_PAGE_SIZE, text));
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
	printf("  %-16s %10" PRIu64 "  reads from a swap area\n", "major",
	       (uint64_t)events[DR_EV_FAULT_MAJOR]);
	printf("  %-16s %10" PRIu64 "  read with them, %" PRIu64
	       " asked for since\n", "ahead",
	       (uint64_t)events[DR_EV_SWAP_AHEAD],
	       (uint64_t)events[DR_EV_SWAP_AHEAD_HIT]);
	printf("  %-16s %10" PRIu64 "  pages out again without a write\n",
	       "clean", (uint64_t)events[DR_EV_SWAP_CLEAN]);
	if (events[DR_EV_SWAP_ERROR] || events[DR_EV_SWAP_DAMAGED])
		printf("  %-16s %10" PRIu64 "  pages not read or written, %" PRIu64
		       " found damaged\n", "errors",
		       (uint64_t)events[DR_EV_SWAP_ERROR],
		       (uint64_t)events[DR_EV_SWAP_DAMAGED]);
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
		printf("  It cannot go on: %s\n", dr_swap_stop_name(swap->stop));
	if (swap->nr_areas)
		printf("  Swap areas: %u, %s of %s in use\n", swap->nr_areas,
		       dr_size_format(swap->areas_used, memory),
		       dr_size_format(swap->areas_size, limit));
	print_tiers(&swap->tiers);
	print_traffic(events, swap->latency);
}

void print_guest_paging(const struct dr_guest_swap *swap,
			const __u64 *events)
{
	printf("\nPaging\n");
	print_tiers(&swap->tiers);
	print_traffic(events, swap->latency);
	printf("  %-16s %10" PRIu64 "  faults that waited: beyond limit, or level low\n",
	       "held", (uint64_t)events[DR_EV_FAULT_HELD]);
}

static void add_size(struct dr_table *table, uint64_t bytes)
{
	char text[DR_SIZE_TEXT];

	dr_table_add(table, "%s", dr_size_format(bytes, text));
}

static void add_area_row(struct dr_table *table,
			 const struct dr_swap_area *area)
{
	char *path = dr_text_escape(area->path);

	dr_table_add(table, "%d", area->prio);
	dr_table_add(table, "%s", dr_area_state_name(area));
	add_size(table, area->size);
	add_size(table, area->used);
	dr_table_add(table, "%" PRIu64,
		     (uint64_t)(area->read_errors + area->write_errors +
				area->sum_errors));
	dr_table_add(table, "%s", path ? path : "?");
	free(path);
}

int print_areas(const struct dr_swap_area *areas, size_t nr)
{
	static const struct dr_column columns[] = {
		{ "PRIO", true }, { "STATE", false }, { "SIZE", true },
		{ "USED", true }, { "ERRORS", true }, { "PATH", false },
	};
	struct dr_table *table;
	int err;

	table = dr_table_create(columns, sizeof(columns) / sizeof(*columns));
	if (!table)
		return fail("out of memory");
	for (size_t i = 0; i < nr; i++)
		add_area_row(table, &areas[i]);
	err = dr_table_print(table, stdout);
	dr_table_destroy(table);
	return err ? fail_errno("printing", err) : EXIT_OK;
}
