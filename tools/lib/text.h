/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of guests come from whoever may make a directory: print them safely. */
#ifndef DR_TEXT_H
#define DR_TEXT_H

#include <stddef.h>

/**
 * dr_text_escape - make a name fit for a terminal, a table and JSON
 * @name: any bytes
 *
 * Control characters, backslashes and bytes that are not UTF-8 become \xNN.
 * No terminal sequence, line break or invalid JSON comes out.
 *
 * Returns text to free, or NULL without memory.
 */
char *dr_text_escape(const char *name);

/**
 * dr_text_columns - columns a text takes on a terminal
 * @text: escaped text
 *
 * Counts one column a character: right for all but wide scripts.
 */
size_t dr_text_columns(const char *text);

/**
 * dr_text_cut - cut a text to fit
 * @text: escaped text, changed in place
 * @columns: how many it may take
 *
 * What was in the middle of a character at its end goes, too.
 */
void dr_text_cut(char *text, size_t columns);

#endif /* DR_TEXT_H */
