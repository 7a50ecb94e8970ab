// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../lib/screen.h"
#include "../lib/text.h"

#include <stdio.h>
#include <string.h>

#define MIB	(UINT64_C(1) << 20)

static size_t letters(const char *text, char letter)
{
	size_t nr = 0;

	for (text = strchr(text, '['); *text; text++)
		nr += *text == letter;
	return nr;
}

static void lines_are_cut(void **state)
{
	struct dr_screen s;

	(void)state;
	dr_screen_init(&s, 5);
	dr_screen_add(&s, DR_LINE_HEAD, "%s", "123456789");
	dr_screen_add(&s, DR_LINE_PLAIN, "%s", "\u00e4\u00f6\u00fc\u00df\u00e9\u00e8");
	dr_screen_add(&s, DR_LINE_PLAIN, "%s", "1234");
	assert_int_equal(s.nr, 3);
	assert_string_equal(s.lines[0].text, "12345");
	assert_int_equal(s.lines[0].kind, DR_LINE_HEAD);
	assert_string_equal(s.lines[1].text, "\u00e4\u00f6\u00fc\u00df\u00e9");
	assert_string_equal(s.lines[2].text, "1234");
	dr_screen_clear(&s);
	assert_int_equal(s.nr, 0);
	dr_screen_free(&s);
}

/* More than the buffer has: cut at its end, and never within a character. */
static void long_lines_stay_whole(void **state)
{
	char text[3 * DR_LINE_TEXT];
	struct dr_screen s;

	(void)state;
	for (size_t i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "\u00e4", 3);
	dr_screen_init(&s, 100000);
	dr_screen_add(&s, DR_LINE_PLAIN, "x%s", text);
	dr_screen_add(&s, DR_LINE_PLAIN, "%s", text);
	assert_int_equal(strlen(s.lines[0].text) % 2, 1);
	assert_int_equal(strlen(s.lines[1].text) % 2, 0);
	dr_screen_free(&s);
}

static void many_lines(void **state)
{
	struct dr_screen s;
	char text[16];

	(void)state;
	dr_screen_init(&s, 80);
	for (int i = 0; i < 5000; i++)
		dr_screen_add(&s, DR_LINE_PLAIN, "%d", i);
	assert_int_equal(s.nr, 5000);
	for (int i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "%d", i);
		assert_string_equal(s.lines[i].text, text);
	}
	dr_screen_free(&s);
}

static void bars_are_in_proportion(void **state)
{
	const struct dr_part parts[] = {
		{ 'a', "first", 25 * MIB }, { 'b', "second", 50 * MIB },
		{ 'c', "third", 0 },
	};
	struct dr_screen s;

	(void)state;
	dr_screen_init(&s, 115);
	dr_screen_bar(&s, "Host", 100 * MIB, parts, 3);
	assert_int_equal(s.nr, 2);
	assert_int_equal(s.lines[0].kind, DR_LINE_BAR);
	assert_int_equal(strlen(s.lines[0].text), 115);
	assert_int_equal(letters(s.lines[0].text, 'a'), 25);
	assert_int_equal(letters(s.lines[0].text, 'b'), 50);
	assert_int_equal(letters(s.lines[0].text, 'c'), 0);
	assert_string_equal(s.lines[1].text, "a first 25M b second 50M c third 0");
	dr_screen_free(&s);
}

/* Rounding adds up: what makes the whole fills the bar, whatever the width. */
static void bars_are_full(void **state)
{
	const struct dr_part parts[] = {
		{ 'a', "a", 1 }, { 'b', "b", 1 }, { 'c', "c", 1 },
	};
	struct dr_screen s;

	(void)state;
	for (size_t cols = 17; cols < 300; cols++) {
		dr_screen_init(&s, cols);
		dr_screen_bar(&s, "Host", 3, parts, 3);
		assert_int_equal(letters(s.lines[0].text, 'a') +
				 letters(s.lines[0].text, 'b') +
				 letters(s.lines[0].text, 'c'), cols - 15);
		dr_screen_free(&s);
	}
}

static void bars_bear_anything(void **state)
{
	const struct dr_part parts[] = {
		{ 'a', "a", UINT64_MAX / 2 }, { 'b', "b", UINT64_MAX / 2 },
	};
	struct dr_screen s;

	(void)state;
	for (size_t cols = 0; cols < 1000; cols += 7) {
		dr_screen_init(&s, cols);
		dr_screen_bar(&s, "x", 0, parts, 2);
		dr_screen_bar(&s, "x", 1, parts, 2);
		dr_screen_bar(&s, "x", UINT64_MAX, parts, 2);
		dr_screen_bar(&s, "x", 100, parts, 0);
		for (size_t i = 0; i < s.nr; i++)
			assert_true(dr_text_columns(s.lines[i].text) <= cols);
		dr_screen_free(&s);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_cut),
		cmocka_unit_test(long_lines_stay_whole),
		cmocka_unit_test(many_lines),
		cmocka_unit_test(bars_are_in_proportion),
		cmocka_unit_test(bars_are_full),
		cmocka_unit_test(bars_bear_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
