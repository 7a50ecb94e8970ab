// SPDX-License-Identifier: GPL-2.0-only
/* host-kmod/note.h: how often a page is visited. */
#include "test.h"
#include "note.h"

#define HASH	0x123456789abcdefULL

static void unseen_pages_are_always_due(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 1000; i++)
		assert_true(dr_note_due(0, test_random(), test_random(),
					i % 8));
}

/* A page of an age is due once in 2^age passes, whatever its offset. */
static void age_is_a_period(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 2000; i++) {
		unsigned int age = test_random() & DR_NOTE_AGE_MAX;
		unsigned int max = test_random() & DR_NOTE_AGE_MAX;
		unsigned int period = 1U << (age < max ? age : max), due = 0;
		unsigned int pass = test_random();
		unsigned long index = test_random() >> 20;
		u16 note = dr_note_make(age, HASH);

		for (unsigned int n = 0; n < 4 * period; n++)
			due += dr_note_due(note, index, pass + n, max);
		assert_int_equal(due, 4);
	}
}

/* Pages of one age, side by side, spread over the passes. */
static void neighbours_are_scattered(void **state)
{
	u16 note = dr_note_make(DR_NOTE_AGE_MAX, HASH);

	(void)state;
	for (unsigned int pass = 0; pass < 256; pass++) {
		unsigned int due = 0;

		for (unsigned long i = 0; i < 1 << 15; i++)
			due += dr_note_due(note, i, pass, DR_NOTE_AGE_MAX);
		assert_in_range(due, (1 << 8) / 2, (1 << 8) * 2);
	}
}

static void quiet_pages_come_to_rest(void **state)
{
	u16 note = 0;

	(void)state;
	for (int i = 0; i < 20; i++) {
		assert_false(dr_note_changed(note, HASH));
		note = dr_note_visited(note, HASH);
	}
	assert_int_equal(dr_note_age(note), DR_NOTE_AGE_REST);
}

static void restless_pages_are_given_up(void **state)
{
	u16 note = dr_note_visited(0, 0);

	(void)state;
	for (int i = 1; i < 20; i++) {
		assert_true(dr_note_changed(note, i));
		note = dr_note_visited(note, i);
	}
	assert_int_equal(dr_note_age(note), DR_NOTE_AGE_MAX);
	/* And come back when they have calmed down. */
	for (int i = 0; i < 20; i++)
		note = dr_note_visited(note, 19);
	assert_int_equal(dr_note_age(note), DR_NOTE_AGE_REST);
}

static void broken_shares_are_older(void **state)
{
	(void)state;
	for (unsigned int age = 0; age <= DR_NOTE_AGE_MAX; age++) {
		u16 note = dr_note_broken(dr_note_make(age, HASH));
		unsigned int want = age + 2;

		assert_int_equal(dr_note_age(note), want < DR_NOTE_AGE_MAX ?
				 want : DR_NOTE_AGE_MAX);
		assert_true(note & DR_NOTE_SEEN);
		assert_false(dr_note_changed(note, HASH));
	}
}

/* Unseen, for a while; then as any other that is at rest. */
static void busy_pages_are_tried_again(void **state)
{
	u16 note = dr_note_make(DR_NOTE_AGE_MAX, HASH);
	unsigned int tries = 0;

	(void)state;
	while (tries <= DR_NOTE_TRIES) {
		note = dr_note_busy(note, HASH);
		if (note & DR_NOTE_SEEN)
			break;
		tries++;
		assert_true(dr_note_due(note, test_random(), test_random(), 7));
		assert_false(dr_note_changed(note, ~HASH));
	}
	assert_int_equal(tries, DR_NOTE_TRIES - 1);
	assert_int_equal(note, dr_note_make(DR_NOTE_AGE_REST, HASH));
	/* What is merged or left alone after a try is new. */
	note = dr_note_visited(dr_note_busy(0, HASH), HASH);
	assert_int_equal(note, dr_note_make(0, HASH));
}

/* The scanner's visits are no reason to forget what the pager must know. */
static void what_returned_stays_known(void **state)
{
	u16 note = DR_NOTE_RETURNS;

	(void)state;
	for (int i = 0; i < 20; i++) {
		note = dr_note_visited(note, i / 4);
		assert_int_equal(dr_note_returns(note), DR_NOTE_RETURNS_MAX);
		note = dr_note_busy(note, i / 4);
		assert_int_equal(dr_note_returns(note), DR_NOTE_RETURNS_MAX);
	}
	/* And never come from nothing. */
	assert_false(dr_note_visited(0xffff & ~DR_NOTE_RETURNS, HASH) &
		     DR_NOTE_RETURNS);
	assert_false(dr_note_busy(0xffff & ~DR_NOTE_RETURNS, HASH) &
		     DR_NOTE_RETURNS);
}

static void returns_are_counted(void **state)
{
	unsigned int returns = 0;

	(void)state;
	assert_int_equal(dr_note_return(0, false), 0);
	for (unsigned int i = 1; i <= 2 * DR_NOTE_RETURNS_MAX; i++) {
		returns = dr_note_return(returns, true);
		assert_int_equal(returns, i < DR_NOTE_RETURNS_MAX ?
				 i : DR_NOTE_RETURNS_MAX);
		assert_int_equal(dr_note_returns(0x1fff |
						 returns * DR_NOTE_RETURN),
				 returns);
	}
	assert_int_equal(dr_note_return(returns, false),
			 DR_NOTE_RETURNS_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(returns_are_counted),
		cmocka_unit_test(unseen_pages_are_always_due),
		cmocka_unit_test(age_is_a_period),
		cmocka_unit_test(neighbours_are_scattered),
		cmocka_unit_test(quiet_pages_come_to_rest),
		cmocka_unit_test(restless_pages_are_given_up),
		cmocka_unit_test(broken_shares_are_older),
		cmocka_unit_test(busy_pages_are_tried_again),
		cmocka_unit_test(what_returned_stays_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
