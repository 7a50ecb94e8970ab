// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../lib/quote.h"

static void check(const char *word, const char *expected)
{
	char text[32];
	const char *quoted = dr_quote(word, text, sizeof(text));

	if (expected)
		assert_string_equal(quoted, expected);
	else
		assert_null(quoted);
}

static void plain_words_stay(void **state)
{
	(void)state;
	check("vm1", "vm1");
	check("/run/denseram/1-vm1", "/run/denseram/1-vm1");
}

static void others_are_quoted(void **state)
{
	(void)state;
	check("a b", "'a b'");
	check("$(reboot)", "'$(reboot)'");
	check("a;b", "'a;b'");
	check("*", "'*'");
	check("", "''");
}

static void what_cannot_be_is_refused(void **state)
{
	(void)state;
	check("it's", NULL);
	check("a\nb", NULL);
	check("\x1b[31m", NULL);
	check("back\\slash", NULL);
	check("\xc3\xa4", NULL);
	check("--json", NULL);
	check("a-word-that-is-longer-than-there-is", NULL);
	/* One byte too many, with its quotes. */
	check("a b c d e f g h i j k l m n op", NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_words_stay),
		cmocka_unit_test(others_are_quoted),
		cmocka_unit_test(what_cannot_be_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
