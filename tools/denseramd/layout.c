// SPDX-License-Identifier: GPL-2.0-only
#include "layout.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_MASK	UINT64_C(4095)

static bool read_hex(const char **text, uint64_t *value)
{
	unsigned int digits = 0;

	for (*value = 0; isxdigit((unsigned char)**text); ++*text) {
		int c = tolower((unsigned char)**text);

		*value = *value << 4 | (uint64_t)(c <= '9' ? c - '0' :
						  c - 'a' + 10);
		digits++;
	}
	return digits && digits <= 16;
}

static bool skip(const char **text, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*text, word, len))
		return false;
	*text += len;
	return true;
}

/* "(prio 0, ram): " or rom; anything else is no memory of a backend. */
static bool skip_kind(const char **text)
{
	if (!skip(text, " (prio "))
		return false;
	*text += strspn(*text, "-0123456789");
	return skip(text, ", ram): ") || skip(text, ", rom): ");
}

/* Up to " @" or the flags behind it; a name has no blank in it. */
static bool read_name(const char **text, char *name)
{
	size_t len = strcspn(*text, " \r\n");

	if (!len || len >= LAYOUT_NAME)
		return false;
	memcpy(name, *text, len);
	name[len] = '\0';
	*text += len;
	return true;
}

/* Its end is a number as well: the last page of all has none. */
static bool is_range(uint64_t begin, uint64_t size)
{
	uint64_t end;

	return !__builtin_add_overflow(begin, size, &end);
}

/* "  0000000000000000-000000000009ffff (prio 0, ram): ram0 @00... KVM" */
static bool read_piece(const char *line, struct piece *p)
{
	uint64_t last;

	line += strspn(line, " ");
	if (!read_hex(&line, &p->gpa) || !skip(&line, "-") ||
	    !read_hex(&line, &last) || last < p->gpa || !skip_kind(&line) ||
	    !read_name(&line, p->name))
		return false;
	p->size = last - p->gpa + 1;
	p->offset = 0;
	if (skip(&line, " @") && !read_hex(&line, &p->offset))
		return false;
	return p->size && is_range(p->gpa, p->size) &&
	       is_range(p->offset, p->size) &&
	       !((p->gpa | p->size | p->offset) & PAGE_MASK);
}

static bool joins(const struct piece *a, const struct piece *b)
{
	return a->gpa + a->size == b->gpa &&
	       a->offset + a->size == b->offset && !strcmp(a->name, b->name);
}

static size_t add_piece(struct piece *pieces, size_t nr,
			const struct piece *p)
{
	if (nr && joins(&pieces[nr - 1], p)) {
		pieces[nr - 1].size += p->size;
		return nr;
	}
	if (nr == LAYOUT_MAX ||
	    (nr && pieces[nr - 1].gpa + pieces[nr - 1].size > p->gpa))
		return nr;
	pieces[nr] = *p;
	return nr + 1;
}

static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end ? end + 1 : line + strlen(line);
}

/* The view that the guest's processors see. */
static const char *find_view(const char *text)
{
	const char *as = strstr(text, " AS \"memory\"");

	return as ? next_line(as) : NULL;
}

size_t layout_parse(const char *text, struct piece *pieces)
{
	const char *line = find_view(text);
	struct piece p;
	size_t nr = 0;

	for (; line && *line && !strchr("\r\n", *line); line = next_line(line)) {
		if (read_piece(line, &p))
			nr = add_piece(pieces, nr, &p);
	}
	return nr;
}
