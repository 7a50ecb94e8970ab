// SPDX-License-Identifier: GPL-2.0-only
/* Balloons for people: a table, and paragraphs of "status" and "guest show". */
#include "output.h"
#include "verbs.h"
#include "../lib/balloon.h"
#include "../lib/table.h"
#include "../lib/text.h"
#include "../lib/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))

/* A size, or "-" where nobody said. */
static const char *size_or_none(uint64_t bytes, char *text)
{
	return bytes == DR_BALLOON_UNASKED ? "-" : dr_size_format(bytes, text);
}

static void add_size(struct dr_table *table, uint64_t bytes)
{
	char text[DR_SIZE_TEXT];

	dr_table_add(table, "%s", size_or_none(bytes, text));
}

static const char *driver_word(const struct dr_balloon_info *b)
{
	if (!(b->features & DR_BALLOON_DEVICE))
		return b->state == DR_BALLOON_NONE ? "-" : "no device";
	return b->features & DR_BALLOON_DRIVER ? "yes" : "no";
}

static void add_row(struct dr_table *table, const struct dr_guest_info *guest,
		    const struct dr_balloon_info *b)
{
	char *name = dr_text_escape(guest->name);

	dr_table_add(table, "%s", dr_balloon_state_name(b->state));
	add_size(table, b->wanted);
	add_size(table, b->actual);
	add_size(table, b->backed);
	add_size(table, guest->usage.resident);
	add_size(table, b->stats[DR_BSTAT_AVAILABLE]);
	dr_table_add(table, "%s", driver_word(b));
	dr_table_add(table, "%s", name ? name : "?");
	free(name);
}

int print_balloon_table(const struct dr_guest_info *guests,
			const struct dr_balloon_info *balloons, size_t nr)
{
	static const struct dr_column columns[] = {
		{ "STATE", false }, { "WANTED", true }, { "ACTUAL", true },
		{ "BACKED", true }, { "RESIDENT", true },
		{ "AVAILABLE", true }, { "DRIVER", false }, { "NAME", false },
	};
	struct dr_table *table = dr_table_create(columns, ARRAY_SIZE(columns));
	int err;

	if (!table)
		return fail("out of memory");
	for (size_t i = 0; i < nr; i++)
		add_row(table, &guests[i], &balloons[i]);
	err = dr_table_print(table, stdout);
	dr_table_destroy(table);
	return err ? fail_errno("printing", err) : EXIT_OK;
}

static void print_size(const char *label, uint64_t bytes, const char *meaning)
{
	char text[DR_SIZE_TEXT];

	printf("  %-16s %10s  %s\n", label, size_or_none(bytes, text), meaning);
}

void print_host_balloons(const struct dr_balloon_sum *sum)
{
	printf("\nBalloons: %u settled, %u moving, %u short, %u idle, %u silent\n",
	       sum->nr[DR_BALLOON_SETTLED], sum->nr[DR_BALLOON_MOVING],
	       sum->nr[DR_BALLOON_SHORT], sum->nr[DR_BALLOON_IDLE],
	       sum->nr[DR_BALLOON_SILENT]);
	print_size("wanted", sum->wanted, "that guests are to give up");
	print_size("actual", sum->actual, "they say they gave");
	print_size("backed", sum->backed, "of that the host does not find in use");
}

static void print_age(uint64_t ms)
{
	if (ms == DR_BALLOON_UNKNOWN)
		printf("never reported");
	else
		printf("reported %.1f s ago", (double)ms / 1e3);
}

static void print_stat(const struct dr_balloon_info *b, unsigned int stat,
		       bool left)
{
	char text[DR_SIZE_TEXT];

	if (b->stats[stat] == DR_BALLOON_UNKNOWN)
		snprintf(text, sizeof(text), "-");
	else if (dr_balloon_stat_is_size(stat))
		dr_size_format(b->stats[stat], text);
	else
		snprintf(text, sizeof(text), "%" PRIu64,
			 (uint64_t)b->stats[stat]);
	printf("  %-16s %10s%s", dr_balloon_stat_name(stat), text,
	       left ? "    " : "\n");
}

void print_guest_balloon(const struct dr_balloon_info *b)
{
	printf("\nBalloon: %s, driver: %s, deflate-on-oom: %s, ",
	       dr_balloon_state_name(b->state), driver_word(b),
	       b->features & DR_BALLOON_OOM ? "yes" : "no");
	print_age(b->report_ms);
	printf("\n");
	print_size("wanted", b->wanted, "that the guest is to give up");
	print_size("actual", b->actual, "it says it gave");
	print_size("backed", b->backed, "of that the host does not find in use");
	if (b->stats_ms == DR_BALLOON_UNKNOWN)
		return;
	printf("Memory as the guest tells of it, ");
	print_age(b->stats_ms);
	printf("\n");
	for (unsigned int i = 0; i < DR_NR_BALLOON_STATS; i++)
		print_stat(b, i, i % 2 == 0);
}
