// SPDX-License-Identifier: GPL-2.0-only
/* Names of guests, as they are printed: terminals, HTML, shells, Prometheus. */
#include "fuzz.h"

#include "../lib/html.h"
#include "../lib/prometheus.h"
#include "../lib/quote.h"
#include "../lib/text.h"

static void try_terminal(const char *name)
{
	char *text = dr_text_escape(name);
	size_t columns, cut;

	must(text);
	for (const char *s = text; *s; s++)
		must((unsigned char)*s >= 0x20 && *s != 0x7f);
	columns = dr_text_columns(text);
	must(columns <= strlen(text));
	cut = columns / 2;
	dr_text_cut(text, cut);
	must(dr_text_columns(text) == cut);
	free(text);
}

static void try_cut(const char *name)
{
	char *text = strdup(name);

	must(text);
	dr_text_cut(text, 5);
	must(!strncmp(text, name, strlen(text)));
	free(text);
}

static void try_quote(const char *name)
{
	char room[64];
	const char *word = dr_quote(name, room, sizeof(room));

	if (!word)
		return;
	must(strlen(word) < sizeof(room) && *word && *word != '-');
	if (*word == '\'')
		must(strchr(word + 1, '\'') == word + strlen(word) - 1);
	else
		must(!strcmp(word, name) && !strpbrk(word, " $`\"'\\;&|<>*?(){}~!#\n"));
}

/* Into memory; to be freed. */
static char *print(const char *name, void (*how)(FILE *out, const char *name))
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	must(out);
	how(out, name);
	must(!fclose(out));
	return text;
}

static void as_html(FILE *out, const char *name)
{
	html_text(out, name);
}

static void try_html(const char *name)
{
	char *text = print(name, as_html);

	must(!strpbrk(text, "<>\"'"));
	free(text);
}

static void as_sample(FILE *out, const char *name)
{
	static const struct dr_family family = { "x", "gauge", "" };
	const char *const labels[] = { "guest", name, NULL };

	dr_sample(out, &family, labels, 7);
}

/* As a reader of the format does it. */
static void try_sample(const char *name)
{
	static const char head[] = "x{guest=\"", tail[] = "\"} 7\n";
	char *text = print(name, as_sample), *s = text + strlen(head);

	must(!strncmp(text, head, strlen(head)));
	for (; *name; name++, s++) {
		must(*s != '"' && *s != '\n');
		if (*s == '\\')
			s++;
		must(*name == '\n' ? *s == 'n' : *s == *name);
	}
	must(!strcmp(s, tail));
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *name = fuzz_text(data, size);

	try_terminal(name);
	try_cut(name);
	try_quote(name);
	try_html(name);
	try_sample(name);
	free(name);
	return 0;
}
