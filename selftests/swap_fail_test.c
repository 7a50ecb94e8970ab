// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transfers to a swap area that fail. Because there is no memory for them, or
 * because it is not the moment: the area is as good as before, and paging goes on
 * when there is memory again. Other errors are the area's. Nothing is lost.
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

static bool is_short(void *arg)
{
	(void)arg;
	return swap_stop_is("no memory");
}

static void check_unharmed(int id)
{
	struct dr_swap_area area = area_of(id);

	CHECK_EQ(area.state, 0);
	CHECK_EQ(area.bad, 0);
	CHECK_EQ(area.write_errors, 0);
	CHECK_EQ(gm_event(DR_EV_SWAP_ERROR), 0);
}

/* Writes fail for a while, then they do not. */
static void starve_writes(int err)
{
	struct fuse_file f;
	unsigned long tries;
	int id;

	set_up();
	fuse_start(&f, "starved", AREA);
	id = add(&f, 0);
	CHECK(swap_squeeze(12 * MIB));
	fail_writes(&f, err);
	swap_limit(LIMIT);
	CHECK(poll_until(has_refused, &f, 30000));
	CHECK(poll_until(is_short, NULL, 30000));
	CHECK(gm_event(DR_EV_SWAP_FULL) > 0);
	check_unharmed(id);
	/* It goes on trying, and makes no fuss. */
	tries = refused(&f);
	sleep_ms(LOOK_MS);
	tries = refused(&f) - tries;
	ktap_diag("%s: %lu writes tried in %d s", strerror(err), tries,
		  LOOK_MS / 1000);
	CHECK_RANGE(tries, 1, 3 * LOOK_MS / 500);
	CHECK(gm_usage().resident > LIMIT);
	check_unharmed(id);
	fail_writes(&f, 0);
	CHECK(swap_squeeze(LIMIT));
	CHECK(swap_stop_is("none"));
	check_unharmed(id);
	tear_down();
	fuse_stop(&f);
}

TEST(no_memory_to_write)
{
	starve_writes(ENOMEM);
}

TEST(write_not_now)
{
	starve_writes(EAGAIN);
}

TEST(write_interrupted)
{
	starve_writes(EINTR);
}

/* What cannot be written to one area goes to another, as long as it lasts. */
TEST(another_area_helps)
{
	struct fuse_file high, low;
	int high_id, low_id;
	__u64 used;

	set_up();
	fuse_start(&high, "high", AREA);
	fuse_start(&low, "low", AREA);
	high_id = add(&high, 1);
	low_id = add(&low, 0);
	fail_writes(&high, ENOMEM);
	CHECK(swap_squeeze(8 * MIB));
	CHECK(area_of(low_id).used >= 6 * MIB);
	check_unharmed(high_id);
	used = area_of(low_id).used;
	fail_writes(&high, 0);
	/* The first write is a try, and takes as long as it takes. */
	sleep_ms(600);
	CHECK(swap_squeeze(LIMIT));
	CHECK(area_of(high_id).used >= 2 * MIB);
	CHECK_RANGE(area_of(low_id).used, 0, used + 2 * MIB);
	tear_down();
	fuse_stop(&high);
	fuse_stop(&low);
}

/* From the pool: what cannot be written back is not lost either. */
TEST(no_memory_to_write_back)
{
	struct fuse_file f;
	int id;

	set_up();
	soft_fill(map, SIZE, 0, KEY);
	fuse_start(&f, "starved", AREA);
	id = add(&f, 0);
	CHECK_OK(swap_set("pool_limit", "2M"));
	fail_writes(&f, ENOMEM);
	swap_limit(LIMIT);
	CHECK(poll_until(has_refused, &f, 30000));
	sleep_ms(LOOK_MS);
	check_unharmed(id);
	CHECK_EQ(soft_bad(map, SIZE, 0, KEY), -1);
	fail_writes(&f, 0);
	CHECK(swap_squeeze(LIMIT));
	CHECK(gm_event(DR_EV_SWAP_BACK) > 0);
	CHECK_EQ(soft_bad(map, SIZE, 0, KEY), -1);
	swap_limit(0);
	pat_fill(map, SIZE, 0, KEY);
	tear_down();
	fuse_stop(&f);
}

static bool area_failed(void *arg)
{
	struct dr_swap_area area = area_of(*(int *)arg);

	return area.state & DR_SWAP_AREA_FAILED && area.bad;
}

/* All other errors are the area's. */
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

static bool all_used_is_clean(void *arg)
{
	return swap_guest().tiers.clean == area_of(*(int *)arg).used / PAGE;
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
	/* A write may still be on its way. */
	if (!CHECK(poll_until(all_used_is_clean, &id, 10000)))
		ktap_diag("%llu pages are clean, %llu used",
			  (unsigned long long)swap_guest().tiers.clean,
			  (unsigned long long)area_of(id).used / PAGE);
	tear_down();
	fuse_stop(&f);
}

TEST(read_while_a_write_fails)
{
	read_meanwhile(EIO);
}

TEST(read_while_a_write_starves)
{
	read_meanwhile(ENOMEM);
}

/* Who reads is told that there is no memory, not that the bytes are lost. */
TEST(no_memory_to_read)
{
	static const int errors[] = { ENOMEM, EAGAIN, EINTR };
	struct fuse_file f;
	char byte;
	int id;

	set_up();
	fuse_start(&f, "starved", AREA);
	id = add(&f, 0);
	CHECK(swap_squeeze(LIMIT));
	swap_limit(0);
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		unsigned int failed = 0;

		__atomic_store_n(&f.ctl->read_errno, errors[i],
				 __ATOMIC_SEQ_CST);
		for (__u64 at = 0; at < SIZE; at += 64 * PAGE) {
			if (pread(fd, &byte, 1, at) == 1)
				continue;
			CHECK_EQ(errno, ENOMEM);
			failed++;
		}
		CHECK_RANGE(failed, 16, SIZE / PAGE / 64);
	}
	CHECK_EQ(area_of(id).read_errors, 0);
	CHECK_EQ(gm_event(DR_EV_SWAP_ERROR), 0);
	__atomic_store_n(&f.ctl->read_errno, 0, __ATOMIC_SEQ_CST);
	tear_down();
	fuse_stop(&f);
}
