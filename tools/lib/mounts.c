// SPDX-License-Identifier: GPL-2.0-only
#include "mounts.h"

#include <stdio.h>
#include <string.h>

static bool is_octal(const char *s)
{
	return s[0] >= '0' && s[0] <= '3' && s[1] >= '0' && s[1] <= '7' &&
	       s[2] >= '0' && s[2] <= '7';
}

/* Blanks and their like are written as \040. */
static void unescape(char *text)
{
	char *out = text;

	for (; *text; text++) {
		if (*text == '\\' && is_octal(text + 1)) {
			*out++ = (char)((text[1] - '0') << 6 |
					(text[2] - '0') << 3 | (text[3] - '0'));
			text += 3;
		} else {
			*out++ = *text;
		}
	}
	*out = '\0';
}

/* Copy the word at @s, which ends at a blank; what is behind it, or NULL. */
static const char *take_word(const char *s, const char *end, char *word)
{
	size_t len = 0;

	while (s + len < end && s[len] != ' ')
		len++;
	if (!len || len >= DR_MOUNT_TEXT)
		return NULL;
	memcpy(word, s, len);
	word[len] = '\0';
	return s + len < end ? s + len + 1 : end;
}

/*
 * "36 35 98:0 / /mnt rw,noatime master:1 - ext3 none rw,errors=continue": the
 * number of words in front of the dash varies.
 */
static bool parse_line(const char *s, const char *end, const char *type,
		       struct dr_mounted *mount)
{
	char word[DR_MOUNT_TEXT];
	int nr;

	for (nr = 0; s && s < end; nr++) {
		s = take_word(s, end, nr == 4 ? mount->path : word);
		if (!s)
			return false;
		if (nr == 2 && sscanf(word, "%u:%u", &mount->dev[0],
				      &mount->dev[1]) != 2)
			return false;
		if (nr > 4 && !strcmp(word, "-"))
			break;
	}
	if (!s || s >= end || nr < 6)
		return false;
	s = take_word(s, end, word);
	if (!s || strcmp(word, type))
		return false;
	s = take_word(s, end, word);
	if (!s || !take_word(s, end, mount->options))
		return false;
	unescape(mount->path);
	return true;
}

bool dr_mounts_next(const char **text, const char *type,
		    struct dr_mounted *mount)
{
	while (**text) {
		const char *line = *text, *end = strchrnul(line, '\n');

		*text = *end ? end + 1 : end;
		if (parse_line(line, end, type, mount))
			return true;
	}
	return false;
}

bool dr_mount_option(const char *options, const char *name, char *value,
		     size_t size)
{
	size_t len = strlen(name);

	while (*options) {
		const char *end = strchrnul(options, ',');

		if (!strncmp(options, name, len) && options[len] == '=') {
			snprintf(value, size, "%.*s",
				 (int)(end - options - (long)len - 1),
				 options + len + 1);
			return true;
		}
		options = *end ? end + 1 : end;
	}
	return false;
}
