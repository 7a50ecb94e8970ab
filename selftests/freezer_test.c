// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VMM that is frozen, by its cgroup or because the host is about to sleep: its
 * memory is worked on or not, as its guest is given the processor or not, and it
 * finds every byte when it is thawed.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/cgroup.h"
#include "lib/disk.h"
#include "lib/keeper.h"
#include "lib/klog.h"
#include "lib/share.h"
#include "lib/slow.h"
#include "lib/swap.h"

#define RW		(PROT_READ | PROT_WRITE)
#define SIZE		(8 * BLOCK)
#define LIMIT		(SIZE / 8)
#define LITTLE		(SIZE / 64)
#define AREA		(32 * MIB)
#define NR_KEEPERS	3
#define ROUNDS		3
#define PATIENCE_MS	60000
#define POWER		"/sys/power/"
#define DELAY		"/sys/module/suspend/parameters/pm_test_delay"

/**
 * struct vmm - a process whose threads write and check memory; shared with it
 * @crew: the threads
 * @keepers: what they are
 * @visits: of pages
 * @stop: it is to end
 * @grouped: it is in the cgroup of the test
 * @sweeps: it has one thread, that writes all memory over and over
 * @pid: its number
 */
struct vmm {
	struct crew crew;
	struct keeper keepers[NR_KEEPERS];
	unsigned long visits;
	int stop;
	bool grouped;
	bool sweeps;
	pid_t pid;
};

static bool is_stopped(struct vmm *vmm)
{
	return __atomic_load_n(&vmm->stop, __ATOMIC_ACQUIRE);
}

/* As fast as faults let it, so that it is the pager that is late. */
static void sweep(struct vmm *vmm, char *map)
{
	for (__u64 key = 1; !is_stopped(vmm); key++) {
		for (__u64 at = 0; at < SIZE; at += PAGE) {
			pat_fill(map + at, PAGE, at, key);
			__atomic_add_fetch(&vmm->visits, 1, __ATOMIC_RELAXED);
		}
		CHECK_EQ(pat_bad(map, SIZE, 0, key), -1);
	}
}

static void keep(struct vmm *vmm, const struct keeper *all)
{
	keepers_start(vmm->keepers, NR_KEEPERS, all);
	while (!is_stopped(vmm))
		sleep_ms(20);
	crew_work(&vmm->crew, 0);
}

static int run(void *arg)
{
	struct vmm *vmm = arg;
	struct keeper all = {
		.crew = &vmm->crew,
		.fd = gm_create("f", SIZE),
		.pages = SIZE / PAGE,
		.visits = &vmm->visits,
	};

	if (vmm->grouped)
		ASSERT_OK(cgroup_enter());
	all.map = gm_map_skew(all.fd, SIZE, 0, RW, PAGE);
	if (vmm->sweeps)
		sweep(vmm, all.map);
	else
		keep(vmm, &all);
	return 0;
}

static unsigned long visits(struct vmm *vmm)
{
	return __atomic_load_n(&vmm->visits, __ATOMIC_RELAXED);
}

/* struct goal - so many visits */
struct goal {
	struct vmm *vmm;
	unsigned long visits;
};

static bool is_there(void *arg)
{
	const struct goal *goal = arg;

	return visits(goal->vmm) >= goal->visits || ktap_failed();
}

static void let_work(struct vmm *vmm, unsigned long more)
{
	struct goal goal = { vmm, visits(vmm) + more };

	if (!CHECK(poll_until(is_there, &goal, PATIENCE_MS)))
		ktap_diag("%lu of %lu visits", visits(vmm), goal.visits);
}

static struct vmm *start(bool grouped, bool sweeps)
{
	struct vmm *vmm = mmap(NULL, sizeof(*vmm), RW,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ASSERT(vmm != MAP_FAILED);
	vmm->grouped = grouped;
	vmm->sweeps = sweeps;
	vmm->pid = spawn(run, vmm);
	let_work(vmm, 50);
	return vmm;
}

static void end(struct vmm *vmm)
{
	__atomic_store_n(&vmm->stop, 1, __ATOMIC_RELEASE);
	CHECK_EQ(join(vmm->pid), 0);
	ktap_diag("%lu visits; %llu pages out, %llu in, %llu merged; %llu faults held, %llu from disk",
		  visits(vmm), (unsigned long long)gm_event(DR_EV_SWAP_OUT),
		  (unsigned long long)gm_event(DR_EV_SWAP_IN),
		  (unsigned long long)gm_event(DR_EV_SHARE_MERGE),
		  (unsigned long long)gm_event(DR_EV_FAULT_HELD),
		  (unsigned long long)gm_event(DR_EV_FAULT_MAJOR));
	munmap(vmm, sizeof(*vmm));
	CHECK_OK(unlink(gm_path("f")));
}

static bool is_frozen(void *arg)
{
	char text[200];

	(void)arg;
	return !read_text(cgroup_file("cgroup.events"), text, sizeof(text)) &&
	       strstr(text, "frozen 1");
}

static void freeze(void)
{
	CHECK_EQ(write_text(cgroup_file("cgroup.freeze"), "1"), 0);
	CHECK(poll_until(is_frozen, NULL, PATIENCE_MS));
}

static void thaw(void)
{
	CHECK_EQ(write_text(cgroup_file("cgroup.freeze"), "0"), 0);
}

static bool merges(void *arg)
{
	return gm_event(DR_EV_SHARE_MERGE) > *(__u64 *)arg;
}

/* It does nothing, and the pager and the scanner have it all to themselves. */
static void work_on_frozen(struct vmm *vmm)
{
	unsigned long before;
	__u64 merged;

	freeze();
	before = visits(vmm);
	merged = gm_event(DR_EV_SHARE_MERGE);
	CHECK(poll_until(merges, &merged, PATIENCE_MS));
	CHECK(swap_squeeze(LITTLE));
	CHECK_EQ(visits(vmm), before);
	swap_limit(0);
	thaw();
}

TEST_SECS(worked_on_while_frozen, 200)
{
	struct vmm *vmm;

	cgroup_make();
	share_set("interval", "1");
	share_set("enabled", "1");
	vmm = start(true, false);
	for (int i = 0; i < ROUNDS && !ktap_failed(); i++) {
		let_work(vmm, 1000);
		work_on_frozen(vmm);
	}
	CHECK(gm_event(DR_EV_SWAP_OUT) > 0);
	end(vmm);
	share_usual();
	cgroup_remove();
}

static bool has_happened(void *arg)
{
	enum dr_event event = *(enum dr_event *)arg;
	static __u64 before;

	if (!before)
		before = gm_event(event) + 1;
	if (gm_event(event) < before)
		return false;
	before = 0;
	return true;
}

/* Freeze it in waits of a kind, which end all the same. */
static void freeze_in_waits(struct vmm *vmm, enum dr_event event)
{
	for (int i = 0; i < ROUNDS && !ktap_failed(); i++) {
		CHECK(poll_until(has_happened, &event, PATIENCE_MS));
		freeze();
		thaw();
	}
	let_work(vmm, 1);
}

TEST_SECS(frozen_in_fault_wait, 200)
{
	struct vmm *vmm;

	slow_begin(AREA);
	cgroup_make();
	/* It grows faster than the pager can write. */
	slow_delay(0, 100);
	swap_limit(LIMIT);
	vmm = start(true, true);
	freeze_in_waits(vmm, DR_EV_FAULT_HELD);
	slow_delay(50, 0);
	freeze_in_waits(vmm, DR_EV_FAULT_MAJOR);
	slow_delay(0, 0);
	swap_limit(0);
	end(vmm);
	slow_end();
	cgroup_remove();
}

static void need_pm_test(void)
{
	char text[64];

	gm_need_denseram();
	if (!getenv("LAB"))
		ktap_skip("not in the lab");
	if (read_text(POWER "state", text, sizeof(text)) ||
	    !strstr(text, "freeze"))
		ktap_skip("a kernel that cannot sleep");
	if (access(POWER "pm_test", W_OK))
		ktap_skip("a kernel without CONFIG_PM_DEBUG");
}

/*
 * Go to sleep as far as all threads are frozen, and wake up a second later. No
 * further: the lab host reaches its root by 9p, which is of no use once its device
 * has been suspended.
 */
static void suspend(struct vmm *vmm)
{
	int log = klog_mark();

	CHECK_EQ(write_text(DELAY, "1"), 0);
	CHECK_EQ(write_text(POWER "pm_test", "freezer"), 0);
	CHECK_EQ(write_text(POWER "state", "freeze"), 0);
	CHECK_EQ(write_text(POWER "pm_test", "none"), 0);
	CHECK_EQ(klog_has(log, "failed"), 0);
	close(log);
	let_work(vmm, 50);
}

/* All threads of the module stop, whatever they are at. */
TEST_SECS(host_suspends, 200)
{
	enum dr_event out = DR_EV_SWAP_DISK;
	char path[DISK_PATH];
	struct vmm *vmm;
	int disk, area;

	need_pm_test();
	swap_rm_all();
	disk = disk_loop("area", AREA, path);
	area = swap_add(path, 0);
	ASSERT(area >= 0);
	close(disk);
	ASSERT_OK(swap_set("pool_limit", "0"));
	share_set("interval", "1");
	share_set("enabled", "1");
	ASSERT_OK(write_text(SYSFS "/wss/enabled", "1"));
	vmm = start(false, false);
	for (int i = 0; i < ROUNDS && !ktap_failed(); i++) {
		swap_limit(LIMIT);
		CHECK(poll_until(has_happened, &out, PATIENCE_MS));
		suspend(vmm);
		swap_limit(0);
		let_work(vmm, 1);
	}
	end(vmm);
	CHECK_OK(write_text(SYSFS "/wss/enabled", "0"));
	CHECK_OK(swap_set("pool_limit", "1G"));
	CHECK_EQ(swap_rm(area), 0);
	share_usual();
}
