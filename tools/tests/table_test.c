// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../lib/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct dr_column columns[] = {
	{ "ID", true }, { "STATE", false }, { "NAME", false },
};

static void check_print(struct dr_table *table, int err, const char *expected)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(dr_table_print(table, out), err);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void columns_fit_their_widest_cell(void **state)
{
	struct dr_table *table = dr_table_create(columns, 3);

	(void)state;
	dr_table_add(table, "%d", 7);
	dr_table_add(table, "-");
	dr_table_add(table, "%s", "vm1");
	dr_table_add(table, "%d", 1234);
	dr_table_add(table, "running");
	dr_table_add(table, "%s", "v");
	check_print(table, 0,
		    "  ID  STATE    NAME\n"
		    "   7  -        vm1\n"
		    "1234  running  v\n");
	dr_table_destroy(table);
}

static void an_empty_table_has_headings(void **state)
{
	struct dr_table *table = dr_table_create(columns, 3);

	(void)state;
	check_print(table, 0, "ID  STATE  NAME\n");
	dr_table_destroy(table);
	dr_table_destroy(NULL);
}

static void accents_do_not_shift_columns(void **state)
{
	struct dr_table *table = dr_table_create(columns, 3);

	(void)state;
	dr_table_add(table, "1");
	dr_table_add(table, "caf\xc3\xa9xx");
	dr_table_add(table, "a");
	dr_table_add(table, "2");
	dr_table_add(table, "cafexx");
	dr_table_add(table, "b");
	check_print(table, 0,
		    "ID  STATE   NAME\n"
		    " 1  caf\xc3\xa9xx  a\n"
		    " 2  cafexx  b\n");
	dr_table_destroy(table);
}

static void an_incomplete_row_is_an_error(void **state)
{
	struct dr_table *table = dr_table_create(columns, 3);

	(void)state;
	dr_table_add(table, "1");
	check_print(table, -EINVAL, "");
	dr_table_destroy(table);
}

static void many_rows_are_kept(void **state)
{
	struct dr_table *table = dr_table_create(columns, 1);
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	for (int i = 0; i < 5000; i++)
		dr_table_add(table, "%d", i);
	assert_int_equal(dr_table_print(table, out), 0);
	fclose(out);
	assert_int_equal(len, 5001 * 5);
	assert_string_equal(text + len - 5, "4999\n");
	free(text);
	dr_table_destroy(table);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_fit_their_widest_cell),
		cmocka_unit_test(an_empty_table_has_headings),
		cmocka_unit_test(accents_do_not_shift_columns),
		cmocka_unit_test(an_incomplete_row_is_an_error),
		cmocka_unit_test(many_rows_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
