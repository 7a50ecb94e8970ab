// SPDX-License-Identifier: GPL-2.0-only
/* "denseram get" */
#include "json_build.h"
#include "knobs.h"
#include "../lib/table.h"
#include "../lib/units.h"

#include <errno.h>
#include <string.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))

/**
 * struct form - how knobs are shown, one after the other
 * @begin: before the first
 * @show: each
 * @end: after the last; returns the exit status
 */
struct form {
	void *(*begin)(void);
	void (*show)(void *to, const struct knob_value *value);
	int (*end)(void *to);
};

/* A size at a glance: "get --bare" has every digit of it. */
static const char *short_text(const struct knob_value *value, char *size)
{
	if (value->knob->kind == DR_KNOB_SIZE)
		return dr_size_format(value->number, size);
	return value->text;
}

static void *table_begin(void)
{
	static const struct dr_column columns[] = {
		{ "KNOB", false }, { "VALUE", true }, { "MEANING", false },
	};

	return dr_table_create(columns, ARRAY_SIZE(columns));
}

static void table_show(void *to, const struct knob_value *value)
{
	char size[DR_SIZE_TEXT];

	dr_table_add(to, "%s", value->knob->name);
	dr_table_add(to, "%s", short_text(value, size));
	dr_table_add(to, "%s", value->knob->meaning);
}

static int table_end(void *to)
{
	int err = dr_table_print(to, stdout);

	dr_table_destroy(to);
	return err ? fail_errno("printing", err) : EXIT_OK;
}

static const struct form form_table = { table_begin, table_show, table_end };

/* For those that only print. */
static void *plain_begin(void)
{
	static char nothing;

	return &nothing;
}

static int plain_end(void *to)
{
	(void)to;
	return EXIT_OK;
}

static void bare_show(void *to, const struct knob_value *value)
{
	(void)to;
	puts(value->text);
}

static const struct form form_bare = { plain_begin, bare_show, plain_end };

/* All about it. */
static void full_show(void *to, const struct knob_value *value)
{
	const struct dr_knob *knob = value->knob;
	char range[DR_KNOB_RANGE], size[DR_SIZE_TEXT];

	(void)to;
	printf("%s is %s: %s\n", knob->name, short_text(value, size),
	       knob->meaning);
	printf("  takes %s", knob_range(value, range));
	if (knob->zero)
		printf("; 0: %s", knob->zero);
	printf("\n  file  " DR_SYSFS "/%s\n", knob->file);
}

static const struct form form_full = { plain_begin, full_show, plain_end };

static const char *unit_name(const struct dr_knob *knob)
{
	switch (knob->kind) {
	case DR_KNOB_PERCENT:
		return "percent";
	case DR_KNOB_SIZE:
		return "bytes";
	case DR_KNOB_TIME:
		return knob->unit_us == 1 ? "us" :
		       knob->unit_us == 1000 ? "ms" : "s";
	default:
		return NULL;
	}
}

static void add_words(struct json_object *object, const struct knob_value *value)
{
	struct json_object *words = must(json_object_new_array());
	char word[DR_KNOB_TEXT];
	bool chosen;

	for (size_t i = 0; dr_knob_word(value->words, i, word, &chosen); i++)
		append(words, json_object_new_string(word));
	add_text(object, "value", value->text);
	add(object, "words", words);
}

static void add_value(struct json_object *object, const struct knob_value *value)
{
	const struct dr_knob *knob = value->knob;

	if (knob->kind == DR_KNOB_WORD) {
		add_words(object, value);
	} else if (knob->kind == DR_KNOB_SWITCH) {
		add(object, "value", json_object_new_boolean(value->number));
	} else {
		add_number(object, "value", value->number);
		add_number(object, "min", knob->min);
		add_number(object, "max", knob->max);
		if (knob->zero)
			add_text(object, "zero", knob->zero);
	}
}

static void *json_begin(void)
{
	return must(json_object_new_array());
}

static void json_show(void *to, const struct knob_value *value)
{
	struct json_object *object = must(json_object_new_object());
	const char *unit = unit_name(value->knob);

	add_text(object, "name", value->knob->name);
	add_value(object, value);
	if (unit)
		add_text(object, "unit", unit);
	add_text(object, "text", value->text);
	add_text(object, "meaning", value->knob->meaning);
	add_text(object, "file", value->knob->file);
	append(to, object);
}

static int json_end(void *to)
{
	struct json_object *object = document();

	add(object, "knobs", to);
	return print(object);
}

static const struct form form_json = { json_begin, json_show, json_end };

/* Is it one of those asked for, by itself or by its group? */
static bool is_wanted(const struct dr_knob *knob, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (dr_knob_matches(knob, argv[i]))
			return true;
	return !argc;
}

/* Knobs of a module that is newer than this program are not known here. */
static int check_names(int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		size_t k = 0;

		while (k < dr_nr_knobs && !dr_knob_matches(&dr_knobs[k], argv[i]))
			k++;
		if (k == dr_nr_knobs)
			return fail_no_knob(argv[i]);
	}
	return EXIT_OK;
}

/* Read them all first: what fails prints nothing. */
static int read_wanted(int argc, char **argv, struct knob_value *values,
		       size_t *nr)
{
	*nr = 0;
	for (size_t i = 0; i < dr_nr_knobs; i++) {
		const struct dr_knob *knob = &dr_knobs[i];
		int err;

		if (!is_wanted(knob, argc, argv))
			continue;
		err = knob_read(knob, &values[*nr]);
		if (!err)
			(*nr)++;
		else if (err != -ENOENT)
			return fail_errno(knob->name, err);
		else if (argc)
			return fail_old_module(knob);
	}
	return EXIT_OK;
}

static int show(const struct form *form, const struct knob_value *values,
		size_t nr)
{
	void *to = form->begin();

	if (!to)
		return fail("out of memory");
	for (size_t i = 0; i < nr; i++)
		form->show(to, &values[i]);
	return form->end(to);
}

static int get(const struct form *form, int argc, char **argv)
{
	struct knob_value *values = calloc(dr_nr_knobs, sizeof(*values));
	size_t nr;
	int err;

	if (!values)
		return fail("out of memory");
	err = read_wanted(argc, argv, values, &nr);
	if (!err)
		err = show(form, values, nr);
	free(values);
	return err;
}

static int run_get(const struct verb *self, int argc, char **argv)
{
	bool json = false, bare = false;
	const struct dr_flag flags[] = {
		{ "--json", &json }, { "--bare", &bare }, { NULL, NULL },
	};
	const struct form *form = &form_table;
	const char *bad;
	int err, nr = dr_args_parse(argc, argv, flags, &bad);

	if (nr < 0)
		return fail_usage(self, "unknown option '%s'", bad);
	if (json && bare)
		return fail_usage(self, "--json or --bare, not both");
	err = check_names(nr, argv);
	if (!err)
		err = knobs_need_module();
	if (err)
		return err;
	if (json)
		form = &form_json;
	else if (bare)
		form = &form_bare;
	else if (nr == 1 && dr_knob_find(argv[0]))
		form = &form_full;
	return get(form, nr, argv);
}

const struct verb verb_get = {
	.name = "get",
	.operands = "[--json|--bare] [KNOB|GROUP]...",
	.summary = "the knobs of the module: values, ranges, meanings",
	.help =
	"Without a name, all knobs. A group is what stands before the point: sharing,\n"
	"swap, policy, wss, admission. Of a single knob, what it takes, too.\n"
	"What a guest is allowed: 'denseram guest get'.\n"
	"\n"
	"  --bare  values alone, one a line, as 'denseram set' takes them\n"
	"  --json  as JSON, values in the units named\n",
	.run = run_get,
};
