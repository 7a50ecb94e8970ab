// SPDX-License-Identifier: GPL-2.0-only
/*
 * The policy under load, on a host that is short of memory: what is paged out is
 * free, a host that stalls is at a worse level, targets stay where they are while the
 * load does, and two that want all there is have it by their shares, at once.
 *
 * What takes a second on a host takes a tenth of one here: the policy is called
 * each tenth of a second, the shortest there is, and a period of sampling is a
 * second long instead of ten. Nothing else in it knows the time: a run goes by
 * what it finds and by the run before, and what makes it find something else at
 * constant load are the samples. So there are ten runs to a period, as there always
 * are, and sixty periods in ten minutes.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>

#include "lib/disk.h"
#include "lib/guest.h"
#include "lib/hog.h"
#include "lib/swap.h"

/* Levels by the module's own rule. */
#include "host/pure.h"
#include "../host-kmod/level.h"

/* Runs in ten minutes, and before it counts how targets move. */
#define RUNS	600
#define SETTLE	150

/* What has to be free for level high. */
static __u64 reserve(void)
{
	return dr_level_enough(DR_LEVEL_SOFT, hog_total_kb() * KIB);
}

/* ---- runs of the policy, one by one */

/**
 * struct course - how the policy runs
 * @device: /dev/denseram
 * @run: number of the last run
 * @free: memory of the host that was free in it
 * @nr: guests in it
 * @guests: they
 */
struct course {
	int device;
	__u64 run;
	__u64 free;
	__u32 nr;
	struct dr_policy_numbers guests[8];
};

static void course_begin(struct course *c)
{
	*c = (struct course){ .device = gm_device(O_RDONLY) };
}

/* Have the policy run, and see what it made of it. */
static void course_next(struct course *c)
{
	struct dr_policy_run run;

	CHECK_EQ(policy_knob("tax", "75"), 0);
	do {
		run = (struct dr_policy_run){
			.count = ARRAY_SIZE(c->guests),
			.run = c->run,
			.guests = (uintptr_t)c->guests,
		};
		ASSERT_OK(ioctl(c->device, DR_IOC_POLICY_RUN, &run));
		sleep_ms(10);
	} while (run.run == c->run);
	c->run = run.run;
	c->free = run.host[1];
	c->nr = run.count;
	ASSERT(c->nr <= ARRAY_SIZE(c->guests));
}

/* Numbers of a guest in the run, in the order of struct dr_policy_in and _out. */
static const struct dr_policy_numbers *numbers_of(const struct course *c,
						  const struct guest *g)
{
	for (__u32 i = 0; i < c->nr; i++)
		if (c->guests[i].in[0] == g->id)
			return &c->guests[i];
	ASSERT(!"the guest is in the run");
	return NULL;
}

static __u64 resident_in(const struct course *c, const struct guest *g)
{
	return numbers_of(c, g)->in[2];
}

static __u64 target_in(const struct course *c, const struct guest *g)
{
	return numbers_of(c, g)->out[0];
}

static void sample_fast(void)
{
	CHECK_EQ(write_text(SYSFS "/wss/period_ms", "1000"), 0);
	CHECK_EQ(write_text(SYSFS "/wss/enabled", "1"), 0);
}

static void sample_as_usual(void)
{
	CHECK_EQ(write_text(SYSFS "/wss/enabled", "0"), 0);
	CHECK_EQ(write_text(SYSFS "/wss/period_ms", "10000"), 0);
}

/* ---- what is paged out */

/*
 * What a guest holds and what is free do not get less by paging. (What is freed is
 * on lists of the CPUs first, and they grow with it.)
 */
TEST_SECS(what_is_paged_out_is_free, 120)
{
	const __u64 size = 256 * MIB, limit = 16 * MIB;
	__u64 before, after;
	struct course c;
	struct guest g;

	policy_set_up();
	course_begin(&c);
	g = guest_open("alpha", size);
	guest_fill(&g);
	course_next(&c);
	before = c.free + resident_in(&c, &g);
	guest_set(&g, "limit", limit);
	do
		course_next(&c);
	while (resident_in(&c, &g) > limit && !ktap_failed());
	after = c.free + resident_in(&c, &g);
	ktap_diag("%llu MiB free or held, %llu after %llu were paged out",
		  before / MIB, after / MIB, (size - limit) / MIB);
	CHECK_RANGE(after, before - size / 16, before + size / 16);
	CHECK_EQ(guest_bad_page(&g, 0), -1);
	guest_close(&g);
	close(c.device);
}

/* ---- a host that stalls */

/* A disk of zeros that takes no memory, but for what is cached of it. */
#define ZEROS	(64 * KIB * MIB)

/**
 * struct reader - somebody who reads a disk, and fills memory with what is cached
 * @disk: it
 * @part: from where on, of %READERS
 * @pid: the process
 */
struct reader {
	int disk;
	int part;
	pid_t pid;
};

#define READERS	6

static int read_on(void *arg)
{
	const struct reader *r = arg;
	off_t at = (off_t)(r->part * (ZEROS / READERS / MIB) * MIB);
	char *buf = malloc(MIB);

	for (;; at += MIB)
		if (pread(r->disk, buf, MIB, at) != (ssize_t)MIB)
			return 1;
}

static void readers_start(struct reader *readers, int disk)
{
	for (int i = 0; i < READERS; i++) {
		readers[i] = (struct reader){ .disk = disk, .part = i };
		readers[i].pid = spawn(read_on, &readers[i]);
	}
}

static void readers_end(struct reader *readers)
{
	for (int i = 0; i < READERS; i++) {
		kill(readers[i].pid, SIGKILL);
		CHECK_EQ(join(readers[i].pid), 128 + SIGKILL);
	}
}

/*
 * With most of its memory in what is cached, which all counts as free, a host is at
 * level high by what is free; but who reads faster than the kernel drops what was
 * read has to drop some itself. Nothing is taken for it from anybody. (Where there
 * is another node, what is read goes there.)
 */
TEST_SECS(stalls_raise_the_level, 300)
{
	struct reader readers[READERS];
	char path[DISK_PATH];
	struct guest g;
	__u64 was;

	if (!access("/sys/devices/system/node/node1", F_OK))
		ktap_skip("more than one node");
	hog_need_small_host();
	policy_set_up();
	g = guest_open("alpha", 32 * MIB);
	guest_fill(&g);
	CHECK(poll_until(policy_level_is, "high", 20000));
	was = policy_figure("stalled");
	CHECK_EQ(policy_knob("stall_limit", "2"), 0);
	sleep_ms(3000);
	CHECK_EQ(policy_figure("stalled"), was);
	CHECK_EQ(policy_figure("strained"), 0);
	readers_start(readers, disk_loop("zeros", ZEROS, path));
	CHECK(poll_until(policy_level_is, "soft", 60000));
	CHECK_EQ(policy_figure("strained"), 1);
	CHECK(policy_figure("stalled") > was);
	ktap_diag("%llu stalls, %llu a second, %llu of %llu MiB free",
		  policy_figure("stalled") - was, policy_figure("stalls"),
		  hog_free_kb() / KIB, hog_total_kb() / KIB);
	/* Without stalls it would be at level high, and is. */
	CHECK(hog_free_kb() > hog_total_kb() / 4);
	CHECK_EQ(policy_knob("stall_limit", "0"), 0);
	CHECK(poll_until(policy_level_is, "high", 5000));
	CHECK_EQ(policy_figure("strained"), 0);
	CHECK_EQ(policy_knob("stall_limit", "2"), 0);
	CHECK(poll_until(policy_level_is, "soft", 20000));
	CHECK(hog_free_kb() > hog_total_kb() / 4);
	readers_end(readers);
	CHECK(poll_until(policy_level_is, "high", 60000));
	CHECK_EQ(guest_resident(&g), g.size);
	CHECK_EQ(policy_knob("stall_limit", "0"), 0);
	guest_close(&g);
}

/* ---- constant load */

/**
 * struct tenant - a guest with constant load
 * @guest: it
 * @toucher: who uses it
 * @target: its last target
 * @direction: of the last change
 * @turns: changes of direction
 * @moves: changes
 */
struct tenant {
	struct guest guest;
	struct toucher toucher;
	__u64 target;
	int direction;
	int turns;
	int moves;
};

static void tenant_start(struct tenant *t, const char *name, __u64 size,
			 unsigned int rough, unsigned int percent,
			 unsigned int burst)
{
	*t = (struct tenant){ .guest = guest_open(name, size) };
	t->guest.rough = rough;
	guest_fill(&t->guest);
	toucher_start(&t->toucher, &t->guest, size / PAGE * percent / 100,
		      burst);
}

static void tenant_end(struct tenant *t)
{
	toucher_stop(&t->toucher);
	CHECK_EQ(guest_bad_page(&t->guest, 0), -1);
	guest_close(&t->guest);
}

static void tenant_watch(struct tenant *t, __u64 target)
{
	int direction = (target > t->target) - (target < t->target);

	if (direction && t->target) {
		t->turns += t->direction && direction != t->direction;
		t->direction = direction;
		t->moves++;
	}
	t->target = target;
}

static void tenants_watch(struct tenant *tenants, int nr, struct course *c,
			  int runs)
{
	for (int i = 0; i < nr; i++) {
		tenants[i].turns = 0;
		tenants[i].moves = 0;
	}
	while (runs-- && !ktap_failed()) {
		course_next(c);
		for (int i = 0; i < nr; i++)
			tenant_watch(&tenants[i],
				     target_in(c, &tenants[i].guest));
	}
}

/* Free memory at which a host is at level hard, and not at low. */
static __u64 hard(void)
{
	return dr_level_below(DR_LEVEL_HARD, hog_total_kb() * KIB) - 16 * MIB;
}

/*
 * Nothing is paged out before the hog has all it is to have: it would be a race how
 * much there is for the guests.
 */
static pid_t hog_to_hard(void)
{
	pid_t pid;

	CHECK_EQ(swap_set("pool_limit", "0"), 0);
	pid = hog_start_with_lists(hard() / KIB);
	CHECK(poll_until(policy_level_is, "hard", 60000));
	CHECK_EQ(swap_set("pool_limit", "1G"), 0);
	return pid;
}

/* At constant load no target changes direction more often in ten minutes. */
static void constant_load(unsigned int rough, int turns)
{
	static const struct {
		const char *name;
		unsigned int percent;
		__u64 shares;
	} load[] = {
		{ "busy", 100, 1000 }, { "rich", 100, 2000 },
		{ "half", 50, 1000 }, { "idle", 0, 1000 },
	};
	/* What the host lacks is two fifths of what they hold. */
	const __u64 size = (reserve() - hard()) * 5 / 8 / BLOCK * BLOCK;
	struct tenant tenants[ARRAY_SIZE(load)];
	struct course c;
	pid_t pid;

	hog_need_small_host();
	policy_set_up();
	course_begin(&c);
	for (size_t i = 0; i < ARRAY_SIZE(load); i++) {
		tenant_start(&tenants[i], load[i].name, size, rough,
			     load[i].percent, 0);
		guest_set(&tenants[i].guest, "shares", load[i].shares);
	}
	sample_fast();
	pid = hog_to_hard();
	tenants_watch(tenants, ARRAY_SIZE(load), &c, SETTLE);
	tenants_watch(tenants, ARRAY_SIZE(load), &c, RUNS);
	for (size_t i = 0; i < ARRAY_SIZE(load); i++) {
		struct tenant *t = &tenants[i];

		ktap_diag("%s: target %llu MiB, has %llu; %d moves, %d turns",
			  load[i].name, t->target / MIB,
			  guest_resident(&t->guest) / MIB, t->moves, t->turns);
		CHECK_RANGE(t->turns, 0, turns);
	}
	/* It was short all the time, and somebody had less than all. */
	CHECK(tenants[3].target < tenants[3].guest.size * 3 / 4);
	hog_end(pid);
	for (size_t i = 0; i < ARRAY_SIZE(load); i++)
		tenant_end(&tenants[i]);
	sample_as_usual();
	close(c.device);
}

TEST_SECS(does_not_hunt, 600)
{
	constant_load(0, 2);
}

/*
 * What is paged out takes memory, and how much goes up and down by tens of MiB
 * where guests touch faster than is paged out. What is left of that in the targets
 * is how late the pool gives memory back: six times were the most.
 */
TEST_SECS(does_not_hunt_for_what_is_packed, 600)
{
	constant_load(PAGE / sizeof(__u64) / 3, 10);
}

/* ---- shares */

/* What a guest has, on average over some runs, and its target in the last one. */
struct has {
	__u64 resident;
	__u64 target;
};

#define MEAN_RUNS	50

/* Runs in which it settles. */
#define SHARE_RUNS	100

/*
 * Pages touched by chance before a rest: not so many that the pager could not
 * follow, or who is the fastest would have most.
 */
#define BURST		50

static struct has *measure(struct course *c, const struct tenant *tenants,
			   struct has has[2])
{
	memset(has, 0, 2 * sizeof(*has));
	for (int run = 0; run < MEAN_RUNS; run++) {
		course_next(c);
		for (int i = 0; i < 2; i++) {
			const struct guest *g = &tenants[i].guest;

			has[i].resident += resident_in(c, g) / MEAN_RUNS;
			has[i].target = target_in(c, g);
		}
	}
	for (int i = 0; i < 2; i++)
		ktap_diag("%s: %llu MiB of a target of %llu",
			  tenants[i].guest.name, has[i].resident / MIB,
			  has[i].target / MIB);
	return has;
}

/* Runs until a guest's target, or what it has, is beyond @bytes; or @most. */
static int runs_until(struct course *c, const struct guest *g, bool target,
		      bool above, __u64 bytes, int most)
{
	int runs = 0;

	while (runs++ < most) {
		__u64 now;

		course_next(c);
		now = target ? target_in(c, g) : resident_in(c, g);
		if (above ? now >= bytes : now <= bytes)
			break;
	}
	return runs;
}

/*
 * Between level soft and high there are some 50 MiB that nobody wants back, and who
 * has the least faults most and has them: so what they have is nearer to each other
 * than their targets are. Alike they would be at 100.
 */
static void check_shares(const struct has has[2])
{
	CHECK_RANGE(has[1].target * 100 / has[0].target, 240, 330);
	CHECK_RANGE(has[1].resident * 100 / has[0].resident, 160, 350);
}

/* Touch all of a guest once, as fast as it goes. */
static void take_a_turn(struct guest *g)
{
	for (__u64 page = 0; page < g->size / PAGE; page++)
		guest_touch_page(g, page);
}

/*
 * Two that use all they have, where the host has enough for half of it: shares
 * of 1 and 3 become memory of 1 and 3. Then the one with more is made small by a
 * limit, and the other has what that one had. When the limit is gone it has its
 * share as fast as it can touch it, and the other gives it. Nobody samples: all
 * counts as in use, and is.
 */
TEST_SECS(shares_are_memory, 600)
{
	const __u64 size = 288 * MIB, pool = 320 * MIB;
	struct has both[2], less[2], again[2];
	struct tenant tenants[2];
	struct guest *rich = &tenants[1].guest;
	int target, resident;
	struct course c;
	pid_t pid;

	hog_need_small_host();
	policy_set_up();
	course_begin(&c);
	pid = hog_start((reserve() + pool) / KIB);
	tenant_start(&tenants[0], "poor", size, 0, 100, BURST);
	tenant_start(&tenants[1], "rich", size, 0, 100, BURST);
	guest_set(rich, "shares", 3000);
	runs_until(&c, rich, false, true, size, SHARE_RUNS);
	check_shares(measure(&c, tenants, both));

	guest_set(rich, "limit", 48 * MIB);
	runs_until(&c, rich, false, false, 64 * MIB, 3 * SHARE_RUNS);
	take_a_turn(&tenants[0].guest);
	measure(&c, tenants, less);
	CHECK(less[0].resident > both[0].resident * 3 / 2);
	CHECK(less[1].resident < both[1].resident / 2);

	guest_set(rich, "limit", 0);
	take_a_turn(rich);
	resident = runs_until(&c, rich, false, true,
			      both[1].resident * 9 / 10, SHARE_RUNS);
	target = runs_until(&c, rich, true, true, both[1].target * 9 / 10,
			    SHARE_RUNS);
	ktap_diag("has its memory %d runs after a turn, and its target %d later",
		  resident, target);
	CHECK_RANGE(resident, 1, 10);
	CHECK_RANGE(target, 1, 10);
	runs_until(&c, &tenants[0].guest, false, false,
		   both[0].resident, SHARE_RUNS);
	check_shares(measure(&c, tenants, again));
	hog_end(pid);
	tenant_end(&tenants[0]);
	tenant_end(&tenants[1]);
	close(c.device);
}
