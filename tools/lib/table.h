/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables in aligned columns, as wide as what is in them. */
#ifndef DR_TABLE_H
#define DR_TABLE_H

#include <stdbool.h>
#include <stdio.h>

/**
 * struct dr_column - one column of a table
 * @title: heading
 * @right: numbers stand at the right
 */
struct dr_column {
	const char *title;
	bool right;
};

struct dr_table;

/**
 * dr_table_create - an empty table
 * @columns: must stay until dr_table_destroy()
 * @nr_columns: how many
 *
 * Returns NULL without memory.
 */
struct dr_table *dr_table_create(const struct dr_column *columns,
				 size_t nr_columns);
void dr_table_destroy(struct dr_table *table);

/**
 * dr_table_add - append the next cell, row by row
 * @table: the table
 * @fmt: as for printf(3)
 *
 * Memory that is missing shows as an error of dr_table_print().
 */
__attribute__((format(printf, 2, 3)))
void dr_table_add(struct dr_table *table, const char *fmt, ...);

/**
 * dr_table_print - write the headings and all rows
 * @table: the table; its last row must be complete
 * @out: where to
 *
 * Two blanks between columns, none at the end of a line.
 *
 * Returns 0, -ENOMEM or -EINVAL for an incomplete row.
 */
int dr_table_print(const struct dr_table *table, FILE *out);

#endif /* DR_TABLE_H */
