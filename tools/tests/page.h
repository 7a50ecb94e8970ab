/* SPDX-License-Identifier: GPL-2.0-only */
/* What is written to a stream, compared as a whole. After test.h. */
#ifndef DR_TEST_PAGE_H
#define DR_TEST_PAGE_H

#include <stdio.h>
#include <stdlib.h>

static char *page;
static size_t page_len;

static FILE *page_begin(void)
{
	FILE *out = open_memstream(&page, &page_len);

	assert_non_null(out);
	return out;
}

static void page_end(FILE *out, const char *expected)
{
	assert_int_equal(fclose(out), 0);
	assert_string_equal(page, expected);
	free(page);
}

#endif /* DR_TEST_PAGE_H */
