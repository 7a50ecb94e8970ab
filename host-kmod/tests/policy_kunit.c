// SPDX-License-Identifier: GPL-2.0-only
/* Targets and takes: worked examples, and a thousand guests at once. */
#include <kunit/test.h>
#include <linux/prandom.h>

#include "explain.h"
#include "policy.h"

#define GIB	BIT_ULL(30)
#define ONE	DR_POLICY_ONE

static struct dr_policy_guest guest_of(u64 size, u64 active)
{
	return (struct dr_policy_guest){
		.in = {
			.size = size, .resident = size, .swap = size,
			.shares = 1000, .active = active, .active_low = active,
			.active_high = active, .flags = DR_POLICY_BALLOON,
		},
	};
}

/* A host on which guests of @resident bytes may have @pool of them. */
static struct dr_policy_host host_of(u64 pool, u64 resident)
{
	struct dr_policy_host host = {
		.total = 512 * GIB, .tax = DR_POLICY_TAX,
	};

	host.free = dr_policy_pages_up(dr_level_enough(DR_LEVEL_SOFT,
						       host.total)) *
		    DR_PAGE_SIZE + pool - resident;
	host.available = host.free;
	host.level = dr_level_of(host.free, host.total, DR_LEVEL_HIGH);
	return host;
}

static void idle_and_active(struct kunit *test)
{
	struct dr_policy_guest g[2] = {
		guest_of(8 * GIB, 0), guest_of(8 * GIB, ONE),
	};
	struct dr_policy_host host = host_of(8 * GIB, 16 * GIB);
	struct dr_policy_result result;
	struct dr_claim claims[2];
	u64 slack = 4 * DR_PAGE_SIZE;

	dr_policy_run(&host, g, claims, 2, &result);
	KUNIT_EXPECT_LE(test, g[0].out.target, 8 * GIB / 5 + slack);
	KUNIT_EXPECT_GE(test, g[0].out.target + slack, 8 * GIB / 5);
	KUNIT_EXPECT_LE(test, g[1].out.target, 8 * GIB / 5 * 4 + slack);
	KUNIT_EXPECT_GE(test, g[1].out.target + slack, 8 * GIB / 5 * 4);
	KUNIT_EXPECT_EQ(test, g[0].out.rule, (u64)DR_RULE_SHARES);
}

static void min_and_limit_hold(struct kunit *test)
{
	struct dr_policy_guest g[2] = {
		guest_of(8 * GIB, 0), guest_of(8 * GIB, ONE),
	};
	struct dr_policy_host host = host_of(8 * GIB, 16 * GIB);
	struct dr_policy_result result;
	struct dr_claim claims[2];

	g[0].in.min = 3 * GIB;
	g[1].in.limit = 4 * GIB;
	dr_policy_run(&host, g, claims, 2, &result);
	KUNIT_EXPECT_GE(test, g[0].out.target, 3 * GIB);
	KUNIT_EXPECT_EQ(test, g[1].out.target, 4 * GIB);
	KUNIT_EXPECT_EQ(test, g[1].out.rule, (u64)DR_RULE_LIMIT);
	KUNIT_EXPECT_EQ(test, result.missing, 0ULL);
}

static void takes_from_the_cheapest(struct kunit *test)
{
	struct dr_policy_guest g[2] = {
		guest_of(8 * GIB, 0), guest_of(8 * GIB, ONE),
	};
	struct dr_policy_host host = host_of(8 * GIB, 16 * GIB);
	struct dr_policy_result result;
	struct dr_claim claims[2];

	host.free = dr_level_enough(DR_LEVEL_SOFT, host.total) - GIB / 2;
	host.level = DR_LEVEL_SOFT;
	dr_policy_run(&host, g, claims, 2, &result);
	KUNIT_EXPECT_GE(test, g[0].out.balloon, GIB / 2);
	KUNIT_EXPECT_LE(test, g[0].out.balloon, GIB / 2 + 4 * DR_PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, g[0].out.page, 0ULL);
	KUNIT_EXPECT_EQ(test, g[1].out.balloon + g[1].out.page, 0ULL);
	g[0].in.flags |= DR_POLICY_STALLING;
	dr_policy_run(&host, g, claims, 2, &result);
	KUNIT_EXPECT_EQ(test, g[0].out.balloon, 0ULL);
	KUNIT_EXPECT_EQ(test, g[0].out.veto, (u64)DR_VETO_STALLING);
}

static void any_guest(struct rnd_state *rnd, struct dr_policy_guest *g)
{
	u64 size = (u64)prandom_u32_state(rnd) << 4;

	*g = guest_of(size, prandom_u32_state(rnd) % (ONE + 1));
	g->in.resident = size / 100 * (prandom_u32_state(rnd) % 101);
	g->in.min = size / 200 * (prandom_u32_state(rnd) % 101);
	g->in.shares = 1 + prandom_u32_state(rnd) % 5000;
	g->in.flags = prandom_u32_state(rnd) % 8;
	g->in.need = prandom_u32_state(rnd) % 4 ? 0 : size / 16;
}

static void a_thousand_guests(struct kunit *test)
{
	const u32 nr = 1000;
	struct dr_policy_guest *g = kunit_kcalloc(test, nr, sizeof(*g),
						  GFP_KERNEL);
	struct dr_claim *claims = kunit_kcalloc(test, nr, sizeof(*claims),
						GFP_KERNEL);
	struct dr_policy_host host = { .tax = DR_POLICY_TAX, };
	struct dr_policy_result result;
	struct rnd_state rnd;
	u64 promised = 0;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, g);
	KUNIT_ASSERT_NOT_NULL(test, claims);
	prandom_seed_state(&rnd, 1);
	for (i = 0; i < nr; i++) {
		any_guest(&rnd, &g[i]);
		host.total += g[i].in.resident;
	}
	host.free = host.total / 50;
	host.level = DR_LEVEL_LOW;
	dr_policy_run(&host, g, claims, nr, &result);
	for (i = 0; i < nr; i++) {
		u64 give = g[i].out.balloon + g[i].out.page;

		KUNIT_EXPECT_LE(test, g[i].out.target, g[i].in.size);
		KUNIT_EXPECT_GE(test, g[i].out.target,
				g[i].in.min / DR_PAGE_SIZE * DR_PAGE_SIZE);
		if (give)
			KUNIT_EXPECT_GE(test, g[i].in.resident +
					DR_PAGE_SIZE - give, g[i].out.target);
		promised += g[i].in.min + DR_PAGE_SIZE;
	}
	KUNIT_EXPECT_LE(test, result.granted, max(result.pool, promised));
}

static void history_and_text(struct kunit *test)
{
	struct dr_policy_host host = { .tax = DR_POLICY_TAX, };
	struct dr_policy_guest g = guest_of(GIB, ONE / 2);
	struct dr_history *h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);
	char *text = kunit_kzalloc(test, DR_EXPLAIN_TEXT, GFP_KERNEL);
	int i, len;

	KUNIT_ASSERT_NOT_NULL(test, h);
	KUNIT_ASSERT_NOT_NULL(test, text);
	for (i = 0; i < 2 * DR_HISTORY; i++) {
		g.out.target = i * DR_PAGE_SIZE;
		KUNIT_EXPECT_TRUE(test, dr_history_note(h, i, &host, &g));
	}
	KUNIT_EXPECT_FALSE(test, dr_history_note(h, i, &host, &g));
	KUNIT_EXPECT_EQ(test, dr_history_at(h, 0)->until, (u64)i);
	KUNIT_EXPECT_NULL(test, dr_history_at(h, DR_HISTORY));
	len = dr_explain_text(text, DR_EXPLAIN_TEXT, i, &host, &g, h);
	KUNIT_EXPECT_GT(test, len, 0);
	KUNIT_EXPECT_LT(test, len, DR_EXPLAIN_TEXT - 1);
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "active 50.0% "));
}

static struct kunit_case policy_cases[] = {
	KUNIT_CASE(idle_and_active),
	KUNIT_CASE(min_and_limit_hold),
	KUNIT_CASE(takes_from_the_cheapest),
	KUNIT_CASE(a_thousand_guests),
	KUNIT_CASE(history_and_text),
	{}
};

static struct kunit_suite policy_suite = {
	.name = "denseram_policy",
	.test_cases = policy_cases,
};

kunit_test_suite(policy_suite);
