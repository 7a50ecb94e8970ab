// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page faults: what a first touch gives, where SIGBUS starts, when a range is
 * mapped by one 2 MiB entry and when it must not be, what reading costs.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/gmem.h"

#define RW	(PROT_READ | PROT_WRITE)

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ	22
#define MADV_POPULATE_WRITE	23
#endif

static long long huge_kb(const void *addr)
{
	return smaps_kb(addr, "FilePmdMapped") +
	       smaps_kb(addr, "ShmemPmdMapped");
}

TEST(zero_fill)
{
	const size_t size = 4 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map(fd, size);

	CHECK_EQ(zero_bad(map, size), -1);
	pat_fill(map, size, 0, 1);
	CHECK_EQ(pat_bad(map, size, 0, 1), -1);
	CHECK_EQ(gm_pread_bad(fd, size, 0, 1), -1);
	close(fd);
}

/* Memory that was another guest's, dirty, must come back as zeros. */
TEST(recycled_memory_is_zero)
{
	const size_t size = 8 * BLOCK;

	for (int round = 0; round < 6; round++) {
		int fd = gm_create("f", size);
		char *map = gm_map_skew(fd, size, 0, RW,
					round & 1 ? PAGE : 0);

		CHECK_EQ(zero_bad(map, size), -1);
		memset(map, 0xa5, size);
		munmap(map, size);
		close(fd);
		ASSERT_OK(unlink(gm_path("f")));
	}
}

TEST(read_then_write)
{
	const size_t size = 2 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map(fd, size);

	for (size_t at = 0; at < size; at += PAGE) {
		CHECK_EQ(get_byte(map + at), 0);
		set_byte(map + at, 1 + at / PAGE % 200);
		CHECK_EQ(get_byte(map + at), 1 + at / PAGE % 200);
	}
	for (size_t at = 0; at < size; at += PAGE) {
		CHECK_EQ(get_byte(map + at), 1 + at / PAGE % 200);
		CHECK_EQ(zero_bad(map + at + 1, PAGE - 1), -1);
	}
	close(fd);
}

/* A mapping that saw the hole must see what another one writes there. */
TEST(zero_mapping_sees_writes)
{
	const size_t size = 64 * PAGE;
	int fd = gm_create("f", size);
	char *a = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	char *b = mmap(NULL, size, RW, MAP_SHARED, fd, 0);

	ASSERT(a != MAP_FAILED && b != MAP_FAILED);
	CHECK_EQ(zero_bad(a, size), -1);
	CHECK_EQ(zero_bad(b, size), -1);
	pat_fill(b, size / 2, 0, 1);
	CHECK_EQ(pat_bad(a, size / 2, 0, 1), -1);
	gm_pwrite_pattern(fd, size / 2, size / 2, 1);
	CHECK_EQ(pat_bad(a, size, 0, 1), -1);
	CHECK_EQ(pat_bad(b, size, 0, 1), -1);
	gm_punch(fd, 0, size);
	CHECK_EQ(zero_bad(a, size), -1);
	CHECK_EQ(zero_bad(b, size), -1);
	set_byte(b + 5, 5);
	CHECK_EQ(get_byte(a + 5), 5);
	close(fd);
}

TEST(sigbus_past_end)
{
	static const size_t sizes[] = {
		0, 1, PAGE, PAGE + 1, BLOCK - PAGE, BLOCK, BLOCK + 1,
		BLOCK + 3 * PAGE, 2 * BLOCK,
	};
	const size_t room = 4 * BLOCK;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		int fd = gm_create("f", sizes[i]);
		char *map = gm_map(fd, room);
		size_t end = (sizes[i] + PAGE - 1) / PAGE * PAGE;

		if (end) {
			CHECK_EQ(try_read(map + end - 1), 0);
			CHECK_EQ(try_write(map + end - PAGE, 1), 0);
		}
		CHECK_EQ(try_read(map + end), SIGBUS);
		CHECK_EQ(try_write(map + end, 1), SIGBUS);
		CHECK_EQ(try_write(map + end + PAGE, 1), SIGBUS);
		CHECK_EQ(try_read(map + room - 1), SIGBUS);
		munmap(map, room);
		close(fd);
	}
}

TEST(sigbus_after_truncate)
{
	static const size_t sizes[] = {
		3 * BLOCK, 2 * BLOCK + 5 * PAGE, BLOCK, BLOCK - PAGE, PAGE, 0,
	};
	const size_t room = 4 * BLOCK;
	int fd = gm_create("f", room);
	char *map = gm_map(fd, room);

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		ASSERT_OK(ftruncate(fd, room));
		pat_fill(map, room, 0, i);
		ASSERT_OK(ftruncate(fd, sizes[i]));
		CHECK_EQ(pat_bad(map, sizes[i], 0, i), -1);
		for (size_t at = sizes[i]; at < room; at += 37 * PAGE)
			CHECK_EQ(try_read(map + at), SIGBUS);
		CHECK_EQ(try_write(map + sizes[i], 1), SIGBUS);
	}
	/* And back: the same mapping works again, with zeros. */
	ASSERT_OK(ftruncate(fd, room));
	CHECK_EQ(zero_bad(map, room), -1);
	set_byte(map + room - 1, 1);
	close(fd);
}

/* System calls on memory that is not there: EFAULT, not a signal. */
TEST(efault_past_end)
{
	int fd = gm_create("f", PAGE), pipes[2];
	char *map = gm_map(fd, 4 * PAGE);

	ASSERT_OK(pipe(pipes));
	CHECK_ERR(write(pipes[1], map + 2 * PAGE, 10), EFAULT);
	CHECK_EQ(write(pipes[1], map, 10), 10);
	CHECK_ERR(read(pipes[0], map + PAGE, 10), EFAULT);
	close(fd);
}

TEST(huge_mapping)
{
	const size_t size = 4 * BLOCK;
	char *map;
	int fd;

	gm_need_blocks();
	fd = gm_create("f", size);
	map = gm_map(fd, size);
	CHECK_EQ(huge_kb(map), 0);
	for (size_t at = 0; at < size; at += BLOCK)
		set_byte(map + at + 12345, 1);
	CHECK_EQ(huge_kb(map), size / KIB);
	CHECK_EQ(smaps_kb(map, "Rss"), size / KIB);
	CHECK_EQ(gm_usage().blocks, 4);
	CHECK_EQ(gm_usage().pages, 0);
	CHECK_EQ(gm_usage().resident, size);
	CHECK_EQ(gm_event(DR_EV_FAULT_BLOCK) >= 4, 1);
	close(fd);
}

/* One write fault maps 2 MiB: not one each for reading and for writing. */
TEST(huge_faults_once)
{
	const size_t size = 8 * BLOCK;
	__u64 faults, notes;
	char *map;
	int fd;

	gm_need_blocks();
	fd = gm_create("f", size);
	map = gm_map(fd, size);
	faults = gm_event(DR_EV_FAULT);
	notes = gm_event(DR_EV_MKWRITE);
	for (size_t at = 0; at < size; at += PAGE)
		set_byte(map + at, 1);
	CHECK_RANGE(gm_event(DR_EV_FAULT) - faults, 8, 9);
	CHECK_RANGE(gm_event(DR_EV_MKWRITE) - notes, 0, 9);
	close(fd);
}

TEST(no_huge_when_advised_against)
{
	const size_t size = 2 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map(fd, size);

	ASSERT_OK(madvise(map, size, MADV_NOHUGEPAGE));
	set_byte(map + PAGE, 1);
	set_byte(map + BLOCK, 1);
	CHECK_EQ(huge_kb(map), 0);
	if (gm_is_denseram()) {
		CHECK_EQ(gm_usage().blocks, 0);
		CHECK_EQ(gm_usage().pages, 2);
	}
	close(fd);
}

static void check_not_huge(int fd, size_t len, __u64 offset, size_t skew)
{
	char *map = gm_map_skew(fd, len, offset, RW, skew);

	pat_fill(map, len, offset, 1);
	CHECK_EQ(huge_kb(map), 0);
	CHECK_EQ(gm_pread_bad(fd, len, offset, 1), -1);
	CHECK_EQ(gm_usage().blocks, 0);
	CHECK_EQ(gm_usage().resident, len);
	munmap(map, len);
	ASSERT_OK(ftruncate(fd, 0));
	ASSERT_OK(ftruncate(fd, 4 * BLOCK));
}

TEST(no_huge_when_misaligned)
{
	int fd;

	gm_need_blocks();
	fd = gm_create("f", 4 * BLOCK);
	check_not_huge(fd, 2 * BLOCK, 0, PAGE);
	check_not_huge(fd, 3 * BLOCK, 0, BLOCK - PAGE);
	check_not_huge(fd, 2 * BLOCK, 0, BLOCK / 2);
	close(fd);
}

TEST(unaligned_mapping_is_reported)
{
	struct dr_guest_info info;
	char *map;
	int fd;

	gm_need_denseram();
	fd = gm_create("f", 4 * BLOCK);
	map = gm_map(fd, 4 * BLOCK);
	set_byte(map, 1);
	ASSERT_OK(gm_info(NULL, &info));
	CHECK(!(info.state & DR_GUEST_UNALIGNED));
	munmap(map, 4 * BLOCK);
	map = gm_map_skew(fd, 4 * BLOCK, 0, RW, PAGE);
	set_byte(map + BLOCK, 1);
	ASSERT_OK(gm_info(NULL, &info));
	CHECK(info.state & DR_GUEST_UNALIGNED);
	close(fd);
}

/* A block mapped by a VMA it does not fit into: 4 KiB entries, same bytes. */
TEST(parts_of_a_block)
{
	static const struct {
		__u64 offset;
		size_t len;
	} parts[] = {
		{ 0, PAGE }, { PAGE, BLOCK - PAGE }, { BLOCK / 2, BLOCK },
		{ BLOCK - PAGE, 2 * PAGE }, { BLOCK + PAGE, 2 * BLOCK - PAGE },
	};
	int fd = gm_create("f", 4 * BLOCK);
	char *all = gm_map(fd, 4 * BLOCK);

	pat_fill(all, 4 * BLOCK, 0, 1);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		char *part = gm_map_skew(fd, parts[i].len, parts[i].offset, RW,
					 0);

		CHECK_EQ(pat_bad(part, parts[i].len, parts[i].offset, 1), -1);
		pat_fill(part, parts[i].len, parts[i].offset, 2);
		CHECK_EQ(pat_bad(all + parts[i].offset, parts[i].len,
				 parts[i].offset, 2), -1);
		munmap(part, parts[i].len);
		pat_fill(all, 4 * BLOCK, 0, 1);
	}
	close(fd);
}

/* The last, partial 2 MiB of a file holds pages, so that SIGBUS is exact. */
TEST(file_end_inside_a_block)
{
	const size_t size = BLOCK + 5 * PAGE;
	char *map;
	int fd;

	gm_need_blocks();
	fd = gm_create("f", size);
	map = gm_map(fd, 2 * BLOCK);
	pat_fill(map, size, 0, 1);
	CHECK_EQ(try_read(map + size), SIGBUS);
	CHECK_EQ(gm_usage().blocks, 1);
	CHECK_EQ(gm_usage().pages, 5);
	CHECK_EQ(huge_kb(map), BLOCK / KIB);
	/* Growing makes the rest usable beside the pages that are there. */
	ASSERT_OK(ftruncate(fd, 2 * BLOCK));
	CHECK_EQ(zero_bad(map + size, 2 * BLOCK - size), -1);
	pat_fill(map + size, 2 * BLOCK - size, size, 1);
	CHECK_EQ(pat_bad(map, 2 * BLOCK, 0, 1), -1);
	close(fd);
}

TEST(reading_a_mapped_hole_costs_nothing)
{
	const size_t size = 4 * BLOCK;
	char *map;
	int fd;

	gm_need_denseram();
	fd = gm_create("f", size);
	map = gm_map_skew(fd, size, 0, PROT_READ, 0);
	CHECK_EQ(zero_bad(map, size), -1);
	CHECK_EQ(gm_usage().resident, 0);
	CHECK_EQ(gm_usage().blocks, 0);
	munmap(map, size);
	close(fd);
}

/* Zeros seen through mappings of every alignment give way to a block. */
TEST(seen_holes_become_a_block)
{
	const size_t size = 2 * BLOCK;
	char *ro, *skewed, *map;
	int fd;

	gm_need_blocks();
	fd = gm_create("f", size);
	ro = gm_map_skew(fd, size, 0, PROT_READ, 0);
	skewed = gm_map_skew(fd, size, 0, RW, PAGE);
	map = gm_map(fd, size);
	CHECK_EQ(zero_bad(ro, size), -1);
	CHECK_EQ(zero_bad(skewed, size), -1);
	CHECK_EQ(gm_usage().resident, 0);
	pat_fill(map, size, 0, 1);
	CHECK_EQ(gm_usage().blocks, 2);
	CHECK_EQ(pat_bad(ro, size, 0, 1), -1);
	CHECK_EQ(pat_bad(skewed, size, 0, 1), -1);
	pat_fill(skewed, size, 0, 2);
	CHECK_EQ(pat_bad(ro, size, 0, 2), -1);
	CHECK_EQ(gm_pread_bad(fd, size, 0, 2), -1);
	close(fd);
}

TEST(map_populate)
{
	const size_t size = 3 * BLOCK;
	int fd = gm_create("f", size);
	char *map = mmap(NULL, size, RW, MAP_SHARED | MAP_POPULATE, fd, 0);

	ASSERT(map != MAP_FAILED);
	CHECK_EQ(smaps_kb(map, "Rss"), size / KIB);
	if (gm_is_denseram())
		CHECK_EQ(gm_usage().resident, size);
	CHECK_EQ(zero_bad(map, size), -1);
	close(fd);
}

TEST(madvise_populate)
{
	const size_t size = 3 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map(fd, size);

	CHECK_OK(madvise(map, BLOCK, MADV_POPULATE_WRITE));
	CHECK_EQ(smaps_kb(map, "Rss"), BLOCK / KIB);
	if (gm_is_denseram())
		CHECK_EQ(gm_usage().resident, BLOCK);
	CHECK_OK(madvise(map + BLOCK, BLOCK, MADV_POPULATE_READ));
	CHECK_EQ(smaps_kb(map, "Rss"), 2 * BLOCK / KIB);
	CHECK_EQ(zero_bad(map, size), -1);
	pat_fill(map, size, 0, 1);
	CHECK_EQ(gm_pread_bad(fd, size, 0, 1), -1);
	/* Past the end of the file: an error, no signal. */
	ASSERT_OK(ftruncate(fd, BLOCK));
	CHECK_ERR(madvise(map + BLOCK, BLOCK, MADV_POPULATE_WRITE), EFAULT);
	close(fd);
}

TEST(mlock)
{
	const size_t size = 2 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map(fd, size);

	CHECK_OK(mlock(map, size));
	CHECK_EQ(smaps_kb(map, "Rss"), size / KIB);
	CHECK_EQ(smaps_kb(map, "Locked") > 0, 1);
	pat_fill(map, size, 0, 1);
	/* The VMM may give back locked memory: punching still works. */
	gm_punch(fd, BLOCK, BLOCK);
	CHECK_EQ(zero_bad(map + BLOCK, BLOCK), -1);
	CHECK_EQ(pat_bad(map, BLOCK, 0, 1), -1);
	CHECK_OK(munlock(map, size));
	close(fd);
}

/* The file system is full: SIGBUS, and the rest goes on working. */
TEST(sigbus_when_full)
{
	char path[200];
	int fd, hits = 0;
	char *map;

	gm_need_denseram();
	gm_private_mounts();
	ASSERT_OK(mkdir("/mnt/a", 0755));
	ASSERT_OK(gm_mount("/mnt/a", "size=1m"));
	snprintf(path, sizeof(path), "/mnt/a/%s.full", gm_name);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	ASSERT(fd >= 0);
	if (ftruncate(fd, 4 * MIB))
		ktap_skip("size= bounds file sizes, so no fault can fail");
	map = gm_map(fd, 4 * MIB);
	for (size_t at = 0; at < 4 * MIB; at += PAGE)
		hits += try_write(map + at, 1) == SIGBUS;
	CHECK_EQ(hits, 3 * MIB / PAGE);
	gm_punch(fd, 0, 4 * MIB);
	CHECK_EQ(try_write(map + 3 * MIB, 1), 0);
	munmap(map, 4 * MIB);
	close(fd);
}

struct racer {
	char *map;
	size_t size;
	unsigned int id;
	pthread_barrier_t *start;
};

/* Each thread owns one word of every page; all touch every page first. */
static void *race_pages(void *arg)
{
	struct racer *racer = arg;

	pthread_barrier_wait(racer->start);
	for (size_t at = 0; at < racer->size; at += PAGE)
		*(__u64 *)(racer->map + at + 8 * racer->id) =
			at * 16 + racer->id + 1;
	return NULL;
}

static void race_once(int fd, size_t size, size_t skew)
{
	char *map = gm_map_skew(fd, size, 0, RW, skew);
	struct racer racers[8];
	pthread_t threads[8];
	pthread_barrier_t start;
	int bad = 0;

	pthread_barrier_init(&start, NULL, 8);
	for (int i = 0; i < 8; i++) {
		racers[i] = (struct racer){ map, size, i, &start };
		pthread_create(&threads[i], NULL, race_pages, &racers[i]);
	}
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	for (size_t at = 0; at < size; at += PAGE)
		for (int i = 0; i < 8; i++)
			bad += *(__u64 *)(map + at + 8 * i) != at * 16 + i + 1;
	CHECK_EQ(bad, 0);
	munmap(map, size);
}

TEST(threads_race_on_first_touch)
{
	const size_t size = 8 * BLOCK;

	for (int round = 0; round < 6; round++) {
		int fd = gm_create("f", size);

		race_once(fd, size, round & 1 ? PAGE : 0);
		close(fd);
		ASSERT_OK(unlink(gm_path("f")));
	}
}
