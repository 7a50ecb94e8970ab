// SPDX-License-Identifier: GPL-2.0-only
#include <kunit/test.h>

#include "packed.h"

static void packed_keeps_address_and_length(struct kunit *test)
{
	unsigned long id;
	int bit;

	for (bit = 3; bit < DR_PACKED_HANDLE_BITS + 3; bit++) {
		KUNIT_EXPECT_TRUE(test, dr_packed_make(BIT(bit), 100, &id));
		KUNIT_EXPECT_EQ(test, dr_packed_address(id), BIT(bit));
		KUNIT_EXPECT_EQ(test, dr_packed_length(id), 104);
	}
	KUNIT_EXPECT_FALSE(test, dr_packed_make(BIT(bit), 100, &id));
	KUNIT_EXPECT_FALSE(test, dr_packed_make(4, 100, &id));
	KUNIT_EXPECT_FALSE(test, dr_packed_make(8, 4096, &id));
}

static struct kunit_case packed_cases[] = {
	KUNIT_CASE(packed_keeps_address_and_length),
	{}
};

static struct kunit_suite packed_suite = {
	.name = "denseram_packed",
	.test_cases = packed_cases,
};

kunit_test_suite(packed_suite);
