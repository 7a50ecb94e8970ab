// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accounting: the figures follow every operation, they add up to what the
 * recount finds, all memory comes back, and the index stays within its bound.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "lib/gmem.h"

#define RW		(PROT_READ | PROT_WRITE)
#define METADATA_LIMIT	24	/* bytes a page, the design's promise */

static void check_usage(__u64 blocks, __u64 pages, __u64 holes)
{
	struct dr_usage u = gm_usage();

	CHECK_EQ(u.blocks, blocks);
	CHECK_EQ(u.pages, pages);
	CHECK_EQ(u.holes, holes);
	CHECK_EQ(u.resident, blocks * BLOCK + pages * PAGE);
	gm_check_recount();
}

TEST(block_figures)
{
	char *map;
	int fd;

	gm_need_blocks();
	fd = gm_create("f", 4 * BLOCK);
	check_usage(0, 0, 0);
	map = gm_map(fd, 4 * BLOCK);
	check_usage(0, 0, 0);
	set_byte(map, 1);
	check_usage(1, 0, 0);
	set_byte(map + PAGE, 1);
	check_usage(1, 0, 0);
	set_byte(map + 3 * BLOCK, 1);
	check_usage(2, 0, 0);
	gm_punch(fd, 0, PAGE);
	check_usage(2, 0, 1);
	gm_punch(fd, 0, 100 * PAGE);
	check_usage(2, 0, 100);
	gm_punch(fd, 50 * PAGE, 100 * PAGE);
	check_usage(2, 0, 150);
	CHECK_EQ(pwrite(fd, "x", 1, 20 * PAGE), 1);
	check_usage(2, 0, 149);
	gm_punch(fd, 3 * BLOCK, BLOCK);
	check_usage(1, 0, 149);
	munmap(map, 4 * BLOCK);
	check_usage(1, 0, 149);
	ASSERT_OK(ftruncate(fd, 0));
	check_usage(0, 0, 0);
	close(fd);
}

static bool was_evacuated(void *arg __attribute__((unused)))
{
	return gm_event(DR_EV_BLOCK_EVACUATE) > 0;
}

/*
 * Half of a block punched, and no more for a while: it is broken up, the rest
 * lives in pages.
 */
TEST(evacuation_figures)
{
	char *map;
	int fd;

	gm_need_blocks();
	fd = gm_create("f", BLOCK);
	map = gm_map(fd, BLOCK);
	pat_fill(map, BLOCK, 0, 1);
	gm_punch(fd, 0, BLOCK / 2 - PAGE);
	check_usage(1, 0, PAGES_A_BLOCK / 2 - 1);
	CHECK_EQ(gm_event(DR_EV_BLOCK_EVACUATE), 0);
	gm_punch(fd, BLOCK - PAGE, PAGE);
	CHECK(poll_until(was_evacuated, NULL, 30000));
	check_usage(0, PAGES_A_BLOCK / 2, 0);
	CHECK_EQ(gm_event(DR_EV_BLOCK_EVACUATE), 1);
	CHECK_EQ(zero_bad(map, BLOCK / 2 - PAGE), -1);
	CHECK_EQ(pat_bad(map + BLOCK / 2 - PAGE, BLOCK / 2,
			 BLOCK / 2 - PAGE, 1), -1);
	CHECK_EQ(zero_bad(map + BLOCK - PAGE, PAGE), -1);
	close(fd);
}

/*
 * A balloon works its way through a block: touch a message's worth of pages,
 * punch them one by one, go on with the next. The block must be gone in the
 * end, without a copy, and no other one have come in its place.
 */
static void inflate_block(int fd, char *map)
{
	for (int half = 0; half < 2; half++) {
		char *part = map + half * BLOCK / 2;

		memset(part, 0, BLOCK / 2);
		for (__u64 at = 0; at < BLOCK / 2; at += PAGE)
			gm_punch(fd, half * BLOCK / 2 + at, PAGE);
	}
}

/* A block is at rest after a second. A balloon that stops so long has lost. */
#define REST_MS	900

TEST(balloon_figures)
{
	__u64 allocs, evacuations, pages, start;
	int fd, tries = 20;
	char *map;

	gm_need_blocks();
	fd = gm_create("f", BLOCK);
	map = gm_map(fd, BLOCK);
	do {
		gm_punch(fd, 0, BLOCK);
		allocs = gm_event(DR_EV_BLOCK_ALLOC);
		evacuations = gm_event(DR_EV_BLOCK_EVACUATE);
		pages = gm_event(DR_EV_PAGE_ALLOC);
		start = now_ms();
		inflate_block(fd, map);
	} while (now_ms() - start > REST_MS && --tries);
	if (!tries)
		ktap_skip("too slow a machine for a balloon");
	check_usage(0, 0, 0);
	CHECK_EQ(gm_event(DR_EV_BLOCK_ALLOC) - allocs, 1);
	CHECK_EQ(gm_event(DR_EV_BLOCK_EVACUATE) - evacuations, 0);
	CHECK_EQ(gm_event(DR_EV_PAGE_ALLOC) - pages, 0);
	close(fd);
}

/*
 * A guest takes back pages it has punched, without a fault, and punches the
 * rest of the block: what it has written since must not go with it.
 */
TEST(holes_written_again)
{
	char *map;
	int fd;

	gm_need_blocks();
	fd = gm_create("f", BLOCK);
	map = gm_map(fd, BLOCK);
	pat_fill(map, BLOCK, 0, 1);
	for (__u64 at = 0; at < BLOCK - PAGE; at += PAGE)
		gm_punch(fd, at, PAGE);
	check_usage(1, 0, PAGES_A_BLOCK - 1);
	pat_fill(map + 5 * PAGE, 200 * PAGE, 5 * PAGE, 2);
	gm_punch(fd, BLOCK - PAGE, PAGE);
	CHECK_EQ(zero_bad(map, 5 * PAGE), -1);
	CHECK_EQ(pat_bad(map + 5 * PAGE, 200 * PAGE, 5 * PAGE, 2), -1);
	CHECK_EQ(zero_bad(map + 205 * PAGE, BLOCK - 205 * PAGE), -1);
	check_usage(0, 200, 0);
	close(fd);
}

TEST(page_figures)
{
	char *map;
	int fd;

	gm_need_denseram();
	fd = gm_create("f", 4 * BLOCK);
	map = gm_map_skew(fd, 4 * BLOCK, 0, RW, PAGE);
	for (int i = 0; i < 100; i++)
		set_byte(map + i * 5 * PAGE, 1);
	check_usage(0, 100, 0);
	CHECK_EQ(gm_event(DR_EV_PAGE_ALLOC), 100);
	gm_punch(fd, 0, 50 * PAGE);
	check_usage(0, 90, 0);
	for (int i = 0; i < 10; i++)
		get_byte(map + i * 5 * PAGE);
	check_usage(0, 90, 0);
	ASSERT_OK(madvise(map, 100 * PAGE, MADV_DONTNEED));
	check_usage(0, 90, 0);
	ASSERT_OK(madvise(map, 100 * PAGE, MADV_REMOVE));
	check_usage(0, 80, 0);
	ASSERT_OK(ftruncate(fd, 250 * PAGE));
	check_usage(0, 30, 0);
	close(fd);
}

TEST(event_figures)
{
	char *map;
	int fd;

	gm_need_denseram();
	fd = gm_create("f", 64 * PAGE);
	map = gm_map_skew(fd, 64 * PAGE, 0, RW, PAGE);
	set_byte(map + 64 * PAGE - 1, 1);
	CHECK_EQ(gm_event(DR_EV_FAULT), 1);
	CHECK_EQ(gm_event(DR_EV_PAGE_ALLOC), 1);
	for (int i = 0; i < 63; i++)
		CHECK_EQ(get_byte(map + i * PAGE), 0);
	CHECK_EQ(gm_event(DR_EV_FAULT), 64);
	CHECK_EQ(gm_event(DR_EV_FAULT_ZERO), 63);
	CHECK_EQ(gm_event(DR_EV_PAGE_ALLOC), 1);
	for (int i = 0; i < 63; i++)
		set_byte(map + i * PAGE, 1);
	CHECK_EQ(gm_event(DR_EV_COW), 63);
	CHECK_EQ(gm_event(DR_EV_PAGE_ALLOC), 64);
	CHECK(gm_event(DR_EV_MKWRITE) >= 63);
	gm_punch(fd, 0, 10 * PAGE);
	CHECK_EQ(gm_event(DR_EV_PUNCH), 10);
	ASSERT_OK(ftruncate(fd, 32 * PAGE));
	CHECK_EQ(try_read(map + 40 * PAGE), SIGBUS);
	CHECK_EQ(gm_event(DR_EV_FAULT_SIGBUS), 1);
	CHECK_EQ(gm_event(DR_EV_FAULT_OOM), 0);
	close(fd);
}

/* Files and guests add up to the host's sums. */
TEST(sums)
{
	struct dr_usage before, after, own;
	int a, b;

	gm_need_denseram();
	before = gm_total();
	a = gm_create("a", 3 * BLOCK);
	b = gm_create("b", 5 * BLOCK);
	gm_pwrite_pattern(a, 2 * BLOCK, BLOCK, 1);
	gm_pwrite_pattern(b, 77 * PAGE, 3 * PAGE, 1);
	own = gm_usage();
	after = gm_total();
	CHECK_EQ(own.size, 8 * BLOCK);
	CHECK_EQ(own.resident, 2 * BLOCK + 77 * PAGE);
	CHECK_EQ(after.size - before.size, own.size);
	CHECK_EQ(after.resident - before.resident, own.resident);
	CHECK_EQ(after.blocks - before.blocks, own.blocks);
	CHECK_EQ(after.pages - before.pages, own.pages);
	CHECK_EQ(after.metadata - before.metadata, own.metadata);
	close(a);
	close(b);
}

/* The index: at most 24 bytes for each page of a file, however it is used. */
TEST(metadata_bound)
{
	const __u64 size = 64 * MIB;
	struct dr_usage u;
	char *map;
	int fd;

	gm_need_denseram();
	fd = gm_create("f", size);
	map = gm_map_skew(fd, size, 0, RW, PAGE);
	for (__u64 at = 0; at < size; at += PAGE)
		set_byte(map + at, 1);
	u = gm_usage();
	CHECK_EQ(u.pages, size / PAGE);
	CHECK_RANGE(u.metadata, 1, size / PAGE * METADATA_LIMIT);
	ktap_diag("4 KiB pages: %.2f bytes of index a page",
		  (double)u.metadata / (size / PAGE));
	munmap(map, size);
	ASSERT_OK(ftruncate(fd, 0));
	ASSERT_OK(ftruncate(fd, size));
	map = gm_map(fd, size);
	for (__u64 at = 0; at < size; at += BLOCK)
		set_byte(map + at, 1);
	u = gm_usage();
	CHECK_RANGE(u.metadata, 1, size / PAGE * METADATA_LIMIT);
	ktap_diag("2 MiB blocks: %.2f bytes of index a page",
		  (double)u.metadata / (size / PAGE));
	close(fd);
}

/* A sparse file: the index grows with what is used, not with the size. */
TEST(metadata_sparse)
{
	int fd;

	gm_need_denseram();
	fd = gm_create("f", 1ULL << 36);
	CHECK_EQ(pwrite(fd, "x", 1, 1ULL << 35), 1);
	CHECK_EQ(gm_usage().pages, 1);
	CHECK_RANGE(gm_usage().metadata, 1, 64 * KIB);
	close(fd);
}

/* Free pages, those on the lists of each CPU included. */
static long long free_kb(void)
{
	long long count, sum = 0;
	char line[200];
	FILE *file;

	sleep_ms(300);		/* what is on its way through RCU */
	write_text("/proc/sys/vm/drop_caches", "3");
	sum = file_kb("/proc/meminfo", "MemFree");
	file = fopen("/proc/zoneinfo", "r");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, " count: %lld", &count) == 1)
			sum += count * 4;
	if (file)
		fclose(file);
	return sum;
}

/* Forth and back in every manner, then compare with the machine's own books. */
static void use_memory(int round)
{
	const __u64 size = 64 * MIB;
	int fd = gm_create("f", size);
	char *map = gm_map_skew(fd, size, 0, RW, round & 1 ? PAGE : 0);

	pat_fill(map, size, 0, round);
	gm_punch(fd, round * PAGE, size / 4);
	gm_trim(DR_TRIM_ALL);
	if (round & 2)
		ASSERT_OK(ftruncate(fd, size / 3));
	munmap(map, size);
	close(fd);
	ASSERT_OK(unlink(gm_path("f")));
}

/* What others took meanwhile they may give back; a leak stays. */
static bool memory_is_back(void *arg)
{
	long long *wanted = arg;

	return free_kb() >= *wanted;
}

static bool slab_is_back(void *arg)
{
	long long *wanted = arg;

	free_kb();
	return file_kb("/proc/meminfo", "SUnreclaim") <= *wanted;
}

TEST_SECS(memory_comes_back, 180)
{
	struct dr_usage before, after;
	long long free_before, wanted;

	gm_need_denseram();
	use_memory(0);
	before = gm_total();
	free_before = free_kb();
	for (int round = 0; round < 8; round++)
		use_memory(round);
	after = gm_total();
	CHECK_EQ(after.resident, before.resident);
	CHECK_EQ(after.blocks, before.blocks);
	CHECK_EQ(after.pages, before.pages);
	CHECK_EQ(after.holes, before.holes);
	CHECK_EQ(after.metadata, before.metadata);
	wanted = free_before - 6 * 1024;
	CHECK(poll_until(memory_is_back, &wanted, 30000));
	ktap_diag("%lld kB free before, %lld kB after 512 MiB of use",
		  free_before, free_kb());
}

/* Thousands of guests: what is left of each when it is gone must be nothing. */
TEST_SECS(many_guests_leave_nothing, 180)
{
	long long slab_before = 0, wanted;
	char path[300];
	int fd;

	gm_need_denseram();
	if (!access("/sys/kernel/debug/kmemleak", F_OK))
		ktap_skip("kmemleak looks for leaks on this kernel");
	for (int i = 0; i < 6000; i++) {
		if (i == 1000)
			slab_before = file_kb("/proc/meminfo", "SUnreclaim");
		snprintf(path, sizeof(path), "%s/%s.%d", gm_root, gm_name, i);
		fd = open(path, O_RDWR | O_CREAT, 0600);
		ASSERT(fd >= 0);
		ASSERT(pwrite(fd, "x", 1, 5 * PAGE) == 1);
		close(fd);
		ASSERT_OK(unlink(path));
	}
	/* A leak of a guest's 2 KiB or more would show as 10 MiB. */
	wanted = slab_before + 6 * 1024;
	CHECK(poll_until(slab_is_back, &wanted, 30000));
	ktap_diag("SUnreclaim %lld kB after 1000 guests, %lld kB after 6000",
		  slab_before, file_kb("/proc/meminfo", "SUnreclaim"));
}

/* One line a span and one letter a page, for who debugs the module. */
TEST(debugfs_map)
{
	char text[16 * KIB], line[100];
	char *map;
	int fd;

	gm_need_blocks();
	if (access(DEBUGFS, F_OK))
		ktap_skip("no debugfs");
	fd = gm_create("f", 4 * BLOCK);
	map = gm_map(fd, 4 * BLOCK);
	set_byte(map + BLOCK, 1);
	CHECK_EQ(pwrite(fd, "x", 1, 3 * BLOCK + PAGE), 1);
	CHECK_EQ(read_text(DEBUGFS "/map", text, sizeof(text)), 0);
	snprintf(line, sizeof(line), "guest %llu inode ", gm_id());
	CHECK(strstr(text, line));
	CHECK(strstr(text, "  512 block holes=0\n"));
	CHECK(strstr(text, "  1536 table\n"));
	CHECK(strstr(text, "    .p.."));
	close(fd);
}
