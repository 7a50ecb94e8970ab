// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"

#include "../lib/area.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int make(size_t size)
{
	FILE *f = tmpfile();
	int fd;

	assert_non_null(f);
	fd = dup(fileno(f));
	fclose(f);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	return fd;
}

static void put(int fd, off_t at, const char *text)
{
	size_t len = strlen(text);

	assert_int_equal(pwrite(fd, text, len, at), (ssize_t)len);
}

static void zeros_hold_nothing(void **state)
{
	int fd = make(1 << 20);

	(void)state;
	assert_int_equal(dr_area_inspect(fd), 0);
	/* Data further on has no mark. */
	put(fd, 128 * 1024, "x");
	assert_int_equal(dr_area_inspect(fd), 0);
	close(fd);
}

static void marks_are_seen(void **state)
{
	static const off_t places[] = { 0, 510, 1080, 4096, 65600 };

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		int fd = make(1 << 20);

		put(fd, places[i], "x");
		assert_int_equal(dr_area_inspect(fd), -ENOTEMPTY);
		close(fd);
	}
}

static void old_swap_holds_nothing(void **state)
{
	int fd = make(1 << 20);

	(void)state;
	assert_int_equal(pwrite(fd, DR_SWAP_MAGIC, sizeof(DR_SWAP_MAGIC), 0),
			 sizeof(DR_SWAP_MAGIC));
	put(fd, 5000, "a page of some guest");
	assert_int_equal(dr_area_inspect(fd), 0);
	close(fd);
	fd = make(1 << 20);
	put(fd, 4086, "SWAPSPACE2");
	put(fd, 9000, "x");
	assert_int_equal(dr_area_inspect(fd), 0);
	close(fd);
}

static void priorities(void **state)
{
	static const char *const bad[] = {
		"", "x", "1x", "1.5", "32768", "-32769", "99999999999999999999",
	};
	int prio;

	(void)state;
	assert_int_equal(dr_area_parse_prio("-32768", &prio), 0);
	assert_int_equal(prio, -32768);
	assert_int_equal(dr_area_parse_prio("7", &prio), 0);
	assert_int_equal(prio, 7);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(dr_area_parse_prio(bad[i], &prio), -EINVAL);
}

static void paths(void **state)
{
	struct dr_swap_area areas[] = {
		{ .id = 4, .path = "/no/such/file" },
		{ .id = 5, .path = "/dev/null" },
	};

	(void)state;
	assert_int_equal(dr_area_by_path(areas, 2, "/no/such/file")->id, 4);
	assert_int_equal(dr_area_by_path(areas, 2, "/dev/../dev/null")->id, 5);
	assert_null(dr_area_by_path(areas, 2, "/dev/zero"));
	assert_null(dr_area_by_path(areas, 0, "/dev/null"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(zeros_hold_nothing),
		cmocka_unit_test(marks_are_seen),
		cmocka_unit_test(old_swap_holds_nothing),
		cmocka_unit_test(priorities),
		cmocka_unit_test(paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
