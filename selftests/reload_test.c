// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module is loaded, works and is unloaded, again and again: each time with
 * memory in every state, and each time all of it is back. Only in the lab host.
 * -n says how often, a hundred times unless it does.
 */
#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "lib/gmem.h"
#include "lib/hog.h"
#include "lib/module.h"
#include "lib/share.h"
#include "lib/states.h"

#define TIMES		100
#define SPARE_KB	(32 * MIB / KIB)
#define SETTLED		5	/* rounds that may leave something to reuse */

static void work(void)
{
	ASSERT_OK(mkdir(gm_dir, 0755));
	share_set("enabled", "0");
	ASSERT_OK(write_text(SYSFS "/wss/enabled", "0"));
	states_make();
	CHECK_ERR(module_unload(), EWOULDBLOCK);
	states_check_read();
	states_check_map();
	gm_check_recount();
	states_unmap();
	states_close();
	states_unlink();
	ASSERT_OK(rmdir(gm_dir));
}

/* @home: the mount namespace to come back to, where denseram is not mounted. */
static void live_once(int home)
{
	module_check_unload();
	module_load();
	states_begin();
	module_mount();
	work();
	states_end();
	ASSERT_OK(umount(gm_root));
	ASSERT_OK(setns(home, CLONE_NEWNS));
}

/* What each life leaves behind adds up. */
TEST_SECS(work_in_every_life, 3000)
{
	unsigned long times = opts.ops ? opts.ops : TIMES, i;
	int home = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	__u64 settled = 0, now;

	ASSERT(home >= 0);
	module_test_begin();
	for (i = 0; i < times && !ktap_failed(); i++) {
		live_once(home);
		if (i == SETTLED)
			settled = hog_free_kb();
	}
	module_check_unload();
	now = hog_free_kb();
	ktap_diag("%lu times; %llu KiB were free, %llu are", i, settled, now);
	CHECK(now + SPARE_KB > settled);
	module_load();
	module_mount();
}
