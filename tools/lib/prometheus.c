// SPDX-License-Identifier: GPL-2.0-only
#include "prometheus.h"

#include <inttypes.h>

void dr_family_begin(FILE *out, const struct dr_family *family)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", family->name, family->help,
		family->name, family->type);
}

static void write_value_of_label(FILE *out, const char *value)
{
	for (; *value; value++) {
		switch (*value) {
		case '\\':
			fputs("\\\\", out);
			break;
		case '"':
			fputs("\\\"", out);
			break;
		case '\n':
			fputs("\\n", out);
			break;
		default:
			fputc(*value, out);
		}
	}
}

static void write_labels(FILE *out, const char *const *labels)
{
	if (!*labels)
		return;
	for (const char *const *l = labels; *l; l += 2) {
		fprintf(out, "%c%s=\"", l == labels ? '{' : ',', l[0]);
		write_value_of_label(out, l[1]);
		fputc('"', out);
	}
	fputc('}', out);
}

void dr_sample(FILE *out, const struct dr_family *family,
	       const char *const *labels, uint64_t value)
{
	fputs(family->name, out);
	write_labels(out, labels);
	fprintf(out, " %" PRIu64 "\n", value);
}

void dr_sample_ns(FILE *out, const struct dr_family *family,
		  const char *const *labels, uint64_t ns)
{
	fputs(family->name, out);
	write_labels(out, labels);
	fprintf(out, " %" PRIu64 ".%09" PRIu64 "\n", ns / 1000000000,
		ns % 1000000000);
}
