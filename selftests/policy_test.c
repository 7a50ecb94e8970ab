// SPDX-License-Identifier: GPL-2.0-only
/*
 * The policy at work: what guests may have, who gives when a hog takes the host's
 * memory, by balloon and by paging, and what is told about it. Guests are files
 * here, and the test is their VMM; vm/policy.sh has real ones.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "lib/gmem.h"
#include "lib/guest.h"
#include "lib/hog.h"
#include "lib/swap.h"

/* What explain says of a guest has a line that begins so. */
static bool explains(const struct guest *g, const char *line)
{
	char text[4096], *at = text;

	CHECK(read_text(gm_attr_path(g->name, "explain"), text,
			sizeof(text)) >= 0);
	for (; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (!strncmp(at, line, strlen(line)))
			return true;
	}
	return false;
}

static bool target_is(const struct guest *g, __u64 target)
{
	return gm_attr(g->name, "target") == target;
}

struct expected {
	const struct guest *guest;
	__u64 target;
};

static bool target_comes(void *arg)
{
	const struct expected *e = arg;

	return target_is(e->guest, e->target);
}

static bool wait_target(const struct guest *g, __u64 target)
{
	struct expected e = { g, target };

	return poll_until(target_comes, &e, 5000);
}

/* ---- with memory for all */

TEST(all_have_all)
{
	struct guest a, b;
	__u64 runs;

	policy_set_up();
	a = guest_open("alpha", 32 * MIB);
	b = guest_open("beta", 64 * MIB);
	CHECK(wait_target(&a, a.size));
	CHECK(wait_target(&b, b.size));
	CHECK(explains(&a, "rule size\n"));
	CHECK(explains(&a, "level high\n"));
	CHECK(explains(&a, "# ago"));
	CHECK(policy_figure("granted") >= a.size + b.size);
	CHECK(policy_figure("pool") >= policy_figure("granted"));
	CHECK_EQ(policy_figure("taken"), 0);
	runs = policy_figure("runs");
	sleep_ms(3500);
	CHECK_RANGE(policy_figure("runs") - runs, 2, 36);
	guest_close(&a);
	guest_close(&b);
}

TEST(limits_bind)
{
	struct guest g;

	policy_set_up();
	g = guest_open("alpha", 32 * MIB);
	guest_set(&g, "limit", 8 * MIB);
	CHECK(wait_target(&g, 8 * MIB));
	CHECK(explains(&g, "rule limit\n"));
	guest_set(&g, "limit", 0);
	guest_set(&g, "max", 16 * MIB);
	CHECK(wait_target(&g, 16 * MIB));
	CHECK(explains(&g, "rule max\n"));
	guest_set(&g, "max", 0);
	CHECK(wait_target(&g, 32 * MIB));
	ASSERT_OK(ftruncate(g.fd, 48 * MIB));
	CHECK(wait_target(&g, 48 * MIB));
	ASSERT_OK(ftruncate(g.fd, 32 * MIB));
	guest_close(&g);
}

static bool is_small(void *arg)
{
	return guest_resident(arg) <= 8 * MIB;
}

/* A limit takes no page of what is promised, not even for a moment's rest. */
TEST(limit_ends_at_min)
{
	struct guest g;

	policy_set_up();
	g = guest_open("alpha", 32 * MIB);
	guest_fill(&g);
	guest_set(&g, "min", 8 * MIB);
	guest_set(&g, "limit", 8 * MIB);
	CHECK(poll_until(is_small, &g, 20000));
	sleep_ms(1500);
	CHECK_EQ(guest_resident(&g), 8 * MIB);
	CHECK_EQ(guest_bad_page(&g, 0), -1);
	guest_close(&g);
}

TEST(knobs)
{
	static const struct {
		const char *knob, *value;
		int err;
	} cases[] = {
		{ "tax", "0", 0 },		{ "tax", "99\n", 0 },
		{ "tax", "100", -ERANGE },	{ "tax", "-1", -EINVAL },
		{ "tax", "", -EINVAL },		{ "tax", "7 5", -EINVAL },
		{ "tax", "99999999999", -ERANGE },
		{ "enabled", "2", -ERANGE },	{ "enabled", "y", -EINVAL },
		{ "enabled", "0", 0 },		{ "enabled", "1", 0 },
		{ "stall_limit", "1000000", 0 }, { "stall_limit", "0", 0 },
		{ "stall_limit", "1000001", -ERANGE },
		{ "stall_limit", "-1", -EINVAL },
	};
	__u64 was;

	policy_set_up();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		was = policy_figure(cases[i].knob);
		if (!cases[i].value[0])
			continue;
		CHECK_EQ(policy_knob(cases[i].knob, cases[i].value), cases[i].err);
		if (cases[i].err)
			CHECK_EQ(policy_figure(cases[i].knob), was);
	}
	CHECK_EQ(policy_knob("tax", "75"), 0);
}

TEST(by_ioctl)
{
	struct dr_policy_numbers *guests = calloc(64, sizeof(*guests));
	struct dr_policy_status s = {};
	struct dr_policy_run run = { .count = 64 };
	struct guest g;
	bool found = false;
	int fd;

	policy_set_up();
	ASSERT(guests);
	fd = gm_device(O_RDONLY);
	g = guest_open("alpha", 32 * MIB);
	CHECK(wait_target(&g, g.size));
	CHECK_OK(ioctl(fd, DR_IOC_POLICY_STATUS, &s));
	CHECK(s.enabled && s.tax == 75 && s.nr_guests && s.runs);
	CHECK(s.total > s.free && s.pool >= s.granted);
	run.guests = (uintptr_t)guests;
	CHECK_OK(ioctl(fd, DR_IOC_POLICY_RUN, &run));
	CHECK(run.count >= 1 && run.count <= 64 && run.run);
	for (__u32 i = 0; i < run.count; i++)
		if (guests[i].in[0] == g.id) {
			found = true;
			CHECK_EQ(guests[i].in[1], g.size);
			CHECK_EQ(guests[i].out[0], g.size);
		}
	CHECK(found);
	/* It keeps to the room, and says nothing of a run that is known. */
	memset(guests, 0xff, 64 * sizeof(*guests));
	for (int tries = 0; tries < 50; tries++) {
		run.count = 1;
		run.time = 7;
		CHECK_OK(ioctl(fd, DR_IOC_POLICY_RUN, &run));
		if (run.time == 7)
			break;
	}
	CHECK_EQ(run.time, 7);
	CHECK(guests[1].in[0] == ~0ULL);
	/* Bad input. */
	run = (struct dr_policy_run){ .flags = 1 };
	CHECK_ERR(ioctl(fd, DR_IOC_POLICY_RUN, &run), EINVAL);
	s = (struct dr_policy_status){ .flags = 1 };
	CHECK_ERR(ioctl(fd, DR_IOC_POLICY_STATUS, &s), EINVAL);
	run = (struct dr_policy_run){ .count = 64, .guests = 8 };
	CHECK_ERR(ioctl(fd, DR_IOC_POLICY_RUN, &run), EFAULT);
	run = (struct dr_policy_run){ .count = ~0U, .guests = 8 };
	CHECK_ERR(ioctl(fd, DR_IOC_POLICY_RUN, &run), EFAULT);
	guest_close(&g);
	close(fd);
	free(guests);
}

TEST(many_guests)
{
	enum { NR = 200 };
	static char names[NR][16];
	static struct guest guests[NR];
	unsigned int without = 0;

	policy_set_up();
	for (int i = 0; i < NR; i++) {
		snprintf(names[i], sizeof(names[i]), "many%d", i);
		guests[i] = guest_open(names[i], BLOCK);
	}
	for (int i = 0; i < NR; i++)
		without += !wait_target(&guests[i], BLOCK);
	CHECK_EQ(without, 0);
	for (int i = 0; i < NR; i++)
		guest_close(&guests[i]);
}

/* ---- a host that runs short */

/*
 * Twice as much as the host then lacks. With as many pages paged out, each of one
 * word, it is at level high again.
 */
static __u64 large(void)
{
	return hog_total_kb() / 20 * KIB / BLOCK * BLOCK;
}

/*
 * Have a hog take memory until the host is at level soft, and only then let the
 * policy take any back.
 */
static pid_t run_short(void)
{
	pid_t pid;

	CHECK_EQ(policy_knob("enabled", "0"), 0);
	pid = hog_start(hog_total_kb() / 20);
	CHECK(poll_until(policy_level_is, "soft", 5000));
	return pid;
}

TEST_SECS(min_is_kept, 300)
{
	struct guest poor, rich;
	__u64 min;
	pid_t pid;

	hog_need_small_host();
	policy_set_up();
	rich = guest_open("rich", large());
	poor = guest_open("poor", large());
	min = rich.size - 8 * MIB;
	guest_fill(&rich);
	guest_fill(&poor);
	guest_set(&rich, "min", min);
	pid = run_short();
	/* It may not take, so it does not. */
	sleep_ms(3000);
	CHECK_EQ(guest_resident(&poor), poor.size);
	CHECK_EQ(guest_resident(&rich), rich.size);
	CHECK_EQ(policy_knob("enabled", "1"), 0);
	CHECK(poll_until(policy_level_is, "high", 60000));
	CHECK(guest_resident(&rich) >= min);
	CHECK(gm_attr("rich", "target") >= min);
	CHECK(guest_resident(&poor) < poor.size);
	CHECK(guest_event(&poor, DR_EV_SWAP_OUT) + guest_event(&poor, DR_EV_SWAP_SAME) > 0);
	hog_end(pid);
	CHECK_EQ(guest_bad_page(&poor, 0), -1);
	CHECK_EQ(guest_bad_page(&rich, 0), -1);
	/* With the hog gone all is as it was. */
	CHECK(wait_target(&poor, poor.size));
	guest_close(&rich);
	guest_close(&poor);
}

/* What has just been touched counts as in use, until a sample has told. */
static bool is_known_idle(void *arg)
{
	const struct guest *g = arg;
	char text[4096], *at;

	CHECK(read_text(gm_attr_path(g->name, "explain"), text,
			sizeof(text)) >= 0);
	at = strstr(text, "\nin_use ");
	return at && strtoull(at + 8, NULL, 10) < g->size / 8;
}

/* What the policy and the kernel find free. */
static void show_host(void)
{
	struct dr_policy_status s = {};
	int fd = gm_device(O_RDONLY);

	ASSERT_OK(ioctl(fd, DR_IOC_POLICY_STATUS, &s));
	close(fd);
	ktap_diag("level %u, free %llu KiB for targets, %llu with lists; pool takes %llu; wanted %llu",
		  s.level, s.free / KIB, hog_free_kb(),
		  swap_figure("pool_memory") / KIB, s.wanted / KIB);
}

/* Two guests of the same shares, one idle: it is the one that gives. */
TEST_SECS(the_idle_one_pays, 400)
{
	struct guest idle, busy;
	struct toucher t;
	pid_t pid;

	hog_need_small_host();
	policy_set_up();
	/* In a period of the usual length all that is touched is touched often. */
	CHECK_EQ(write_text(SYSFS "/wss/enabled", "1"), 0);
	idle = guest_open("idle", large());
	busy = guest_open("busy", large());
	guest_fill(&idle);
	guest_fill(&busy);
	toucher_start(&t, &busy, busy.size / PAGE, 0);
	CHECK(poll_until(is_known_idle, &idle, 120000));
	pid = run_short();
	CHECK_EQ(policy_knob("enabled", "1"), 0);
	CHECK(poll_until(policy_level_is, "high", 90000));
	ktap_diag("idle has %llu of %llu MiB, busy %llu", guest_resident(&idle) / MIB,
		  idle.size / MIB, guest_resident(&busy) / MIB);
	show_host();
	CHECK(guest_resident(&idle) < idle.size * 3 / 4);
	CHECK(guest_resident(&busy) > busy.size * 9 / 10);
	hog_end(pid);
	toucher_stop(&t);
	CHECK_EQ(guest_bad_page(&idle, 0), -1);
	CHECK_EQ(guest_bad_page(&busy, 0), -1);
	CHECK_EQ(write_text(SYSFS "/wss/enabled", "0"), 0);
	guest_close(&idle);
	guest_close(&busy);
}

/**
 * struct vmm - a VMM with a guest whose driver does as it is told
 * @guest: the guest
 * @device: /dev/denseram
 * @actual: bytes in the balloon, the last ones of the file
 * @most: the largest size that it was asked for
 * @stop: end
 * @thread: what it runs in
 */
struct vmm {
	struct guest *guest;
	int device;
	__u64 actual;
	__u64 most;
	int stop;
	pthread_t thread;
};

static void move_balloon(struct vmm *v, __u64 wanted)
{
	__u64 step = 16 * MIB, to = wanted;

	if (wanted > v->actual + step)
		to = v->actual + step;
	if (to > v->actual)
		gm_punch(v->guest->fd, v->guest->size - to, to - v->actual);
	v->actual = to;
}

static void *run_vmm(void *arg)
{
	struct vmm *v = arg;

	while (!__atomic_load_n(&v->stop, __ATOMIC_SEQ_CST)) {
		struct dr_balloon_info info = { .id = v->guest->id };
		struct dr_balloon_report r = {
			.flags = DR_REPORT_ACTUAL | DR_REPORT_FEATURES,
			.features = DR_BALLOON_DEVICE | DR_BALLOON_DRIVER |
				    DR_BALLOON_OOM,
			.id = v->guest->id,
		};

		CHECK_OK(ioctl(v->device, DR_IOC_BALLOON, &info));
		if (info.wanted != DR_BALLOON_UNASKED) {
			move_balloon(v, info.wanted);
			if (info.wanted > v->most)
				v->most = info.wanted;
		}
		r.actual = v->actual;
		CHECK_OK(ioctl(v->device, DR_IOC_BALLOON_REPORT, &r));
		sleep_ms(100);
	}
	return NULL;
}

static void vmm_start(struct vmm *v, struct guest *g)
{
	*v = (struct vmm){ .guest = g, .device = gm_device(O_RDWR) };
	ASSERT(!pthread_create(&v->thread, NULL, run_vmm, v));
}

static void vmm_stop(struct vmm *v)
{
	__atomic_store_n(&v->stop, 1, __ATOMIC_SEQ_CST);
	pthread_join(v->thread, NULL);
	close(v->device);
}

static bool is_let_go(void *arg)
{
	const struct vmm *v = arg;

	return !__atomic_load_n(&v->actual, __ATOMIC_SEQ_CST);
}

/* A balloon that works gives, and nothing is paged out; then it is let go. */
TEST_SECS(balloon_first, 300)
{
	struct guest g;
	__u64 actual;
	struct vmm v;
	pid_t pid;

	hog_need_small_host();
	policy_set_up();
	g = guest_open("alpha", 2 * large());
	guest_fill(&g);
	vmm_start(&v, &g);
	sleep_ms(1500);
	CHECK(explains(&g, "balloon works\n"));
	CHECK_EQ(v.most, 0);
	pid = run_short();
	CHECK_EQ(policy_knob("enabled", "1"), 0);
	CHECK(poll_until(policy_level_is, "high", 60000));
	CHECK(v.most > 0);
	actual = __atomic_load_n(&v.actual, __ATOMIC_SEQ_CST);
	CHECK(actual > 0);
	/* A block of which a part was punched goes a moment later. */
	CHECK(guest_resident(&g) <= g.size - actual + 2 * BLOCK);
	CHECK_EQ(guest_event(&g, DR_EV_SWAP_OUT), 0);
	ktap_diag("asked for %llu MiB of %llu", v.most / MIB, g.size / MIB);
	hog_end(pid);
	CHECK(poll_until(is_let_go, &v, 20000));
	vmm_stop(&v);
	guest_close(&g);
}

/* What an administrator asks of a balloon is not for the policy to change. */
TEST_SECS(by_hand, 300)
{
	struct guest g;
	struct vmm v;
	pid_t pid;

	hog_need_small_host();
	policy_set_up();
	g = guest_open("alpha", 2 * large());
	guest_fill(&g);
	vmm_start(&v, &g);
	guest_set(&g, "balloon/wanted", 4 * MIB);
	CHECK_EQ(gm_attr("alpha", "balloon/by_hand"), 1);
	pid = run_short();
	CHECK_EQ(policy_knob("enabled", "1"), 0);
	CHECK(poll_until(policy_level_is, "high", 60000));
	CHECK_EQ(gm_attr("alpha", "balloon/wanted"), 4 * MIB);
	CHECK_EQ(v.most, 4 * MIB);
	CHECK(guest_event(&g, DR_EV_SWAP_OUT) + guest_event(&g, DR_EV_SWAP_SAME) > 0);
	hog_end(pid);
	CHECK_EQ(write_text(gm_attr_path("alpha", "balloon/wanted"), "none"),
		 0);
	CHECK_EQ(gm_attr("alpha", "balloon/by_hand"), 0);
	/* What it had taken is the policy's to give back. */
	CHECK(poll_until(is_let_go, &v, 60000));
	vmm_stop(&v);
	guest_close(&g);
}

static int grow(void *arg)
{
	struct guest *g = arg;

	guest_fill(g);
	return 0;
}

static bool has_waited(void *arg)
{
	return guest_event(arg, DR_EV_FAULT_HELD) > 0;
}

/*
 * At level low, with nowhere to page to, who wants more than its target waits; it
 * can be killed, and goes on when the host has memory again.
 */
TEST_SECS(faults_wait_at_level_low, 300)
{
	struct guest g;
	pid_t pid, first, second;

	hog_need_small_host();
	policy_set_up();
	CHECK_EQ(swap_set("pool_limit", "0"), 0);
	g = guest_open("alpha", 64 * MIB);
	guest_set(&g, "max", 4 * MIB);
	for (__u64 page = 0; page < 4 * MIB / PAGE; page++)
		guest_fill_page(&g, page);
	pid = hog_start(hog_total_kb() / 100);
	CHECK(poll_until(policy_level_is, "low", 5000));
	first = spawn(grow, &g);
	CHECK(poll_until(has_waited, &g, 10000));
	CHECK(explains(&g, "wait 1\n"));
	kill(first, SIGKILL);
	CHECK_EQ(join(first), 128 + SIGKILL);
	second = spawn(grow, &g);
	sleep_ms(500);
	hog_end(pid);
	CHECK_EQ(join(second), 0);
	CHECK_EQ(guest_bad_page(&g, 0), -1);
	CHECK_EQ(swap_set("pool_limit", "1G"), 0);
	guest_close(&g);
}
