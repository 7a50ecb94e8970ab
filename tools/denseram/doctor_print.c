// SPDX-License-Identifier: GPL-2.0-only
/* What "denseram doctor" says to people: problems first, the sum last. */
#include "doctor.h"
#include "verbs.h"
#include "../lib/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a hundred guests with the same trouble these are enough. */
#define SHOWN_MAX	5

#define COLUMNS		79

/* Anything may come from a guest's name or a file of another machine. */
static void print_escaped(const char *text)
{
	char *escaped = dr_text_escape(text);

	if (!escaped)
		exit(fail("out of memory"));
	fputs(escaped, stdout);
	free(escaped);
}

static void print_finding(const struct finding *f, bool first)
{
	if (first)
		printf("%s %s: %s\n", severity_name(f->severity), f->check->id,
		       f->check->why);
	fputs("  ", stdout);
	if (f->subject) {
		print_escaped(f->subject);
		fputs(": ", stdout);
	}
	print_escaped(f->what);
	putchar('\n');
	if (f->remedy) {
		fputs("  -> ", stdout);
		print_escaped(f->remedy);
		putchar('\n');
	}
}

static void print_severity(const struct doctor *d, enum severity severity)
{
	const struct check *last = NULL;
	size_t nr = 0;

	for (size_t i = 0; i < d->nr_findings; i++) {
		const struct finding *f = &d->findings[i];

		if (f->severity != severity || f->unknown)
			continue;
		nr = f->check == last ? nr + 1 : 0;
		if (nr < SHOWN_MAX)
			print_finding(f, f->check != last);
		else if (nr == SHOWN_MAX)
			puts("  and more: --json has them all");
		last = f->check;
	}
}

/* Words in lines, after a heading. */
static void print_word(const char *word, size_t *column)
{
	size_t len = strlen(word);

	if (*column + 1 + len > COLUMNS) {
		fputs("\n   ", stdout);
		*column = 3;
	}
	printf(" %s", word);
	*column += 1 + len;
}

/* Those of all checks from @from on that could not tell for the same reason. */
static void print_reason(const struct doctor *d, size_t from)
{
	const char *reason = d->findings[from].what;
	const struct check *last = NULL;
	size_t column = COLUMNS;

	fputs("unknown: ", stdout);
	print_escaped(reason);
	for (size_t i = from; i < d->nr_findings; i++) {
		const struct finding *f = &d->findings[i];

		if (f->unknown && f->check != last &&
		    !strcmp(f->what, reason)) {
			print_word(f->check->id, &column);
			last = f->check;
		}
	}
	putchar('\n');
}

static bool is_new_reason(const struct doctor *d, size_t i)
{
	if (!d->findings[i].unknown)
		return false;
	for (size_t j = 0; j < i; j++) {
		if (d->findings[j].unknown &&
		    !strcmp(d->findings[j].what, d->findings[i].what))
			return false;
	}
	return true;
}

static void print_well(const struct doctor *d)
{
	size_t column = 3;

	fputs("ok:", stdout);
	for (size_t i = 0; i < d->nr_findings; i++) {
		const struct finding *f = &d->findings[i];

		if (f->severity == SEVERITY_OK)
			print_word(f->check->id, &column);
	}
	putchar('\n');
}

static void print_sum(const struct doctor *d)
{
	const struct tally tally = doctor_tally(d);

	printf("%zu checks: %zu ok, %zu notes (%zu unknown), %zu warnings, %zu errors\n",
	       tally.all, tally.nr[SEVERITY_OK], tally.nr[SEVERITY_NOTE],
	       tally.unknown, tally.nr[SEVERITY_WARNING],
	       tally.nr[SEVERITY_ERROR]);
}

void print_doctor(const struct doctor *d)
{
	for (int s = SEVERITY_ERROR; s > SEVERITY_OK; s--)
		print_severity(d, (enum severity)s);
	for (size_t i = 0; i < d->nr_findings; i++) {
		if (is_new_reason(d, i))
			print_reason(d, i);
	}
	print_well(d);
	print_sum(d);
}
