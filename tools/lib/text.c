// SPDX-License-Identifier: GPL-2.0-only
#include "text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The code point of a sequence of @len bytes, UINT32_MAX when malformed. */
static uint32_t decode(const unsigned char *s, size_t len)
{
	static const uint8_t lead_mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t code = s[0] & lead_mask[len];

	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return UINT32_MAX;
		code = code << 6 | (s[i] & 0x3f);
	}
	return code;
}

static size_t sequence_len(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead < 0xe0)
		return 2;
	if (lead >= 0xe0 && lead < 0xf0)
		return 3;
	return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}

/*
 * Bidirectional overrides, separators of lines and zero width characters
 * would let one name look like another.
 */
static bool deceives(uint32_t code)
{
	return (code >= 0x200b && code <= 0x200f) ||
	       (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
}

/* Bytes of the next character when it may stay as it is, else 0. */
static size_t plain_len(const unsigned char *s)
{
	static const uint32_t shortest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = sequence_len(*s);
	uint32_t code;

	if (!len)
		return 0;
	code = decode(s, len);
	if (code < 0x20 || code == '\\' || (code >= 0x7f && code < 0xa0))
		return 0;
	if (code < shortest[len] || code > 0x10ffff || deceives(code) ||
	    (code >= 0xd800 && code < 0xe000))
		return 0;
	return len;
}

char *dr_text_escape(const char *name)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *s = (const unsigned char *)name;
	char *text = malloc(strlen(name) * 4 + 1);
	char *out = text;

	if (!text)
		return NULL;
	while (*s) {
		size_t len = plain_len(s);

		if (len) {
			memcpy(out, s, len);
			out += len;
			s += len;
			continue;
		}
		*out++ = '\\';
		*out++ = 'x';
		*out++ = digits[*s >> 4];
		*out++ = digits[*s & 0xf];
		s++;
	}
	*out = '\0';
	return text;
}

size_t dr_text_columns(const char *text)
{
	size_t nr = 0;

	for (; *text; text++)
		nr += ((unsigned char)*text & 0xc0) != 0x80;
	return nr;
}

void dr_text_cut(char *text, size_t columns)
{
	char *s = text;

	while (*s) {
		size_t len = sequence_len((unsigned char)*s);

		/* Cut off by something that counts bytes. */
		if (!len || !columns-- || strnlen(s, len) < len)
			break;
		s += len;
	}
	*s = '\0';
}
