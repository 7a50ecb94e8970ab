// SPDX-License-Identifier: GPL-2.0-only
/* Runs written, read back, and run again bit for bit. */
#include <kunit/test.h>
#include <linux/prandom.h>

#include "record.h"

#define NR	16

struct fixture {
	struct dr_policy_guest guests[NR];
	struct dr_policy_guest last[NR];
	struct dr_policy_guest back[NR];
	struct dr_claim claims[NR];
	u8 data[8192];
};

static struct dr_record_run next_run(struct fixture *f, struct rnd_state *rnd)
{
	struct dr_record_run run = {
		.time = prandom_u32_state(rnd),
		.host = {
			.total = 1ULL << 36, .free = prandom_u32_state(rnd),
			.available = prandom_u32_state(rnd),
			.level = prandom_u32_state(rnd) % DR_NR_LEVELS,
			.tax = DR_POLICY_TAX, .band = DR_POLICY_BAND,
		},
		.nr = NR,
	};
	u32 i;

	for (i = 0; i < NR; i++) {
		struct dr_policy_in *in = &f->guests[i].in;

		in->id = i;
		in->size = 1ULL << 33;
		in->resident = prandom_u32_state(rnd);
		in->shares = 1000;
		in->active_high = prandom_u32_state(rnd) % DR_POLICY_ONE;
		in->flags = DR_POLICY_BALLOON;
		in->target = f->guests[i].out.target;
	}
	dr_policy_run(&run.host, f->guests, f->claims, NR, &run.result);
	return run;
}

static void replays_bit_for_bit(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	struct dr_record_run run, copy;
	struct dr_policy_result again;
	struct rnd_state rnd;
	long len, got;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, f);
	prandom_seed_state(&rnd, 1);
	for (i = 0; i < 50; i++) {
		run = next_run(f, &rnd);
		len = dr_record_write(f->data, sizeof(f->data), &run,
				      f->guests, f->last, i ? NR : 0);
		KUNIT_ASSERT_GT(test, len, 0L);
		got = dr_record_read(f->data, len, &copy, f->back,
				     i ? NR : 0, NR);
		KUNIT_ASSERT_EQ(test, got, len);
		KUNIT_EXPECT_MEMEQ(test, f->back, f->guests,
				   sizeof(f->guests));
		dr_policy_run(&copy.host, f->back, f->claims, copy.nr, &again);
		KUNIT_EXPECT_MEMEQ(test, &again, &run.result, sizeof(again));
		KUNIT_EXPECT_MEMEQ(test, f->back, f->guests,
				   sizeof(f->guests));
		memcpy(f->last, f->guests, sizeof(f->last));
	}
}

static void damage_is_refused(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	struct dr_record_run run;
	struct rnd_state rnd;
	long len, i;

	KUNIT_ASSERT_NOT_NULL(test, f);
	prandom_seed_state(&rnd, 2);
	run = next_run(f, &rnd);
	len = dr_record_write(f->data, sizeof(f->data), &run, f->guests, NULL,
			      0);
	KUNIT_ASSERT_GT(test, len, 0L);
	KUNIT_EXPECT_EQ(test, dr_record_read(f->data, len - 1, &run, f->back,
					     0, NR), 0L);
	KUNIT_EXPECT_EQ(test, dr_record_read(f->data, len, &run, f->back, 0,
					     NR - 1), (long)-ENOSPC);
	for (i = 6; i < len; i++) {
		f->data[i] ^= 0x10;
		KUNIT_EXPECT_EQ(test, dr_record_read(f->data, len, &run,
						     f->back, 0, NR),
				(long)-EBADMSG);
		f->data[i] ^= 0x10;
	}
}

static struct kunit_case record_cases[] = {
	KUNIT_CASE(replays_bit_for_bit),
	KUNIT_CASE(damage_is_refused),
	{}
};

static struct kunit_suite record_suite = {
	.name = "denseram_record",
	.test_cases = record_cases,
};

kunit_test_suite(record_suite);
