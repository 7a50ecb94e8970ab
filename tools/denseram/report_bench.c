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
#include <unistd.h>

/* A picture larger than this is none. */
#define PICTURE_MOST	(32L << 20)

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

/* The command, and the machine: what a benchmark of an older denseram lacks. */
static void made(FILE *out, const char *dir)
{
	struct json_object *machine;
	char path[4096];

	snprintf(path, sizeof(path), "%s/machine.json", dir);
	machine = json_object_from_file(path);
	if (machine)
		report_made(out, machine);
	json_object_put(machine);
}

static int tables(FILE *out, const char *dir)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/table.tsv", dir);
	return access(path, F_OK) ? EXIT_OK : report_tables(out, path);
}

static int write_bench(FILE *out, const char *dir, struct json_object *result)
{
	struct json_object *goals;
	char title[256];
	int err;

	snprintf(title, sizeof(title), "Benchmark: %s", report_text(result, "bench"));
	report_heading(out, title, dir);
	err = pictures(out, dir);
	if (!err)
		err = tables(out, dir);
	made(out, dir);
	if (json_object_object_get_ex(result, "goals", &goals) &&
	    json_object_is_type(goals, json_type_object))
		goal_table(out, goals);
	report_figures(out, "All figures", result, "goals");
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
