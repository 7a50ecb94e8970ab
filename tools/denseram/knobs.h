/* SPDX-License-Identifier: GPL-2.0-only */
/* Knobs with the values they have now. */
#ifndef DR_KNOBS_H
#define DR_KNOBS_H

#include "../lib/knob.h"
#include "../lib/sysfs.h"

/**
 * struct knob_value - a knob as it is now
 * @knob: which
 * @number: its value, in units of the file; not of a word
 * @text: its value in the form that "set" takes
 * @words: of a word: all there are, as in the file
 */
struct knob_value {
	const struct dr_knob *knob;
	uint64_t number;
	char text[DR_KNOB_TEXT];
	char words[DR_SYSFS_TEXT];
};

/* Returns 0 or a negative errno; -ENOENT when the module has no such knob. */
int knob_read(const struct dr_knob *knob, struct knob_value *value);

/* As dr_knob_range(), of a word too: "lz4 or zstd". */
char *knob_range(const struct knob_value *value, char *text);

/* EXIT_OK, or EXIT_NO_MODULE with the reason told. */
int knobs_need_module(void);

int fail_no_knob(const char *name);
int fail_old_module(const struct dr_knob *knob);

#endif /* DR_KNOBS_H */
