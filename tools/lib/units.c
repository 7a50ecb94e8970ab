// SPDX-License-Identifier: GPL-2.0-only
#include "units.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* A finer fraction than this is below a byte even of 1P. */
#define FRACTION_DIGITS	18

static const char unit_letters[] = "KMGTPE";

/* The power of two a unit stands for, or -1. */
static int unit_shift(const char *unit)
{
	const char *letter;

	if (!*unit || !strcasecmp(unit, "B"))
		return 0;
	letter = strchr(unit_letters, toupper((unsigned char)*unit));
	if (!letter)
		return -1;
	if (unit[1] && strcasecmp(unit + 1, "iB"))
		return -1;
	return 10 * (int)(letter - unit_letters + 1);
}

/* Digits at @text into @value; the number of digits, or -ERANGE. */
static int read_digits(const char *text, uint64_t *value)
{
	int nr = 0;

	*value = 0;
	for (; isdigit((unsigned char)text[nr]); nr++) {
		if (__builtin_mul_overflow(*value, 10u, value) ||
		    __builtin_add_overflow(*value, text[nr] - '0', value))
			return -ERANGE;
	}
	return nr;
}

/* The fraction after the point as bytes of a unit; the digits it has. */
static int read_fraction(const char *text, int shift, uint64_t *bytes)
{
	unsigned __int128 value = 0, scale = 1;
	int nr;

	for (nr = 0; isdigit((unsigned char)text[nr]); nr++) {
		if (nr >= FRACTION_DIGITS)
			continue;
		value = value * 10 + (unsigned int)(text[nr] - '0');
		scale *= 10;
	}
	*bytes = (uint64_t)((value << shift) / scale);
	return nr;
}

int dr_size_parse(const char *text, uint64_t *bytes)
{
	const char *fraction = NULL;
	uint64_t whole, part = 0;
	int nr, shift;

	nr = read_digits(text, &whole);
	if (nr < 0)
		return nr;
	if (!nr)
		return -EINVAL;
	text += nr;
	if (*text == '.') {
		fraction = ++text;
		text += strspn(text, "0123456789");
		if (text == fraction)
			return -EINVAL;
	}
	shift = unit_shift(text);
	if (shift < 0 || (fraction && !shift))
		return -EINVAL;
	if (fraction)
		read_fraction(fraction, shift, &part);
	if (whole > UINT64_MAX >> shift)
		return -ERANGE;
	*bytes = (whole << shift) + part;
	return 0;
}

int dr_count_parse(const char *text, uint64_t *value)
{
	int nr = read_digits(text, value);

	if (nr < 0)
		return nr;
	return nr && !text[nr] ? 0 : -EINVAL;
}

/*
 * Write @bytes in units of 2^@shift with @decimals; false when rounding made
 * it a number that needs fewer decimals or the next unit.
 */
static bool format_scaled(uint64_t bytes, int shift, int decimals, char *text)
{
	static const unsigned int scales[] = { 1, 10, 100 };
	static const unsigned int bounds[] = { 1024, 100, 10 };
	unsigned __int128 scaled = (unsigned __int128)bytes * scales[decimals];
	unsigned int value;

	value = (unsigned int)((scaled + ((uint64_t)1 << shift) / 2) >> shift);
	if (value >= bounds[decimals] * scales[decimals])
		return false;
	snprintf(text, DR_SIZE_TEXT, "%.*f %ciB", decimals,
		 (double)value / scales[decimals],
		 unit_letters[shift / 10 - 1]);
	return true;
}

char *dr_size_format(uint64_t bytes, char *text)
{
	int shift, decimals;

	if (bytes < 1024) {
		snprintf(text, DR_SIZE_TEXT, "%" PRIu64 " B", bytes);
		return text;
	}
	/* 2^64 is less than 1024 EiB: the loop ends by a return. */
	for (shift = 10;; shift += 10) {
		if (bytes >> shift >= 1024)
			continue;
		decimals = bytes & (((uint64_t)1 << shift) - 1) ? 2 : 0;
		for (; decimals >= 0; decimals--) {
			if (format_scaled(bytes, shift, decimals, text))
				return text;
		}
	}
}

char *dr_size_short(uint64_t bytes, char *text)
{
	char *unit;

	dr_size_format(bytes, text);
	unit = strchr(text, ' ');
	/* Of bytes none, else its first letter. */
	unit[0] = unit[1] == 'B' ? '\0' : unit[1];
	unit[1] = '\0';
	return text;
}

char *dr_size_exact(uint64_t bytes, char *text)
{
	int shift = 0;

	while (bytes && shift < 60 && !(bytes >> shift & 1023))
		shift += 10;
	if (shift)
		snprintf(text, DR_SIZE_EXACT, "%" PRIu64 "%c", bytes >> shift,
			 unit_letters[shift / 10 - 1]);
	else
		snprintf(text, DR_SIZE_EXACT, "%" PRIu64, bytes);
	return text;
}
