// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "page.h"
#include "../lib/prometheus.h"

#include <string.h>

static const struct dr_family family = {
	.name = "denseram_things_total", .type = "counter", .help = "Things.",
};

static void families_are_introduced(void **state)
{
	FILE *out = page_begin();

	(void)state;
	dr_family_begin(out, &family);
	page_end(out, "# HELP denseram_things_total Things.\n"
		 "# TYPE denseram_things_total counter\n");
}

static void samples_have_labels(void **state)
{
	static const char *const none[] = { NULL };
	static const char *const two[] = { "guest", "vm1", "id", "1", NULL };
	FILE *out = page_begin();

	(void)state;
	dr_sample(out, &family, none, 0);
	dr_sample(out, &family, two, UINT64_MAX);
	page_end(out, "denseram_things_total 0\n"
		 "denseram_things_total{guest=\"vm1\",id=\"1\"} 18446744073709551615\n");
}

static void values_of_labels_are_escaped(void **state)
{
	static const char *const label[] = { "a", "\\ \" \n \xc3\xa4", NULL };
	FILE *out = page_begin();

	(void)state;
	dr_sample(out, &family, label, 7);
	page_end(out, "denseram_things_total{a=\"\\\\ \\\" \\n \xc3\xa4\"} 7\n");
}

static void times_are_in_seconds(void **state)
{
	static const char *const none[] = { NULL };
	FILE *out = page_begin();

	(void)state;
	dr_sample_ns(out, &family, none, 1);
	dr_sample_ns(out, &family, none, 12345678901);
	page_end(out, "denseram_things_total 0.000000001\n"
		 "denseram_things_total 12.345678901\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(families_are_introduced),
		cmocka_unit_test(samples_have_labels),
		cmocka_unit_test(values_of_labels_are_escaped),
		cmocka_unit_test(times_are_in_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
