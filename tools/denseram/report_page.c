// SPDX-License-Identifier: GPL-2.0-only
/* The building blocks of a page. */
#include "report.h"
#include "../lib/html.h"

#include <json-c/json.h>
#include <stdarg.h>

const char *report_text(struct json_object *object, const char *key)
{
	struct json_object *value;
	const char *text = NULL;

	/* null has no text either. */
	if (json_object_object_get_ex(object, key, &value))
		text = json_object_get_string(value);
	return text ? text : "";
}

void report_heading(FILE *out, const char *title, const char *below)
{
	fputs("<section><h2>", out);
	html_text(out, title);
	fputs("</h2>\n<p class=\"from\">", out);
	html_text(out, below);
	fputs("</p>\n", out);
}

/* Ended by NULL; the first one is of the names of the rows. */
void report_table_begin(FILE *out, const char *const *titles)
{
	fputs("<div class=\"wide\"><table><thead><tr>", out);
	for (; *titles; titles++) {
		fputs("<th>", out);
		html_text(out, *titles);
		fputs("</th>", out);
	}
	fputs("</tr></thead><tbody>\n", out);
}

void report_row_begin(FILE *out, const char *name)
{
	fputs("<tr><td>", out);
	html_text(out, name);
	fputs("</td>", out);
}

void report_cell(FILE *out, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fputs("<td>", out);
	html_text(out, text);
	fputs("</td>", out);
}

void report_row_end(FILE *out)
{
	fputs("</tr>\n", out);
}

void report_table_end(FILE *out)
{
	fputs("</tbody></table></div>\n", out);
}
