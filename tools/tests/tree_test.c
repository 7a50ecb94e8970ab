// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../lib/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char root[] = "/tmp/tree_test.XXXXXX";

static void put(const char *name, const char *text, size_t len)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	fd = open(path, O_WRONLY | O_CREAT, 0640);
	assert_true(fd >= 0 && write(fd, text, len) == (ssize_t)len);
	close(fd);
}

static void link_to(const char *target, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	assert_int_equal(symlink(target, path), 0);
}

static int set_up(void **state)
{
	char path[64];

	(void)state;
	if (!mkdtemp(root))
		return -1;
	put("number", "42\n", 3);
	put("lines", "one\ntwo\n", 8);
	put("zero", "a\0b", 3);
	link_to("/number", "absolute");
	link_to("../../../../etc/passwd", "outside");
	snprintf(path, sizeof(path), "%s/fifo", root);
	return mkfifo(path, 0600);
}

static int tear_down(void **state)
{
	static const char *const names[] = {
		"number", "lines", "zero", "absolute", "outside", "fifo",
	};
	char path[64];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, names[i]);
		unlink(path);
	}
	return rmdir(root);
}

static void files_are_read(void **state)
{
	struct dr_tree tree;
	char line[DR_TREE_LINE], *text;
	uint64_t number;
	struct stat st;
	size_t len;

	(void)state;
	assert_int_equal(dr_tree_open(&tree, root), 0);
	assert_false(dr_tree_live(&tree));
	assert_int_equal(dr_tree_number(&tree, &number, "/%s", "number"), 0);
	assert_int_equal(number, 42);
	assert_int_equal(dr_tree_number(&tree, &number, "/lines"), -EINVAL);
	assert_int_equal(dr_tree_line(&tree, line, "/lines"), 0);
	assert_string_equal(line, "one");
	assert_int_equal(dr_tree_text(&tree, &text, &len, "/zero"), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(text, "a\0b", 4);
	free(text);
	assert_int_equal(dr_tree_stat(&tree, &st, "/zero"), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(dr_tree_line(&tree, line, "/none"), -ENOENT);
	dr_tree_close(&tree);
}

static void nothing_leads_out(void **state)
{
	struct dr_tree tree;
	char target[64], line[DR_TREE_LINE];
	uint64_t number;

	(void)state;
	assert_int_equal(dr_tree_open(&tree, root), 0);
	assert_int_equal(dr_tree_number(&tree, &number, "/absolute"), 0);
	assert_int_equal(number, 42);
	assert_int_equal(dr_tree_line(&tree, line, "/outside"), -ENOENT);
	assert_int_equal(dr_tree_line(&tree, line, "/../../etc/passwd"),
			 -ENOENT);
	assert_int_equal(dr_tree_link(&tree, target, sizeof(target),
				      "/outside"), 0);
	assert_string_equal(target, "../../../../etc/passwd");
	/* It would never be read to its end. */
	assert_int_equal(dr_tree_line(&tree, line, "/fifo"), -EINVAL);
	dr_tree_close(&tree);
}

static void directories_are_listed(void **state)
{
	struct dr_tree tree;
	const char *name;
	int nr = 0;
	DIR *dir;

	(void)state;
	assert_int_equal(dr_tree_open(&tree, root), 0);
	assert_int_equal(dr_tree_dir(&tree, &dir, "/"), 0);
	while ((name = dr_tree_next(dir)))
		nr++;
	assert_int_equal(nr, 6);
	closedir(dir);
	assert_int_equal(dr_tree_dir(&tree, &dir, "/none"), -ENOENT);
	assert_int_equal(dr_tree_dir(&tree, &dir, "/number"), -ENOTDIR);
	dr_tree_close(&tree);
	assert_int_equal(dr_tree_open(&tree, "/nonexistent"), -ENOENT);
}

static void this_machine_is_a_tree(void **state)
{
	struct dr_tree tree;
	char line[DR_TREE_LINE];
	char *text;

	(void)state;
	assert_int_equal(dr_tree_open(&tree, NULL), 0);
	assert_true(dr_tree_live(&tree));
	assert_int_equal(dr_tree_text(&tree, &text, NULL, "/proc/self/maps"),
			 0);
	assert_non_null(strstr(text, "tree_test"));
	free(text);
	assert_true(dr_tree_has(&tree, "/proc/self/exe"));
	assert_int_equal(dr_tree_link(&tree, line, sizeof(line),
				      "/proc/self/exe"), 0);
	dr_tree_close(&tree);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_read),
		cmocka_unit_test(nothing_leads_out),
		cmocka_unit_test(directories_are_listed),
		cmocka_unit_test(this_machine_is_a_tree),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
