// SPDX-License-Identifier: GPL-2.0-only
/* Tables of a report: of objects, and of what a benchmark shows. */
#include "report.h"
#include "verbs.h"
#include "../lib/html.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MOST	256

static void figure_row(FILE *out, const char *name, struct json_object *value)
{
	report_row_begin(out, name);
	report_cell(out, "%s", value ? json_object_get_string(value) : "-");
	report_row_end(out);
}

/* A row for each figure, however deep it is: "mixes.idle.stock.guests". */
static void figure_rows(FILE *out, const char *name, struct json_object *value,
			const char *without)
{
	char below[NAME_MOST];

	if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(value); i++) {
			snprintf(below, sizeof(below), "%s[%zu]", name, i);
			figure_rows(out, below,
				    json_object_array_get_idx(value, i), "");
		}
	} else if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, key, part) {
			snprintf(below, sizeof(below), "%s%s%s", name,
				 *name ? "." : "", key);
			if (strcmp(key, without))
				figure_rows(out, below, part, "");
		}
	} else {
		figure_row(out, name, value);
	}
}

void report_figures(FILE *out, const char *title, struct json_object *object,
		    const char *without)
{
	static const char *const titles[] = { "figure", "", NULL };

	fputs("<details><summary>", out);
	html_text(out, title);
	fputs("</summary>\n", out);
	report_table_begin(out, titles);
	figure_rows(out, "", object, without);
	report_table_end(out);
	fputs("</details>\n", out);
}

void report_made(FILE *out, struct json_object *machine)
{
	static const char *const titles[] = { "made with", "", NULL };

	report_table_begin(out, titles);
	figure_rows(out, "", machine, "");
	report_table_end(out);
}

static void tsv_cell(FILE *out, const char *tag, const char *text)
{
	fprintf(out, "<%s>", tag);
	html_text(out, text);
	fprintf(out, "</%s>", tag);
}

static void tsv_row(FILE *out, const char *tag, char *line)
{
	char *cell;

	fputs("<tr>", out);
	while ((cell = strsep(&line, "\t")))
		tsv_cell(out, tag, cell + strspn(cell, " "));
	fputs("</tr>\n", out);
}

/* One that does not begin with a space has the titles of a new table. */
static void tsv_line(FILE *out, char *line, bool *open)
{
	bool title = *line != ' ';

	if (*open && title)
		report_table_end(out);
	if (!*open || title)
		fputs("<div class=\"wide\"><table><tbody>\n", out);
	*open = true;
	tsv_row(out, title ? "th" : "td", line);
}

int report_tables(FILE *out, const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	bool open = false;

	if (!file)
		return fail("%s: %s", path, strerror(errno));
	while (getline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (*line)
			tsv_line(out, line, &open);
	}
	if (open)
		report_table_end(out);
	free(line);
	fclose(file);
	return EXIT_OK;
}
