// SPDX-License-Identifier: GPL-2.0-only
/*
 * host-kmod/record.c: 3,000 random runs written, read back and run again bit
 * for bit; a million damaged frames read without harm.
 */
#include <stdlib.h>

#include "policy_guests.h"
#include "record.h"

#define MOST	24

static struct dr_policy_guest guests[MOST], last[MOST], back[MOST];
static struct dr_claim claims[MOST];
static u8 data[1 << 16];

/* A fleet that changes a bit from run to run, as real ones do. */
static u32 next_fleet(u32 nr)
{
	if (!test_below(10))
		nr = test_below(MOST + 1);
	for (u32 i = 0; i < nr; i++) {
		if (!guests[i].in.shares || !test_below(4))
			guests[i] = test_any_guest();
		guests[i].in.target = guests[i].out.target;
	}
	return nr;
}

static struct dr_record_run decide(u32 nr)
{
	struct dr_record_run run = { .time = test_random(), .nr = nr };

	run.host = test_any_host(guests, nr);
	dr_policy_run(&run.host, guests, claims, nr, &run.result);
	return run;
}

static void replays_bit_for_bit(void **state)
{
	u32 nr = 0, nr_last = 0, nr_back = 0;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct dr_record_run run, copy;
		struct dr_policy_result again;
		long len, got;

		nr = next_fleet(nr);
		run = decide(nr);
		if (!test_below(20))
			nr_last = 0;
		len = dr_record_write(data, sizeof(data), &run, guests, last,
				      nr_last);
		assert_true(len > 0 && (u64)len <= dr_record_most(nr));
		got = dr_record_read(data, sizeof(data), &copy, back, nr_back,
				     MOST);
		assert_int_equal(got, len);
		assert_memory_equal(&copy, &run, sizeof(run));
		assert_memory_equal(back, guests, nr * sizeof(*guests));
		dr_policy_run(&copy.host, back, claims, copy.nr, &again);
		assert_memory_equal(&again, &run.result, sizeof(again));
		assert_memory_equal(back, guests, nr * sizeof(*guests));
		memcpy(last, guests, sizeof(last));
		nr_last = nr;
		nr_back = nr;
	}
}

/* A quiet host costs little more than a byte a guest. */
static void quiet_is_small(void **state)
{
	struct dr_record_run run;
	long key, delta;

	(void)state;
	for (u32 i = 0; i < MOST; i++)
		guests[i] = test_guest(GIB + i * MIB, DR_POLICY_ONE / 3);
	run = decide(MOST);
	key = dr_record_write(data, sizeof(data), &run, guests, NULL, 0);
	delta = dr_record_write(data, sizeof(data), &run, guests, guests, MOST);
	print_message("# %u guests: key frame %ld bytes, quiet frame %ld\n",
		      MOST, key, delta);
	assert_true(key > 0 && delta > 0);
	assert_true(delta < 150 + MOST);
}

static void short_room_is_noticed(void **state)
{
	struct dr_record_run run;
	long len, nr = 8;

	(void)state;
	for (u32 i = 0; i < nr; i++)
		guests[i] = test_any_guest();
	run = decide(nr);
	len = dr_record_write(data, sizeof(data), &run, guests, NULL, 0);
	assert_true(len > 0);
	for (long room = 0; room < len; room++) {
		u8 *exact = malloc(room + !room);

		assert_int_equal(dr_record_write(exact, room, &run, guests,
						 NULL, 0), -ENOSPC);
		free(exact);
		assert_int_equal(dr_record_read(data, room, &run, back, 0,
						MOST), 0);
	}
	assert_int_equal(dr_record_read(data, len, &run, back, 0, nr - 1),
			 -ENOSPC);
	assert_int_equal(run.nr, nr);
	assert_int_equal(dr_record_read(data, len, &run, back, 0, nr), len);
}

static void a_delta_needs_a_frame_before(void **state)
{
	struct dr_record_run run;
	long len;

	(void)state;
	guests[0] = test_any_guest();
	run = decide(1);
	len = dr_record_write(data, sizeof(data), &run, guests, guests, 1);
	assert_int_equal(dr_record_read(data, len, &run, back, 0, 1), -EPROTO);
}

static u32 fnv(const u8 *from, size_t len)
{
	u32 sum = 2166136261U;

	while (len--)
		sum = (sum ^ *from++) * 16777619U;
	return sum;
}

/* Damage, half of the time with a checksum that is right again. */
static void damage_is_survived(void **state)
{
	u64 refused = 0, taken = 0;
	struct dr_record_run run;
	long len = 0;

	(void)state;
	for (int i = 0; i < 1000000; i++) {
		u8 *frame;
		long got;

		if (i % 1000 == 0) {
			u32 nr = 1 + test_below(MOST);

			for (u32 j = 0; j < nr; j++)
				guests[j] = test_any_guest();
			run = decide(nr);
			len = dr_record_write(data, sizeof(data), &run, guests,
					      NULL, 0);
		}
		frame = malloc(len);
		memcpy(frame, data, len);
		for (u64 n = 1 + test_below(4); n; n--)
			frame[test_below(len)] = test_random();
		if (test_below(2)) {
			u32 sum = fnv(frame + 6, len - 10);

			memcpy(frame + len - 4, &sum, 4);
		}
		got = dr_record_read(frame, len, &run, back, test_below(MOST),
				     test_below(2) ? MOST : test_below(MOST));
		assert_true(got <= len);
		refused += got <= 0;
		taken += got > 0;
		free(frame);
	}
	assert_true(refused > 1000 && taken > 1000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(replays_bit_for_bit),
		cmocka_unit_test(quiet_is_small),
		cmocka_unit_test(short_room_is_noticed),
		cmocka_unit_test(a_delta_needs_a_frame_before),
		cmocka_unit_test(damage_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
