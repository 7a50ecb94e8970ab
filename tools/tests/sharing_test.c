// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../lib/sharing.h"

#include <stdlib.h>

#define ADD(s, guest, ...) \
	assert_int_equal(dr_sharing_add(s, guest, (uint64_t[]){ __VA_ARGS__ }, \
			 sizeof((uint64_t[]){ __VA_ARGS__ }) / 8), 0)

static void pairs_have_pages_in_common(void **state)
{
	struct dr_sharing *s = dr_sharing_create(3);

	(void)state;
	ADD(s, 0, 10, 20, 30);
	ADD(s, 1, 30, 20, 40);
	ADD(s, 2, 50, 30);
	dr_sharing_count(s);
	assert_int_equal(dr_sharing_pair(s, 0, 1), 2);
	assert_int_equal(dr_sharing_pair(s, 1, 0), 2);
	assert_int_equal(dr_sharing_pair(s, 0, 2), 1);
	assert_int_equal(dr_sharing_pair(s, 2, 1), 1);
	assert_int_equal(dr_sharing_pair(s, 1, 1), 0);
	assert_int_equal(dr_sharing_uses(s, 1), 3);
	dr_sharing_destroy(s);
}

/* Used four times by one guest and twice by another, it is one page of both. */
static void a_page_used_twice_counts_within(void **state)
{
	struct dr_sharing *s = dr_sharing_create(2);

	(void)state;
	ADD(s, 0, 7, 7, 8, 7);
	ADD(s, 1, 7, 9, 7);
	ADD(s, 0, 7);
	dr_sharing_count(s);
	assert_int_equal(dr_sharing_pair(s, 0, 0), 3);
	assert_int_equal(dr_sharing_pair(s, 1, 1), 1);
	assert_int_equal(dr_sharing_pair(s, 0, 1), 1);
	assert_int_equal(dr_sharing_uses(s, 0), 5);
	dr_sharing_destroy(s);
}

static void nobody_shares_nothing(void **state)
{
	struct dr_sharing *s = dr_sharing_create(0);

	(void)state;
	dr_sharing_count(s);
	dr_sharing_destroy(s);
	s = dr_sharing_create(1);
	assert_int_equal(dr_sharing_add(s, 0, NULL, 0), 0);
	dr_sharing_count(s);
	assert_int_equal(dr_sharing_pair(s, 0, 0), 0);
	dr_sharing_destroy(s);
	dr_sharing_destroy(NULL);
}

/* Against the definition, taken literally, on a thousand random uses. */
static void counts_agree_with_the_definition(void **state)
{
	enum { GUESTS = 9, PAGES = 60, USES = 1000 };
	struct dr_sharing *s = dr_sharing_create(GUESTS);
	unsigned int uses[GUESTS][PAGES] = { 0 };

	(void)state;
	srandom(1);
	for (int i = 0; i < USES; i++) {
		unsigned int guest = (unsigned int)random() % GUESTS;
		uint64_t page = (uint64_t)random() % PAGES;

		uses[guest][page]++;
		assert_int_equal(dr_sharing_add(s, guest, &page, 1), 0);
	}
	dr_sharing_count(s);
	for (unsigned int a = 0; a < GUESTS; a++) {
		for (unsigned int b = 0; b < GUESTS; b++) {
			unsigned int expected = 0;

			for (int p = 0; p < PAGES; p++) {
				if (a != b)
					expected += uses[a][p] && uses[b][p];
				else if (uses[a][p])
					expected += uses[a][p] - 1;
			}
			assert_int_equal(dr_sharing_pair(s, a, b), expected);
		}
	}
	dr_sharing_destroy(s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_have_pages_in_common),
		cmocka_unit_test(a_page_used_twice_counts_within),
		cmocka_unit_test(nobody_shares_nothing),
		cmocka_unit_test(counts_agree_with_the_definition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
