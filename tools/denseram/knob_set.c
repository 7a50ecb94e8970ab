// SPDX-License-Identifier: GPL-2.0-only
/* "denseram set" */
#include "knobs.h"
#include "verbs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/**
 * struct change - one KNOB=VALUE
 * @was: the knob before
 * @text: what is written to its file
 */
struct change {
	struct knob_value was;
	char text[DR_KNOB_TEXT];
};

/* What a file takes back for what it had. */
static void as_written(const struct knob_value *value, char *text)
{
	if (value->knob->kind == DR_KNOB_WORD)
		memcpy(text, value->text, DR_KNOB_TEXT);
	else
		snprintf(text, DR_KNOB_TEXT, "%" PRIu64, value->number);
}

static bool is_word(const struct knob_value *value, const char *wanted)
{
	char word[DR_KNOB_TEXT];
	bool chosen;

	for (size_t i = 0; dr_knob_word(value->words, i, word, &chosen); i++)
		if (!strcmp(word, wanted))
			return true;
	return false;
}

static int fail_value(const struct verb *verb, const struct knob_value *was,
		      const char *pair)
{
	const char *zero = was->knob->zero;
	char range[DR_KNOB_RANGE];

	return fail_usage(verb, "'%s': %s takes %s%s%s%s", pair,
			  was->knob->name, knob_range(was, range),
			  zero ? " (0: " : "", zero ? zero : "",
			  zero ? ")" : "");
}

static int take_value(const struct verb *verb, struct change *change,
		      const char *pair, const char *text)
{
	const struct dr_knob *knob = change->was.knob;
	uint64_t number;

	if (knob->kind == DR_KNOB_WORD) {
		if (!is_word(&change->was, text))
			return fail_value(verb, &change->was, pair);
		snprintf(change->text, sizeof(change->text), "%s", text);
	} else {
		if (dr_knob_parse(knob, text, &number))
			return fail_value(verb, &change->was, pair);
		snprintf(change->text, sizeof(change->text), "%" PRIu64, number);
	}
	return EXIT_OK;
}

/* Into @change, the next of @changes. */
static int take_pair(const struct verb *verb, const char *pair,
		     const struct change *changes, struct change *change)
{
	size_t len = strcspn(pair, "=");
	const struct dr_knob *knob;
	char name[64];
	int err;

	if (!pair[len])
		return fail_usage(verb, "'%s': KNOB=VALUE is wanted", pair);
	snprintf(name, sizeof(name), "%.*s", (int)len, pair);
	knob = dr_knob_find(name);
	if (!knob)
		return fail_no_knob(name);
	for (const struct change *c = changes; c < change; c++)
		if (c->was.knob == knob)
			return fail_usage(verb, "'%s': given twice", pair);
	err = knob_read(knob, &change->was);
	if (err == -ENOENT)
		return fail_old_module(knob);
	if (err)
		return fail_errno(knob->name, err);
	return take_value(verb, change, pair, pair + len + 1);
}

static int write_change(const struct change *change)
{
	const struct dr_knob *knob = change->was.knob;
	int err = dr_sysfs_write(knob->file, change->text);

	if (err == -EINVAL || err == -ERANGE)
		return fail("the module refuses %s for %s", change->text,
			    knob->name);
	return err ? fail_errno(knob->name, err) : EXIT_OK;
}

static void take_back(struct change *changes, int nr)
{
	char text[DR_KNOB_TEXT];

	while (nr--) {
		as_written(&changes[nr].was, text);
		dr_sysfs_write(changes[nr].was.knob->file, text);
	}
}

/* All of them or none. */
static int apply(struct change *changes, int nr)
{
	for (int i = 0; i < nr; i++) {
		int err = write_change(&changes[i]);

		if (err) {
			take_back(changes, i);
			return err;
		}
	}
	return EXIT_OK;
}

static int set(const struct verb *verb, int argc, char **argv)
{
	struct change *changes = calloc((size_t)argc, sizeof(*changes));
	int err = EXIT_OK;

	if (!changes)
		return fail("out of memory");
	for (int i = 0; i < argc && !err; i++)
		err = take_pair(verb, argv[i], changes, &changes[i]);
	if (!err)
		err = apply(changes, argc);
	free(changes);
	return err;
}

static int run_set(const struct verb *self, int argc, char **argv)
{
	const struct dr_flag flags[] = { { NULL, NULL } };
	const char *bad;
	int err, nr = dr_args_parse(argc, argv, flags, &bad);

	if (nr < 0)
		return fail_usage(self, "unknown option '%s'", bad);
	if (!nr)
		return fail_usage(self, "needs KNOB=VALUE");
	err = knobs_need_module();
	return err ? err : set(self, nr, argv);
}

const struct verb verb_set = {
	.name = "set",
	.operands = "KNOB=VALUE...",
	.summary = "knobs of the module",
	.help =
	"'denseram get' lists the knobs, 'denseram get KNOB' says what one takes.\n"
	"Values have units: 75%, 10s, 500ms, 512M; on or off for switches.\n"
	"All values take effect, or none. They last until the module is unloaded.\n"
	"What a guest is allowed: 'denseram guest set'.\n",
	.run = run_set,
};
