// SPDX-License-Identifier: GPL-2.0-only
/* host-kmod/admit.h: whether a guest may come. */
#include "test.h"
#include "admit.h"

#define GIB	(1ULL << 30)

static const struct dr_admit_host empty = {
	.total = 64 * GIB, .swap = 32 * GIB,
};

static void min_must_fit(void **state)
{
	u64 reserve = dr_level_enough(DR_LEVEL_SOFT, empty.total);
	struct dr_admit_guest g = { .size = 100 * GIB };
	struct dr_admit_host host = empty;
	u64 lacking;

	(void)state;
	g.min = 64 * GIB - reserve - g.size / 512;
	assert_int_equal(dr_admit(&host, &g, &lacking), DR_ADMIT_YES);
	assert_int_equal(lacking, 0);
	g.min++;
	assert_int_equal(dr_admit(&host, &g, &lacking), DR_ADMIT_MEMORY);
	assert_int_equal(lacking, 1);
	host.promised = GIB;
	assert_int_equal(dr_admit(&host, &g, &lacking), DR_ADMIT_MEMORY);
	assert_int_equal(lacking, GIB + 1);
	host.promised = ~0ULL >> 1;
	assert_int_equal(dr_admit(&host, &g, &lacking), DR_ADMIT_MEMORY);
	assert_int_equal(lacking, dr_admit_memory(&g));
}

static void overcommit_needs_swap_when_strict(void **state)
{
	struct dr_admit_guest g = { .size = 40 * GIB, .min = 7 * GIB };
	struct dr_admit_host host = empty;
	u64 lacking;

	(void)state;
	assert_int_equal(dr_admit(&host, &g, &lacking), DR_ADMIT_YES);
	host.strict = true;
	assert_int_equal(dr_admit(&host, &g, &lacking), DR_ADMIT_SWAP);
	assert_int_equal(lacking, GIB);
	g.min = 8 * GIB;
	assert_int_equal(dr_admit(&host, &g, &lacking), DR_ADMIT_YES);
	g.max = 20 * GIB;
	host.swap_promised = 20 * GIB;
	assert_int_equal(dr_admit(&host, &g, &lacking), DR_ADMIT_YES);
	host.swap_promised++;
	assert_int_equal(dr_admit(&host, &g, &lacking), DR_ADMIT_SWAP);
	assert_int_equal(lacking, 1);
}

/* What devices pin cannot be taken: min is max, and no swap is needed. */
static void pinned_guests_need_all(void **state)
{
	struct dr_admit_guest g = { .size = 40 * GIB, .pinned = true };
	struct dr_admit_host host = empty;
	u64 lacking;

	(void)state;
	host.strict = true;
	host.swap = 0;
	assert_int_equal(dr_admit_memory(&g), 40 * GIB + 40 * GIB / 512);
	assert_int_equal(dr_admit_swap(&g), 0);
	assert_int_equal(dr_admit(&host, &g, &lacking), DR_ADMIT_YES);
	g.size = 64 * GIB;
	assert_int_equal(dr_admit(&host, &g, &lacking), DR_ADMIT_MEMORY);
}

/* As it is: no change is refused that asks for no more of what lacks. */
static enum dr_admission change(const struct dr_admit_host *host,
				const struct dr_admit_guest *was,
				const struct dr_admit_guest *is)
{
	u64 lacking = 1;
	enum dr_admission answer;

	answer = dr_admit_change(host, dr_admit_memory(was), dr_admit_swap(was),
				 is, &lacking);
	assert_int_equal(answer == DR_ADMIT_YES, lacking == 0);
	return answer;
}

static void to_need_less_is_never_refused(void **state)
{
	/* It has promised all its memory and all its swap space, and more. */
	const struct dr_admit_host host = {
		.total = GIB, .promised = 2 * GIB,
		.swap = GIB, .swap_promised = 2 * GIB, .strict = true,
	};
	const struct dr_admit_guest was = { .size = 8 * GIB, .min = 4 * GIB };
	struct dr_admit_guest is = was;

	(void)state;
	assert_int_equal(change(&host, &was, &is), DR_ADMIT_YES);
	is.size -= GIB;
	assert_int_equal(change(&host, &was, &is), DR_ADMIT_YES);
	is.size = was.size + GIB;
	assert_int_equal(change(&host, &was, &is), DR_ADMIT_MEMORY);
	is = was;
	is.max = 6 * GIB;
	assert_int_equal(change(&host, &was, &is), DR_ADMIT_YES);
	is.min++;
	assert_int_equal(change(&host, &was, &is), DR_ADMIT_MEMORY);
	/* Less min is more that can be taken: it needs swap space. */
	is = was;
	is.min -= GIB;
	assert_int_equal(change(&host, &was, &is), DR_ADMIT_SWAP);
	is.max = 7 * GIB;
	assert_int_equal(change(&host, &was, &is), DR_ADMIT_YES);
	is.pinned = true;
	assert_int_equal(change(&host, &was, &is), DR_ADMIT_MEMORY);
}

static void shrinking_needs_less_of_both(void **state)
{
	(void)state;
	for (int i = 0; i < 100000; i++) {
		struct dr_admit_guest was = {
			.size = test_random() % 64, .min = test_random() % 64,
			.max = test_random() % 64,
			.pinned = !(test_random() % 8),
		};
		struct dr_admit_guest is = was;

		is.size = test_random() % (was.size + 1);
		assert_true(dr_admit_memory(&is) <= dr_admit_memory(&was));
		assert_true(dr_admit_swap(&is) <= dr_admit_swap(&was));
	}
}

/* Guests admitted one after another: what they are promised always fits. */
static void promises_never_exceed_the_host(void **state)
{
	u64 came = 0, refused = 0, lacking;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct dr_admit_host host = {
			.total = (1 + test_random() % 512) * GIB,
			.swap = test_random() % 512 * GIB,
			.strict = test_random() % 2,
		};

		for (int j = 0; j < 100; j++) {
			struct dr_admit_guest g = {
				.size = test_random() % (64 * GIB),
				.min = test_random() % (16 * GIB),
				.max = test_random() % (64 * GIB),
				.pinned = !(test_random() % 8),
			};

			if (dr_admit(&host, &g, &lacking) != DR_ADMIT_YES) {
				assert_true(lacking > 0);
				refused++;
				continue;
			}
			host.promised += dr_admit_memory(&g);
			host.swap_promised += dr_admit_swap(&g);
			came++;
		}
		assert_true(host.promised + dr_level_enough(DR_LEVEL_SOFT,
							    host.total) <=
			    host.total || !host.promised);
		if (host.strict)
			assert_true(host.swap_promised <= host.swap);
	}
	assert_true(came > 1000 && refused > 1000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(min_must_fit),
		cmocka_unit_test(overcommit_needs_swap_when_strict),
		cmocka_unit_test(pinned_guests_need_all),
		cmocka_unit_test(to_need_less_is_never_refused),
		cmocka_unit_test(shrinking_needs_less_of_both),
		cmocka_unit_test(promises_never_exceed_the_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
