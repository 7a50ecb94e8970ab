// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../lib/release.h"

#include <errno.h>
#include <string.h>

static void check(const char *text, unsigned int major, unsigned int minor)
{
	struct dr_release release;

	assert_int_equal(dr_release_parse(text, &release), 0);
	assert_int_equal(release.major, major);
	assert_int_equal(release.minor, minor);
}

static void versions_are_read(void **state)
{
	(void)state;
	check("6.12.117-amd64", 6, 12);
	check("7.0-rc1", 7, 0);
	check("10.0.13 (Debian 1:10.0.13+ds-1)", 10, 0);
	check("5.14", 5, 14);
}

static void others_are_refused(void **state)
{
	static const char *const texts[] = {
		"", "6", "6.", ".12", "six.twelve", "v6.12", "9999999.1",
		"6.9999999", "-6.12",
	};
	struct dr_release release;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_equal(dr_release_parse(texts[i], &release), -EINVAL);
}

static void versions_are_compared(void **state)
{
	const struct dr_release release = { 6, 12 };

	(void)state;
	assert_true(dr_release_since(&release, 6, 12));
	assert_true(dr_release_since(&release, 5, 20));
	assert_true(dr_release_since(&release, 6, 2));
	assert_false(dr_release_since(&release, 6, 13));
	assert_false(dr_release_since(&release, 7, 0));
}

static void find(const char *bytes, size_t len, int err)
{
	struct dr_release release;

	assert_int_equal(dr_release_of_qemu(bytes, len, &release), err);
	if (!err)
		assert_int_equal(release.major * 100 + release.minor, 702);
}

static void a_program_tells_its_version(void **state)
{
	static const char bytes[] =
		"\x7f" "ELF\0 " DR_QEMU_MARK "%s\0" DR_QEMU_MARK "7.2.9 (x)\0";

	(void)state;
	find(bytes, sizeof(bytes), 0);
	find(bytes, 0, -ENOENT);
	find(bytes, strlen(DR_QEMU_MARK), -ENOENT);
	/* Nothing is read behind the end. */
	find(DR_QEMU_MARK "7.2", strlen(DR_QEMU_MARK "7.2"), 0);
	find(DR_QEMU_MARK "7.", strlen(DR_QEMU_MARK "7."), -ENOENT);
	find(DR_QEMU_MARK, strlen(DR_QEMU_MARK), -ENOENT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_are_read),
		cmocka_unit_test(others_are_refused),
		cmocka_unit_test(versions_are_compared),
		cmocka_unit_test(a_program_tells_its_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
