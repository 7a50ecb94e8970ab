// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every allocation of the threads that look at guests fails once, and of the calls
 * of the daemon and of those who watch: see lib/inject.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "lib/gmem.h"
#include "lib/inject.h"
#include "lib/module.h"

/* More than the policy has room for at first. */
#define GUESTS		20
#define SAMPLED		(512 * PAGE)
#define PATIENCE_MS	60000

static int fd = -1;
static char *map;

/* A call of the device, which is opened for that. */
static int call(unsigned long cmd, void *arg)
{
	int dev = open(DEVICE, O_RDWR | O_CLOEXEC), err, ret;

	if (dev < 0)
		return -1;
	ret = ioctl(dev, cmd, arg);
	err = errno;
	close(dev);
	errno = err;
	return ret;
}

static const char *guest(int nr)
{
	static char path[400];

	snprintf(path, sizeof(path), "%s/%s.%d", gm_root, gm_name, nr);
	return path;
}

static bool policy_sees_all(void *arg)
{
	struct dr_policy_run run = { .count = 0 };

	(void)arg;
	ASSERT_OK(call(DR_IOC_POLICY_RUN, &run));
	return run.count == GUESTS + 1;
}

static void prepare_policy(void)
{
	module_reload("");
}

static int run_policy(void)
{
	for (int i = 0; i < GUESTS; i++)
		ASSERT_OK(mkdir(guest(i), 0755));
	CHECK(poll_until(policy_sees_all, NULL, PATIENCE_MS));
	return 0;
}

static void finish_policy(bool failed)
{
	(void)failed;
	for (int i = 0; i < GUESTS; i++)
		CHECK_OK(rmdir(guest(i)));
}

/* Its room for guests grows, for good: so the module is loaded anew each time. */
TEST_SECS(policy, 900)
{
	static const struct inject_op op = {
		"policy", prepare_policy, run_policy, finish_policy,
	};

	inject_setup();
	inject_threads(&op, "denseram_policy");
}

static void prepare_sample(void)
{
	fd = gm_create("f", SAMPLED);
	map = gm_map(fd, SAMPLED);
	pat_fill(map, SAMPLED, 0, 1);
}

static bool is_sampled(void *arg)
{
	(void)arg;
	return gm_attr(NULL, "wss/periods") > 0;
}

static int run_sample(void)
{
	ASSERT_OK(write_text(SYSFS "/wss/period_ms", "100"));
	ASSERT_OK(write_text(SYSFS "/wss/enabled", "1"));
	CHECK(poll_until(is_sampled, NULL, PATIENCE_MS));
	return 0;
}

/* The next time it is a guest that was never sampled. */
static void finish_sample(bool failed)
{
	(void)failed;
	ASSERT_OK(write_text(SYSFS "/wss/enabled", "0"));
	ASSERT_OK(write_text(SYSFS "/wss/period_ms", "10000"));
	CHECK_EQ(pat_bad(map, SAMPLED, 0, 1), -1);
	munmap(map, SAMPLED);
	gm_check_recount();
	close(fd);
	CHECK_OK(unlink(gm_path("f")));
	CHECK_OK(rmdir(gm_dir));
	CHECK(gm_guest_gone(gm_name));
	ASSERT_OK(mkdir(gm_dir, 0755));
}

TEST_SECS(sampler, 300)
{
	static const struct inject_op op = {
		"sampler", prepare_sample, run_sample, finish_sample,
	};

	inject_setup();
	inject_threads(&op, "denseram_wss");
}

static __u64 guest_id;

static void prepare_regions(void)
{
	guest_id = gm_id();
}

static int run_regions(void)
{
	static struct dr_region regions[4];
	struct dr_guest_regions r = {
		.id = guest_id, .count = ARRAY_SIZE(regions),
		.regions = (unsigned long)regions,
	};

	return call(DR_IOC_GUEST_REGIONS, &r);
}

static int run_policy_run(void)
{
	static struct dr_policy_numbers guests[4];
	struct dr_policy_run run = {
		.count = ARRAY_SIZE(guests),
		.guests = (unsigned long)guests,
	};

	return call(DR_IOC_POLICY_RUN, &run);
}

/* That there is nothing to read is no failure. */
static int run_notices(void)
{
	int dev = open(DEVICE, O_RDONLY | O_NONBLOCK | O_CLOEXEC), err;
	struct dr_notice notice;
	ssize_t got;

	if (dev < 0)
		return -1;
	got = read(dev, &notice, sizeof(notice));
	err = errno;
	close(dev);
	errno = err;
	return got < 0 && err != EAGAIN ? -1 : 0;
}

static int read_file(const char *path)
{
	static char text[64 * 1024];
	int err = read_text(path, text, sizeof(text));

	errno = -err;
	return err ? -1 : 0;
}

static int run_guest_file(void)
{
	return read_file(gm_attr_path(NULL, "resident"));
}

static int run_balloon_file(void)
{
	return read_file(gm_attr_path(NULL, "balloon/actual"));
}

static int run_swap_file(void)
{
	return read_file(gm_attr_path(NULL, "swap/pool_bytes"));
}

static int run_figure(void)
{
	return read_file(SYSFS "/swap/pool_memory");
}

static int run_recount(void)
{
	return read_file(DEBUGFS "/recount");
}

static int run_map(void)
{
	return read_file(DEBUGFS "/map");
}

static int run_reserve(void)
{
	return read_file(DEBUGFS "/reserve");
}

TEST_SECS(calls, 300)
{
	static const struct inject_op ops[] = {
		{ "GUEST_REGIONS", prepare_regions, run_regions, NULL },
		{ "POLICY_RUN", NULL, run_policy_run, NULL },
		{ "notices", NULL, run_notices, NULL },
		{ "a guest's file", NULL, run_guest_file, NULL },
		{ "its balloon's", NULL, run_balloon_file, NULL },
		{ "its paging's", NULL, run_swap_file, NULL },
		{ "the host's", NULL, run_figure, NULL },
		{ "recount", NULL, run_recount, NULL },
		{ "map", NULL, run_map, NULL },
		{ "reserve", NULL, run_reserve, NULL },
	};

	inject_setup();
	inject_all(ops, ARRAY_SIZE(ops));
}

/* It has to be refused, with memory for the reason or without. */
static int refused(int ret)
{
	CHECK_EQ(ret, -1);
	return errno == EINVAL ? 0 : -1;
}

static int run_bad_size(void)
{
	return refused(gm_mount("/mnt", "size=nonesuch"));
}

static int run_bad_mode(void)
{
	return refused(gm_mount("/mnt", "mode=17777"));
}

static int run_bad_huge(void)
{
	return refused(gm_mount("/mnt", "huge=nonesuch"));
}

static int run_bad_remount(void)
{
	return refused(mount("none", "/mnt", "denseram", MS_REMOUNT, "uid=7"));
}

/* Another mount, whose directories have the names of the first one's guests. */
static int run_same_name(void)
{
	char path[300];

	snprintf(path, sizeof(path), "/mnt/%s", gm_name);
	return mkdir(path, 0755);
}

static void finish_same_name(bool failed)
{
	char path[300];

	(void)failed;
	snprintf(path, sizeof(path), "/mnt/%s", gm_name);
	rmdir(path);
}

TEST_SECS(mounts, 300)
{
	static const struct inject_op refusals[] = {
		{ "a bad size", NULL, run_bad_size, NULL },
		{ "a bad mode", NULL, run_bad_mode, NULL },
		{ "a bad value", NULL, run_bad_huge, NULL },
	};
	static const struct inject_op mounted[] = {
		{ "a bad remount", NULL, run_bad_remount, NULL },
		{ "a name that is taken", NULL, run_same_name,
		  finish_same_name },
	};

	inject_setup();
	gm_private_mounts();
	ASSERT_OK(umount("/mnt"));
	inject_all(refusals, ARRAY_SIZE(refusals));
	ASSERT_OK(gm_mount("/mnt", NULL));
	inject_all(mounted, ARRAY_SIZE(mounted));
	CHECK_OK(umount("/mnt"));
}
