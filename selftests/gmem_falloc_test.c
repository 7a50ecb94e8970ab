// SPDX-License-Identifier: GPL-2.0-only
/*
 * fallocate(2): allocation, hole punching in every alignment, what a punched
 * range reads afterwards, and the modes that are refused.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <linux/falloc.h>

#include "lib/gmem.h"

static off_t size_of(int fd)
{
	struct stat st = { .st_size = -1 };

	CHECK_OK(fstat(fd, &st));
	return st.st_size;
}

/* Pattern outside [from, to), zeros inside. */
static void check_hole(int fd, __u64 size, __u64 from, __u64 to, __u64 key)
{
	CHECK_EQ(gm_pread_bad(fd, from, 0, key), -1);
	CHECK_EQ(gm_pread_nonzero(fd, to - from, from), -1);
	CHECK_EQ(gm_pread_bad(fd, size - to, to, key), -1);
}

TEST(allocate)
{
	const __u64 size = 4 * BLOCK;
	int fd = gm_create("f", 0);
	struct stat st;

	CHECK_OK(fallocate(fd, 0, 0, size));
	CHECK_EQ(size_of(fd), size);
	CHECK_OK(fstat(fd, &st));
	CHECK_EQ(st.st_blocks, size / 512);
	CHECK_EQ(gm_pread_nonzero(fd, size, 0), -1);
	if (gm_is_denseram()) {
		CHECK_EQ(lseek(fd, 0, SEEK_DATA), 0);
		CHECK_EQ(lseek(fd, 0, SEEK_HOLE), size);
		CHECK_EQ(gm_attr(NULL, "resident"), size);
	}
	close(fd);
}

TEST(allocate_keeps_content)
{
	const __u64 size = 3 * BLOCK;
	int fd = gm_create("f", size);

	gm_pwrite_pattern(fd, PAGE, BLOCK - PAGE, 1);
	gm_pwrite_pattern(fd, 100, 2 * BLOCK + 5, 1);
	CHECK_OK(fallocate(fd, 0, 0, size));
	CHECK_OK(fallocate(fd, 0, 0, size));
	CHECK_EQ(gm_pread_nonzero(fd, BLOCK - PAGE, 0), -1);
	CHECK_EQ(gm_pread_bad(fd, PAGE, BLOCK - PAGE, 1), -1);
	CHECK_EQ(gm_pread_nonzero(fd, BLOCK + 5, BLOCK), -1);
	CHECK_EQ(gm_pread_bad(fd, 100, 2 * BLOCK + 5, 1), -1);
	CHECK_EQ(size_of(fd), size);
	close(fd);
}

TEST(allocate_part_of_a_page)
{
	int fd = gm_create("f", 0);
	struct stat st;

	CHECK_OK(fallocate(fd, 0, 5 * PAGE + 100, 10));
	CHECK_EQ(size_of(fd), 5 * PAGE + 110);
	CHECK_OK(fstat(fd, &st));
	CHECK(st.st_blocks >= 8);
	CHECK_EQ(gm_pread_nonzero(fd, 5 * PAGE + 110, 0), -1);
	close(fd);
}

TEST(keep_size_refused)
{
	int fd = gm_create("f", PAGE);

	gm_need_denseram();
	CHECK_ERR(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, MIB), EOPNOTSUPP);
	CHECK_EQ(size_of(fd), PAGE);
	close(fd);
}

TEST(refused_modes)
{
	static const int modes[] = {
		FALLOC_FL_PUNCH_HOLE, FALLOC_FL_COLLAPSE_RANGE,
		FALLOC_FL_ZERO_RANGE, FALLOC_FL_INSERT_RANGE,
		FALLOC_FL_UNSHARE_RANGE, 0x40000000,
		FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE,
		PUNCH | FALLOC_FL_COLLAPSE_RANGE, PUNCH | 0x80,
	};
	int fd;

	gm_need_denseram();
	fd = gm_create("f", 4 * PAGE);
	gm_pwrite_pattern(fd, 4 * PAGE, 0, 1);
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		int ret = fallocate(fd, modes[i], PAGE, PAGE);

		/* Contradictory flags are the generic layer's EINVAL. */
		if (!CHECK(ret == -1 && (errno == EOPNOTSUPP ||
					 errno == EINVAL)))
			ktap_diag("mode %#x", modes[i]);
	}
	CHECK_ERR(fallocate(fd, FALLOC_FL_ZERO_RANGE, 0, PAGE), EOPNOTSUPP);
	CHECK_ERR(fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 0, PAGE), EOPNOTSUPP);
	CHECK_ERR(fallocate(fd, FALLOC_FL_INSERT_RANGE, 0, PAGE), EOPNOTSUPP);
	CHECK_EQ(gm_pread_bad(fd, 4 * PAGE, 0, 1), -1);
	CHECK_EQ(size_of(fd), 4 * PAGE);
	close(fd);
}

TEST(bad_ranges)
{
	int fd = gm_create("f", 4 * PAGE);

	gm_pwrite_pattern(fd, 4 * PAGE, 0, 1);
	CHECK_ERR(fallocate(fd, PUNCH, 0, 0), EINVAL);
	CHECK_ERR(fallocate(fd, PUNCH, 0, -1), EINVAL);
	CHECK_ERR(fallocate(fd, PUNCH, -1, PAGE), EINVAL);
	CHECK_ERR(fallocate(fd, 0, 0, 0), EINVAL);
	CHECK_ERR(fallocate(fd, 0, -4096, PAGE), EINVAL);
	CHECK_EQ(gm_pread_bad(fd, 4 * PAGE, 0, 1), -1);
	close(fd);
}

TEST(punch_beyond_end)
{
	const __u64 size = BLOCK + 3 * PAGE + 10;
	int fd = gm_create("f", size);

	gm_pwrite_pattern(fd, size, 0, 1);
	gm_punch(fd, size, BLOCK);
	gm_punch(fd, 100 * BLOCK, BLOCK);
	CHECK_EQ(gm_pread_bad(fd, size, 0, 1), -1);
	gm_punch(fd, BLOCK, 100 * BLOCK);
	CHECK_EQ(size_of(fd), size);
	check_hole(fd, size, BLOCK, size, 1);
	close(fd);
}

TEST(punch_ranges)
{
	static const struct {
		__u64 from, to;
	} ranges[] = {
		{ 0, PAGE }, { PAGE, 2 * PAGE }, { 0, BLOCK },
		{ BLOCK, 3 * BLOCK }, { 1, 2 }, { 100, 4000 },
		{ PAGE - 1, PAGE + 1 }, { 100, 5 * PAGE + 100 },
		{ BLOCK - 1, BLOCK + 1 }, { BLOCK / 2, BLOCK + BLOCK / 2 },
		{ BLOCK - PAGE, 2 * BLOCK + PAGE }, { 5, 3 * BLOCK - 5 },
		{ BLOCK + 100 * PAGE + 1, BLOCK + 400 * PAGE - 1 },
		{ 0, 4 * BLOCK },
	};
	const __u64 size = 4 * BLOCK;
	int fd = gm_create("f", size);

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		gm_pwrite_pattern(fd, size, 0, i);
		gm_punch(fd, ranges[i].from, ranges[i].to - ranges[i].from);
		check_hole(fd, size, ranges[i].from, ranges[i].to, i);
	}
	CHECK_EQ(size_of(fd), size);
	close(fd);
}

/* The same, seen through a mapping made before the punch. */
TEST(punch_ranges_mapped)
{
	static const struct {
		__u64 from, to;
	} ranges[] = {
		{ 0, PAGE }, { 0, BLOCK }, { 100, 5 * PAGE + 100 },
		{ BLOCK / 2, BLOCK + BLOCK / 2 }, { 5, 2 * BLOCK - 5 },
		{ BLOCK + PAGE, BLOCK + 300 * PAGE },
	};
	const __u64 size = 2 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map(fd, size);

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		__u64 from = ranges[i].from, to = ranges[i].to;

		pat_fill(map, size, 0, i);
		gm_punch(fd, from, to - from);
		CHECK_EQ(pat_bad(map, from, 0, i), -1);
		CHECK_EQ(zero_bad(map + from, to - from), -1);
		CHECK_EQ(pat_bad(map + to, size - to, to, i), -1);
		/* And written again, the hole holds data like any page. */
		pat_fill(map + from, to - from, from, i);
		CHECK_EQ(gm_pread_bad(fd, size, 0, i), -1);
	}
	close(fd);
}

TEST(punch_twice_and_refill)
{
	const __u64 size = 2 * BLOCK;
	int fd = gm_create("f", size);

	for (int round = 0; round < 8; round++) {
		gm_pwrite_pattern(fd, size, 0, round);
		gm_punch(fd, 17 * PAGE, 20 * PAGE);
		gm_punch(fd, 17 * PAGE, 20 * PAGE);
		gm_punch(fd, 20 * PAGE, 40 * PAGE);
		check_hole(fd, size, 17 * PAGE, 60 * PAGE, round);
	}
	gm_punch(fd, 0, size);
	gm_punch(fd, 0, size);
	CHECK_EQ(gm_pread_nonzero(fd, size, 0), -1);
	close(fd);
}

/* Every other page, forth and back: each block goes through all its states. */
TEST(punch_page_by_page)
{
	const __u64 size = 2 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map(fd, size);

	pat_fill(map, size, 0, 1);
	for (__u64 at = 0; at < size; at += 2 * PAGE)
		gm_punch(fd, at, PAGE);
	for (__u64 at = 0; at < size; at += 2 * PAGE) {
		CHECK_EQ(zero_bad(map + at, PAGE), -1);
		CHECK_EQ(pat_bad(map + at + PAGE, PAGE, at + PAGE, 1), -1);
	}
	for (__u64 at = size; at; at -= 2 * PAGE)
		gm_punch(fd, at - PAGE, PAGE);
	CHECK_EQ(zero_bad(map, size), -1);
	if (gm_is_denseram()) {
		munmap(map, size);
		gm_punch(fd, 0, size);
		CHECK_EQ(gm_attr(NULL, "resident"), 0);
		CHECK_EQ(gm_attr(NULL, "blocks"), 0);
		CHECK_EQ(gm_attr(NULL, "pages"), 0);
	}
	close(fd);
}

/* Punch and write at random against a model, without the big fsx machine. */
TEST(punch_random)
{
	const __u64 size = 2 * BLOCK + 3 * PAGE;
	struct rng rng = { opts.seed };
	char *model = calloc(1, size), *back = malloc(size);
	int fd = gm_create("f", size);

	ASSERT(model && back);
	for (int i = 0; i < 600; i++) {
		__u64 at = rng_below(&rng, size);
		__u64 len = 1 + rng_below(&rng, i % 3 ? 20 * PAGE : size);

		len = len > size - at ? size - at : len;
		if (rng_below(&rng, 2)) {
			pat_fill(model + at, len, at, i);
			ASSERT(pwrite(fd, model + at, len, at) == (ssize_t)len);
		} else {
			memset(model + at, 0, len);
			gm_punch(fd, at, len);
		}
		if (i % 20)
			continue;
		ASSERT(pread(fd, back, size, 0) == (ssize_t)size);
		ASSERT(memcmp(back, model, size) == 0);
	}
	ASSERT(pread(fd, back, size, 0) == (ssize_t)size);
	CHECK(memcmp(back, model, size) == 0);
	close(fd);
}

TEST(punch_read_only_descriptor)
{
	int fd = gm_create("f", PAGE), ro = open(gm_path("f"), O_RDONLY);

	ASSERT(ro >= 0);
	CHECK_ERR(fallocate(ro, PUNCH, 0, PAGE), EBADF);
	CHECK_ERR(fallocate(ro, 0, 0, PAGE), EBADF);
	close(ro);
	close(fd);
}

/* More than the host has: an error, no OOM killer, and nothing left over. */
TEST_SECS(allocate_too_much, 180)
{
	__u64 total = file_kb("/proc/meminfo", "MemTotal") * KIB;
	int fd;

	gm_need_denseram();
	if (total > 3 * 1024 * MIB)
		ktap_skip("host of %llu MiB: would take too long", total / MIB);
	fd = gm_create("f", 0);
	CHECK_EQ(fallocate(fd, 0, 0, total * 2), -1);
	CHECK(errno == ENOSPC || errno == ENOMEM);
	CHECK_OK(ftruncate(fd, 0));
	CHECK_EQ(gm_usage().resident, 0);
	close(fd);
}
