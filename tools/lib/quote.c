// SPDX-License-Identifier: GPL-2.0-only
#include "quote.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_plain(const char *word)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-:+@";

	return *word && *word != '-' && !word[strspn(word, plain)];
}

/* Of ASCII alone: other letters may look like ones they are not. */
static bool is_printable(const char *word)
{
	for (; *word; word++) {
		if (*word < 0x20 || *word > 0x7e || *word == '\'' ||
		    *word == '\\')
			return false;
	}
	return true;
}

const char *dr_quote(const char *word, char *text, size_t size)
{
	const char *mark = is_plain(word) ? "" : "'";
	int len;

	/* In front of an option a quote does not help. */
	if (!is_printable(word) || *word == '-')
		return NULL;
	len = snprintf(text, size, "%s%s%s", mark, word, mark);
	return len < (int)size ? text : NULL;
}
