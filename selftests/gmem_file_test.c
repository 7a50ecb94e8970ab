// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files by system calls: sizes, reading and writing at every border, holes,
 * seeking data, splicing. Allocation and punching are in gmem_falloc_test.c.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "lib/gmem.h"

static off_t size_of(int fd)
{
	struct stat st = { .st_size = -1 };

	CHECK_OK(fstat(fd, &st));
	return st.st_size;
}

TEST(new_file_is_empty)
{
	int fd = gm_create("f", 0);
	char byte;

	CHECK_EQ(size_of(fd), 0);
	CHECK_EQ(read(fd, &byte, 1), 0);
	CHECK_EQ(lseek(fd, 0, SEEK_END), 0);
	CHECK_ERR(lseek(fd, 0, SEEK_DATA), ENXIO);
	CHECK_ERR(lseek(fd, 0, SEEK_HOLE), ENXIO);
	close(fd);
}

TEST(sized_file_reads_zero)
{
	int fd = gm_create("f", 5 * MIB + 123);

	CHECK_EQ(gm_pread_nonzero(fd, 5 * MIB + 123, 0), -1);
	if (gm_is_denseram()) {
		CHECK_EQ(gm_attr(NULL, "resident"), 0);
		CHECK_EQ(gm_attr(NULL, "size"), 5 * MIB + 123);
	}
	close(fd);
}

TEST(read_write_positions)
{
	int fd = gm_create("f", 0);
	char buf[32] = "";

	CHECK_EQ(write(fd, "hello ", 6), 6);
	CHECK_EQ(write(fd, "world", 5), 5);
	CHECK_EQ(size_of(fd), 11);
	CHECK_EQ(lseek(fd, 3, SEEK_SET), 3);
	CHECK_EQ(read(fd, buf, sizeof(buf)), 8);
	CHECK(strcmp(buf, "lo world") == 0);
	CHECK_EQ(read(fd, buf, sizeof(buf)), 0);
	CHECK_EQ(pread(fd, buf, 4, 9), 2);
	CHECK_EQ(pread(fd, buf, 4, 11), 0);
	CHECK_EQ(pread(fd, buf, 4, 1000), 0);
	CHECK_ERR(pread(fd, buf, 4, -1), EINVAL);
	CHECK_ERR(lseek(fd, -1, SEEK_SET), EINVAL);
	CHECK_ERR(lseek(fd, 0, 77), EINVAL);
	close(fd);
}

/* Every border that can go wrong: page, block, chunk of the copy loop. */
TEST(odd_offsets)
{
	static const __u64 borders[] = {
		PAGE, 16 * PAGE, BLOCK - PAGE, BLOCK, BLOCK + PAGE, 2 * BLOCK,
	};
	static const int shift[] = { -4097, -4096, -513, -9, -1, 0, 1, 8, 4095 };
	static const size_t lens[] = { 1, 2, 7, 511, 4095, 4096, 4097, 12289 };
	int fd = gm_create("f", 3 * BLOCK);
	char buf[16 * KIB];

	for (size_t b = 0; b < ARRAY_SIZE(borders); b++)
		for (size_t s = 0; s < ARRAY_SIZE(shift); s++)
			for (size_t l = 0; l < ARRAY_SIZE(lens); l++) {
				__u64 at = borders[b] + shift[s];

				if (shift[s] < 0 && (__u64)-shift[s] > borders[b])
					continue;
				pat_fill(buf, lens[l], at, 1);
				CHECK_EQ(pwrite(fd, buf, lens[l], at), lens[l]);
				memset(buf, 0xee, sizeof(buf));
				CHECK_EQ(pread(fd, buf, lens[l], at), lens[l]);
				CHECK_EQ(pat_bad(buf, lens[l], at, 1), -1);
			}
	CHECK_EQ(size_of(fd), 3 * BLOCK);
	close(fd);
}

/* Bytes around a small write stay what they were. */
TEST(write_touches_only_its_bytes)
{
	struct rng rng = { opts.seed };
	int fd = gm_create("f", 0);
	size_t size = BLOCK + 3 * PAGE;
	char *model = malloc(size), *back = malloc(size);
	char small[300];

	ASSERT(model && back);
	pat_fill(model, size, 0, 7);
	ASSERT(pwrite(fd, model, size, 0) == (ssize_t)size);
	for (int i = 0; i < 3000; i++) {
		size_t len = 1 + rng_below(&rng, sizeof(small));
		__u64 at = rng_below(&rng, size - len);

		pat_fill(small, len, i, 8);
		memcpy(model + at, small, len);
		ASSERT(pwrite(fd, small, len, at) == (ssize_t)len);
	}
	ASSERT(pread(fd, back, size, 0) == (ssize_t)size);
	CHECK(memcmp(back, model, size) == 0);
	close(fd);
}

TEST(vectors)
{
	int fd = gm_create("f", 0);
	char a[5], b[4096], c[3], out[4104];
	struct iovec iov[] = { { a, 5 }, { b, 4096 }, { c, 3 } };
	struct iovec one = { out, sizeof(out) };

	pat_fill(a, 5, 0, 1);
	pat_fill(b, 4096, 5, 1);
	pat_fill(c, 3, 4101, 1);
	CHECK_EQ(pwritev(fd, iov, 3, BLOCK - 2000), 4104);
	CHECK_EQ(preadv(fd, &one, 1, BLOCK - 2000), 4104);
	CHECK_EQ(pat_bad(out, 4101, 0, 1), -1);
	CHECK_EQ(gm_pread_nonzero(fd, BLOCK - 2000, 0), -1);
	CHECK_EQ(size_of(fd), BLOCK + 2104);
	CHECK_EQ(preadv2(fd, &one, 1, 0, RWF_NOWAIT) >= 0 ||
		 errno == EAGAIN || errno == EOPNOTSUPP, 1);
	close(fd);
}

TEST(append)
{
	int fd = gm_create("f", 100), ap;
	char buf[8] = "";

	ap = open(gm_path("f"), O_WRONLY | O_APPEND);
	ASSERT(ap >= 0);
	CHECK_EQ(write(ap, "abc", 3), 3);
	CHECK_EQ(lseek(ap, 0, SEEK_SET), 0);
	CHECK_EQ(write(ap, "def", 3), 3);
	CHECK_EQ(size_of(fd), 106);
	CHECK_EQ(pread(fd, buf, 8, 100), 6);
	CHECK(memcmp(buf, "abcdef", 6) == 0);
	close(ap);
	close(fd);
}

TEST(truncate_up_and_down)
{
	static const off_t sizes[] = {
		1, 4095, 4096, 4097, BLOCK - 1, BLOCK, BLOCK + 1, 0,
		3 * BLOCK + 5, 2 * BLOCK, 10 * BLOCK, PAGE, 0, 1 << 30, 0,
	};
	int fd = gm_create("f", 0);

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		CHECK_OK(ftruncate(fd, sizes[i]));
		CHECK_EQ(size_of(fd), sizes[i]);
	}
	CHECK_ERR(ftruncate(fd, -1), EINVAL);
	CHECK_EQ(size_of(fd), 0);
	close(fd);
}

/* Bytes cut off must be zero when the file grows over them again. */
TEST(no_stale_bytes)
{
	static const __u64 cuts[] = {
		0, 1, 100, 4095, 4096, 4097, 10 * PAGE, 10 * PAGE + 1,
		BLOCK - PAGE, BLOCK - 1, BLOCK, BLOCK + 1, BLOCK + PAGE,
		BLOCK + BLOCK / 2, BLOCK + BLOCK / 2 + 77, 2 * BLOCK - 1,
	};
	const __u64 size = 3 * BLOCK;
	int fd = gm_create("f", size);

	for (size_t i = 0; i < ARRAY_SIZE(cuts); i++) {
		gm_pwrite_pattern(fd, size, 0, i);
		ASSERT_OK(ftruncate(fd, cuts[i]));
		ASSERT_OK(ftruncate(fd, size));
		CHECK_EQ(gm_pread_bad(fd, cuts[i], 0, i), -1);
		CHECK_EQ(gm_pread_nonzero(fd, size - cuts[i], cuts[i]), -1);
	}
	close(fd);
}

/* The same through a mapping that stays: its stale entries must go. */
TEST(no_stale_bytes_mapped)
{
	static const __u64 cuts[] = {
		0, 100, 4096, 10 * PAGE + 1, BLOCK, BLOCK + 1, BLOCK + PAGE,
	};
	const __u64 size = 2 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map(fd, size);

	for (size_t i = 0; i < ARRAY_SIZE(cuts); i++) {
		pat_fill(map, size, 0, i);
		ASSERT_OK(ftruncate(fd, cuts[i]));
		ASSERT_OK(ftruncate(fd, size));
		CHECK_EQ(pat_bad(map, cuts[i], 0, i), -1);
		CHECK_EQ(zero_bad(map + cuts[i], size - cuts[i]), -1);
	}
	close(fd);
}

/* Writing past the old end through the last page's mapping, then growing. */
TEST(no_bytes_from_beyond_end)
{
	int fd = gm_create("f", 100);
	char *map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	ASSERT(map != MAP_FAILED);
	memset(map, 0xaa, PAGE);
	ASSERT_OK(ftruncate(fd, PAGE));
	/* POSIX leaves it open; what must never show is old memory. */
	for (size_t i = 100; i < PAGE; i++)
		CHECK(map[i] == 0 || map[i] == (char)0xaa);
	ASSERT_OK(ftruncate(fd, 50));
	ASSERT_OK(ftruncate(fd, PAGE));
	CHECK_EQ(zero_bad(map + 50, PAGE - 50), -1);
	close(fd);
}

TEST(write_grows_over_gap)
{
	int fd = gm_create("f", 0);

	gm_pwrite_pattern(fd, 1000, 0, 1);
	ASSERT_OK(ftruncate(fd, 500));
	ASSERT(pwrite(fd, "z", 1, 2 * BLOCK) == 1);
	CHECK_EQ(size_of(fd), 2 * BLOCK + 1);
	CHECK_EQ(gm_pread_bad(fd, 500, 0, 1), -1);
	CHECK_EQ(gm_pread_nonzero(fd, 2 * BLOCK - 500, 500), -1);
	close(fd);
}

TEST(seek_data_and_hole)
{
	const __u64 size = 8 * BLOCK;
	int fd = gm_create("f", size);

	CHECK_ERR(lseek(fd, 0, SEEK_DATA), ENXIO);
	CHECK_EQ(lseek(fd, 0, SEEK_HOLE), 0);
	CHECK_EQ(lseek(fd, 12345, SEEK_HOLE), 12345);
	gm_pwrite_pattern(fd, BLOCK, 2 * BLOCK, 1);
	CHECK_EQ(lseek(fd, 0, SEEK_DATA), 2 * BLOCK);
	CHECK_EQ(lseek(fd, 2 * BLOCK, SEEK_DATA), 2 * BLOCK);
	CHECK_EQ(lseek(fd, 2 * BLOCK + 777, SEEK_DATA), 2 * BLOCK + 777);
	CHECK_EQ(lseek(fd, 2 * BLOCK, SEEK_HOLE), 3 * BLOCK);
	CHECK_EQ(lseek(fd, 0, SEEK_HOLE), 0);
	CHECK_ERR(lseek(fd, 3 * BLOCK, SEEK_DATA), ENXIO);
	CHECK_ERR(lseek(fd, size, SEEK_HOLE), ENXIO);
	CHECK_ERR(lseek(fd, size + 1, SEEK_DATA), ENXIO);
	CHECK_ERR(lseek(fd, -1, SEEK_DATA), ENXIO);
	gm_pwrite_pattern(fd, BLOCK, 7 * BLOCK, 1);
	CHECK_EQ(lseek(fd, 3 * BLOCK, SEEK_DATA), 7 * BLOCK);
	CHECK_EQ(lseek(fd, 7 * BLOCK, SEEK_HOLE), size);
	close(fd);
}

/* Data and holes of a file walked by seeking cover what was written. */
TEST(seek_single_pages)
{
	const __u64 size = 64 * PAGE;
	int fd = gm_create("f", size);
	off_t data, hole = 0;

	for (__u64 page = 3; page < 64; page += 7)
		gm_pwrite_pattern(fd, PAGE, page * PAGE, page);
	while ((data = lseek(fd, hole, SEEK_DATA)) >= 0) {
		CHECK(data >= hole);
		hole = lseek(fd, data, SEEK_HOLE);
		ASSERT(hole > data);
	}
	CHECK_EQ(errno, ENXIO);
	for (__u64 page = 3; page < 64; page += 7) {
		CHECK_EQ(lseek(fd, page * PAGE + 5, SEEK_DATA), page * PAGE + 5);
		CHECK_EQ(gm_pread_bad(fd, PAGE, page * PAGE, page), -1);
	}
	close(fd);
}

TEST(reading_holes_costs_nothing)
{
	const __u64 size = 16 * MIB;
	int fd = gm_create("f", size);
	struct stat st;

	gm_need_denseram();
	CHECK_EQ(gm_pread_nonzero(fd, size, 0), -1);
	CHECK_OK(fstat(fd, &st));
	CHECK_EQ(st.st_blocks, 0);
	CHECK_EQ(gm_usage().resident, 0);
	CHECK_ERR(lseek(fd, 0, SEEK_DATA), ENXIO);
	close(fd);
}

TEST(huge_offsets)
{
	int fd = gm_create("f", 0);
	char byte = 'x';

	CHECK_EQ(pread(fd, &byte, 1, 0x7ffffffffffffffeLL), 0);
	CHECK_EQ(pwrite(fd, &byte, 1, 0x7fffffffffffffffLL), -1);
	CHECK(errno == EFBIG || errno == EINVAL);
	CHECK_EQ(fallocate(fd, 0, 0x7fffffffffffff00LL, 0x1000), -1);
	CHECK(errno == EFBIG);
	/* Beyond the largest file there is nothing, or no such place. */
	CHECK(fallocate(fd, PUNCH, 0x7fffffffffff0000LL, PAGE) == 0 ||
	      errno == EFBIG);
	CHECK_EQ(size_of(fd), 0);
	/* A size the index cannot span is refused, or costs nothing. */
	if (ftruncate(fd, 0x7fffffffffffffffLL) == 0)
		CHECK_EQ(pread(fd, &byte, 1, 0x7ffffffffffffffeLL), 1);
	else
		CHECK(errno == EFBIG || errno == EINVAL || errno == ENOMEM ||
		      errno == ENOSPC);
	CHECK_OK(ftruncate(fd, 0));
	close(fd);
}

/* A sparse file far larger than the machine: only what is written counts. */
TEST(sparse_terabyte)
{
	const __u64 size = 1ULL << 40;
	int fd = gm_create("f", 0);
	char byte;

	if (ftruncate(fd, size))
		ktap_skip("no file of 1 TiB: %s", strerror(errno));
	CHECK_EQ(pwrite(fd, "a", 1, size - 1), 1);
	CHECK_EQ(pwrite(fd, "b", 1, size / 2 + 12345), 1);
	CHECK_EQ(pread(fd, &byte, 1, size - 1), 1);
	CHECK_EQ(byte, 'a');
	CHECK_EQ(pread(fd, &byte, 1, size / 2 + 12345), 1);
	CHECK_EQ(byte, 'b');
	CHECK_EQ(lseek(fd, size / 2 + BLOCK, SEEK_DATA) >= (off_t)(size - BLOCK),
		 1);
	CHECK_OK(ftruncate(fd, 0));
	close(fd);
}

static int write_beyond_rlimit(void *arg)
{
	struct rlimit limit = { MIB, MIB };
	int fd = *(int *)arg;
	char buf[PAGE] = "x";

	signal(SIGXFSZ, SIG_IGN);
	ASSERT_OK(setrlimit(RLIMIT_FSIZE, &limit));
	CHECK_ERR(ftruncate(fd, MIB + 1), EFBIG);
	CHECK_EQ(pwrite(fd, buf, PAGE, MIB - 100), 100);
	CHECK_ERR(pwrite(fd, buf, PAGE, MIB), EFBIG);
	CHECK_ERR(fallocate(fd, 0, MIB, PAGE), EFBIG);
	CHECK_OK(ftruncate(fd, MIB));
	return 0;
}

TEST(rlimit_fsize)
{
	int fd = gm_create("f", 0);

	CHECK_EQ(in_child(write_beyond_rlimit, &fd), 0);
	CHECK_EQ(size_of(fd), MIB);
	close(fd);
}

TEST(bad_buffers)
{
	int fd = gm_create("f", 4 * PAGE);
	char *edge = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT(edge != MAP_FAILED);
	ASSERT_OK(mprotect(edge + PAGE, PAGE, PROT_NONE));
	memset(edge, 'e', PAGE);
	CHECK_ERR(pwrite(fd, edge + PAGE, 100, 0), EFAULT);
	CHECK_ERR(pread(fd, edge + PAGE, 100, 0), EFAULT);
	/* A buffer that ends in the middle: a short count, no stale bytes. */
	CHECK_RANGE(pwrite(fd, edge + PAGE - 100, 200, 0), 0, 100);
	CHECK_EQ(gm_pread_nonzero(fd, 4 * PAGE - 100, 100), -1);
	CHECK_RANGE(pread(fd, edge + PAGE - 100, 200, 0), 0, 100);
	close(fd);
}

/* The buffer of the system call is the file itself. */
TEST(file_into_itself)
{
	int fd = gm_create("f", 4 * BLOCK);
	char *map = gm_map(fd, 4 * BLOCK);

	gm_pwrite_pattern(fd, BLOCK, 0, 3);
	/* Source touched for the first time by the kernel's own copy. */
	CHECK_EQ(pwrite(fd, map, BLOCK, 2 * BLOCK), BLOCK);
	CHECK_EQ(pat_bad(map + 2 * BLOCK, BLOCK, 0, 3), -1);
	CHECK_EQ(pread(fd, map + 3 * BLOCK, BLOCK, 2 * BLOCK), BLOCK);
	CHECK_EQ(pat_bad(map + 3 * BLOCK, BLOCK, 0, 3), -1);
	/* A hole of the file copied over itself. */
	CHECK_EQ(pwrite(fd, map + BLOCK + PAGE, PAGE, BLOCK + PAGE), PAGE);
	CHECK_EQ(zero_bad(map + BLOCK, BLOCK), -1);
	close(fd);
}

TEST(sendfile_out)
{
	const size_t size = BLOCK + 5 * PAGE + 77;
	int fd = gm_create("f", size), out;
	off_t at = 0;
	size_t done = 0;

	gm_pwrite_pattern(fd, size, 0, 4);
	gm_punch(fd, 8 * PAGE, 4 * PAGE);
	out = open("/tmp", O_TMPFILE | O_RDWR, 0600);
	ASSERT(out >= 0);
	while (done < size) {
		ssize_t sent = sendfile(out, fd, &at, size - done);

		ASSERT(sent > 0);
		done += sent;
	}
	CHECK_EQ(at, size);
	CHECK_EQ(gm_pread_bad(out, 8 * PAGE, 0, 4), -1);
	CHECK_EQ(gm_pread_nonzero(out, 4 * PAGE, 8 * PAGE), -1);
	CHECK_EQ(gm_pread_bad(out, size - 12 * PAGE, 12 * PAGE, 4), -1);
	close(out);
	close(fd);
}

TEST(splice_both_ways)
{
	const size_t size = 200 * KIB + 33;
	int fd = gm_create("f", size), copy = gm_create("g", 0), pipes[2];
	off64_t in = 0, out = 0;

	gm_pwrite_pattern(fd, size, 0, 6);
	ASSERT_OK(pipe(pipes));
	while (out < (off64_t)size) {
		ssize_t got = splice(fd, &in, pipes[1], NULL, size - in, 0);

		ASSERT(got > 0);
		for (ssize_t put; got > 0; got -= put) {
			put = splice(pipes[0], NULL, copy, &out, got, 0);
			ASSERT(put > 0);
		}
	}
	CHECK_EQ(size_of(copy), size);
	CHECK_EQ(gm_pread_bad(copy, size, 0, 6), -1);
	close(fd);
	close(copy);
}

TEST(copy_file_range_out)
{
	const size_t size = 3 * MIB + 5;
	int fd = gm_create("f", size), copy = gm_create("g", 0);
	off64_t in = 0, out = 0;

	gm_pwrite_pattern(fd, size, 0, 6);
	while (out < (off64_t)size)
		ASSERT(copy_file_range(fd, &in, copy, &out, size - out, 0) > 0);
	CHECK_EQ(gm_pread_bad(copy, size, 0, 6), -1);
	close(fd);
	close(copy);
}

TEST(two_descriptors_agree)
{
	int a = gm_create("f", 0), b = open(gm_path("f"), O_RDWR);

	ASSERT(b >= 0);
	gm_pwrite_pattern(a, 3 * PAGE, 100, 2);
	CHECK_EQ(gm_pread_bad(b, 3 * PAGE, 100, 2), -1);
	ASSERT_OK(ftruncate(b, 50));
	CHECK_EQ(size_of(a), 50);
	close(a);
	close(b);
}

TEST(bad_ioctl)
{
	int fd = gm_create("f", PAGE);
	int value = 0;

	CHECK_ERR(ioctl(fd, 0x12345678, &value), ENOTTY);
	CHECK_ERR(ioctl(fd, DR_IOC_VERSION, &value), ENOTTY);
	close(fd);
}
