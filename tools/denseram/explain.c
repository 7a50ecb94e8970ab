// SPDX-License-Identifier: GPL-2.0-only
/* "denseram explain": why a guest has what it has, as the module tells it. */
#include "explain_guest.h"
#include "json_build.h"
#include "verbs.h"
#include "../lib/sysfs.h"
#include "../lib/table.h"
#include "../lib/units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))

/* Words of a line with a decision in the file. */
#define WORDS		9

struct explain {
	const char *name;
	bool json;
	char text[DR_SYSFS_TEXT];
};

/**
 * struct line - what a word of the file stands for
 * @key: the word
 * @size: its value is in bytes
 * @says: for people
 */
static const struct line {
	const char *key;
	bool size;
	const char *says;
} lines[] = {
	{ "target", true, "that it may have without asking" },
	{ "rule", false, "decides that" },
	{ "resident", true, "of the host's memory that it has" },
	{ "shares", false, "are its weight" },
	{ "price", false, "shares that it pays for a MiB, idle memory taxed" },
	{ "active", false, "of that is in use (95 % sure)" },
	{ "in_use", true, "count as in use" },
	{ "taxed", true, "that it pays for" },
	{ "tax", false, "of what idle memory is worth" },
	{ "level", false, "is the level of the host" },
	{ "balloon", false, "is what its balloon does" },
	{ "take_balloon", true, "are taken by its balloon now" },
	{ "take_page", true, "are taken by paging now" },
	{ "veto", false, "keeps it from giving more" },
	{ "wait", false, "if its faults for memory wait" },
};

static const struct line *line_of(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (!strcmp(lines[i].key, key))
			return &lines[i];
	return NULL;
}

/* The file of a guest; its name is one component of a path, as in sysfs. */
static int read_text(struct explain *e, const char *name)
{
	char file[DR_NAME_LEN + 32];

	snprintf(file, sizeof(file), "guests/%s/explain", name);
	return dr_sysfs_read(file, e->text);
}

static void print_line(FILE *out, const char *key, const char *value)
{
	const struct line *line = line_of(key);
	char text[DR_SIZE_TEXT];
	uint64_t bytes;

	if (line && line->size && !dr_count_parse(value, &bytes))
		value = dr_size_format(bytes, text);
	fprintf(out, "  %-14s %10s  %s\n", key, value, line ? line->says : "");
}

/* "ago lasted target resident rule level veto balloon page" */
static void add_row(struct dr_table *table, char *line)
{
	char *save = NULL;
	int i = 0;

	for (char *word = strtok_r(line, " ", &save); word && i < WORDS;
	     word = strtok_r(NULL, " ", &save), i++) {
		bool size = i == 2 || i == 3 || i == 7 || i == 8;
		char text[DR_SIZE_TEXT];
		uint64_t bytes;

		if (size && !dr_count_parse(word, &bytes))
			word = dr_size_format(bytes, text);
		dr_table_add(table, "%s", word);
	}
	while (i++ < WORDS)
		dr_table_add(table, "-");
}

static int print_text(struct explain *e, FILE *out)
{
	static const struct dr_column columns[] = {
		{ "AGO", true }, { "LASTED", true }, { "TARGET", true },
		{ "RESIDENT", true }, { "RULE", false }, { "LEVEL", false },
		{ "VETO", false }, { "BALLOON", true }, { "PAGING", true },
	};
	struct dr_table *table = dr_table_create(columns, ARRAY_SIZE(columns));
	bool rows = false;
	char *save = NULL;
	int err;

	if (!table)
		return -ENOMEM;
	for (char *line = strtok_r(e->text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *value = strchr(line, ' ');

		if (line[0] == '#') {
			rows = true;
		} else if (rows) {
			add_row(table, line);
		} else if (value) {
			*value = '\0';
			print_line(out, line, value + 1);
		}
	}
	fprintf(out, "\nDecisions, the last one first; seconds:\n");
	err = dr_table_print(table, out);
	dr_table_destroy(table);
	return err;
}

int explain_to(const char *name, FILE *out)
{
	struct explain e = { .name = name };
	int err = read_text(&e, name);

	return err ? err : print_text(&e, out);
}

/* A number where it is one, else text. */
static void add_value(struct json_object *object, const char *key,
		      const char *value)
{
	uint64_t number;

	if (!dr_count_parse(value, &number))
		add_number(object, key, number);
	else
		add_text(object, key, value);
}

static struct json_object *decision_json(char *line)
{
	static const char *const keys[WORDS] = {
		"ago_s", "lasted_s", "target", "resident", "rule", "level",
		"veto", "balloon", "page",
	};
	struct json_object *object = must(json_object_new_object());
	char *save = NULL;
	int i = 0;

	for (char *word = strtok_r(line, " ", &save); word && i < WORDS;
	     word = strtok_r(NULL, " ", &save), i++) {
		if (i < 2)
			add(object, keys[i],
			    json_object_new_double_s(atof(word), word));
		else
			add_value(object, keys[i], word);
	}
	return object;
}

static int print_json(struct explain *e, const struct dr_guest_info *info)
{
	struct json_object *object = document();
	struct json_object *array = must(json_object_new_array());
	bool rows = false;
	char *save = NULL;

	add_number(object, "id", info->id);
	add_name(object, "name", info->name);
	for (char *line = strtok_r(e->text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *value = strchr(line, ' ');

		if (line[0] == '#') {
			rows = true;
		} else if (rows) {
			append(array, decision_json(line));
		} else if (value) {
			*value = '\0';
			add_value(object, line, value + 1);
		}
	}
	add(object, "decisions", array);
	return print(object);
}

static int explain(int fd, const struct dr_version *version, void *arg)
{
	struct explain *e = arg;
	struct dr_guest_info info;
	int err = dr_guest_find(fd, e->name, &info);

	(void)version;
	if (err == -ENOENT)
		return fail_no_guest(e->name);
	if (err)
		return fail_errno("reading the guest", err);
	err = read_text(e, info.name);
	if (err == -ENOENT)
		return fail("this module explains nothing; install a newer one");
	if (err)
		return fail_errno("reading the explanation", err);
	if (e->json)
		return print_json(e, &info);
	err = print_text(e, stdout);
	return err ? fail_errno("printing", err) : EXIT_OK;
}

static int run_explain(const struct verb *self, int argc, char **argv)
{
	struct explain e = { .json = false };
	const struct dr_flag flags[] = {
		{ "--json", &e.json }, { NULL, NULL },
	};
	int err = take_operands(self, argc, argv, flags, 1);

	if (err)
		return err;
	e.name = argv[0];
	return on_device(explain, &e);
}

const struct verb verb_explain = {
	.name = "explain",
	.operands = "[--json] NAME|ID",
	.summary = "why a guest has the memory it has, and the last decisions",
	.help =
	"RULE says what decides its target:\n"
	"  shares     a page costs it as much as everybody else\n"
	"  size, max, limit  it may have no more\n"
	"  min        no less is promised to it\n"
	"  pinned, migrating, stuck  cannot be taken, or not now\n"
	"\n"
	"VETO says why a guest above its target gives no more: it stalls, it\n"
	"migrates, it is stuck (no balloon, nowhere to page to), or a step was enough.\n"
	"\n"
	"  --json  as JSON, sizes in bytes\n",
	.run = run_explain,
};
