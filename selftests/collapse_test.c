// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making blocks of 4 KiB pages again: the bytes stay, the totals agree, the
 * processes that map the file get large mappings back and lose nothing else,
 * and what is pinned or not fit is left alone.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/mempolicy.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "lib/gmem.h"

#define RW	(PROT_READ | PROT_WRITE)
#define SIZE	(4 * BLOCK)

/* A file full of the pattern in 4 KiB pages, mapped so that blocks fit. */
static char *make_pages(int fd, size_t size)
{
	char *map;

	gm_need_blocks();
	gm_no_scan();
	map = gm_map(fd, size);
	pat_fill(map, size, 0, 1);
	gm_evacuate();
	CHECK_EQ(gm_usage().blocks, 0);
	/* Whatever the page tables are to be, have them filled. */
	CHECK_EQ(pat_bad(map, size, 0, 1), -1);
	CHECK_EQ(smaps_kb(map, "FilePmdMapped"), 0);
	return map;
}

/* Mappings of the file in this process. */
static int count_vmas(const char *name)
{
	char line[1000];
	FILE *maps = fopen("/proc/self/maps", "r");
	int nr = 0;

	ASSERT(maps);
	while (fgets(line, sizeof(line), maps))
		nr += !!strstr(line, gm_path(name));
	fclose(maps);
	return nr;
}

/* Read a byte of each page: faults and microseconds it takes. */
static __u64 touch_all(const char *map, size_t size)
{
	__u64 before = gm_event(DR_EV_FAULT);

	for (size_t at = 0; at < size; at += PAGE)
		get_byte(map + at);
	return gm_event(DR_EV_FAULT) - before;
}

TEST(large_mappings_come_back)
{
	int fd = gm_create("f", SIZE);
	char *map = make_pages(fd, SIZE);
	__u64 start;

	CHECK_EQ(gm_usage().pages, SIZE / PAGE);
	start = now_ms();
	gm_collapse();
	ktap_diag("%llu ms for %llu blocks", now_ms() - start, SIZE / BLOCK);
	CHECK_EQ(gm_event(DR_EV_BLOCK_COLLAPSE), SIZE / BLOCK);
	CHECK_EQ(gm_usage().blocks, SIZE / BLOCK);
	CHECK_EQ(gm_usage().pages, 0);
	CHECK_EQ(gm_usage().resident, SIZE);
	CHECK_EQ(gm_usage().holes, 0);
	CHECK_EQ(touch_all(map, SIZE), SIZE / BLOCK);
	CHECK_EQ(smaps_kb(map, "FilePmdMapped"), SIZE / KIB);
	CHECK_EQ(count_vmas("f"), 1);
	CHECK_EQ(pat_bad(map, SIZE, 0, 1), -1);
	CHECK_EQ(gm_pread_bad(fd, SIZE, 0, 1), -1);
	pat_fill(map, SIZE, 0, 2);
	CHECK_EQ(gm_pread_bad(fd, SIZE, 0, 2), -1);
	/* And round again. */
	gm_evacuate();
	CHECK_EQ(gm_usage().blocks, 0);
	CHECK_EQ(pat_bad(map, SIZE, 0, 2), -1);
	gm_collapse();
	CHECK_EQ(gm_usage().blocks, SIZE / BLOCK);
	CHECK_EQ(pat_bad(map, SIZE, 0, 2), -1);
	close(fd);
}

/* More than one process and mapping, also such as do not fit blocks. */
TEST(other_mappings)
{
	int fd = gm_create("f", SIZE);
	char *map = make_pages(fd, SIZE);
	char *second = gm_map(fd, SIZE);
	char *skewed = gm_map_skew(fd, SIZE, 0, RW, PAGE);
	char *part = gm_map_skew(fd, BLOCK, BLOCK / 2, RW, 0);
	char *ro = gm_map_skew(fd, SIZE, 0, PROT_READ, 0);

	CHECK_EQ(pat_bad(second, SIZE, 0, 1), -1);
	CHECK_EQ(pat_bad(skewed, SIZE, 0, 1), -1);
	CHECK_EQ(pat_bad(part, BLOCK, BLOCK / 2, 1), -1);
	CHECK_EQ(pat_bad(ro, SIZE, 0, 1), -1);
	gm_collapse();
	CHECK_EQ(gm_usage().blocks, SIZE / BLOCK);
	for (size_t at = 0; at < SIZE; at += PAGE / 2)
		set_byte(map + at, ~get_byte(map + at));
	for (size_t at = 0; at < SIZE; at += PAGE / 2)
		set_byte(skewed + at, ~get_byte(skewed + at));
	CHECK_EQ(pat_bad(second, SIZE, 0, 1), -1);
	CHECK_EQ(pat_bad(skewed, SIZE, 0, 1), -1);
	CHECK_EQ(pat_bad(part, BLOCK, BLOCK / 2, 1), -1);
	CHECK_EQ(pat_bad(ro, SIZE, 0, 1), -1);
	CHECK_EQ(smaps_kb(map, "FilePmdMapped"), SIZE / KIB);
	CHECK_EQ(smaps_kb(second, "FilePmdMapped"), SIZE / KIB);
	CHECK_EQ(count_vmas("f"), 5);
	close(fd);
}

TEST(advice_stays)
{
	int fd = gm_create("f", SIZE);
	char *map = make_pages(fd, SIZE);

	CHECK_OK(madvise(map, SIZE, MADV_DONTFORK));
	CHECK_OK(madvise(map, SIZE, MADV_DONTDUMP));
	CHECK_OK(madvise(map, SIZE, MADV_HUGEPAGE));
	gm_collapse();
	CHECK_EQ(touch_all(map, SIZE), SIZE / BLOCK);
	CHECK_EQ(smaps_kb(map, "FilePmdMapped"), SIZE / KIB);
	CHECK_EQ(count_vmas("f"), 1);
	CHECK(smaps_flag(map, "dc"));
	CHECK(smaps_flag(map, "dd"));
	CHECK(smaps_flag(map, "hg"));
	close(fd);
}

/* With a memory policy, which keeps the page tables. */
static void bind_memory(char *map, size_t size, int mode)
{
	unsigned long nodes = 1;

	if (syscall(SYS_mbind, map, size, mode,
		    mode == MPOL_DEFAULT ? NULL : &nodes,
		    mode == MPOL_DEFAULT ? 0 : 8 * sizeof(nodes), 0))
		ktap_skip("no mbind: %s", strerror(errno));
}

/* What would be lost is worth more than a large mapping. */
TEST(locked_and_bound_are_left)
{
	unsigned long got = 0;
	int fd = gm_create("f", SIZE), mode = -1;
	char *map = make_pages(fd, SIZE);

	CHECK_OK(mlock(map, BLOCK));
	bind_memory(map + BLOCK, BLOCK, MPOL_BIND);
	gm_collapse();
	/* On newer kernels the pages of a locked mapping look pinned. */
	CHECK_RANGE(gm_usage().blocks, SIZE / BLOCK - 1, SIZE / BLOCK);
	CHECK_EQ(pat_bad(map, SIZE, 0, 1), -1);
	CHECK(smaps_flag(map, "lo"));
	CHECK(!smaps_flag(map + BLOCK, "lo"));
	CHECK_EQ(smaps_kb(map, "FilePmdMapped"), 0);
	CHECK_EQ(smaps_kb(map + BLOCK, "FilePmdMapped"), 0);
	CHECK_EQ(smaps_kb(map + 2 * BLOCK, "FilePmdMapped"), 2 * BLOCK / KIB);
	ASSERT_OK(syscall(SYS_get_mempolicy, &mode, &got, 8 * sizeof(got),
			  map + BLOCK, MPOL_F_ADDR));
	CHECK_EQ(mode, MPOL_BIND);
	close(fd);
}

/* What a collapse is worth by itself, without the large mapping. */
TEST(gain)
{
	int fd = gm_create("f", SIZE);
	char *map = make_pages(fd, SIZE);
	__u64 bare, whole, before = gm_usage().metadata;

	bind_memory(map, SIZE, MPOL_BIND);
	gm_collapse();
	bare = touch_all(map, SIZE);
	CHECK(gm_usage().metadata < before);
	ktap_diag("index of %llu KiB becomes %llu KiB", before / KIB,
		  gm_usage().metadata / KIB);
	bind_memory(map, SIZE, MPOL_DEFAULT);
	gm_evacuate();
	gm_collapse();
	whole = touch_all(map, SIZE);
	ktap_diag("faults on %llu pages: %llu by the old page tables, %llu by fresh ones",
		  SIZE / PAGE, bare, whole);
	CHECK_EQ(whole, SIZE / BLOCK);
	close(fd);
}

/* The limit is an eighth; what was absent is zero, and a hole. */
TEST(absent_pages)
{
	const unsigned int few = PAGES_A_BLOCK / 8, many = few + 1;
	int fd = gm_create("f", 2 * BLOCK);
	char *map = make_pages(fd, 2 * BLOCK);

	gm_punch(fd, PAGE, few * PAGE);
	gm_punch(fd, BLOCK + PAGE, many * PAGE);
	/* Have the zero page mapped there. */
	CHECK_EQ(zero_bad(map + PAGE, few * PAGE), -1);
	gm_collapse();
	CHECK_EQ(gm_usage().blocks, 1);
	CHECK_EQ(gm_usage().holes, few);
	CHECK_EQ(gm_usage().pages, PAGES_A_BLOCK - many);
	CHECK_EQ(zero_bad(map + PAGE, few * PAGE), -1);
	memset(map + PAGE, 5, few * PAGE);
	CHECK_EQ(get_byte(map + 2 * PAGE - 1), 5);
	CHECK_EQ(pat_bad(map, PAGE, 0, 1), -1);
	CHECK_EQ(pat_bad(map + (few + 1) * PAGE, BLOCK - (few + 1) * PAGE,
			 (few + 1) * PAGE, 1), -1);
	CHECK_EQ(zero_bad(map + BLOCK + PAGE, many * PAGE), -1);
	close(fd);
}

TEST(pinned_pages_stay)
{
	struct iovec iov;
	int fd = gm_create("f", SIZE), pipes[2];
	char *map = make_pages(fd, SIZE), back[PAGE];

	iov = (struct iovec){ map + BLOCK + 7 * PAGE, PAGE };
	ASSERT_OK(pipe2(pipes, O_CLOEXEC));
	ASSERT(vmsplice(pipes[1], &iov, 1, 0) == (ssize_t)PAGE);
	gm_collapse();
	CHECK_EQ(gm_usage().blocks, SIZE / BLOCK - 1);
	CHECK_EQ(gm_usage().resident, SIZE);
	CHECK_EQ(pat_bad(map, SIZE, 0, 1), -1);
	/* The pin and the file still share the bytes. */
	set_byte(iov.iov_base, 9);
	CHECK_EQ(read(pipes[0], back, PAGE), PAGE);
	CHECK_EQ(back[0], 9);
	close(pipes[0]);
	close(pipes[1]);
	gm_collapse();
	CHECK_EQ(gm_usage().blocks, SIZE / BLOCK);
	CHECK_EQ(get_byte(iov.iov_base), 9);
	pat_fill(iov.iov_base, PAGE, BLOCK + 7 * PAGE, 1);
	CHECK_EQ(pat_bad(map, SIZE, 0, 1), -1);
	close(fd);
}

TEST(end_of_file)
{
	int fd = gm_create("f", SIZE);
	char *map = make_pages(fd, SIZE);

	ASSERT_OK(ftruncate(fd, SIZE - PAGE));
	gm_collapse();
	CHECK_EQ(gm_usage().blocks, SIZE / BLOCK - 1);
	CHECK_EQ(pat_bad(map, SIZE - PAGE, 0, 1), -1);
	CHECK_EQ(try_read(map + SIZE - PAGE), SIGBUS);
	close(fd);
}

/* At the mount's limit pages may change places, but none may be added. */
TEST(mount_limit)
{
	char *map, *more;
	int fd;

	gm_need_blocks();
	gm_private_mounts();
	ASSERT_OK(umount("/mnt"));
	ASSERT_OK(gm_mount("/mnt", "size=4m"));
	strcat(gm_name, ".m");
	snprintf(gm_dir, sizeof(gm_dir), "/mnt/%s", gm_name);
	ASSERT_OK(mkdir(gm_dir, 0755));
	gm_no_scan();
	fd = gm_create("f", 4 * BLOCK);
	map = gm_map(fd, 2 * BLOCK);
	pat_fill(map, 2 * BLOCK, 0, 1);
	gm_evacuate();
	CHECK_EQ(gm_usage().pages, 2 * PAGES_A_BLOCK);
	gm_collapse();
	CHECK_EQ(gm_usage().blocks, 2);
	gm_evacuate();
	gm_punch(fd, PAGE, PAGE);
	more = gm_map_skew(fd, BLOCK, 2 * BLOCK, RW, PAGE);
	set_byte(more, 1);
	gm_collapse();
	CHECK_EQ(gm_usage().blocks, 0);
	CHECK_EQ(gm_usage().pages, 2 * PAGES_A_BLOCK);
	gm_punch(fd, 2 * BLOCK, PAGE);
	gm_collapse();
	CHECK_EQ(gm_usage().blocks, 2);
	CHECK_EQ(pat_bad(map, PAGE, 0, 1), -1);
	CHECK_EQ(zero_bad(map + PAGE, PAGE), -1);
	CHECK_EQ(pat_bad(map + 2 * PAGE, 2 * BLOCK - 2 * PAGE, 2 * PAGE, 1),
		 -1);
	munmap(map, 2 * BLOCK);
	munmap(more, BLOCK);
	close(fd);
	ASSERT_OK(unlink(gm_path("f")));
	ASSERT_OK(rmdir(gm_dir));
	ASSERT_OK(umount("/mnt"));
}
