/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_UNITS_H
#define _DR_UNITS_H

#include <linux/ctype.h>
#include <linux/kstrtox.h>
#include <linux/overflow.h>
#include <linux/string.h>

static inline int dr_unit_shift(char c)
{
	switch (tolower(c)) {
	case 'k': return 10;
	case 'm': return 20;
	case 'g': return 30;
	case 't': return 40;
	}
	return 0;
}

/**
 * dr_parse_bytes() - a number with an optional unit K, M, G or T
 * @text: what was written to a sysfs file; a final newline is fine
 * @value: out: the number
 *
 * Unlike memparse() this takes nothing but a number, and notices overflow.
 *
 * Return: 0, -EINVAL, or -ERANGE.
 */
static inline int dr_parse_bytes(const char *text, u64 *value)
{
	size_t len = strcspn(text, "\n");
	char digits[24];
	int shift, err;
	u64 number;

	if (!len || len >= sizeof(digits) || !isdigit(text[0]) ||
	    (text[len] && text[len + 1]))
		return -EINVAL;
	shift = dr_unit_shift(text[len - 1]);
	memcpy(digits, text, len);
	digits[shift ? len - 1 : len] = '\0';
	err = kstrtou64(digits, 10, &number);
	if (err)
		return err;
	if (check_shl_overflow(number, shift, value))
		return -ERANGE;
	return 0;
}

#endif /* _DR_UNITS_H */
