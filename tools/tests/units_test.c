// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../lib/units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define K	UINT64_C(1024)
#define M	(K * K)
#define G	(M * K)
#define T	(G * K)

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))

static void sizes_are_read(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} cases[] = {
		{ "0", 0 }, { "1", 1 }, { "4096", 4096 }, { "12B", 12 },
		{ "1k", K }, { "64K", 64 * K }, { "512M", 512 * M },
		{ "4g", 4 * G }, { "2T", 2 * T }, { "1P", T * K },
		{ "2MiB", 2 * M }, { "2mib", 2 * M }, { "1.5G", 3 * G / 2 },
		{ "0.5K", 512 }, { "1.25MiB", 5 * M / 4 },
		{ "0.0001K", 0 }, { "1.3K", 1331 },
		{ "0.99999999999999999999999999K", 1023 },
		{ "18446744073709551615", UINT64_MAX },
		{ "15.5E", UINT64_C(31) << 59 }, { "007", 7 },
	};
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(dr_size_parse(cases[i].text, &bytes), 0);
		assert_int_equal(bytes, cases[i].bytes);
	}
}

static void what_is_no_size_is_refused(void **state)
{
	static const char *const texts[] = {
		"", "K", "-1", "+1", " 1", "1 ", "1 K", "1KB", "1Ki", "1KiBs",
		"1.K", ".5K", "1.5", "1.5B", "1..5K", "0x10", "1e3", "1X",
		"1MM", "1,5G", "1.5.5G", "\xff", "1\n", "1BiB",
	};
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(dr_size_parse(texts[i], &bytes), -EINVAL);
}

static void sizes_too_large_are_told_apart(void **state)
{
	static const char *const texts[] = {
		"18446744073709551616", "16E", "16777216T",
		"99999999999999999999999K", "18014398509481984K",
	};
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(dr_size_parse(texts[i], &bytes), -ERANGE);
}

static void sizes_are_written(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0 B" }, { 1023, "1023 B" }, { K, "1 KiB" },
		{ 1025, "1.00 KiB" }, { 3 * K / 2, "1.50 KiB" },
		{ 96 * M, "96 MiB" }, { 96 * M + 300 * K, "96.3 MiB" },
		{ 1023 * M, "1023 MiB" }, { 1024 * M, "1 GiB" },
		{ 1024 * M - 1, "1.00 GiB" }, { 100 * M - 1, "100 MiB" },
		{ 10 * M - 1, "10.0 MiB" }, { 999 * K + 1, "999 KiB" },
		{ 4 * G, "4 GiB" }, { 5 * T / 2, "2.50 TiB" },
		{ UINT64_MAX, "16.0 EiB" }, { UINT64_C(1) << 63, "8 EiB" },
	};
	char text[DR_SIZE_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(dr_size_format(cases[i].bytes, text),
				    cases[i].text);
}

/* Any size survives a round trip to within the digits that are written. */
static void written_sizes_read_back(void **state)
{
	char text[DR_SIZE_TEXT], packed[DR_SIZE_TEXT];
	uint64_t seed = 1, bytes, back, error;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
		bytes = seed >> (i % 63 + 1);
		dr_size_format(bytes, text);
		assert_true(strlen(text) <= 8);
		sscanf(text, "%15[0-9.]", packed);
		strcat(packed, strchr(text, ' ') + 1);
		assert_int_equal(dr_size_parse(packed, &back), 0);
		error = back > bytes ? back - bytes : bytes - back;
		assert_true(error <= bytes / 199 + 1);
	}
}

static void short_sizes_are_short(void **state)
{
	char text[DR_SIZE_TEXT];

	(void)state;
	assert_string_equal(dr_size_short(0, text), "0");
	assert_string_equal(dr_size_short(1023, text), "1023");
	assert_string_equal(dr_size_short(1024, text), "1K");
	assert_string_equal(dr_size_short(3ULL << 29, text), "1.50G");
	assert_string_equal(dr_size_short(512 << 20, text), "512M");
	for (uint64_t bytes = 1; bytes; bytes <<= 1) {
		assert_true(strlen(dr_size_short(bytes - 1, text)) <= 5);
		assert_true(strlen(dr_size_short(bytes / 3 * 2, text)) <= 5);
	}
	assert_true(strlen(dr_size_short(UINT64_MAX, text)) <= 5);
}

static void exact_sizes_lose_nothing(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} sizes[] = {
		{ 0, "0" }, { 1, "1" }, { 1023, "1023" }, { 1024, "1K" },
		{ 1025, "1025" }, { 1536, "1536" }, { 3 << 20, "3M" },
		{ (uint64_t)5 << 40, "5T" }, { (uint64_t)1 << 63, "8E" },
		{ UINT64_MAX, "18446744073709551615" },
	};
	char text[DR_SIZE_EXACT];
	uint64_t back;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		assert_string_equal(dr_size_exact(sizes[i].bytes, text),
				    sizes[i].text);
		assert_int_equal(dr_size_parse(text, &back), 0);
		assert_int_equal(back, sizes[i].bytes);
	}
}

static void counts_are_plain_digits(void **state)
{
	uint64_t value;

	(void)state;
	assert_int_equal(dr_count_parse("42", &value), 0);
	assert_int_equal(value, 42);
	assert_int_equal(dr_count_parse("", &value), -EINVAL);
	assert_int_equal(dr_count_parse("4K", &value), -EINVAL);
	assert_int_equal(dr_count_parse("-4", &value), -EINVAL);
	assert_int_equal(dr_count_parse("18446744073709551616", &value),
			 -ERANGE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_read),
		cmocka_unit_test(what_is_no_size_is_refused),
		cmocka_unit_test(sizes_too_large_are_told_apart),
		cmocka_unit_test(sizes_are_written),
		cmocka_unit_test(written_sizes_read_back),
		cmocka_unit_test(short_sizes_are_short),
		cmocka_unit_test(exact_sizes_lose_nothing),
		cmocka_unit_test(counts_are_plain_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
