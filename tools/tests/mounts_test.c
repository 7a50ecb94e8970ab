// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../lib/mounts.h"

#include <stdlib.h>
#include <string.h>

static void mounts_of_a_type_are_found(void **state)
{
	const char *text =
		"22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
		"40 22 0:52 / /run/denseram rw,nosuid shared:7 master:2 - denseram none rw,mode=755,size=1024k,huge=always\n"
		"nonsense\n"
		"41 22 0:53 / /srv/a\\040b rw - denseram none rw,huge=never";
	struct dr_mounted mount;

	(void)state;
	assert_true(dr_mounts_next(&text, "denseram", &mount));
	assert_string_equal(mount.path, "/run/denseram");
	assert_int_equal(mount.dev[0], 0);
	assert_int_equal(mount.dev[1], 52);
	assert_string_equal(mount.options,
			    "rw,mode=755,size=1024k,huge=always");
	assert_true(dr_mounts_next(&text, "denseram", &mount));
	assert_string_equal(mount.path, "/srv/a b");
	assert_string_equal(mount.options, "rw,huge=never");
	assert_false(dr_mounts_next(&text, "denseram", &mount));
}

/* Each a line that is cut or twisted somewhere. */
static void broken_lines_are_passed_over(void **state)
{
	static const char *const lines[] = {
		"", "\n", " ", "40", "40 22", "40 22 x:y / /m rw - denseram a b",
		"40 22 0:1 / /m", "40 22 0:1 / /m rw", "40 22 0:1 / /m rw -",
		"40 22 0:1 / /m rw - denseram", "40 22 0:1 / /m rw - denseram a",
		"40 22 0:1 / /m rw shared:1 denseram a b",
		"40  22 0:1 / /m rw - denseram a b", "- - - - - - - -",
	};
	struct dr_mounted mount;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		/* On the heap, so that a read behind its end shows. */
		char *copy = strdup(lines[i]);
		const char *text = copy;

		assert_non_null(copy);
		assert_false(dr_mounts_next(&text, "denseram", &mount));
		free(copy);
	}
}

static void a_long_path_is_passed_over(void **state)
{
	char *line = malloc(DR_MOUNT_TEXT * 2 + 64), *end;
	const char *text = line;
	struct dr_mounted mount;

	(void)state;
	assert_non_null(line);
	end = stpcpy(line, "40 22 0:1 / /");
	memset(end, 'm', DR_MOUNT_TEXT * 2);
	strcpy(end + DR_MOUNT_TEXT * 2, " rw - denseram a b");
	assert_false(dr_mounts_next(&text, "denseram", &mount));
	free(line);
}

static void options_have_values(void **state)
{
	char value[8];

	(void)state;
	assert_true(dr_mount_option("rw,size=64k,huge=always", "size", value,
				    sizeof(value)));
	assert_string_equal(value, "64k");
	assert_true(dr_mount_option("huge=alwaysandever", "huge", value,
				    sizeof(value)));
	assert_string_equal(value, "alwaysa");
	assert_true(dr_mount_option("size=", "size", value, sizeof(value)));
	assert_string_equal(value, "");
	assert_false(dr_mount_option("rw,resize=1", "size", value,
				     sizeof(value)));
	assert_false(dr_mount_option("size", "size", value, sizeof(value)));
	assert_false(dr_mount_option("", "size", value, sizeof(value)));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(mounts_of_a_type_are_found),
		cmocka_unit_test(broken_lines_are_passed_over),
		cmocka_unit_test(a_long_path_is_passed_over),
		cmocka_unit_test(options_have_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
