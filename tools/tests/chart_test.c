// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../lib/chart.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NR	5000

static double t[NR], a[NR], b[NR];

/* The picture, to be freed. */
static char *draw(size_t nr)
{
	const struct dr_band bands[] = { { "<first>", a }, { "second", b } };
	const struct dr_chart chart = {
		.title = "both & more", .unit = "MiB", .t = t, .nr = nr,
		.bands = bands, .nr_bands = 2,
	};
	char *page;
	size_t len;
	FILE *out = open_memstream(&page, &len);

	assert_non_null(out);
	dr_chart_draw(out, &chart);
	assert_int_equal(fclose(out), 0);
	return page;
}

static size_t count(const char *text, const char *what)
{
	size_t nr = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		nr++;
	}
	return nr;
}

/* All numbers of the paths are within the picture. */
static void check_paths(const char *page)
{
	for (const char *s = page; (s = strstr(s, " d=\"M")); s++) {
		for (const char *n = s + 4; *n != '"'; n++) {
			char *rest;
			double value;

			if (!strchr("MLH ", *n))
				continue;
			value = strtod(n + 1, &rest);
			if (rest == n + 1)
				continue;
			assert_true(value >= 0 && value <= 760);
			n = rest - 1;
		}
	}
	assert_null(strstr(page, "nan"));
	assert_null(strstr(page, "inf"));
}

static void steps_are_round(void **state)
{
	static const struct {
		double most;
		unsigned int lines;
		double step;
	} steps[] = {
		{ 10, 5, 2 }, { 100, 10, 10 }, { 1024, 5, 500 }, { 0.3, 5, 0.1 },
		{ 6, 5, 2 }, { 1, 1, 1 }, { 4.9, 1, 5 }, { 51, 10, 10 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		assert_true(fabs(dr_chart_step(steps[i].most, steps[i].lines) -
				 steps[i].step) < 0.000001);
}

static void bands_are_drawn(void **state)
{
	char *page;

	(void)state;
	for (size_t i = 0; i < 10; i++) {
		t[i] = (double)i;
		a[i] = 10;
		b[i] = (double)i;
	}
	page = draw(10);
	assert_int_equal(count(page, "<path class=\"c0\""), 1);
	assert_int_equal(count(page, "<path class=\"c1\""), 1);
	assert_int_equal(count(page, "&lt;first&gt;"), 2);
	assert_non_null(strstr(page, "both &amp; more"));
	assert_null(strstr(page, "<first>"));
	/* 19 in all: up to 20. */
	assert_non_null(strstr(page, ">20</text>"));
	assert_null(strstr(page, ">25</text>"));
	check_paths(page);
	free(page);
}

static void many_times_are_thinned(void **state)
{
	char *page;

	(void)state;
	for (size_t nr = 2; nr <= NR; nr = nr * 3 / 2 + 1) {
		for (size_t i = 0; i < nr; i++) {
			t[i] = (double)i * 7;
			a[i] = fabs(sin((double)i)) * 1e6;
			b[i] = (double)(i % 3);
		}
		page = draw(nr);
		assert_true(strlen(page) < 60000);
		check_paths(page);
		free(page);
	}
}

static void nothing_is_drawn_as_nothing(void **state)
{
	char *page;

	(void)state;
	memset(t, 0, sizeof(t));
	memset(a, 0, sizeof(a));
	memset(b, 0, sizeof(b));
	page = draw(2);
	check_paths(page);
	free(page);
}

/* Too little to be divided: no line of the grid would be above the one before. */
static void next_to_nothing_ends(void **state)
{
	char *page;

	(void)state;
	memset(t, 0, sizeof(t));
	memset(a, 0, sizeof(a));
	t[1] = DBL_TRUE_MIN;
	a[1] = DBL_TRUE_MIN;
	page = draw(2);
	assert_true(strlen(page) < 10000);
	check_paths(page);
	free(page);
}

static void long_times_are_in_hours(void **state)
{
	char *page;

	(void)state;
	t[0] = 0;
	t[1] = 10 * 3600;
	page = draw(2);
	assert_non_null(strstr(page, ">0 h</text>"));
	free(page);
	t[1] = 600;
	page = draw(2);
	assert_non_null(strstr(page, ">0 min</text>"));
	free(page);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_are_round),
		cmocka_unit_test(bands_are_drawn),
		cmocka_unit_test(many_times_are_thinned),
		cmocka_unit_test(nothing_is_drawn_as_nothing),
		cmocka_unit_test(next_to_nothing_ends),
		cmocka_unit_test(long_times_are_in_hours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
