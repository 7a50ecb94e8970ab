// SPDX-License-Identifier: GPL-2.0-only
/* A recording of "denseram top --json" as a part of a report. */
#include "report.h"
#include "verbs.h"
#include "../lib/chart.h"
#include "../lib/units.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))
#define MIB		1048576.0
#define BYTES_MOST	18446744073709551616.0

/* Parts of the host's memory, and of the guests' RAM. */
#define HOST_PARTS	5
#define GUEST_PARTS	6

static const char *const host_labels[HOST_PARTS] = {
	"own", "shared", "pool", "index", "host",
};

static const char *const guest_labels[GUEST_PARTS] = {
	"own", "shared", "pool", "disk", "balloon", "free",
};

/**
 * struct look - a line of the record
 * @t: seconds since the first one
 * @host: MiB, in the order of host_labels
 * @guests: MiB of all guests together, in the order of guest_labels
 */
struct look {
	double t;
	double host[HOST_PARTS];
	double guests[GUEST_PARTS];
};

/**
 * struct record - all of it
 * @looks: @nr of them, room for @room
 * @first: time of the first one
 * @best: the object whose guests have most beyond what they have in memory
 * @best_saved: by so many bytes
 * @last: the last object
 */
struct record {
	struct look *looks;
	size_t nr;
	size_t room;
	double first;
	struct json_object *best;
	double best_saved;
	struct json_object *last;
};

/* Of bytes: what no machine has counts as nothing. */
static double number(struct json_object *object, const char *key)
{
	struct json_object *value;
	double bytes;

	if (!json_object_object_get_ex(object, key, &value))
		return 0;
	bytes = json_object_get_double(value);
	return bytes >= 0 && bytes < BYTES_MOST ? bytes : 0;
}

static struct json_object *part(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, key, &value);
	return value;
}

/* "2026-11-27T14:02:11.123Z" in seconds; negative for what is none. */
static double seconds_of(const char *time)
{
	struct tm tm = { 0 };
	const char *rest = strptime(time, "%Y-%m-%dT%H:%M:%S", &tm);
	double part;

	if (!rest)
		return -1;
	part = *rest == '.' ? strtod(rest, NULL) : 0;
	/* An exponent is no part of a time. */
	return (double)timegm(&tm) + (part < 1 ? part : 0);
}

static double positive(double value)
{
	return value > 0 ? value : 0;
}

static void take_host(struct look *look, struct json_object *host)
{
	double *h = look->host, gone;

	h[0] = number(host, "resident") / MIB;
	h[1] = number(host, "kept") / MIB;
	h[2] = number(host, "pool_memory") / MIB;
	h[3] = number(host, "index") / MIB;
	gone = (number(host, "total") - number(host, "available")) / MIB;
	h[4] = positive(gone - h[0] - h[1] - h[2] - h[3]);
}

static void take_guest(struct look *look, struct json_object *guest)
{
	double *g = look->guests, parts[GUEST_PARTS];
	static const char *const keys[] = {
		"resident", "shared", "compressed", "disk", "balloon",
	};
	double left = number(guest, "size") / MIB;

	/* A balloon's memory is a part of what is not there. */
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		parts[i] = number(guest, keys[i]) / MIB;
		if (parts[i] > left)
			parts[i] = left;
		left -= parts[i];
	}
	parts[GUEST_PARTS - 1] = left;
	for (size_t i = 0; i < GUEST_PARTS; i++)
		g[i] += parts[i];
}

static double saved(struct json_object *guests)
{
	double sum = 0;

	for (size_t i = 0; i < json_object_array_length(guests); i++) {
		struct json_object *g = json_object_array_get_idx(guests, i);

		sum += number(g, "size") - number(g, "resident");
	}
	return sum;
}

static struct look *new_look(struct record *r)
{
	if (r->nr == r->room) {
		size_t room = r->room ? r->room * 2 : 256;
		void *looks = reallocarray(r->looks, room, sizeof(*r->looks));

		if (!looks)
			return NULL;
		r->looks = looks;
		r->room = room;
	}
	r->looks[r->nr] = (struct look){ 0 };
	return &r->looks[r->nr++];
}

static void keep(struct record *r, struct json_object *object,
		 struct json_object *guests)
{
	double sum = saved(guests);

	if (!r->best || sum > r->best_saved) {
		json_object_put(r->best);
		r->best = json_object_get(object);
		r->best_saved = sum;
	}
	json_object_put(r->last);
	r->last = json_object_get(object);
}

/* Returns 0, -EINVAL for what is no line of such a record, or -ENOMEM. */
static int take_look(struct record *r, struct json_object *object)
{
	struct json_object *host = part(object, "host");
	struct json_object *guests = part(object, "guests");
	double t = seconds_of(report_text(object, "time"));
	struct look *look;

	if (!host || !json_object_is_type(guests, json_type_array) || t < 0)
		return -EINVAL;
	look = new_look(r);
	if (!look)
		return -ENOMEM;
	if (r->nr == 1)
		r->first = t;
	look->t = t - r->first;
	/* A clock that was set back. */
	if (r->nr > 1 && look->t < r->looks[r->nr - 2].t)
		look->t = r->looks[r->nr - 2].t;
	take_host(look, host);
	for (size_t i = 0; i < json_object_array_length(guests); i++)
		take_guest(look, json_object_array_get_idx(guests, i));
	keep(r, object, guests);
	return 0;
}

static int read_lines(struct record *r, FILE *file, size_t *line)
{
	char *buffer = NULL;
	size_t room = 0;
	int err = 0;

	for (*line = 1; !err && getline(&buffer, &room, file) > 0; (*line)++) {
		struct json_object *object = json_tokener_parse(buffer);

		/* One that was cut off by whoever ended the recording. */
		if (!object && feof(file))
			break;
		err = object ? take_look(r, object) : -EINVAL;
		json_object_put(object);
		if (err)
			break;
	}
	free(buffer);
	return err;
}

static int read_record(struct record *r, const char *path)
{
	FILE *file = fopen(path, "re");
	size_t line;
	int err;

	if (!file)
		return fail("%s: %s", path, strerror(errno));
	err = read_lines(r, file, &line);
	fclose(file);
	if (err == -EINVAL)
		return fail("%s: line %zu is none of 'denseram top --json'", path,
			    line);
	if (err)
		return fail("out of memory");
	if (r->nr < 2)
		return fail("%s: two lines of 'denseram top --json' are the least",
			    path);
	return EXIT_OK;
}

/* A column of the looks: where its first number is, in doubles from @t. */
static double *column(const struct record *r, size_t offset)
{
	double *y = calloc(r->nr, sizeof(*y));

	for (size_t i = 0; y && i < r->nr; i++)
		y[i] = *((const double *)&r->looks[i] + offset);
	return y;
}

static int draw(FILE *out, const struct record *r, const char *title,
		const char *const *labels, size_t nr, size_t offset)
{
	struct dr_band bands[DR_CHART_COLORS] = { 0 };
	double *t = column(r, 0);
	struct dr_chart chart = {
		.title = title, .unit = "MiB", .t = t, .nr = r->nr,
		.bands = bands, .nr_bands = nr,
	};
	bool whole = t;

	for (size_t i = 0; i < nr; i++) {
		bands[i].label = labels[i];
		bands[i].y = column(r, offset + i);
		if (!bands[i].y)
			whole = false;
	}
	if (whole)
		dr_chart_draw(out, &chart);
	for (size_t i = 0; i < nr; i++)
		free((void *)bands[i].y);
	free(t);
	return whole ? EXIT_OK : fail("out of memory");
}

static void guest_row(FILE *out, struct json_object *guest)
{
	static const char *const keys[] = {
		"size", "resident", "target", "active", "shared", "compressed",
		"disk", "balloon",
	};

	report_row_begin(out, report_text(guest, "name"));
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		report_cell(out, "%.0f", number(guest, keys[i]) / MIB);
	report_cell(out, "%s", report_text(guest, "rule"));
	report_row_end(out);
}

static void guest_table(FILE *out, struct json_object *object)
{
	static const char *const titles[] = {
		"guest, MiB", "size", "resident", "target", "active", "shared",
		"compressed", "disk", "balloon", "rule", NULL,
	};
	struct json_object *guests = part(object, "guests");

	report_table_begin(out, titles);
	for (size_t i = 0; i < json_object_array_length(guests); i++)
		guest_row(out, json_object_array_get_idx(guests, i));
	report_table_end(out);
}

static void summary(FILE *out, const struct record *r)
{
	struct json_object *host = part(r->best, "host");
	struct json_object *guests = part(r->best, "guests");
	double size = 0, total = number(host, "total");

	for (size_t i = 0; i < json_object_array_length(guests); i++)
		size += number(json_object_array_get_idx(guests, i), "size");
	fprintf(out, "<p>At best, %zu guests with %.0f MiB of RAM in a host of %.0f MiB: %.2f times its memory.</p>\n",
		json_object_array_length(guests), size / MIB, total / MIB,
		total > 0 ? size / total : 0);
}

static int write_record(FILE *out, const struct record *r, const char *path)
{
	int err;

	report_heading(out, "Where the memory was", path);
	summary(out, r);
	if (part(r->last, "machine"))
		report_made(out, part(r->last, "machine"));
	err = draw(out, r, "The host's memory", host_labels, HOST_PARTS, 1);
	if (!err)
		err = draw(out, r, "The guests' RAM", guest_labels, GUEST_PARTS,
			   1 + HOST_PARTS);
	fputs("<h3>The guests when most was saved</h3>\n", out);
	guest_table(out, r->best);
	fputs("<h3>The guests at the end</h3>\n", out);
	guest_table(out, r->last);
	fputs("</section>\n", out);
	return err;
}

int report_record(FILE *out, const char *path)
{
	struct record record = { 0 };
	int err = read_record(&record, path);

	if (!err)
		err = write_record(out, &record, path);
	json_object_put(record.best);
	json_object_put(record.last);
	free(record.looks);
	return err;
}
