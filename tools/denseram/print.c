// SPDX-License-Identifier: GPL-2.0-only
/* What people read: tables and paragraphs that fit 80 columns. */
#include "output.h"
#include "verbs.h"
#include "../lib/account.h"
#include "../lib/table.h"
#include "../lib/text.h"
#include "../lib/units.h"
#include "../lib/words.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))

static void add_size(struct dr_table *table, uint64_t bytes)
{
	char text[DR_SIZE_TEXT];

	dr_table_add(table, "%s", dr_size_format(bytes, text));
}

static void add_name(struct dr_table *table, const char *name)
{
	char *text = dr_text_escape(name);

	dr_table_add(table, "%s", text ? text : "?");
	free(text);
}

/* Print and free. */
static int finish(struct dr_table *table)
{
	int err = dr_table_print(table, stdout);

	dr_table_destroy(table);
	return err ? fail_errno("printing", err) : EXIT_OK;
}

static void add_guest_row(struct dr_table *table,
			  const struct dr_guest_info *guest)
{
	uint64_t bytes[DR_NR_PLACES];

	dr_account(&guest->usage, bytes);
	dr_table_add(table, "%" PRIu64, (uint64_t)guest->id);
	dr_table_add(table, "%s", dr_guest_state_name(guest));
	add_size(table, guest->usage.size);
	add_size(table, guest->usage.resident);
	add_size(table, bytes[DR_PLACE_BLOCKS] + bytes[DR_PLACE_HOLES]);
	add_size(table, bytes[DR_PLACE_PAGES]);
	if (guest->vmm_pid)
		dr_table_add(table, "%d", guest->vmm_pid);
	else
		dr_table_add(table, "-");
	add_name(table, guest->name);
}

int print_guest_table(const struct dr_guest_info *guests, size_t nr)
{
	/* The name goes last: the one column without a bound. */
	static const struct dr_column columns[] = {
		{ "ID", true }, { "STATE", false }, { "SIZE", true },
		{ "RESIDENT", true }, { "BLOCKS", true }, { "PAGES", true },
		{ "PID", true }, { "NAME", false },
	};
	struct dr_table *table = dr_table_create(columns, ARRAY_SIZE(columns));

	if (!table)
		return fail("out of memory");
	for (size_t i = 0; i < nr; i++)
		add_guest_row(table, &guests[i]);
	return finish(table);
}

static void print_share(uint64_t part, uint64_t whole)
{
	if (whole)
		printf("  %5.1f %%", 100.0 * (double)part / (double)whole);
	else
		printf("  %7s", "-");
}

static void print_where(const struct dr_usage *usage)
{
	uint64_t bytes[DR_NR_PLACES];
	char text[DR_SIZE_TEXT];

	dr_account(usage, bytes);
	for (int i = 0; i < DR_NR_PLACES; i++) {
		const struct dr_place_text *place = &dr_place_text[i];

		printf("  %-16s %10s", place->label,
		       dr_size_format(bytes[i], text));
		print_share(bytes[i], usage->size);
		printf("  %s\n", place->meaning);
	}
	printf("  %-16s %10s", "= size", dr_size_format(usage->size, text));
	print_share(usage->size, usage->size);
	printf("  configured\n");
	printf("  %-16s %10s", "resident",
	       dr_size_format(usage->resident, text));
	print_share(usage->resident, usage->size);
	printf("  host memory held\n");
	printf("  %-16s %10s", "metadata",
	       dr_size_format(usage->metadata, text));
	print_share(usage->metadata, usage->size);
	printf("  index, besides\n");
}

static void print_warning(const struct warning *warning,
			  const struct dr_guest_info *guest)
{
	char *name = dr_text_escape(guest->name);
	char text[256];

	warning->say(guest, text, sizeof(text));
	printf("\nWarning: guest %s %s.\n  Remedy: %s.\n", name ? name : "?",
	       text, warning->remedy);
	free(name);
}

static void print_warnings(const struct dr_guest_info *guests, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		for (size_t j = 0; j < nr_warnings; j++) {
			if (warnings[j].applies(&guests[i]))
				print_warning(&warnings[j], &guests[i]);
		}
	}
}

static void print_admission(const struct dr_admission_status *s)
{
	char promised[DR_SIZE_TEXT], room[DR_SIZE_TEXT];

	printf("Promised to guests: %s, room for %s more\n",
	       dr_size_format(s->promised, promised),
	       dr_size_format(s->room, room));
	if (s->strict)
		printf("Strict: %s of %s of swap space promised\n",
		       dr_size_format(s->swap_promised, promised),
		       dr_size_format(s->swap, room));
}

int print_status(const struct host *host)
{
	const struct dr_status *status = &host->status;
	char total[DR_SIZE_TEXT], available[DR_SIZE_TEXT];
	int err = EXIT_OK;

	printf("denseram %s, ABI %u; mounts: %u, guests: %u\n",
	       host->version.release, host->version.abi, status->nr_mounts,
	       status->nr_guests);
	printf("Host memory: %s, %s available\n",
	       dr_size_format(status->host_total, total),
	       dr_size_format(status->host_available, available));
	if (host->has_admission)
		print_admission(&host->admission);
	printf("\nWhere the guest RAM is\n");
	print_where(&status->usage);
	if (host->has_share)
		print_host_sharing(&host->share, status->events);
	if (host->has_swap)
		print_host_paging(&host->swap, status->events);
	if (host->has_balloons && host->nr_guests)
		print_host_balloons(&host->balloons);
	if (host->nr_guests) {
		printf("\n");
		err = print_guest_table(host->guests, host->nr_guests);
	}
	print_warnings(host->guests, host->nr_guests);
	return err;
}

static void print_limits(const struct dr_guest_limits *limits)
{
	char min[DR_SIZE_TEXT], max[DR_SIZE_TEXT], limit[DR_SIZE_TEXT];

	printf("Limits: min %s, max %s, limit %s, shares %u%s\n",
	       dr_size_format(limits->min, min),
	       limits->max ? dr_size_format(limits->max, max) : "size",
	       limits->limit ? dr_size_format(limits->limit, limit) : "none",
	       limits->shares, limits->pinned ? ", pinned" : "");
}

static void print_events(const __u64 *events)
{
	for (unsigned int i = 0; i < DR_NR_EVENTS; i++)
		printf("  %-16s %10" PRIu64 "%s", dr_event_name(i),
		       (uint64_t)events[i], i % 2 ? "\n" : "    ");
	if (DR_NR_EVENTS % 2)
		printf("\n");
}

int print_guest(const struct dr_guest_info *guest,
		const struct dr_guest_swap *swap,
		const struct dr_balloon_info *balloon)
{
	char *name = dr_text_escape(guest->name);

	if (!name)
		return fail("out of memory");
	printf("Guest %s, id %" PRIu64 ", state %s\n", name,
	       (uint64_t)guest->id, dr_guest_state_name(guest));
	free(name);
	printf("Owner: uid %u; files: %u; regions: %u\n", guest->uid,
	       guest->nr_files, guest->nr_regions);
	if (guest->vmm_pid)
		printf("VMM: pid %d%s\n", guest->vmm_pid,
		       guest->state & DR_GUEST_KVM ? ", with a KVM VM" : "");
	else
		printf("VMM: none\n");
	print_limits(&guest->limits);
	printf("\nWhere its RAM is\n");
	print_where(&guest->usage);
	print_guest_sharing(guest);
	if (swap)
		print_guest_paging(swap, guest->events);
	if (balloon)
		print_guest_balloon(balloon);
	printf("\nEvents\n");
	print_events(guest->events);
	print_warnings(guest, 1);
	return EXIT_OK;
}
