// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../lib/text.h"

#include <stdlib.h>
#include <string.h>

static void check(const char *name, const char *expected)
{
	char *text = dr_text_escape(name);

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
}

static void plain_names_stay(void **state)
{
	(void)state;
	check("", "");
	check("vm1.ram-0_x y", "vm1.ram-0_x y");
	check("g\xc3\xa4ste", "g\xc3\xa4ste");
	check("\xe2\x82\xac", "\xe2\x82\xac");
	check("\xf0\x9f\x90\xa7", "\xf0\x9f\x90\xa7");
}

static void controls_are_escaped(void **state)
{
	(void)state;
	check("a\nb\tc", "a\\x0ab\\x09c");
	check("\x1b[31mred", "\\x1b[31mred");
	check("\x7f", "\\x7f");
	check("back\\slash", "back\\x5cslash");
	/* U+009B, the one-character CSI */
	check("\xc2\x9b" "31m", "\\xc2\\x9b31m");
}

static void deceiving_characters_are_escaped(void **state)
{
	(void)state;
	check("a\xe2\x80\xae" "b", "a\\xe2\\x80\\xaeb");	/* U+202E */
	check("a\xe2\x80\x8b" "b", "a\\xe2\\x80\\x8bb");	/* U+200B */
	check("\xef\xbb\xbf" "x", "\\xef\\xbb\\xbfx");		/* U+FEFF */
}

static void malformed_utf8_is_escaped(void **state)
{
	(void)state;
	check("\xff", "\\xff");
	check("\x80", "\\x80");
	check("\xc3", "\\xc3");
	check("\xc3(", "\\xc3(");
	check("\xc0\xaf", "\\xc0\\xaf");		/* overlong */
	check("\xe0\x80\xaf", "\\xe0\\x80\\xaf");	/* overlong */
	check("\xed\xa0\x80", "\\xed\\xa0\\x80");	/* surrogate */
	check("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	check("\xe2\x82", "\\xe2\\x82");
}

static void columns_count_characters(void **state)
{
	(void)state;
	assert_int_equal(dr_text_columns(""), 0);
	assert_int_equal(dr_text_columns("abc"), 3);
	assert_int_equal(dr_text_columns("\xe2\x82\xac" "1"), 2);
}

static void check_cut(const char *text, size_t columns, const char *expected)
{
	char copy[64];

	strcpy(copy, text);
	dr_text_cut(copy, columns);
	assert_string_equal(copy, expected);
}

static void texts_are_cut_between_characters(void **state)
{
	(void)state;
	check_cut("abc", 4, "abc");
	check_cut("abc", 3, "abc");
	check_cut("abc", 2, "ab");
	check_cut("abc", 0, "");
	check_cut("", 5, "");
	check_cut("\xe2\x82\xac" "1", 1, "\xe2\x82\xac");
	/* Its end is missing already. */
	check_cut("1\xe2\x82", 9, "1");
	check_cut("1\xac" "2", 9, "1");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_names_stay),
		cmocka_unit_test(controls_are_escaped),
		cmocka_unit_test(deceiving_characters_are_escaped),
		cmocka_unit_test(malformed_utf8_is_escaped),
		cmocka_unit_test(columns_count_characters),
		cmocka_unit_test(texts_are_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
