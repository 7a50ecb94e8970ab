/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of a report. */
#ifndef DR_REPORT_H
#define DR_REPORT_H

#include <stdio.h>

struct json_object;

/**
 * report_bench - what a benchmark left in a directory
 * @out: the page
 * @dir: has result.json, and pictures
 *
 * Returns the exit status, a failure told.
 */
int report_bench(FILE *out, const char *dir);

/**
 * report_record - what "denseram top --json" has written
 * @out: the page
 * @path: of the file
 *
 * Returns the exit status, a failure told.
 */
int report_record(FILE *out, const char *path);

/**
 * report_figures - all figures of an object, to be unfolded
 * @out: the page
 * @title: of what is folded
 * @object: however deep; a row for each number or text in it
 * @without: a key of it that is left out; "" for none
 */
void report_figures(FILE *out, const char *title, struct json_object *object,
		    const char *without);

/* The command, the versions, the machine: as a table. */
void report_made(FILE *out, struct json_object *machine);

/**
 * report_tables - what a benchmark shows at its end
 * @out: the page
 * @path: of its table.tsv; tools/bench/show tells how it is written
 *
 * Returns the exit status, a failure told.
 */
int report_tables(FILE *out, const char *path);

/* Text of a key of an object; "" when there is none. */
const char *report_text(struct json_object *object, const char *key);

/* Headings, tables: the building blocks of a page. */
void report_heading(FILE *out, const char *title, const char *below);
void report_table_begin(FILE *out, const char *const *titles);
void report_row_begin(FILE *out, const char *name);
__attribute__((format(printf, 2, 3)))
void report_cell(FILE *out, const char *fmt, ...);
void report_row_end(FILE *out);
void report_table_end(FILE *out);

#endif /* DR_REPORT_H */
