// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "page.h"
#include "../lib/html.h"

#include <string.h>

static void markup_is_shown(void **state)
{
	FILE *out = page_begin();

	(void)state;
	html_text(out, "<b>'a' & \"b\"</b>\n");
	page_end(out, "&lt;b&gt;&#39;a&#39; &amp; &quot;b&quot;&lt;/b&gt;\n");
}

static void controls_are_left_out(void **state)
{
	FILE *out = page_begin();

	(void)state;
	html_text(out, "a\033[2J\001b\xc3\xa4");
	page_end(out, "a[2Jb\xc3\xa4");
}

/* The examples of RFC 4648, section 10. */
static void bytes_become_base64(void **state)
{
	static const char *const pairs[][2] = {
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" }, { "\xff\xfe\xfd", "//79" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		FILE *out = page_begin();

		html_base64(out, (const unsigned char *)pairs[i][0],
			    strlen(pairs[i][0]));
		page_end(out, pairs[i][1]);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(markup_is_shown),
		cmocka_unit_test(controls_are_left_out),
		cmocka_unit_test(bytes_become_base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
