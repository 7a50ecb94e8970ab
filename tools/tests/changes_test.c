// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../lib/changes.h"

#include <stdio.h>
#include <string.h>

#define MIB		(UINT64_C(1) << 20)

/* What was told, a line each. */
static char told[2048];

static const char *number(uint64_t value, char *text)
{
	snprintf(text, 24, "%llu", (unsigned long long)value);
	return value == DR_CHANGE_NONE ? "none" : text;
}

static void tell(void *arg, const struct dr_change *c)
{
	size_t len = strlen(told);
	char a[24], b[24];

	assert_ptr_equal(arg, told);
	snprintf(told + len, sizeof(told) - len, "%s %s",
		 c->guest ? c->guest->info.name : c->area ? c->area->path : "host",
		 c->what);
	len = strlen(told);
	if (c->kind == DR_CHANGE_WORDS)
		snprintf(told + len, sizeof(told) - len, " %s>%s", c->words[0],
			 c->words[1]);
	else if (c->kind == DR_CHANGE_SIZES || c->kind == DR_CHANGE_COUNTS)
		snprintf(told + len, sizeof(told) - len, " %s>%s",
			 number(c->numbers[0], a), number(c->numbers[1], b));
	strcat(told, "\n");
}

/* Compare, and see that just this was told. */
static void expect(const struct dr_view *before, struct dr_view *after,
		   const char *lines)
{
	size_t nr, expected = 0;

	told[0] = '\0';
	nr = dr_changes(before, after, tell, told);
	assert_string_equal(told, lines);
	for (const char *c = lines; *c; c++)
		expected += *c == '\n';
	assert_int_equal(nr, expected);
}

static struct dr_view_guest guest(uint64_t id, const char *name)
{
	struct dr_view_guest g = {
		.info = { .id = id, .usage.size = 64 * MIB },
		.balloon.wanted = DR_BALLOON_UNASKED,
		.target = 64 * MIB,
	};

	snprintf(g.info.name, sizeof(g.info.name), "%s", name);
	return g;
}

static void nothing_changed(void **state)
{
	struct dr_view_guest a[] = { guest(1, "a") }, b[] = { guest(1, "a") };
	struct dr_view before = { .guests = a, .nr_guests = 1 };
	struct dr_view after = { .guests = b, .nr_guests = 1 };
	struct dr_view none = { 0 }, also_none = { 0 };

	(void)state;
	expect(&before, &after, "");
	expect(&none, &also_none, "");
	/* Counters that move all the time are nobody's business. */
	b[0].info.events[DR_EV_FAULT] = 100;
	b[0].info.usage.resident = 10 * MIB;
	after.policy.runs = 1;
	expect(&before, &after, "");
}

static void the_host_changes(void **state)
{
	struct dr_view before = { 0 }, after = { 0 };

	(void)state;
	after.policy.level = DR_LEVEL_HARD;
	after.policy.strained = 1;
	after.policy.enabled = 1;
	after.swap.stop = DR_SWAP_STOP_POOL;
	after.share.enabled = 1;
	expect(&before, &after,
	       "host level high>hard\n"
	       "host stalls few>many\n"
	       "host paging possible>pool full\n"
	       "host policy off>on\n"
	       "host sharing off>on\n");
	expect(&after, &before,
	       "host level hard>high\n"
	       "host stalls many>few\n"
	       "host paging pool full>possible\n"
	       "host policy on>off\n"
	       "host sharing on>off\n");
}

static void areas_change(void **state)
{
	struct dr_swap_area old[] = {
		{ .id = 0, .path = "/a" }, { .id = 1, .path = "/b" },
	};
	struct dr_swap_area new[] = {
		{ .id = 2, .path = "/c" },
		{ .id = 1, .path = "/b", .state = DR_SWAP_AREA_FAILED },
	};
	struct dr_view before = { .areas = old, .nr_areas = 2 };
	struct dr_view after = { .areas = new, .nr_areas = 2 };

	(void)state;
	expect(&before, &after,
	       "/c swap_area ->ok\n"
	       "/b swap_area ok>failed\n"
	       "/a swap_area ok>-\n");
}

static void guests_come_and_go(void **state)
{
	struct dr_view_guest old[] = { guest(1, "a"), guest(3, "c"), guest(5, "e") };
	struct dr_view_guest new[] = { guest(2, "b"), guest(3, "c"), guest(9, "a") };
	struct dr_view before = { .guests = old, .nr_guests = 3 };
	struct dr_view after = { .guests = new, .nr_guests = 3 };
	struct dr_view none = { 0 };

	(void)state;
	expect(&before, &after, "a went\nb came\ne went\na came\n");
	expect(&before, &none, "a went\nc went\ne went\n");
	expect(&none, &after, "b came\nc came\na came\n");
}

static void states_of_a_guest(void **state)
{
	struct dr_view_guest old[] = { guest(1, "a") }, new[] = { guest(1, "a") };
	struct dr_view before = { .guests = old, .nr_guests = 1 };
	struct dr_view after = { .guests = new, .nr_guests = 1 };

	(void)state;
	new[0].info.run_state = DR_RUN_RUNNING;
	new[0].info.share = DR_SHARE_ALL;
	new[0].info.state = DR_GUEST_SCANNED | DR_GUEST_PARKING;
	new[0].info.limits.pinned = 1;
	new[0].balloon.state = DR_BALLOON_IDLE;
	new[0].balloon.features = DR_BALLOON_DRIVER;
	expect(&before, &after,
	       "a state ->running\n"
	       "a share off>all\n"
	       "a scan off>on\n"
	       "a pinned off>on\n"
	       "a parking off>on\n"
	       "a balloon_driver off>on\n"
	       "a balloon none>idle\n");
}

static void numbers_of_a_guest(void **state)
{
	struct dr_view_guest old[] = { guest(1, "a") }, new[] = { guest(1, "a") };
	struct dr_view before = { .guests = old, .nr_guests = 1 };
	struct dr_view after = { .guests = new, .nr_guests = 1 };

	(void)state;
	new[0].info.limits.min = 4096;
	new[0].info.events[DR_EV_FAULT_SIGBUS] = 2;
	new[0].info.events[DR_EV_SWAP_ERROR] = 1;
	new[0].balloon.wanted = 4096;
	expect(&before, &after,
	       "a min 0>4096\n"
	       "a balloon_wanted none>4096\n"
	       "a fault_sigbus 0>2\n"
	       "a swap_error 0>1\n");
}

/* A step below the slack is not told, and the sum of such steps is. */
static void a_slow_drift_is_told(void **state)
{
	struct dr_view_guest old[] = { guest(1, "a") };
	struct dr_view before = { .guests = old, .nr_guests = 1 };
	unsigned int lines = 0;

	(void)state;
	for (uint64_t mib = 63; mib; mib--) {
		struct dr_view_guest new[] = { guest(1, "a") };
		struct dr_view after = { .guests = new, .nr_guests = 1 };

		new[0].target = mib * MIB;
		told[0] = '\0';
		lines += dr_changes(&before, &after, tell, told);
		old[0] = new[0];
	}
	/* 64 MiB in steps of 4, the last of them not reached. */
	assert_int_equal(lines, 15);
	assert_int_equal(old[0].target, 4 * MIB);
}

static void ends_are_told(void **state)
{
	struct dr_view_guest old[] = { guest(1, "a") }, new[] = { guest(1, "a") };
	struct dr_view before = { .guests = old, .nr_guests = 1 };
	struct dr_view after = { .guests = new, .nr_guests = 1 };

	(void)state;
	old[0].target = 63 * MIB;
	old[0].balloon.actual = MIB;
	expect(&before, &after,
	       "a target 66060288>67108864\n"
	       "a balloon_actual 1048576>0\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_changed),
		cmocka_unit_test(the_host_changes),
		cmocka_unit_test(areas_change),
		cmocka_unit_test(guests_come_and_go),
		cmocka_unit_test(states_of_a_guest),
		cmocka_unit_test(numbers_of_a_guest),
		cmocka_unit_test(a_slow_drift_is_told),
		cmocka_unit_test(ends_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
