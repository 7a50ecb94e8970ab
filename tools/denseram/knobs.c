// SPDX-License-Identifier: GPL-2.0-only
/* What "denseram get" and "denseram set" have in common. */
#include "knobs.h"
#include "verbs.h"
#include "../lib/units.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int read_word(struct knob_value *value)
{
	char word[DR_KNOB_TEXT];
	bool chosen;

	for (size_t i = 0; dr_knob_word(value->words, i, word, &chosen); i++) {
		if (!chosen)
			continue;
		memcpy(value->text, word, sizeof(word));
		return 0;
	}
	return -EPROTO;
}

int knob_read(const struct dr_knob *knob, struct knob_value *value)
{
	int err = dr_sysfs_read(knob->file, value->words);

	value->knob = knob;
	if (err)
		return err;
	if (knob->kind == DR_KNOB_WORD)
		return read_word(value);
	if (dr_count_parse(value->words, &value->number))
		return -EPROTO;
	dr_knob_format(knob, value->number, value->text);
	return 0;
}

char *knob_range(const struct knob_value *value, char *text)
{
	char word[DR_KNOB_TEXT];
	size_t len = 0;
	bool chosen;

	if (value->knob->kind != DR_KNOB_WORD)
		return dr_knob_range(value->knob, text);
	text[0] = '\0';
	for (size_t i = 0; dr_knob_word(value->words, i, word, &chosen); i++) {
		if (len >= DR_KNOB_RANGE)
			break;
		len += (size_t)snprintf(text + len, DR_KNOB_RANGE - len, "%s%s",
					i ? " or " : "", word);
	}
	return text;
}

int knobs_need_module(void)
{
	char text[DR_SYSFS_TEXT];

	return dr_sysfs_read("version", text) == -ENOENT ? fail_no_module() :
							   EXIT_OK;
}

int fail_no_knob(const char *name)
{
	fail("no knob '%s'; 'denseram get' lists them", name);
	return EXIT_USAGE;
}

int fail_old_module(const struct dr_knob *knob)
{
	return fail("this module has no knob %s; install a newer one",
		    knob->name);
}
