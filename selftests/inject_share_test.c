// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every allocation of content-based sharing fails once, on the way into a
 * shared page and out of it: see lib/inject.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "lib/gmem.h"
#include "lib/inject.h"
#include "lib/share.h"

#define FILE_SIZE	(3 * BLOCK)

static int file_fd = -1;
static char *map;
static __u64 guest_id;

static void finish_file(void)
{
	gm_check_recount();
	close(file_fd);
	CHECK_OK(unlink(gm_path("f")));
}

#define SHARED_PAGES	64
#define PAIRS		(SHARED_PAGES / 2)

static bool all_shared(void *arg)
{
	return gm_usage().shared == *(__u64 *)arg;
}

/* Until the scanner has done its work, which is not what fails here. */
static void share_all(__u64 pages)
{
	share_set("enabled", "1");
	share_set("interval", "1");
	CHECK(poll_until(all_shared, &pages, 60000));
	share_set("enabled", "0");
}

static void prepare_shared(void)
{
	file_fd = gm_create("f", SHARED_PAGES * PAGE);
	map = gm_map(file_fd, SHARED_PAGES * PAGE);
	for (int i = 0; i < SHARED_PAGES; i++)
		pat_fill(map + i * PAGE, PAGE, 0, i % PAIRS);
	guest_id = gm_id();
	share_all(SHARED_PAGES);
}

static void finish_shared(bool failed)
{
	(void)failed;
	for (int i = 0; i < SHARED_PAGES; i++)
		CHECK_EQ(pat_bad(map + i * PAGE, PAGE, 0, i % PAIRS), -1);
	munmap(map, SHARED_PAGES * PAGE);
	finish_file();
	CHECK(share_ends());
}

static int run_unshare(void)
{
	struct dr_guest_share share = {
		.flags = DR_GUEST_SHARE_MODE, .mode = DR_SHARE_OFF,
		.id = guest_id,
	};
	int err, fd = open(DEVICE, O_RDWR), ret;

	if (fd < 0)
		return -1;
	ret = ioctl(fd, DR_IOC_GUEST_SHARE, &share);
	err = errno;
	close(fd);
	errno = err;
	return ret;
}

static void finish_unshare(bool failed)
{
	struct dr_guest_info info;

	ASSERT_OK(gm_info(NULL, &info));
	/* Half of it done is not done: it may be in either mode, truly. */
	if (!failed)
		CHECK_EQ(info.share, DR_SHARE_OFF);
	if (info.share == DR_SHARE_OFF)
		CHECK_EQ(info.usage.shared, 0);
	else
		CHECK_EQ(info.share, DR_SHARE_DOMAIN);
	CHECK_OK(share_mode(gm_name, "domain"));
	finish_shared(failed);
}

static int run_break(void)
{
	char byte;

	pat_fill(&byte, 1, 0, 0);
	return inject_poke(map, &byte, 1);
}

static int run_pwrite_shared(void)
{
	char buf[PAGE / 2];

	pat_fill(buf, sizeof(buf), 0, 1);
	return pwrite(file_fd, buf, sizeof(buf), PAGE) < 0 ? -1 : 0;
}

static int run_pread_shared(void)
{
	char buf[3 * PAGE];

	return pread(file_fd, buf, sizeof(buf), 0) < 0 ? -1 : 0;
}

TEST_SECS(share, 300)
{
	static const struct inject_op ops[] = {
		{ "share=off", prepare_shared, run_unshare, finish_unshare },
		{ "write to a shared page", prepare_shared, run_break,
		  finish_shared },
		{ "write(2) to it", prepare_shared, run_pwrite_shared,
		  finish_shared },
		{ "read(2) of it", prepare_shared, run_pread_shared,
		  finish_shared },
	};

	inject_setup();
	inject_all(ops, ARRAY_SIZE(ops));
}

/* The scanner goes through a block and pages while allocations fail. */
static bool scan_fails_at(int nth)
{
	unsigned int used;

	file_fd = gm_create("f", FILE_SIZE);
	map = gm_map(file_fd, FILE_SIZE);
	for (__u64 at = 0; at < FILE_SIZE; at += PAGE)
		pat_fill(map + at, PAGE, 0, at / PAGE % PAIRS);
	inject_threads_begin("denseram_scan", nth);
	share_all(FILE_SIZE / PAGE);
	used = inject_threads_end("denseram_scan");
	for (__u64 at = 0; at < FILE_SIZE; at += PAGE)
		CHECK_EQ(pat_bad(map + at, PAGE, 0, at / PAGE % PAIRS), -1);
	munmap(map, FILE_SIZE);
	finish_file();
	CHECK(share_ends());
	return used;
}

TEST_SECS(scan, 600)
{
	int nth = 1, failed = 0;

	inject_setup();
	share_set("block_gain", "1");
	/* Each of the first few, then ever fewer: it takes seconds a time. */
	while (!ktap_failed() && nth < 2000) {
		if (scan_fails_at(nth))
			failed++;
		else if (nth > 20)
			break;
		nth += 1 + nth / 3;
	}
	share_usual();
	ktap_diag("%d allocations of a scanner failed, one at a time", failed);
	CHECK(failed > 3);
}
