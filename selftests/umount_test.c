// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of a mount, asked for, forced or lazy, with memory in every state:
 * while it is used none of it is lost, and afterwards none of it is left.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "lib/gmem.h"
#include "lib/share.h"
#include "lib/states.h"
#include "lib/swap.h"

#define MOUNT		"/mnt/a"
#define GONE_MS		30000

static struct dr_usage before;

/* A mount of the test's own, with a guest that has memory in every state. */
static void set_up(void)
{
	gm_need_denseram();
	states_begin();
	before = gm_total();
	ASSERT_OK(mkdir(MOUNT, 0755));
	ASSERT_OK(gm_mount(MOUNT, NULL));
	strcat(gm_name, ".m");
	snprintf(gm_dir, sizeof(gm_dir), MOUNT "/%s", gm_name);
	ASSERT_OK(mkdir(gm_dir, 0755));
	states_make();
}

static bool all_is_back(void *arg)
{
	struct dr_usage now = gm_total();
	struct dr_swap_status s = swap_status();

	(void)arg;
	return now.size == before.size && now.resident == before.resident &&
	       now.swapped == before.swapped && !s.tiers.pool && !s.tiers.disk;
}

static void check_end(void)
{
	CHECK(gm_guest_gone(gm_name));
	CHECK(poll_until(all_is_back, NULL, GONE_MS));
	CHECK(share_ends());
	states_end();
}

/* Files that nobody uses go with their mount. */
static void end_unused(int flags)
{
	set_up();
	states_unmap();
	states_close();
	CHECK(gm_guest_exists(gm_name));
	CHECK_OK(umount2(MOUNT, flags));
	check_end();
}

TEST(unused)
{
	end_unused(0);
}

TEST(unused_forced)
{
	end_unused(MNT_FORCE);
}

TEST(unused_lazy)
{
	end_unused(MNT_DETACH);
}

/* Force does not take memory away from who has it mapped. */
TEST(used_forced)
{
	set_up();
	states_close();
	CHECK_ERR(umount2(MOUNT, MNT_FORCE), EBUSY);
	states_check_map();
	states_unlink();
	CHECK_ERR(umount2(MOUNT, MNT_FORCE), EBUSY);
	states_unmap();
	CHECK(gm_guest_exists(gm_name));
	CHECK_OK(umount2(MOUNT, MNT_FORCE));
	check_end();
}

/* Both at once: out of sight, but there as long as it is mapped. */
static void end_used(int flags)
{
	set_up();
	CHECK_OK(umount2(MOUNT, flags));
	CHECK_ERR(access(gm_dir, F_OK), ENOENT);
	states_check_read();
	states_close();
	states_check_map();
	/* Its paging goes on as well. */
	CHECK(swap_squeeze(STATE_SIZE));
	states_check_map();
	CHECK(gm_guest_exists(gm_name));
	states_unmap();
	check_end();
}

TEST(used_lazy)
{
	end_used(MNT_DETACH);
}

TEST(used_lazy_forced)
{
	end_used(MNT_DETACH | MNT_FORCE);
}
