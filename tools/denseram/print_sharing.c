// SPDX-License-Identifier: GPL-2.0-only
/* Sharing for people: the paragraphs of "status" and "guest show". */
#include "output.h"
#include "../lib/args.h"
#include "../lib/units.h"
#include "../lib/words.h"

#include <inttypes.h>
#include <stdio.h>

uint64_t zero_given_back(const __u64 *events)
{
	return events[DR_EV_SCAN_ZERO] * DR_PAGE_SIZE;
}

uint64_t share_saved(const struct dr_share_status *share)
{
	return share->shared > share->kept ? share->shared - share->kept : 0;
}

static void print_size(const char *label, uint64_t bytes, const char *meaning)
{
	char text[DR_SIZE_TEXT];

	printf("  %-16s %10s  %s\n", label, dr_size_format(bytes, text),
	       meaning);
}

static void print_count(const char *label, uint64_t value,
			const char *meaning)
{
	printf("  %-16s %10" PRIu64 "  %s\n", label, value, meaning);
}

static void print_table_of_contents(const struct dr_share_status *share)
{
	char text[DR_SIZE_TEXT];

	printf("  %-16s %10s  of %" PRIu64 " entries: %" PRIu64
	       " shared, %" PRIu64 " seen once\n", "table",
	       dr_size_format(share->table_bytes, text),
	       (uint64_t)share->table_slots, (uint64_t)share->table_shares,
	       (uint64_t)share->table_hints);
}

void print_host_sharing(const struct dr_share_status *share,
			const __u64 *events)
{
	printf("\nSharing of identical pages: scanner %s, threads: %u, memory level %s\n",
	       share->enabled ? "on" : "off", share->nr_scanners,
	       dr_level_word(share->level));
	print_size("shared", share->shared, "of guest RAM is shared");
	print_size("kept", share->kept, "host memory that serves it");
	print_size("saved", share_saved(share), "the difference");
	print_size("zero", zero_given_back(events),
		   "pages of zeros given back by the scanner so far");
	print_count("volatile", events[DR_EV_SCAN_VOLATILE],
		    "visits that found a page changed");
	print_count("rate", share->scan_rate, "pages looked at a second");
	printf("  %-16s %8.1f s  of CPU, for %" PRIu64 " passes over a file\n",
	       "time", (double)share->cpu_ns / 1e9, (uint64_t)share->passes);
	print_table_of_contents(share);
}

void print_guest_sharing(const struct dr_guest_info *guest)
{
	printf("\nSharing: %s, %s\n", dr_share_mode_name(guest->share),
	       guest->state & DR_GUEST_SCANNED ? "scanned" : "not scanned");
	print_size("shared", guest->usage.shared * DR_PAGE_SIZE,
		   "of its RAM is shared");
	print_size("saved", guest->usage.saved, "its part of what that saves");
	print_size("zero", zero_given_back(guest->events),
		   "pages of zeros given back by the scanner so far");
	print_count("volatile", guest->events[DR_EV_SCAN_VOLATILE],
		    "visits that found a page changed");
}
