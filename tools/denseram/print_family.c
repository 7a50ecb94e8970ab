// SPDX-License-Identifier: GPL-2.0-only
/* "denseram share tree" for people: a matrix, or a list when they are many. */
#include "output.h"
#include "verbs.h"
#include "../lib/table.h"
#include "../lib/text.h"
#include "../lib/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define MATRIX_MAX	8	/* guests, so that it fits 80 columns */
#define PARTNERS	3	/* of each guest in the list */
#define MIB		(1024.0 * 1024.0)

uint64_t family_bytes(const struct family *family, uint64_t pages)
{
	return (pages << family->sample) * DR_PAGE_SIZE;
}

static uint64_t common(const struct family *family, size_t a, size_t b)
{
	return family_bytes(family, dr_sharing_pair(family->sharing, a, b));
}

static uint64_t uses(const struct family *family, size_t guest)
{
	return family_bytes(family, dr_sharing_uses(family->sharing, guest));
}

static void add_name(struct dr_table *table, const char *name)
{
	char *text = dr_text_escape(name);

	dr_table_add(table, "%s", text ? text : "?");
	free(text);
}

/* Six columns: MiB, or GiB where they are many. */
static void add_cell(struct dr_table *table, uint64_t bytes)
{
	double mib = (double)bytes / MIB;

	if (!bytes)
		dr_table_add(table, ".");
	else if (mib < 999.95)
		dr_table_add(table, "%.1f", mib);
	else if (mib < 99999.5)
		dr_table_add(table, "%.0f", mib);
	else
		dr_table_add(table, "%.0fG", mib / 1024);
}

static int fill_matrix(struct dr_table *table, const struct family *family)
{
	int err;

	for (size_t a = 0; a < family->nr; a++) {
		dr_table_add(table, "%" PRIu64,
			     (uint64_t)family->guests[a].id);
		add_cell(table, uses(family, a));
		for (size_t b = 0; b < family->nr; b++)
			add_cell(table, common(family, a, b));
		add_name(table, family->guests[a].name);
	}
	err = dr_table_print(table, stdout);
	return err ? fail_errno("printing", err) : EXIT_OK;
}

static int print_matrix(const struct family *family)
{
	struct dr_column columns[MATRIX_MAX + 3] = {
		{ "ID", true }, { "SHARED", true },
	};
	char titles[MATRIX_MAX][24];
	struct dr_table *table;
	size_t i;
	int err;

	for (i = 0; i < family->nr; i++) {
		snprintf(titles[i], sizeof(titles[i]), "#%" PRIu64,
			 (uint64_t)family->guests[i].id);
		columns[i + 2] = (struct dr_column) { titles[i], true };
	}
	columns[i + 2] = (struct dr_column) { "NAME", false };
	table = dr_table_create(columns, i + 3);
	if (!table)
		return fail("out of memory");
	printf("MiB shared, and in common with #ID; with itself: what that saves\n");
	err = fill_matrix(table, family);
	dr_table_destroy(table);
	return err;
}

/* The most @guest has in common with one not in @taken; nr when with none. */
static size_t next_partner(const struct family *family, size_t guest,
			   const size_t *taken, size_t nr_taken)
{
	size_t best = family->nr;

	for (size_t i = 0; i < family->nr; i++) {
		size_t j;

		for (j = 0; j < nr_taken && taken[j] != i; j++)
			;
		if (i == guest || j < nr_taken || !common(family, guest, i))
			continue;
		if (best == family->nr ||
		    common(family, guest, i) > common(family, guest, best))
			best = i;
	}
	return best;
}

static void print_partner(const struct family *family, size_t guest,
			  size_t partner)
{
	char *name = dr_text_escape(family->guests[partner].name);
	char size[DR_SIZE_TEXT];

	printf("  %10s with %s\n",
	       dr_size_format(common(family, guest, partner), size),
	       name ? name : "?");
	free(name);
}

static size_t count_partners(const struct family *family, size_t guest)
{
	size_t nr = 0;

	for (size_t i = 0; i < family->nr; i++)
		nr += i != guest && common(family, guest, i);
	return nr;
}

static void print_branch(const struct family *family, size_t guest)
{
	char *name = dr_text_escape(family->guests[guest].name);
	size_t nr = count_partners(family, guest), taken[PARTNERS], i;
	char all[DR_SIZE_TEXT], within[DR_SIZE_TEXT];

	printf("%s: shares %s, saves %s of it within itself\n",
	       name ? name : "?", dr_size_format(uses(family, guest), all),
	       dr_size_format(common(family, guest, guest), within));
	free(name);
	for (i = 0; i < PARTNERS && i < nr; i++) {
		taken[i] = next_partner(family, guest, taken, i);
		print_partner(family, guest, taken[i]);
	}
	if (nr > i)
		printf("  %10s with %zu more, less with each\n", "", nr - i);
}

static int print_list(const struct family *family)
{
	size_t idle = 0;

	for (size_t i = 0; i < family->nr; i++) {
		if (uses(family, i))
			print_branch(family, i);
		else
			idle++;
	}
	if (idle)
		printf("%zu guests share nothing\n", idle);
	return EXIT_OK;
}

int print_family(const struct family *family)
{
	if (family->sample)
		printf("From one shared page in %u; sizes are estimates\n",
		       1u << family->sample);
	if (!family->nr) {
		printf("There are no guests\n");
		return EXIT_OK;
	}
	return family->nr <= MATRIX_MAX ? print_matrix(family) :
					  print_list(family);
}
