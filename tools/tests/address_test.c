// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../lib/address.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What is read is written again, in its shortest form. */
static void check_read(const char *text, const char *again, int family)
{
	char out[DR_ADDRESS_TEXT];
	union dr_address address;

	assert_int_equal(dr_address_parse(text, &address), 0);
	assert_int_equal(address.any.sa_family, family);
	assert_string_equal(dr_address_format(&address, out), again);
}

static void addresses_are_read(void **state)
{
	(void)state;
	check_read("127.0.0.1:10170", "127.0.0.1:10170", AF_INET);
	check_read("0.0.0.0:0", "0.0.0.0:0", AF_INET);
	check_read("[::1]:10170", "[::1]:10170", AF_INET6);
	check_read("[0:0:0:0:0:0:0:0]:65535", "[::]:65535", AF_INET6);
	check_read("[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:65535",
		   "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535", AF_INET6);
}

static void anything_else_is_refused(void **state)
{
	static const char *const bad[] = {
		"", ":", ":80", "80", "127.0.0.1", "127.0.0.1:",
		"127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1",
		"127.0.0.1:8x", "127.0.0.1:99999999999999999999", "127.1:80",
		"localhost:80", "::1:80", "[::1]", "[::1]80", "[::1:80",
		"::1]:80", "[]:80", "[:80", "[127.0.0.1]:80", "[::1%lo]:80",
		" 127.0.0.1:80", "127.0.0.1 :80", "127.0.0.1:80 ",
		"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:80",
	};
	union dr_address address;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (dr_address_parse(bad[i], &address) != -EINVAL)
			fail_msg("'%s' is taken", bad[i]);
	}
}

static void the_kernel_gets_the_right_length(void **state)
{
	union dr_address address;

	(void)state;
	assert_int_equal(dr_address_parse("127.0.0.1:1", &address), 0);
	assert_int_equal(dr_address_len(&address), sizeof(struct sockaddr_in));
	assert_int_equal(dr_address_parse("[::1]:1", &address), 0);
	assert_int_equal(dr_address_len(&address), sizeof(struct sockaddr_in6));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(the_kernel_gets_the_right_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
