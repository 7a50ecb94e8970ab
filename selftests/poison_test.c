// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that fails: who maps the page gets SIGBUS, who reads it EIO, and
 * nobody else notices. A hole punched there is fresh memory again, and what
 * has failed is never handed out a second time.
 *
 * The failures are simulated and stay until the next boot: only in the lab.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/gmem.h"
#include "lib/klog.h"
#include "lib/pfn.h"
#include "lib/poolpage.h"
#include "lib/slow.h"
#include "lib/swap.h"

#define RW		(PROT_READ | PROT_WRITE)
#define OFFLINE		"/sys/devices/system/memory/hard_offline_page"
#define LOST		5	/* number of the page that fails */

#ifndef MADV_HWPOISON
#define MADV_HWPOISON	100
#endif

/* As the machine reports it, by number; or as madvise(2) does, by address. */
enum how { BY_NUMBER, BY_ADDRESS, NR_HOWS };

static bool can_fail(enum how how)
{
	if (!getenv("LAB") || access("/proc/kpageflags", R_OK))
		return false;
	if (how == BY_NUMBER)
		return access(OFFLINE, W_OK) == 0;
	/* Nothing mapped there: another error than from a kernel without. */
	return madvise((void *)PAGE, PAGE, MADV_HWPOISON) && errno != EINVAL;
}

static void fail_page(__u64 pfn)
{
	char text[32];

	snprintf(text, sizeof(text), "%#llx", pfn * PAGE);
	write_text(OFFLINE, text);
	ASSERT(pfn_has_flag(pfn, KPF_HWPOISON));
}

/* Let the memory behind an address fail; the kernel can do nothing for it. */
static __u64 fail_memory(char *addr, enum how how)
{
	__u64 pfn = pfn_of(addr);

	if (how == BY_NUMBER)
		fail_page(pfn);
	else
		madvise(addr, PAGE, MADV_HWPOISON);
	ASSERT(pfn_has_flag(pfn, KPF_HWPOISON));
	return pfn;
}

/* All but the lost page are as they were, by the mapping and by read(2). */
static void check_others(int fd, const char *map, size_t size)
{
	const size_t at = LOST * PAGE, next = at + PAGE;

	CHECK_EQ(pat_bad(map, at, 0, 1), -1);
	CHECK_EQ(pat_bad(map + next, size - next, next, 1), -1);
	CHECK_EQ(gm_pread_bad(fd, at, 0, 1), -1);
	CHECK_EQ(gm_pread_bad(fd, size - next, next, 1), -1);
}

static void check_lost(int fd, char *map)
{
	char buf[3 * PAGE];

	CHECK_EQ(try_read(map + LOST * PAGE), SIGBUS);
	CHECK_EQ(try_write(map + LOST * PAGE + 7, 1), SIGBUS);
	CHECK_ERR(pread(fd, buf, PAGE, LOST * PAGE), EIO);
	CHECK_ERR(pread(fd, buf, 1, LOST * PAGE + 9), EIO);
	CHECK_EQ(pread(fd, buf, sizeof(buf), (LOST - 1) * PAGE), PAGE);
	CHECK_ERR(pwrite(fd, buf, 10, LOST * PAGE), EIO);
	/* Part of a page would have to be zeroed. */
	CHECK_ERR(fallocate(fd, PUNCH, LOST * PAGE + 10, 20), EIO);
}

static void check_fresh(int fd, char *map, __u64 pfn)
{
	gm_punch(fd, LOST * PAGE, PAGE);
	CHECK_EQ(gm_pread_nonzero(fd, PAGE, LOST * PAGE), -1);
	CHECK_EQ(zero_bad(map + LOST * PAGE, PAGE), -1);
	pat_fill(map + LOST * PAGE, PAGE, LOST * PAGE, 1);
	CHECK_EQ(gm_pread_bad(fd, PAGE, LOST * PAGE, 1), -1);
	CHECK(pfn_of(map + LOST * PAGE) != pfn);
}

/* Neither free nor in use by anybody who does not know. */
static void check_kept_away(__u64 pfn)
{
	CHECK(pfn_has_flag(pfn, KPF_HWPOISON));
	CHECK(!pfn_has_flag(pfn, KPF_BUDDY));
}

/* By the kernel once, as what it is; by the guest's counter, at each use. */
static void check_reported(int log, __u64 pfn, __u64 errors_before)
{
	char text[64];

	snprintf(text, sizeof(text), "Memory failure: %#llx", pfn);
	CHECK(klog_has(log, text) > 0);
	CHECK(gm_event(DR_EV_FAULT_SIGBUS) >= errors_before + 2);
}

static void lose_page(enum how how)
{
	const size_t size = 64 * PAGE;
	int fd = gm_create("f", size), other = gm_create("g", size);
	char *map = gm_map_skew(fd, size, 0, RW, PAGE);
	__u64 pfn, errors = gm_event(DR_EV_FAULT_SIGBUS);
	int log = klog_mark();

	pat_fill(map, size, 0, 1);
	gm_pwrite_pattern(other, size, 0, 2);
	pfn = fail_memory(map + LOST * PAGE, how);
	check_others(fd, map, size);
	/* Who has it mapped meets it in hardware; the others by a fault. */
	munmap(map, size);
	map = gm_map_skew(fd, size, 0, RW, PAGE);
	check_lost(fd, map);
	check_reported(log, pfn, errors);
	gm_trim(DR_TRIM_ALL);
	check_lost(fd, map);
	check_others(fd, map, size);
	check_fresh(fd, map, pfn);
	check_others(fd, map, size);
	check_kept_away(pfn);
	CHECK_EQ(gm_pread_bad(other, size, 0, 2), -1);
	munmap(map, size);
	close(log);
	close(fd);
	close(other);
	ASSERT_OK(unlink(gm_path("f")));
	ASSERT_OK(unlink(gm_path("g")));
	check_kept_away(pfn);
}

TEST(page_fails)
{
	int tried = 0;

	gm_need_denseram();
	for (enum how how = 0; how < NR_HOWS; how++) {
		if (!can_fail(how))
			continue;
		lose_page(how);
		tried++;
	}
	if (!tried)
		ktap_skip("not in the lab, or memory cannot fail here");
}

static void lose_page_of_block(enum how how)
{
	const size_t size = 2 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map(fd, size), *pages;
	__u64 pfn, second;

	pat_fill(map, size, 0, 1);
	ASSERT(gm_usage().blocks == 2);
	pfn = fail_memory(map + LOST * PAGE, how);
	second = fail_memory(map + BLOCK + LOST * PAGE, how);
	/* By 4 KiB entries, while the first mapping has the block. */
	pages = gm_map_skew(fd, size, 0, RW, PAGE);
	check_lost(fd, pages);
	check_others(fd, pages, BLOCK);
	/* To break it up would pay, but the lost page cannot be copied. */
	memset(map + BLOCK / 4, 0, 3 * BLOCK / 4);
	gm_trim(DR_TRIM_ALL);
	CHECK_EQ(gm_usage().blocks, 2);
	pat_fill(map + BLOCK / 4, 3 * BLOCK / 4, BLOCK / 4, 1);
	check_lost(fd, pages);
	/* The hole needs no copy. */
	check_fresh(fd, pages, pfn);
	CHECK_EQ(gm_usage().blocks, 1);
	check_others(fd, pages, BLOCK);
	check_kept_away(pfn);
	munmap(map, size);
	munmap(pages, size);
	close(fd);
	ASSERT_OK(unlink(gm_path("f")));
	check_kept_away(pfn);
	check_kept_away(second);
}

TEST(page_of_block_fails)
{
	int tried = 0;

	gm_need_blocks();
	for (enum how how = 0; how < NR_HOWS; how++) {
		if (!can_fail(how))
			continue;
		lose_page_of_block(how);
		tried++;
	}
	if (!tried)
		ktap_skip("not in the lab, or memory cannot fail here");
}

/* Truncation cuts through a block that cannot be broken up. */
TEST(truncate_block_that_failed)
{
	const enum how how = can_fail(BY_NUMBER) ? BY_NUMBER : BY_ADDRESS;
	const size_t size = BLOCK, half = BLOCK / 2;
	char *map;
	int fd;

	gm_need_blocks();
	if (!can_fail(how))
		ktap_skip("not in the lab, or memory cannot fail here");
	fd = gm_create("f", size);
	map = gm_map(fd, size);
	pat_fill(map, size, 0, 1);
	fail_memory(map + LOST * PAGE, how);
	ASSERT_OK(ftruncate(fd, half));
	CHECK_EQ(try_read(map + half), SIGBUS);
	CHECK_EQ(try_read(map + LOST * PAGE), SIGBUS);
	CHECK_EQ(gm_pread_bad(fd, LOST * PAGE, 0, 1), -1);
	ASSERT_OK(ftruncate(fd, size));
	CHECK_EQ(zero_bad(map + half, half), -1);
	check_fresh(fd, map, ~0ULL);
	CHECK_EQ(pat_bad(map, half, 0, 1), -1);
	close(fd);
}

#define SHARING	SYSFS "/sharing"

static bool has_shares(void *arg)
{
	return gm_usage().shared == *(__u64 *)arg;
}

/*
 * Pages of two files become one. They were changed and have become one before,
 * so the scanner would take its time: have it look at all of them now.
 */
static void share_all(__u64 nr)
{
	ASSERT(write_text(SHARING "/interval", "1") == 0);
	ASSERT(write_text(SHARING "/enabled", "1") == 0);
	CHECK(poll_until(has_shares, &nr, 60000));
	ASSERT(write_text(SHARING "/enabled", "0") == 0);
}

static void lose_shared_page(enum how how)
{
	const size_t size = 64 * PAGE;
	int a = gm_create("a", size), b = gm_create("b", size);
	char *map_a = gm_map(a, size), *map_b = gm_map(b, size);
	__u64 pfn, pfn_b;

	pat_fill(map_a, size, 0, 1);
	pat_fill(map_b, size, 0, 1);
	share_all(2 * size / PAGE);
	pfn = fail_memory(map_a + LOST * PAGE, how);
	munmap(map_a, size);
	map_a = gm_map(a, size);
	check_lost(a, map_a);
	check_lost(b, map_b);
	check_others(a, map_a, size);
	check_others(b, map_b, size);
	/* One makes it good; the other still has it lost. */
	check_fresh(a, map_a, pfn);
	check_lost(b, map_b);
	pat_fill(map_b, LOST * PAGE, 0, 1);
	check_others(b, map_b, size);
	check_fresh(b, map_b, pfn);
	/* Both have the bytes again, and may share them again. */
	pat_fill(map_a, size, 0, 1);
	pat_fill(map_b, size, 0, 1);
	share_all(2 * size / PAGE);
	pfn_b = pfn_of(map_b + LOST * PAGE);
	CHECK_EQ(pfn_of(map_a + LOST * PAGE), pfn_b);
	CHECK(pfn_b != pfn);
	check_others(a, map_a, size);
	check_kept_away(pfn);
	munmap(map_a, size);
	munmap(map_b, size);
	close(a);
	close(b);
	ASSERT_OK(unlink(gm_path("a")));
	ASSERT_OK(unlink(gm_path("b")));
	check_kept_away(pfn);
}

TEST_SECS(shared_page_fails, 180)
{
	int tried = 0;

	gm_need_denseram();
	for (enum how how = 0; how < NR_HOWS; how++) {
		if (!can_fail(how))
			continue;
		lose_shared_page(how);
		tried++;
	}
	if (!tried)
		ktap_skip("not in the lab, or memory cannot fail here");
}

static void need_number(void)
{
	gm_need_denseram();
	if (!can_fail(BY_NUMBER))
		ktap_skip("not in the lab, or memory cannot fail here");
}

/*
 * A page of the pool fails, and is the kernel's own: to read it would be for the
 * machine to report. It is kept away when the pool has no use for it any more.
 */
TEST(page_of_pool_fails)
{
	const size_t size = 2 * BLOCK;
	char *map;
	__u64 pfn;
	int fd;

	need_number();
	gm_no_scan();
	ASSERT_OK(swap_set("pool_limit", "1G"));
	fd = gm_create("f", size);
	map = gm_map(fd, size);
	soft_fill(map, size, 0, 1);
	CHECK(swap_squeeze(PAGE));
	pfn = poolpage_find(fd, BLOCK);
	fail_page(pfn);
	swap_limit(0);
	CHECK_EQ(soft_bad(map, size, 0, 1), -1);
	check_kept_away(pfn);
	/* And so it is after pages have come and gone. */
	CHECK(swap_squeeze(PAGE));
	CHECK(poolpage_find(fd, BLOCK) != pfn);
	swap_limit(0);
	CHECK_EQ(soft_bad(map, size, 0, 1), -1);
	munmap(map, size);
	close(fd);
	ASSERT_OK(unlink(gm_path("f")));
	check_kept_away(pfn);
}

static bool is_on_its_way(void *addr)
{
	return !pfn_is_mapped(addr);
}

static bool most_on_disk(void *arg)
{
	(void)arg;
	return swap_guest().tiers.disk >= 60;
}

/* A page fails while it is written to a swap area: the bytes are there or lost. */
TEST(page_fails_on_its_way)
{
	const size_t size = 64 * PAGE, at = LOST * PAGE;
	char *map, *lost;
	__u64 pfn;
	int fd;

	need_number();
	slow_begin(32 * MIB);
	fd = gm_create("f", size);
	map = gm_map_skew(fd, size, 0, RW, PAGE);
	lost = map + at;
	pat_fill(map, size, 0, 1);
	pfn = pfn_of(lost);
	slow_delay(0, 1000);
	swap_limit(PAGE);
	CHECK(poll_until(is_on_its_way, lost, 30000));
	fail_page(pfn);
	slow_delay(0, 0);
	CHECK(poll_until(most_on_disk, NULL, 60000));
	swap_limit(0);
	check_others(fd, map, size);
	if (!try_read(lost))
		CHECK_EQ(pat_bad(lost, PAGE, at, 1), -1);
	check_fresh(fd, map, pfn);
	check_kept_away(pfn);
	munmap(map, size);
	close(fd);
	ASSERT_OK(unlink(gm_path("f")));
	slow_end();
	check_kept_away(pfn);
}
