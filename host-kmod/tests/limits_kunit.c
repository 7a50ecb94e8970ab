// SPDX-License-Identifier: GPL-2.0-only
#include <kunit/test.h>

#include "limits.h"
#include "units.h"

static void limits_refuse_contradictions(struct kunit *test)
{
	struct dr_limits l = { .shares = 1000 };

	KUNIT_EXPECT_TRUE(test, dr_limits_valid(&l));
	l.min = 2;
	KUNIT_EXPECT_TRUE(test, dr_limits_valid(&l));
	l.max = 1;
	KUNIT_EXPECT_FALSE(test, dr_limits_valid(&l));
	l.max = 2;
	l.limit = 1;
	KUNIT_EXPECT_FALSE(test, dr_limits_valid(&l));
	l.limit = 2;
	KUNIT_EXPECT_TRUE(test, dr_limits_valid(&l));
}

static void limits_bound_shares(struct kunit *test)
{
	struct dr_limits l = {};

	KUNIT_EXPECT_FALSE(test, dr_limits_valid(&l));
	l.shares = 1;
	KUNIT_EXPECT_TRUE(test, dr_limits_valid(&l));
	l.shares = DR_LIMITS_SHARES_MAX;
	KUNIT_EXPECT_TRUE(test, dr_limits_valid(&l));
	l.shares++;
	KUNIT_EXPECT_FALSE(test, dr_limits_valid(&l));
}

static void limits_merge_all_or_none(struct kunit *test)
{
	struct dr_limits l = { .max = 10, .shares = 1000 };
	const struct dr_limits bad = { .min = 11, .shares = 5 };
	const struct dr_limits good = { .min = 9, .max = 1, .shares = 5 };

	KUNIT_EXPECT_EQ(test, -ERANGE,
			dr_limits_merge(&l, DR_SET_MIN | DR_SET_SHARES, &bad));
	KUNIT_EXPECT_EQ(test, l.min, 0ULL);
	KUNIT_EXPECT_EQ(test, l.shares, 1000U);
	KUNIT_EXPECT_EQ(test, 0,
			dr_limits_merge(&l, DR_SET_MIN | DR_SET_SHARES,
					&good));
	KUNIT_EXPECT_EQ(test, l.min, 9ULL);
	KUNIT_EXPECT_EQ(test, l.max, 10ULL);
	KUNIT_EXPECT_EQ(test, l.shares, 5U);
}

static const struct {
	const char *text;
	int err;
	u64 value;
} units[] = {
	{ "0", 0, 0 },
	{ "4096\n", 0, 4096 },
	{ "1k", 0, 1024 },
	{ "512M\n", 0, 512ULL << 20 },
	{ "3G", 0, 3ULL << 30 },
	{ "2t", 0, 2ULL << 40 },
	{ "18446744073709551615", 0, U64_MAX },
	{ "18446744073709551616", -ERANGE },
	{ "16777216T", -ERANGE },
	{ "", -EINVAL },
	{ "\n", -EINVAL },
	{ "M", -EINVAL },
	{ "-1", -EINVAL },
	{ "+1", -EINVAL },
	{ " 1", -EINVAL },
	{ "1 M", -EINVAL },
	{ "1MB", -EINVAL },
	{ "1\n2", -EINVAL },
	{ "0x10", -EINVAL },
	{ "123456789012345678901234", -EINVAL },
};

static void units_parse(struct kunit *test)
{
	int i, err;

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		u64 value = 0;

		err = dr_parse_bytes(units[i].text, &value);
		KUNIT_EXPECT_EQ_MSG(test, err, units[i].err, "'%s'",
				    units[i].text);
		if (!err)
			KUNIT_EXPECT_EQ(test, value, units[i].value);
	}
}

static struct kunit_case limits_cases[] = {
	KUNIT_CASE(limits_refuse_contradictions),
	KUNIT_CASE(limits_bound_shares),
	KUNIT_CASE(limits_merge_all_or_none),
	KUNIT_CASE(units_parse),
	{}
};

static struct kunit_suite limits_suite = {
	.name = "denseram_limits",
	.test_cases = limits_cases,
};

kunit_test_suite(limits_suite);
