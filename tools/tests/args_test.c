// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../lib/args.h"

#include <errno.h>
#include <string.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))
#define WORDS(...)	((char *[]){ __VA_ARGS__ })
#define COUNT(...)	((int)ARRAY_SIZE(WORDS(__VA_ARGS__)))
#define SETTINGS(set, why, ...) \
	dr_args_settings(COUNT(__VA_ARGS__), WORDS(__VA_ARGS__), set, why)

static void flags_stand_anywhere(void **state)
{
	bool json = false, zero = false;
	const struct dr_flag flags[] = {
		{ "--json", &json }, { "--zero", &zero }, { NULL, NULL },
	};
	char *argv[] = { "a", "--json", "b", "--", "--zero" };
	const char *bad = NULL;

	(void)state;
	assert_int_equal(dr_args_parse(5, argv, flags, &bad), 3);
	assert_true(json);
	assert_false(zero);
	assert_string_equal(argv[0], "a");
	assert_string_equal(argv[1], "b");
	assert_string_equal(argv[2], "--zero");
}

static void unknown_flags_are_refused(void **state)
{
	bool json = false;
	const struct dr_flag flags[] = { { "--json", &json }, { NULL, NULL } };
	static const char *const words[] = {
		"-", "-j", "--jso", "--json=1", "--jsonx", "-json",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		char *argv[] = { (char *)words[i] };
		const char *bad = NULL;

		assert_int_equal(dr_args_parse(1, argv, flags, &bad), -EINVAL);
		assert_string_equal(bad, words[i]);
	}
	assert_false(json);
}

static void options_take_a_value(void **state)
{
	char *argv[] = { "a", "--sample", "3", "b", "--sample=4", "--", "--sample" };
	const char *value = NULL;
	int argc = 7;

	(void)state;
	assert_int_equal(dr_args_option(&argc, argv, "--sample", &value), 0);
	assert_string_equal(value, "4");
	assert_int_equal(argc, 4);
	assert_string_equal(argv[0], "a");
	assert_string_equal(argv[1], "b");
	assert_string_equal(argv[3], "--sample");
	argc = 1;
	argv[0] = "--samples";
	assert_int_equal(dr_args_option(&argc, argv, "--sample", &value), 0);
	assert_null(value);
	argv[0] = "--sample";
	assert_int_equal(dr_args_option(&argc, argv, "--sample", &value),
			 -EINVAL);
}

static void limits_are_read(void **state)
{
	struct dr_settings set = { 0 };
	const char *why;

	(void)state;
	assert_int_equal(SETTINGS(&set, &why, "min=64M", "shares=500",
				  "limit=1.5G", "max=2G", "pinned=on"), 0);
	assert_int_equal(set.limits.flags, DR_SET_ALL);
	assert_int_equal(set.limits.limits.pinned, 1);
	assert_int_equal(set.limits.limits.min, 64 << 20);
	assert_int_equal(set.limits.limits.shares, 500);
	assert_int_equal(set.limits.limits.limit, 1536u << 20);
	assert_int_equal(set.limits.limits.max, UINT64_C(2) << 30);
}

static void pinned_is_read(void **state)
{
	static const struct {
		char *pair;
		__u32 pinned;
	} pairs[] = {
		{ "pinned=on", 1 }, { "pinned=1", 1 },
		{ "pinned=off", 0 }, { "pinned=0", 0 },
	};
	static char *const bad[] = { "pinned=", "pinned=2", "pinned=yes" };
	const char *why;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct dr_settings set = { .limits.limits.pinned = 9 };

		assert_int_equal(SETTINGS(&set, &why, pairs[i].pair), 0);
		assert_int_equal(set.limits.flags, DR_SET_PINNED);
		assert_int_equal(set.limits.limits.pinned, pairs[i].pinned);
	}
	for (size_t i = 0; i < 3; i++) {
		struct dr_settings set = { 0 };

		assert_int_equal(SETTINGS(&set, &why, bad[i]), -1);
	}
}

static void words_stand_for_zero(void **state)
{
	struct dr_settings set = {
		.limits.limits = { .max = 1, .limit = 1 },
	};
	const char *why;

	(void)state;
	assert_int_equal(SETTINGS(&set, &why, "max=size", "limit=none"), 0);
	assert_int_equal(set.limits.flags, DR_SET_MAX | DR_SET_LIMIT);
	assert_int_equal(set.limits.limits.max, 0);
	assert_int_equal(set.limits.limits.limit, 0);
}

static void sharing_is_read(void **state)
{
	static const char *const modes[] = {
		"share=off", "share=guest", "share=domain", "share=all",
	};
	const char *why;

	(void)state;
	for (__u32 i = 0; i < DR_NR_SHARE_MODES; i++) {
		struct dr_settings set = { .share.mode = 99 };

		assert_int_equal(SETTINGS(&set, &why, (char *)modes[i]), 0);
		assert_int_equal(set.share.flags, DR_GUEST_SHARE_MODE);
		assert_int_equal(set.share.mode, i);
		assert_int_equal(set.limits.flags, 0);
	}
}

static void scanning_is_read(void **state)
{
	struct dr_settings set = { .share.scan = 7 };
	const char *why;

	(void)state;
	assert_int_equal(SETTINGS(&set, &why, "scan=off", "min=1"), 0);
	assert_int_equal(set.share.flags, DR_GUEST_SHARE_SCAN);
	assert_int_equal(set.share.scan, 0);
	assert_int_equal(set.limits.flags, DR_SET_MIN);
	memset(&set, 0, sizeof(set));
	assert_int_equal(SETTINGS(&set, &why, "scan=on", "share=off"), 0);
	assert_int_equal(set.share.flags, DR_GUEST_SHARE_ALL);
	assert_int_equal(set.share.scan, 1);
}

static void bad_pairs_are_named(void **state)
{
	static const char *const pairs[] = {
		"min", "=1", "", "min=", "min=x", "min=-1", "min=16E",
		"min=none", "limit=size", "max=none", "mins=1", "mi=1",
		"MIN=1", "shares=0", "shares=1000001", "shares=1K",
		"shares=", "shares=-1", "shares=4294967297", "min = 1",
		"share=", "share=on", "share=Off", "share=domains", "scan=",
		"scan=1", "scan=ON", "scans=on",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct dr_settings set = { 0 };
		const char *why = NULL;

		assert_int_equal(SETTINGS(&set, &why, "limit=1G",
					  (char *)pairs[i]), -2);
		assert_non_null(why);
	}
}

static void a_key_given_twice_is_refused(void **state)
{
	struct dr_settings set = { 0 };
	const char *why;

	(void)state;
	assert_int_equal(SETTINGS(&set, &why, "min=1M", "min=1M"), -2);
	memset(&set, 0, sizeof(set));
	assert_int_equal(SETTINGS(&set, &why, "shares=1", "shares=1"), -2);
	memset(&set, 0, sizeof(set));
	assert_int_equal(SETTINGS(&set, &why, "scan=on", "scan=off"), -2);
	memset(&set, 0, sizeof(set));
	assert_int_equal(SETTINGS(&set, &why, "share=all", "share=all"), -2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_stand_anywhere),
		cmocka_unit_test(unknown_flags_are_refused),
		cmocka_unit_test(options_take_a_value),
		cmocka_unit_test(limits_are_read),
		cmocka_unit_test(pinned_is_read),
		cmocka_unit_test(sharing_is_read),
		cmocka_unit_test(scanning_is_read),
		cmocka_unit_test(words_stand_for_zero),
		cmocka_unit_test(bad_pairs_are_named),
		cmocka_unit_test(a_key_given_twice_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
