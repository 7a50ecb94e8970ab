// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../lib/signature.h"

#include <errno.h>
#include <string.h>

static void secure_boot_is_on_or_off(void **state)
{
	(void)state;
	assert_int_equal(dr_secure_boot("\6\0\0\0\1", 5), 1);
	assert_int_equal(dr_secure_boot("\6\0\0\0\0", 5), 0);
	assert_int_equal(dr_secure_boot("\6\0\0\0\2", 5), -EINVAL);
	assert_int_equal(dr_secure_boot("\6\0\0\0", 4), -EINVAL);
	assert_int_equal(dr_secure_boot("", 0), -EINVAL);
}

static void signatures_are_at_the_end(void **state)
{
	static const char with[] = "ELF" DR_SIGNATURE_MARK;
	static const char within[] = "ELF" DR_SIGNATURE_MARK "more";

	(void)state;
	assert_true(dr_is_signed(with, sizeof(with) - 1));
	assert_false(dr_is_signed(within, sizeof(within) - 1));
	assert_false(dr_is_signed(DR_SIGNATURE_MARK,
				  strlen(DR_SIGNATURE_MARK)));
	assert_false(dr_is_signed("", 0));
}

static void keys_are_found_in_lists(void **state)
{
	(void)state;
	assert_true(dr_is_enrolled("..cert..", 8, "cert", 4));
	assert_false(dr_is_enrolled("..cer", 5, "cert", 4));
	assert_false(dr_is_enrolled("..cert..", 8, "", 0));
	assert_false(dr_is_enrolled("", 0, "cert", 4));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(secure_boot_is_on_or_off),
		cmocka_unit_test(signatures_are_at_the_end),
		cmocka_unit_test(keys_are_found_in_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
