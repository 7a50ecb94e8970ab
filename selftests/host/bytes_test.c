// SPDX-License-Identifier: GPL-2.0-only
/* host-kmod/bytes.h: no byte of a page is overlooked. */
#include <string.h>

#include "test.h"
#include "bytes.h"

static unsigned char page[4096] __attribute__((aligned(8)));
static unsigned char other[4096] __attribute__((aligned(8)));

static void every_byte_counts(void **state)
{
	(void)state;
	memset(page, 0, sizeof(page));
	assert_true(dr_bytes_zero(page));
	for (size_t i = 0; i < sizeof(page); i++) {
		page[i] = 1 << (i % 8);
		assert_false(dr_bytes_zero(page));
		page[i] = 0;
	}
	assert_true(dr_bytes_zero(page));
}

static void every_byte_is_compared(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(page); i++) {
		page[i] = test_random();
		other[i] = page[i];
	}
	assert_true(dr_bytes_same(page, other));
	for (size_t i = 0; i < sizeof(page); i++) {
		other[i] ^= 1 << (i % 8);
		assert_false(dr_bytes_same(page, other));
		assert_false(dr_bytes_same(other, page));
		other[i] = page[i];
	}
	assert_true(dr_bytes_same(page, other));
}

/* Two words that differ must not hide each other. */
static void differences_add_up(void **state)
{
	u64 *a = (u64 *)page, *b = (u64 *)other;

	(void)state;
	memset(page, 0, sizeof(page));
	memset(other, 0, sizeof(other));
	for (int i = 0; i < 8; i++) {
		a[i] = 5;
		b[i] = 3;
	}
	assert_false(dr_bytes_same(page, other));
	assert_false(dr_bytes_zero(page));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_counts),
		cmocka_unit_test(every_byte_is_compared),
		cmocka_unit_test(differences_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
