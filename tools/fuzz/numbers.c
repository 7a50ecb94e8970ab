// SPDX-License-Identifier: GPL-2.0-only
/* Sizes, counts and values of knobs. */
#include "fuzz.h"

#include "../lib/knob.h"
#include "../lib/units.h"

static void try_size(const char *text)
{
	char out[DR_SIZE_TEXT], exact[DR_SIZE_EXACT];
	uint64_t bytes, again;

	if (dr_size_parse(text, &bytes))
		return;
	must(strlen(dr_size_format(bytes, out)) <= 8);
	must(strlen(dr_size_short(bytes, out)) <= 5);
	must(!dr_size_parse(dr_size_exact(bytes, exact), &again));
	must(again == bytes);
}

static void try_count(const char *text)
{
	uint64_t value, again;
	char out[32];

	if (dr_count_parse(text, &value))
		return;
	snprintf(out, sizeof(out), "%llu", (unsigned long long)value);
	must(!dr_count_parse(out, &again) && again == value);
}

/* What is written is read back; and so is what a file may hold. */
static void try_knob(const struct dr_knob *knob, const char *text)
{
	char out[DR_KNOB_TEXT], range[DR_KNOB_RANGE];
	uint64_t value, again;

	must(strlen(dr_knob_range(knob, range)) < DR_KNOB_RANGE - 1);
	must(dr_knob_find(knob->name) == knob);
	dr_knob_matches(knob, text);
	if (dr_knob_parse(knob, text, &value))
		return;
	must(value <= knob->max);
	must(value >= knob->min || (!value && knob->zero));
	must(!dr_knob_parse(knob, dr_knob_format(knob, value, out), &again));
	must(again == value);
}

static void try_words(const char *text)
{
	char word[DR_KNOB_TEXT];
	bool chosen;

	for (size_t nr = 0; dr_knob_word(text, nr, word, &chosen); nr++)
		must(strlen(word) < DR_KNOB_TEXT && nr < strlen(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	try_size(text);
	try_count(text);
	for (size_t i = 0; i < dr_nr_knobs; i++) {
		if (dr_knobs[i].kind != DR_KNOB_WORD)
			try_knob(&dr_knobs[i], text);
	}
	try_words(text);
	dr_knob_find(text);
	free(text);
	return 0;
}
