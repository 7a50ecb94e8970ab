/* SPDX-License-Identifier: GPL-2.0-only */
/* The knobs of the module: names, ranges, values in text. Pure. */
#ifndef DR_KNOB_H
#define DR_KNOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DR_KNOB_TEXT	24	/* room for any value as text */
#define DR_KNOB_RANGE	64	/* room for any range as text */

/**
 * enum dr_knob_kind - what a value is, and how it is written
 * @DR_KNOB_SWITCH: on or off; 1 or 0 in the file
 * @DR_KNOB_NUMBER: a whole number
 * @DR_KNOB_PERCENT: 75% or 75
 * @DR_KNOB_TIME: 10s, 1.5min, 500ms, 50us, 1h; without a unit in that of the
 *	file
 * @DR_KNOB_SIZE: 512M, 1.5G; without a unit in bytes
 * @DR_KNOB_WORD: one of the words in the file, which brackets the one in use
 */
enum dr_knob_kind {
	DR_KNOB_SWITCH,
	DR_KNOB_NUMBER,
	DR_KNOB_PERCENT,
	DR_KNOB_TIME,
	DR_KNOB_SIZE,
	DR_KNOB_WORD,
};

/**
 * struct dr_knob - one knob
 * @name: group, a point, and its name
 * @file: its file below /sys/kernel/denseram
 * @kind: see there
 * @unit_us: of a time: microseconds of one unit in the file
 * @min: least value, in units of the file
 * @max: greatest value
 * @zero: 0 is a value as well, though below @min, or means something special:
 *	what it stands for; NULL otherwise
 * @meaning: what it does, half a line
 */
struct dr_knob {
	const char *name;
	const char *file;
	enum dr_knob_kind kind;
	uint64_t unit_us;
	uint64_t min;
	uint64_t max;
	const char *zero;
	const char *meaning;
};

extern const struct dr_knob dr_knobs[];
extern const size_t dr_nr_knobs;

/* A knob by its name or its file; NULL when there is none. */
const struct dr_knob *dr_knob_find(const char *name);

/* Is it the knob, or the group of the knob: "sharing"? */
bool dr_knob_matches(const struct dr_knob *knob, const char *name);

/**
 * dr_knob_parse - read a value
 * @knob: of any kind but %DR_KNOB_WORD
 * @text: what the user wrote
 * @value: the result, in units of the file
 *
 * Returns 0, -EINVAL for text that is no such value or is finer than the file
 * can hold, -ERANGE for one that is not allowed.
 */
int dr_knob_parse(const struct dr_knob *knob, const char *text,
		  uint64_t *value);

/**
 * dr_knob_format - write a value in a form that dr_knob_parse() takes
 * @knob: of any kind but %DR_KNOB_WORD
 * @value: in units of the file
 * @text: where to, %DR_KNOB_TEXT bytes
 *
 * Exact: what is read back is the same.
 *
 * Returns @text.
 */
char *dr_knob_format(const struct dr_knob *knob, uint64_t value, char *text);

/**
 * dr_knob_range - what may be written
 * @knob: of any kind but %DR_KNOB_WORD
 * @text: where to, %DR_KNOB_RANGE bytes
 *
 * Returns @text: "1% to 100%".
 */
char *dr_knob_range(const struct dr_knob *knob, char *text);

/**
 * dr_knob_word - look at the words in the file of a %DR_KNOB_WORD
 * @text: the file's text: "[lz4] zstd"
 * @nr: which of them, from 0
 * @word: where to, %DR_KNOB_TEXT bytes
 * @chosen: it is the one in use
 *
 * Returns false when there are no more.
 */
bool dr_knob_word(const char *text, size_t nr, char *word, bool *chosen);

#endif /* DR_KNOB_H */
