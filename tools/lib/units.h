/* SPDX-License-Identifier: GPL-2.0-only */
/* Sizes in text: "512M" to bytes and back. Pure. */
#ifndef DR_UNITS_H
#define DR_UNITS_H

#include <stddef.h>
#include <stdint.h>

#define DR_SIZE_TEXT	16	/* room for any text dr_size_format() makes */
#define DR_SIZE_EXACT	24	/* and dr_size_exact() */

/**
 * dr_size_parse - read a size
 * @text: digits, an optional fraction, and a unit: K M G T P, each also as
 *	KiB and so on, or B or nothing for bytes; upper or lower case
 * @bytes: the result
 *
 * A fraction needs a unit, and is cut to whole bytes. KB and its like are
 * refused: half of the readers take them for powers of ten.
 *
 * Returns 0, -EINVAL for text that is no size, -ERANGE for one too large.
 */
int dr_size_parse(const char *text, uint64_t *bytes);

/**
 * dr_size_format - write a size with three digits or more, for people
 * @bytes: what to write
 * @text: where to, %DR_SIZE_TEXT bytes
 *
 * Whole multiples of a unit go without a fraction. At most eight characters.
 *
 * Returns @text.
 */
char *dr_size_format(uint64_t bytes, char *text);

/**
 * dr_size_short - as dr_size_format(), in five characters at most
 * @bytes: what to write
 * @text: where to, %DR_SIZE_TEXT bytes
 *
 * Returns @text: "1.5G", "512M", "100" (bytes).
 */
char *dr_size_short(uint64_t bytes, char *text);

/**
 * dr_size_exact - write a size to the byte, as dr_size_parse() takes it
 * @bytes: what to write
 * @text: where to, %DR_SIZE_EXACT bytes
 *
 * Returns @text: "512M", "1025".
 */
char *dr_size_exact(uint64_t bytes, char *text);

/**
 * dr_count_parse - read a plain decimal number
 * @text: digits, nothing else
 * @value: the result
 *
 * Returns 0, -EINVAL or -ERANGE.
 */
int dr_count_parse(const char *text, uint64_t *value);

#endif /* DR_UNITS_H */
