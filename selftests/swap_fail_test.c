// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transfers to a swap area that fail, with any error. Nothing is lost.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fuse.h"
#include "lib/gmem.h"
#include "lib/swap.h"

#define SIZE	(16 * MIB)
#define LIMIT	(4 * MIB)
#define AREA	(32 * MIB)
#define KEY	13
#define LOOK_MS	3000

static int fd;
static char *map;

static void set_up(void)
{
	gm_need_denseram();
	gm_no_scan();
	swap_rm_all();
	/* Straight to the areas. */
	ASSERT_OK(swap_set("pool_limit", "0"));
	fd = gm_create("f", SIZE);
	map = gm_map(fd, SIZE);
	pat_fill(map, SIZE, 0, KEY);
}

static void tear_down(void)
{
	swap_limit(0);
	CHECK_EQ(pat_bad(map, SIZE, 0, KEY), -1);
	swap_rm_all();
	CHECK_EQ(pat_bad(map, SIZE, 0, KEY), -1);
	munmap(map, SIZE);
	close(fd);
	gm_check_recount();
	CHECK_OK(unlink(gm_path("f")));
	CHECK_OK(swap_set("pool_limit", "1G"));
}

static int add(const struct fuse_file *f, int prio)
{
	int id = swap_add(f->path, prio);

	ASSERT(id >= 0);
	return id;
}

static struct dr_swap_area area_of(int id)
{
	struct dr_swap_area area = {};

	CHECK(swap_area(id, &area));
	return area;
}

static void fail_writes(struct fuse_file *f, int err)
{
	__atomic_store_n(&f->ctl->write_errno, err, __ATOMIC_SEQ_CST);
}

static void slow_writes(struct fuse_file *f, unsigned int ms)
{
	__atomic_store_n(&f->ctl->write_ms, ms, __ATOMIC_SEQ_CST);
}

static unsigned long refused(const struct fuse_file *f)
{
	return __atomic_load_n(&f->ctl->refused, __ATOMIC_SEQ_CST);
}

static bool has_refused(void *arg)
{
	return refused(arg) > 0;
}

static bool area_failed(void *arg)
{
	struct dr_swap_area area = area_of(*(int *)arg);

	return area.state & DR_SWAP_AREA_FAILED && area.bad;
}

/* No matter which error. */
TEST(other_errors)
{
	static const int errors[] = { EIO, ENOSPC, EREMOTEIO, ETIMEDOUT };
	struct fuse_file f;
	int id;

	set_up();
	fuse_start(&f, "failed", AREA);
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		fail_writes(&f, 0);
		id = add(&f, 0);
		fail_writes(&f, errors[i]);
		swap_limit(LIMIT);
		if (!CHECK(poll_until(area_failed, &id, 30000)))
			ktap_diag("%s", strerror(errors[i]));
		CHECK(area_of(id).write_errors > 0);
		swap_limit(0);
		CHECK_EQ(swap_rm(id), 0);
		CHECK_EQ(pat_bad(map, SIZE, 0, KEY), -1);
	}
	CHECK(gm_event(DR_EV_SWAP_ERROR) > 0);
	tear_down();
	fuse_stop(&f);
}

static bool is_under_way(void *arg)
{
	return area_of(*(int *)arg).used > 0;
}

/*
 * Who reads a page that is on its way gets a copy, which is clean, as if the area
 * had it. It has not, in the end.
 */
static void read_meanwhile(int err)
{
	struct fuse_file f;
	int id;

	set_up();
	fuse_start(&f, "slow", AREA);
	id = add(&f, 0);
	fail_writes(&f, err);
	slow_writes(&f, 1000);
	swap_limit(LIMIT);
	CHECK(poll_until(is_under_way, &id, 30000));
	CHECK_EQ(pat_bad(map, SIZE, 0, KEY), -1);
	ktap_diag("%s: %llu pages are clean, %lu writes have failed",
		  strerror(err), (unsigned long long)swap_guest().tiers.clean,
		  refused(&f));
	CHECK(poll_until(has_refused, &f, 30000));
	slow_writes(&f, 0);
	sleep_ms(LOOK_MS);
	CHECK_EQ(gm_pread_bad(fd, SIZE, 0, KEY), -1);
	fail_writes(&f, 0);
	swap_limit(0);
	CHECK_EQ(pat_bad(map, SIZE, 0, KEY), -1);
	CHECK_EQ(gm_event(DR_EV_SWAP_DAMAGED), 0);
	CHECK_EQ(swap_guest().tiers.clean, area_of(id).used / PAGE);
	tear_down();
	fuse_stop(&f);
}

TEST(read_while_a_write_fails)
{
	read_meanwhile(EIO);
}
