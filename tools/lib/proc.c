// SPDX-License-Identifier: GPL-2.0-only
#include "proc.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What stands behind "key:" at the beginning of a line. */
static const char *find_key(const char *text, const char *key)
{
	size_t len = strlen(key);

	while (text && *text) {
		if (!strncmp(text, key, len)) {
			const char *s = text + len + strspn(text + len, " \t");

			if (*s == ':')
				return s + 1;
		}
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return NULL;
}

/* Digits at @s, after blanks; what is too large is the largest. */
static bool take_number(const char **s, uint64_t *value)
{
	char *end;

	*s += strspn(*s, " \t");
	if (!isdigit((unsigned char)**s))
		return false;
	*value = strtoull(*s, &end, 10);
	*s = end;
	return true;
}

bool dr_proc_field(const char *text, const char *key, uint64_t *value)
{
	const char *s = find_key(text, key);

	if (!s || !take_number(&s, value))
		return false;
	if (!strncmp(s, " kB", 3) &&
	    __builtin_mul_overflow(*value, 1024u, value))
		*value = UINT64_MAX;
	return true;
}

/* The word at @s ends where its length says. */
static bool is_word(const char *s, size_t len)
{
	return !s[len] || isspace((unsigned char)s[len]);
}

bool dr_proc_has_word(const char *text, const char *key, const char *word)
{
	const char *s = find_key(text, key);
	size_t len = strlen(word);

	while (s && *s && *s != '\n') {
		s += strspn(s, " \t");
		if (!strncmp(s, word, len) && is_word(s, len))
			return true;
		s += strcspn(s, " \t\n");
	}
	return false;
}

uint64_t dr_proc_sum(const char *text, const char *name)
{
	size_t len = strlen(name);
	uint64_t sum = 0, value;

	for (const char *s = text; (s = strstr(s, name)); s += len) {
		const char *number = s + len;

		if (s != text && !isspace((unsigned char)s[-1]))
			continue;
		if (!isblank((unsigned char)*number) ||
		    !take_number(&number, &value))
			continue;
		if (__builtin_add_overflow(sum, value, &sum))
			return UINT64_MAX;
	}
	return sum;
}

/* "7f00-7f10 rw-s 00000000 00:34 42   /run/denseram/vm1/ram0", dev in hex */
bool dr_proc_maps(const char *maps, const unsigned int dev[2])
{
	while (maps && *maps) {
		unsigned int major, minor;

		if (sscanf(maps, "%*[0-9a-f]-%*[0-9a-f] %*4s %*[0-9a-f] %x:%x",
			   &major, &minor) == 2 &&
		    major == dev[0] && minor == dev[1])
			return true;
		maps = strchr(maps, '\n');
		maps = maps ? maps + 1 : NULL;
	}
	return false;
}

bool dr_proc_cgroup(const char *text, char *path, size_t size)
{
	while (text && *text) {
		size_t len = strcspn(text, "\n");

		if (!strncmp(text, "0::/", 4)) {
			snprintf(path, size, "%.*s", (int)(len - 3), text + 3);
			return len - 3 < size && !strstr(path, "/..");
		}
		text = text[len] ? text + len + 1 : NULL;
	}
	return false;
}

bool dr_proc_is_qemu(const char *name)
{
	return !strncmp(name, "qemu-system-", 12) ||
	       !strcmp(name, "qemu-kvm") || !strcmp(name, "kvm");
}

/* The word that begins at @s; NULL behind the last one. */
static const char *next_word(const char *s, const char *end)
{
	s += strlen(s) + 1;
	return s < end ? s : NULL;
}

const char *dr_proc_argument(const char *cmdline, size_t len,
			     const char *option)
{
	const char *s = len ? cmdline : NULL, *end = cmdline + len;

	for (; s; s = next_word(s, end)) {
		/* QEMU takes options with one dash or with two. */
		if (!strcmp(s, option) ||
		    (*s == '-' && !strcmp(s + 1, option)))
			return next_word(s, end);
	}
	return NULL;
}

bool dr_proc_mentions(const char *cmdline, size_t len, const char *text)
{
	return memmem(cmdline, len, text, strlen(text));
}

void dr_proc_vm_name(const char *argument, char *name, size_t size)
{
	const char *s = strstr(argument, "guest=");
	size_t len = 0;

	s = s && (s == argument || s[-1] == ',') ? s + 6 : argument;
	/* QEMU writes a comma in a value twice. */
	for (; *s && len + 1 < size; s++) {
		if (*s == ',' && *++s != ',')
			break;
		name[len++] = *s;
	}
	name[len] = '\0';
}
