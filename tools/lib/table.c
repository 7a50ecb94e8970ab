// SPDX-License-Identifier: GPL-2.0-only
#include "table.h"
#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

/*
 * @cells: @nr_cells texts, row by row; @broken: one could not be kept;
 * @widths: of the columns so far.
 */
struct dr_table {
	const struct dr_column *columns;
	size_t nr_columns;
	char **cells;
	size_t nr_cells;
	size_t room;
	bool broken;
	size_t widths[];
};

struct dr_table *dr_table_create(const struct dr_column *columns,
				 size_t nr_columns)
{
	struct dr_table *table;

	table = calloc(1, sizeof(*table) + nr_columns * sizeof(size_t));
	if (!table)
		return NULL;
	table->columns = columns;
	table->nr_columns = nr_columns;
	for (size_t i = 0; i < nr_columns; i++)
		table->widths[i] = dr_text_columns(columns[i].title);
	return table;
}

void dr_table_destroy(struct dr_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->nr_cells; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table);
}

static bool make_room(struct dr_table *table)
{
	size_t room = table->room ? table->room * 2 : 64;
	char **cells;

	if (table->nr_cells < table->room)
		return true;
	cells = reallocarray(table->cells, room, sizeof(*cells));
	if (!cells)
		return false;
	table->cells = cells;
	table->room = room;
	return true;
}

static void keep(struct dr_table *table, char *cell)
{
	size_t *width = &table->widths[table->nr_cells % table->nr_columns];
	size_t len = dr_text_columns(cell);

	*width = len > *width ? len : *width;
	table->cells[table->nr_cells++] = cell;
}

void dr_table_add(struct dr_table *table, const char *fmt, ...)
{
	va_list args;
	char *cell;
	int len;

	va_start(args, fmt);
	len = vasprintf(&cell, fmt, args);
	va_end(args);
	if (len < 0) {
		table->broken = true;
		return;
	}
	if (!make_room(table)) {
		free(cell);
		table->broken = true;
		return;
	}
	keep(table, cell);
}

static void print_cell(const struct dr_table *table, size_t column,
		       const char *text, FILE *out)
{
	int pad = (int)(table->widths[column] - dr_text_columns(text));
	bool last = column + 1 == table->nr_columns;

	if (table->columns[column].right)
		fprintf(out, "%*s%s", pad, "", text);
	else
		fprintf(out, "%s%*s", text, last ? 0 : pad, "");
	fputs(last ? "\n" : "  ", out);
}

int dr_table_print(const struct dr_table *table, FILE *out)
{
	if (table->broken)
		return -ENOMEM;
	if (table->nr_cells % table->nr_columns)
		return -EINVAL;
	for (size_t i = 0; i < table->nr_columns; i++)
		print_cell(table, i, table->columns[i].title, out);
	for (size_t i = 0; i < table->nr_cells; i++)
		print_cell(table, i % table->nr_columns, table->cells[i], out);
	return 0;
}
