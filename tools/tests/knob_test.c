// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../lib/knob.h"

#include <errno.h>
#include <string.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))

static void knobs_have_one_name(void **state)
{
	char text[DR_KNOB_RANGE];

	(void)state;
	for (size_t i = 0; i < dr_nr_knobs; i++) {
		const struct dr_knob *knob = &dr_knobs[i];

		assert_ptr_equal(dr_knob_find(knob->name), knob);
		assert_ptr_equal(dr_knob_find(knob->file), knob);
		assert_non_null(strchr(knob->name, '.'));
		assert_true(knob->min <= knob->max);
		assert_true(strlen(knob->meaning) <= 48);
		assert_true(strlen(dr_knob_range(knob, text)) <
			    DR_KNOB_RANGE - 1);
	}
	assert_null(dr_knob_find("policy"));
	assert_null(dr_knob_find(""));
}

static void groups_match(void **state)
{
	const struct dr_knob *knob = dr_knob_find("policy.tax");

	(void)state;
	assert_true(dr_knob_matches(knob, "policy"));
	assert_true(dr_knob_matches(knob, "policy.tax"));
	assert_true(dr_knob_matches(knob, "policy/tax"));
	assert_false(dr_knob_matches(knob, "polic"));
	assert_false(dr_knob_matches(knob, "policy."));
	assert_false(dr_knob_matches(knob, "policy.enabled"));
	assert_false(dr_knob_matches(knob, "none.such"));
}

static const struct {
	const char *knob;
	const char *text;
	int err;
	uint64_t value;
} values[] = {
	{ "policy.tax", "75%", 0, 75 },
	{ "policy.tax", "0", 0, 0 },
	{ "policy.tax", "100%", -ERANGE, 0 },
	{ "policy.tax", "75.5%", -EINVAL, 0 },
	{ "policy.tax", "%", -EINVAL, 0 },
	{ "policy.tax", "75%%", -EINVAL, 0 },
	{ "policy.tax", "-1", -EINVAL, 0 },
	{ "policy.tax", " 75", -EINVAL, 0 },
	{ "policy.tax", "", -EINVAL, 0 },
	{ "policy.tax", "99999999999999999999%", -ERANGE, 0 },
	{ "sharing.interval", "10s", 0, 10 },
	{ "sharing.interval", "10", 0, 10 },
	{ "sharing.interval", "1.5min", 0, 90 },
	{ "sharing.interval", "1h", 0, 3600 },
	{ "sharing.interval", "3000ms", 0, 3 },
	{ "sharing.interval", "1500ms", -EINVAL, 0 },
	{ "sharing.interval", "0", -ERANGE, 0 },
	{ "sharing.interval", "61min", -ERANGE, 0 },
	{ "sharing.interval", "10 s", -EINVAL, 0 },
	{ "sharing.interval", "10S", -EINVAL, 0 },
	{ "sharing.interval", "s", -EINVAL, 0 },
	{ "sharing.interval", "1.s", -EINVAL, 0 },
	{ "sharing.interval", "9999999999999999999h", -ERANGE, 0 },
	{ "sharing.interval", "99999999999999999999s", -EINVAL, 0 },
	{ "sharing.interval", "0.0000000000001h", -EINVAL, 0 },
	{ "wss.period", "2.5s", 0, 2500 },
	{ "wss.period", "2500", 0, 2500 },
	{ "wss.period", "1min", 0, 60000 },
	{ "swap.async", "0", 0, 0 },
	{ "swap.async", "0.05ms", 0, 50 },
	{ "swap.async", "2s", -ERANGE, 0 },
	{ "sharing.rate_max", "0", 0, 0 },
	{ "sharing.rate_max", "99", -ERANGE, 0 },
	{ "sharing.rate_max", "100", 0, 100 },
	{ "sharing.rate_max", "1K", -EINVAL, 0 },
	{ "swap.pool_limit", "512M", 0, 512 << 20 },
	{ "swap.pool_limit", "1.5G", 0, 3ULL << 29 },
	{ "swap.pool_limit", "512MB", -EINVAL, 0 },
	{ "swap.pool_limit", "20%", -EINVAL, 0 },
	{ "policy.enabled", "on", 0, 1 },
	{ "policy.enabled", "0", 0, 0 },
	{ "policy.enabled", "off", 0, 0 },
	{ "policy.enabled", "2", -EINVAL, 0 },
	{ "policy.enabled", "ON", -EINVAL, 0 },
	{ "swap.compressor", "lz4", -EINVAL, 0 },
};

static void values_are_read(void **state)
{
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		const struct dr_knob *knob = dr_knob_find(values[i].knob);
		int err = dr_knob_parse(knob, values[i].text, &value);

		if (err != values[i].err)
			print_message("%s=%s\n", values[i].knob, values[i].text);
		assert_int_equal(err, values[i].err);
		if (!err)
			assert_int_equal(value, values[i].value);
	}
}

static void round_trip(const struct dr_knob *knob, uint64_t value)
{
	char text[DR_KNOB_TEXT];
	uint64_t back;

	dr_knob_format(knob, value, text);
	assert_int_equal(dr_knob_parse(knob, text, &back), 0);
	assert_int_equal(back, value);
}

static void written_values_read_back(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (size_t i = 0; i < dr_nr_knobs; i++) {
		const struct dr_knob *knob = &dr_knobs[i];

		if (knob->kind == DR_KNOB_WORD)
			continue;
		round_trip(knob, knob->min);
		round_trip(knob, knob->max);
		for (int n = 0; n < 10000; n++) {
			seed = seed * UINT64_C(6364136223846793005) + 1;
			if (knob->max == UINT64_MAX)
				round_trip(knob, seed >> n % 60);
			else
				round_trip(knob, knob->min + (seed >> 20) %
					   (knob->max - knob->min + 1));
		}
	}
}

static void values_are_written(void **state)
{
	static const struct {
		const char *knob;
		uint64_t value;
		const char *text;
		const char *range;
	} texts[] = {
		{ "policy.tax", 75, "75%", "0% to 99%" },
		{ "sharing.interval", 10, "10s", "1s to 1h" },
		{ "wss.period", 1500, "1500ms", "1s to 1min" },
		{ "swap.async", 0, "0s", "0s to 1s" },
		{ "sharing.rate_max", 100, "100", "0 or 100 to 10000000" },
		{ "swap.pool_limit", 1 << 30, "1G",
		  "any size such as 512M or 1.5G" },
		{ "wss.enabled", 0, "off", "on or off" },
	};
	char text[DR_KNOB_RANGE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const struct dr_knob *knob = dr_knob_find(texts[i].knob);

		assert_string_equal(dr_knob_format(knob, texts[i].value, text),
				    texts[i].text);
		assert_string_equal(dr_knob_range(knob, text), texts[i].range);
	}
}

static void words_are_found(void **state)
{
	char word[DR_KNOB_TEXT];
	bool chosen;

	(void)state;
	assert_true(dr_knob_word("lz4 [zstd]", 0, word, &chosen));
	assert_string_equal(word, "lz4");
	assert_false(chosen);
	assert_true(dr_knob_word("lz4 [zstd]", 1, word, &chosen));
	assert_string_equal(word, "zstd");
	assert_true(chosen);
	assert_false(dr_knob_word("lz4 [zstd]", 2, word, &chosen));
	assert_false(dr_knob_word("", 0, word, &chosen));
	assert_true(dr_knob_word(" [] \n", 0, word, &chosen));
	assert_false(chosen);
	assert_true(dr_knob_word("[a-word-longer-than-any-that-there-is]", 0,
				 word, &chosen));
	assert_int_equal(strlen(word), DR_KNOB_TEXT - 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(knobs_have_one_name),
		cmocka_unit_test(groups_match),
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(written_values_read_back),
		cmocka_unit_test(values_are_written),
		cmocka_unit_test(words_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
