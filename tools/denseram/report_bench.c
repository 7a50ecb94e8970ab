// SPDX-License-Identifier: GPL-2.0-only
/* What a benchmark left, as a part of a report. */
#include "report.h"
#include "verbs.h"
#include "../lib/html.h"

#include <errno.h>
#include <glob.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

/* A picture larger than this is none. */
#define PICTURE_MOST	(32L << 20)

#define NAME_MOST	256

static void goal_table(FILE *out, struct json_object *goals)
{
	static const char *const titles[] = { "goal", "", NULL };

	report_table_begin(out, titles);
	json_object_object_foreach(goals, name, met) {
		report_row_begin(out, name);
		report_cell(out, json_object_get_boolean(met) ? "met" : "not met");
		report_row_end(out);
	}
	report_table_end(out);
}

static void figure_row(FILE *out, const char *name, struct json_object *value)
{
	report_row_begin(out, name);
	report_cell(out, "%s", value ? json_object_get_string(value) : "-");
	report_row_end(out);
}

/* A row for each figure, however deep it is: "mixes.idle.stock.guests". */
static void figure_rows(FILE *out, const char *name, struct json_object *value)
{
	char below[NAME_MOST];

	if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(value); i++) {
			snprintf(below, sizeof(below), "%s[%zu]", name, i);
			figure_rows(out, below,
				    json_object_array_get_idx(value, i));
		}
	} else if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, key, part) {
			snprintf(below, sizeof(below), "%s%s%s", name,
				 *name ? "." : "", key);
			if (*name || strcmp(key, "goals"))
				figure_rows(out, below, part);
		}
	} else {
		figure_row(out, name, value);
	}
}

static void figure_table(FILE *out, struct json_object *result)
{
	static const char *const titles[] = { "figure", "", NULL };

	fputs("<details><summary>All figures</summary>\n", out);
	report_table_begin(out, titles);
	figure_rows(out, "", result);
	report_table_end(out);
	fputs("</details>\n", out);
}

/* The whole file; to be freed. */
static unsigned char *read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "re");
	unsigned char *bytes = NULL;
	long size = -1;

	if (file && !fseek(file, 0, SEEK_END))
		size = ftell(file);
	if (size > 0 && size <= PICTURE_MOST)
		bytes = malloc((size_t)size);
	*len = (size_t)size;
	if (bytes && (fseek(file, 0, SEEK_SET) ||
		      fread(bytes, 1, *len, file) != *len)) {
		free(bytes);
		bytes = NULL;
	}
	if (file)
		fclose(file);
	return bytes;
}

/*
 * As an image of its own, not as a part of the page: names within one picture
 * are also in others, and no script that is in it would run.
 */
static int picture(FILE *out, const char *path)
{
	size_t len;
	unsigned char *bytes = read_file(path, &len);

	if (!bytes)
		return fail("%s cannot be read", path);
	fputs("<figure><img alt=\"", out);
	html_text(out, strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
	fputs("\" src=\"data:image/svg+xml;base64,", out);
	html_base64(out, bytes, len);
	fputs("\"></figure>\n", out);
	free(bytes);
	return EXIT_OK;
}

static int pictures(FILE *out, const char *dir)
{
	char pattern[4096];
	glob_t found;
	int err = EXIT_OK;

	snprintf(pattern, sizeof(pattern), "%s/*.svg", dir);
	if (glob(pattern, 0, NULL, &found))
		return EXIT_OK;
	for (size_t i = 0; !err && i < found.gl_pathc; i++)
		err = picture(out, found.gl_pathv[i]);
	globfree(&found);
	return err;
}

static int write_bench(FILE *out, const char *dir, struct json_object *result)
{
	struct json_object *goals;
	char title[NAME_MOST];
	int err;

	snprintf(title, sizeof(title), "Benchmark: %s", report_text(result, "bench"));
	report_heading(out, title, dir);
	err = pictures(out, dir);
	if (json_object_object_get_ex(result, "goals", &goals) &&
	    json_object_is_type(goals, json_type_object))
		goal_table(out, goals);
	figure_table(out, result);
	fputs("</section>\n", out);
	return err;
}

int report_bench(FILE *out, const char *dir)
{
	struct json_object *result;
	char path[4096];
	int err;

	snprintf(path, sizeof(path), "%s/result.json", dir);
	result = json_object_from_file(path);
	if (!json_object_is_type(result, json_type_object)) {
		json_object_put(result);
		return fail("%s: no figures of a benchmark", path);
	}
	err = write_bench(out, dir, result);
	json_object_put(result);
	return err;
}
