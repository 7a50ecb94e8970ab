// SPDX-License-Identifier: GPL-2.0-only
/* host-kmod/explain.c: the last decisions, and what is said about them. */
#include <stdlib.h>

#include "explain.h"
#include "policy_guests.h"

static void same_decisions_are_one_entry(void **state)
{
	struct dr_policy_guest g = test_guest(GIB, 0);
	struct dr_policy_host host = { .level = DR_LEVEL_SOFT, .tax = 75 };
	struct dr_history h = { 0 };

	(void)state;
	assert_null(dr_history_at(&h, 0));
	g.out.target = MIB;
	g.out.balloon = 10;
	assert_true(dr_history_note(&h, 5, &host, &g));
	g.out.balloon = 7;
	assert_false(dr_history_note(&h, 6, &host, &g));
	assert_int_equal(h.nr, 1);
	assert_int_equal(dr_history_at(&h, 0)->since, 5);
	assert_int_equal(dr_history_at(&h, 0)->until, 6);
	assert_int_equal(dr_history_at(&h, 0)->balloon, 17);
	g.out.balloon = 0;
	assert_true(dr_history_note(&h, 7, &host, &g));
	g.out.veto = DR_VETO_STALLING;
	assert_true(dr_history_note(&h, 8, &host, &g));
	g.out.target = 2 * MIB;
	assert_true(dr_history_note(&h, 9, &host, &g));
	assert_int_equal(dr_history_at(&h, 0)->target, 2 * MIB);
	assert_int_equal(dr_history_at(&h, 3)->balloon, 17);
	assert_null(dr_history_at(&h, 4));
}

/* A target that creeps is one decision for as long as it is near the first. */
static void a_target_may_creep(void **state)
{
	struct dr_policy_guest g = test_guest(GIB, 0);
	struct dr_policy_host host = { .level = DR_LEVEL_HIGH };
	struct dr_history h = { 0 };

	(void)state;
	for (u64 i = 0; i < 90; i++) {
		g.out.target = GIB - i * MIB;
		dr_history_note(&h, i, &host, &g);
	}
	assert_int_equal(h.nr, 3);
	assert_int_equal(dr_history_at(&h, 2)->target, GIB);
	assert_int_equal(dr_history_at(&h, 2)->until, 32);
	assert_int_equal(dr_history_at(&h, 1)->target, GIB - 33 * MIB);
	g.out.target = 0;
	assert_true(dr_history_note(&h, 100, &host, &g));
	assert_false(dr_history_note(&h, 101, &host, &g));
}

static void the_last_sixteen_are_kept(void **state)
{
	struct dr_policy_guest g = test_guest(GIB, 0);
	struct dr_policy_host host = { .level = DR_LEVEL_HIGH };
	struct dr_history h = { 0 };

	(void)state;
	for (u64 i = 0; i < 100; i++) {
		g.out.target = (1 + i % 2) * MIB;
		assert_true(dr_history_note(&h, i, &host, &g));
	}
	for (u32 i = 0; i < DR_HISTORY; i++)
		assert_int_equal(dr_history_at(&h, i)->since, 99 - i);
	assert_null(dr_history_at(&h, DR_HISTORY));
}

static void text_says_it(void **state)
{
	struct dr_policy_guest g = test_guest(GIB, DR_POLICY_ONE / 4);
	struct dr_policy_host host = { .level = DR_LEVEL_HARD, .tax = 75 };
	struct dr_history h = { 0 };
	char text[DR_EXPLAIN_TEXT];
	int len;

	(void)state;
	g.out.target = 512 * MIB;
	g.out.rule = DR_RULE_MIN;
	g.out.price = 1234567;
	dr_history_note(&h, 1000000000, &host, &g);
	len = dr_explain_text(text, sizeof(text), 3500000000, &host, &g, &h);
	assert_int_equal(len, strlen(text));
	assert_non_null(strstr(text, "target 536870912\n"));
	assert_non_null(strstr(text, "rule min\n"));
	assert_non_null(strstr(text, "price 1234.567\n"));
	assert_non_null(strstr(text, "active 25.0% (25.0% to 25.0%)\n"));
	assert_non_null(strstr(text, "level hard\n"));
	assert_non_null(strstr(text, "\n2.500 0.000 536870912 1073741824 min hard none 0 0\n"));
}

/* The longest of all texts fits the room that the header promises. */
static void longest_text_fits(void **state)
{
	struct dr_policy_guest g;
	struct dr_policy_host host = { .level = ~0ULL, .tax = ~0ULL };
	struct dr_history h = { 0 };
	char *text = malloc(2 * DR_EXPLAIN_TEXT);
	int len;

	(void)state;
	memset(&g, 0xff, sizeof(g));
	for (int i = 0; i < DR_HISTORY; i++) {
		h.ring[i] = (struct dr_decision){
			.until = ~0ULL, .target = ~0ULL, .resident = ~0ULL,
			.balloon = ~0ULL, .page = ~0ULL,
			.rule = DR_RULE_MIGRATING, .level = 200,
			.veto = DR_VETO_MIGRATING,
		};
		h.nr++;
	}
	len = dr_explain_text(text, 2 * DR_EXPLAIN_TEXT, ~0ULL, &host, &g, &h);
	print_message("# longest text: %d bytes\n", len);
	assert_true(len < DR_EXPLAIN_TEXT);
	for (int room = 0; room <= len; room++) {
		char *exact = malloc(room + !room);

		assert_true(dr_explain_text(exact, room, ~0ULL, &host, &g,
					    &h) <= room);
		free(exact);
	}
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_decisions_are_one_entry),
		cmocka_unit_test(a_target_may_creep),
		cmocka_unit_test(the_last_sixteen_are_kept),
		cmocka_unit_test(text_says_it),
		cmocka_unit_test(longest_text_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
