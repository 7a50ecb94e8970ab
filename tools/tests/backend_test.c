// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../lib/backend.h"

#include <stdlib.h>
#include <string.h>

static const char *seen;

static bool is_ours(const char *path)
{
	static char kept[8192];

	seen = strcpy(kept, path);
	return !strncmp(path, "/run/denseram/", 14);
}

/* The text that comes of it, or NULL for one that stays. */
static void check(const char *object, const char *expected)
{
	char *aligned;

	seen = NULL;
	assert_int_equal(dr_backend_align(object, 4096, is_ours, &aligned), 0);
	if (expected)
		assert_string_equal(aligned, expected);
	else
		assert_null(aligned);
	free(aligned);
}

#define FILE_AT	"memory-backend-file,id=ram,size=1G,mem-path="

static void words_get_it(void **state)
{
	(void)state;
	check(FILE_AT "/run/denseram/vm1/ram0,share=on",
	      FILE_AT "/run/denseram/vm1/ram0,share=on,align=4096");
	check("qom-type=memory-backend-file,mem-path=/run/denseram/a,id=r",
	      "qom-type=memory-backend-file,mem-path=/run/denseram/a,id=r,align=4096");
}

static void json_gets_it(void **state)
{
	(void)state;
	check("{\"qom-type\":\"memory-backend-file\",\"id\":\"pc.ram\",\"mem-path\":\"/run/denseram/libvirt/qemu/1-vm1/pc.ram\",\"share\":true,\"size\":268435456}",
	      "{\"qom-type\":\"memory-backend-file\",\"id\":\"pc.ram\",\"mem-path\":\"/run/denseram/libvirt/qemu/1-vm1/pc.ram\",\"share\":true,\"size\":268435456,\"align\":4096}");
}

/* A size near 2^64 and a number with a fraction come out as they went in. */
static void numbers_stay(void **state)
{
	(void)state;
	check("{\"qom-type\":\"memory-backend-file\",\"mem-path\":\"/run/denseram/a\",\"size\":18446744073709547520,\"x\":0.10}",
	      "{\"qom-type\":\"memory-backend-file\",\"mem-path\":\"/run/denseram/a\",\"size\":18446744073709547520,\"x\":0.10,\"align\":4096}");
}

static void what_is_set_stays(void **state)
{
	(void)state;
	check(FILE_AT "/run/denseram/vm1/ram0,align=4K", NULL);
	check("{\"qom-type\":\"memory-backend-file\",\"align\":4096,\"mem-path\":\"/run/denseram/a\"}",
	      NULL);
	assert_null(seen);
}

static void others_stay(void **state)
{
	(void)state;
	check(FILE_AT "/dev/shm/ram0", NULL);
	check("memory-backend-memfd,id=ram,mem-path=/run/denseram/a", NULL);
	check("memory-backend-ram,id=ram,size=1G", NULL);
	check("{\"qom-type\":\"rng-random\",\"filename\":\"/dev/urandom\"}", NULL);
	check("iothread,id=memory-backend-file", NULL);
}

static void commas_are_of_the_path(void **state)
{
	(void)state;
	check(FILE_AT "/run/denseram/a,,align=4K,share=on",
	      FILE_AT "/run/denseram/a,,align=4K,share=on,align=4096");
	assert_string_equal(seen, "/run/denseram/a,align=4K");
	check(FILE_AT "/run/denseram/a,,", FILE_AT "/run/denseram/a,,,align=4096");
	assert_string_equal(seen, "/run/denseram/a,");
}

/* One at the end is no part of the path: two would be. */
static void a_comma_at_the_end(void **state)
{
	(void)state;
	check(FILE_AT "/run/denseram/a,", FILE_AT "/run/denseram/a,align=4096");
	assert_string_equal(seen, "/run/denseram/a");
	check(FILE_AT "/run/denseram/a,,", FILE_AT "/run/denseram/a,,,align=4096");
	assert_string_equal(seen, "/run/denseram/a,");
	check(FILE_AT "/run/denseram/a,,,",
	      FILE_AT "/run/denseram/a,,,align=4096");
	check("{\"qom-type\":\"memory-backend-file\",\"mem-path\":\"/run/denseram/a\"} \n",
	      "{\"qom-type\":\"memory-backend-file\",\"mem-path\":\"/run/denseram/a\",\"align\":4096}");
}

static void nonsense_stays(void **state)
{
	static char path[3 * 4096];

	(void)state;
	check("", NULL);
	check(",", NULL);
	check("memory-backend-file", NULL);
	check("memory-backend-file,mem-path", NULL);
	check("memory-backend-file,mem-path=", NULL);
	check("{\"qom-type\":\"memory-backend-file\",\"mem-path\":\"/run/denseram/a\"} x",
	      NULL);
	check("{\"qom-type\":\"memory-backend-file\",\"mem-path\":\"/run/denseram/a\"}}",
	      NULL);
	check("{", NULL);
	check("{}", NULL);
	check("{\"qom-type\":null,\"mem-path\":{}}", NULL);
	check("{\"qom-type\":\"memory-backend-file\",\"mem-path\":null}", NULL);
	strcpy(path, FILE_AT "/run/denseram/");
	memset(path + strlen(path), 'a', sizeof(path) - 1 - strlen(path));
	check(path, NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_get_it),
		cmocka_unit_test(json_gets_it),
		cmocka_unit_test(numbers_stay),
		cmocka_unit_test(what_is_set_stays),
		cmocka_unit_test(others_stay),
		cmocka_unit_test(commas_are_of_the_path),
		cmocka_unit_test(a_comma_at_the_end),
		cmocka_unit_test(nonsense_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
