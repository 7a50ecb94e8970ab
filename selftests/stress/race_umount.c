// SPDX-License-Identifier: GPL-2.0-only
/*
 * Everything goes away while the scanner works on it: files, mappings, the
 * mount, the module. In whatever order that happens, the module can be
 * unloaded when nobody uses it any more.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "../lib/gmem.h"
#include "../lib/module.h"
#include "../lib/share.h"

#define NR_FILES	4
#define SIZE		(2 * BLOCK)
#define NR_CONTENTS	16

static struct rng rng;

/* Fill a guest with pages that others have too, and then be there. */
static int use_file(void *arg)
{
	char path[300], *map;
	int nr = *(int *)arg, fd;

	snprintf(path, sizeof(path), "%s/g%d", gm_root, nr);
	ASSERT_OK(mkdir(path, 0755));
	strcat(path, "/f");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ASSERT(fd >= 0);
	ASSERT_OK(ftruncate(fd, SIZE));
	map = gm_map_skew(fd, SIZE, 0, PROT_READ | PROT_WRITE,
			  nr % 2 ? PAGE : 0);
	for (size_t at = 0; at < SIZE; at += PAGE)
		pat_fill(map + at, PAGE, 0, at / PAGE % NR_CONTENTS);
	for (;;)
		for (size_t at = 0; at < SIZE; at += PAGE)
			CHECK_EQ(pat_bad(map + at, PAGE, 0,
					 at / PAGE % NR_CONTENTS), -1);
	return 0;
}

static bool merges(void *arg)
{
	(void)arg;
	return share_figure("kept") > 0 || ktap_failed();
}

static void unlink_file(int nr)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/g%d/f", gm_root, nr);
	unlink(path);
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	join(pid);
}

/* Users go one by one; the mount goes before, among, or after them. */
static void tear_down(pid_t *pids)
{
	int mount_goes = rng_below(&rng, NR_FILES + 1);

	for (int i = 0; i < NR_FILES; i++) {
		if (i == mount_goes)
			ASSERT_OK(umount2(gm_root, MNT_DETACH));
		else if (rng_below(&rng, 2))
			unlink_file(i);
		sleep_ms(rng_below(&rng, 20));
		end(pids[i]);
	}
	if (mount_goes == NR_FILES)
		ASSERT_OK(umount(gm_root));
}

static void round_of_it(void)
{
	pid_t pids[NR_FILES];

	module_mount();
	share_set("budget", "100");
	share_set("budget_fast", "100");
	share_set("block_gain", "1");
	share_set("enabled", "1");
	for (int i = 0; i < NR_FILES; i++)
		pids[i] = spawn(use_file, &i);
	CHECK(poll_until(merges, NULL, 60000));
	/* Two passes over the blocks are a second apart: be in between. */
	for (__u64 until = now_ms() + rng_below(&rng, 1500); now_ms() < until;)
		share_set("interval", "1");
	tear_down(pids);
	module_check_unload();
	module_load();
}

TEST_SECS(umount_and_unload, 300)
{
	__u64 end = now_ms() + opts.secs * 1000;
	int rounds = 0;

	rng.state = opts.seed;
	module_test_begin();
	do {
		round_of_it();
		rounds++;
	} while (!ktap_failed() && (rounds < 2 || now_ms() < end));
	ktap_diag("%d rounds", rounds);
	share_set("enabled", "0");
	module_mount();
}
