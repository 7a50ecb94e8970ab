// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pinned pages: disk I/O straight into and out of guest RAM, pages held by
 * pipes, buffers registered for long. Whatever the file does meanwhile, the
 * holder of a pin never sees another's bytes and the file never sees old ones.
 *
 * The disk is a loop device on a tmpfs file, or the one named by DR_DISK
 * (overwritten!).
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <linux/io_uring.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "lib/disk.h"
#include "lib/gmem.h"

#define RW		(PROT_READ | PROT_WRITE)

static void fill_disk(int disk, __u64 key)
{
	char *buf = disk_buffer(DISK_SIZE);

	pat_fill(buf, DISK_SIZE, 0, key);
	ASSERT(pwrite(disk, buf, DISK_SIZE, 0) == (ssize_t)DISK_SIZE);
	munmap(buf, DISK_SIZE);
}

static ssize_t disk_bad(int disk, size_t len, __u64 key)
{
	char *buf = disk_buffer(DISK_SIZE);
	ssize_t bad;

	ASSERT(pread(disk, buf, len, 0) == (ssize_t)len);
	bad = pat_bad(buf, len, 0, key);
	munmap(buf, DISK_SIZE);
	return bad;
}

/* Every byte is the pattern's or zero: index of the first that is neither. */
static ssize_t pat_or_zero_bad(const char *buf, size_t len, __u64 offset,
			       __u64 key)
{
	char want[PAGE];

	for (size_t at = 0; at < len; at += PAGE) {
		pat_fill(want, PAGE, offset + at, key);
		for (size_t i = 0; i < PAGE; i++)
			if (buf[at + i] && buf[at + i] != want[i])
				return at + i;
	}
	return -1;
}

/* skew 0: blocks; PAGE: 4 KiB pages. */
static void write_out(int disk, size_t skew)
{
	const size_t size = 2 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map_skew(fd, size, 0, RW, skew);

	pat_fill(map, size, 0, 3);
	CHECK_EQ(pwrite(disk, map, size, 0), size);
	CHECK_EQ(disk_bad(disk, size, 3), -1);
	/* Not aligned to pages, and memory touched only by the disk. */
	pat_fill(map + 512, size - 1024, 0, 4);
	CHECK_EQ(pwrite(disk, map + 512, size - 1024, 0), size - 1024);
	CHECK_EQ(disk_bad(disk, size - 1024, 4), -1);
	gm_punch(fd, 0, size);
	CHECK_EQ(pwrite(disk, map, size, 0), size);
	munmap(map, size);
	map = disk_buffer(size);
	CHECK_EQ(pread(disk, map, size, 0), size);
	CHECK_EQ(zero_bad(map, size), -1);
	munmap(map, size);
	close(fd);
	ASSERT_OK(unlink(gm_path("f")));
}

TEST(direct_write_out)
{
	int disk = disk_open();

	write_out(disk, 0);
	write_out(disk, PAGE);
}

static void read_in(int disk, size_t skew)
{
	const size_t size = 2 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map_skew(fd, size, 0, RW, skew);

	CHECK_EQ(pread(disk, map, size, 0), size);
	CHECK_EQ(pat_bad(map, size, 0, 5), -1);
	CHECK_EQ(gm_pread_bad(fd, size, 0, 5), -1);
	memset(map, 0xee, size);
	CHECK_EQ(pread(disk, map + 512, BLOCK + 512, 0), BLOCK + 512);
	CHECK_EQ(pat_bad(map + 512, BLOCK + 512, 0, 5), -1);
	CHECK_EQ(get_byte(map + 511), 0xee);
	CHECK_EQ(get_byte(map + 512 + BLOCK + 512), 0xee);
	munmap(map, size);
	close(fd);
	ASSERT_OK(unlink(gm_path("f")));
}

TEST(direct_read_in)
{
	int disk = disk_open();

	fill_disk(disk, 5);
	read_in(disk, 0);
	read_in(disk, PAGE);
}

/* Pages mapped as holes, read-only, before the disk writes into them. */
TEST(direct_read_into_seen_holes)
{
	const size_t size = 2 * BLOCK;
	int disk = disk_open(), fd = gm_create("f", size);
	char *ro = gm_map_skew(fd, size, 0, PROT_READ, PAGE);
	char *map = gm_map_skew(fd, size, 0, RW, PAGE);

	fill_disk(disk, 6);
	CHECK_EQ(zero_bad(ro, size), -1);
	CHECK_EQ(zero_bad(map, size), -1);
	CHECK_EQ(pread(disk, map, size, 0), size);
	CHECK_EQ(pat_bad(map, size, 0, 6), -1);
	CHECK_EQ(pat_bad(ro, size, 0, 6), -1);
	/* A read-only mapping is no target. */
	CHECK_ERR(pread(disk, ro, PAGE, 0), EFAULT);
	close(fd);
}

/**
 * struct hammer - a thread that takes memory out of a file
 * @fd: the file
 * @from: it touches only bytes from here
 * @to: to here
 * @truncate: cut the file at @from and grow it to @to again, or punch holes
 * @stop: set to end it
 * @rounds: what it has done
 */
struct hammer {
	int fd;
	__u64 from;
	__u64 to;
	bool truncate;
	int stop;
	unsigned long rounds;
};

static void punch_somewhere(struct hammer *hammer, struct rng *rng)
{
	__u64 room = (hammer->to - hammer->from) / PAGE;
	__u64 first = rng_below(rng, room);
	__u64 nr = 1 + rng_below(rng, room - first);

	if (rng_below(rng, 2) && nr > 16)
		nr = 1 + rng_below(rng, 16);
	gm_punch(hammer->fd, hammer->from + first * PAGE, nr * PAGE);
}

static void *hammer_thread(void *arg)
{
	struct hammer *hammer = arg;
	struct rng rng = { opts.seed };

	while (!__atomic_load_n(&hammer->stop, __ATOMIC_ACQUIRE)) {
		if (hammer->truncate) {
			CHECK_OK(ftruncate(hammer->fd, hammer->from));
			CHECK_OK(ftruncate(hammer->fd, hammer->to));
		} else {
			punch_somewhere(hammer, &rng);
		}
		__atomic_add_fetch(&hammer->rounds, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static pthread_t start_hammer(struct hammer *hammer)
{
	pthread_t thread;

	ASSERT(pthread_create(&thread, NULL, hammer_thread, hammer) == 0);
	return thread;
}

/* Until the time is over, and on until the hammer has struck. */
static bool goes_on(struct hammer *hammer, __u64 end)
{
	return !ktap_failed() &&
	       (now_ms() < end ||
		!__atomic_load_n(&hammer->rounds, __ATOMIC_RELAXED));
}

static void stop_hammer(struct hammer *hammer, pthread_t thread)
{
	__atomic_store_n(&hammer->stop, 1, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	CHECK(hammer->rounds > 0);
}

/*
 * Half the file is punched, half is left alone: exact bytes there, the
 * pattern or zeros here.
 */
static void race_read_in(int disk, size_t skew)
{
	const size_t size = 4 * BLOCK, safe = 2 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map_skew(fd, size, 0, RW, skew);
	struct hammer hammer = { .fd = fd, .from = safe, .to = size };
	pthread_t thread = start_hammer(&hammer);
	__u64 end = now_ms() + opts.secs * 1000 / 2;

	do {
		memset(map, 0, safe);
		CHECK_EQ(pread(disk, map, size, 0), size);
		CHECK_EQ(pat_bad(map, safe, 0, 7), -1);
		CHECK_EQ(pat_or_zero_bad(map + safe, size - safe, safe, 7), -1);
	} while (goes_on(&hammer, end));
	stop_hammer(&hammer, thread);
	munmap(map, size);
	close(fd);
	ASSERT_OK(unlink(gm_path("f")));
}

TEST(direct_read_while_punching)
{
	int disk = disk_open();

	fill_disk(disk, 7);
	race_read_in(disk, 0);
	race_read_in(disk, PAGE);
}

static void race_write_out(int disk, size_t skew)
{
	const size_t size = 4 * BLOCK, safe = 2 * BLOCK;
	int fd = gm_create("f", size);
	char *map = gm_map_skew(fd, size, 0, RW, skew), *back;
	struct hammer hammer = { .fd = fd, .from = safe, .to = size };
	pthread_t thread = start_hammer(&hammer);
	__u64 end = now_ms() + opts.secs * 1000 / 2;

	back = disk_buffer(size);
	for (__u64 key = 8; goes_on(&hammer, end); key++) {
		pat_fill(map, size, 0, key);
		CHECK_EQ(pwrite(disk, map, size, 0), size);
		CHECK_EQ(pread(disk, back, size, 0), size);
		CHECK_EQ(pat_bad(back, safe, 0, key), -1);
		CHECK_EQ(pat_or_zero_bad(back + safe, size - safe, safe, key),
			 -1);
	}
	stop_hammer(&hammer, thread);
	munmap(map, size);
	munmap(back, size);
	close(fd);
	ASSERT_OK(unlink(gm_path("f")));
}

TEST(direct_write_while_punching)
{
	int disk = disk_open();

	race_write_out(disk, 0);
	race_write_out(disk, PAGE);
}

/* The file is cut under the I/O: an error or a short count, no other byte. */
TEST(direct_read_while_truncating)
{
	const size_t size = 4 * BLOCK, safe = BLOCK;
	int disk = disk_open(), fd = gm_create("f", size);
	char *map = gm_map(fd, size);
	struct hammer hammer = {
		.fd = fd, .from = safe, .to = size, .truncate = true,
	};
	pthread_t thread = start_hammer(&hammer);
	__u64 end = now_ms() + opts.secs * 1000;
	ssize_t got;

	fill_disk(disk, 9);
	do {
		memset(map, 0, safe);
		got = pread(disk, map, size, 0);
		if (got < 0)
			CHECK_EQ(errno, EFAULT);
		got = got < 0 ? 0 : got;
		CHECK_EQ(pat_bad(map, got > (ssize_t)safe ? (ssize_t)safe : got,
				 0, 9), -1);
	} while (goes_on(&hammer, end));
	stop_hammer(&hammer, thread);
	close(fd);
}

/* Put pages into a pipe without copying. */
static void into_pipe(int *pipes, char *at, size_t len)
{
	struct iovec iov = { at, len };

	ASSERT_OK(pipe2(pipes, O_CLOEXEC));
	ASSERT(fcntl(pipes[1], F_SETPIPE_SZ, 64 * 4096) >= (int)(len));
	ASSERT(vmsplice(pipes[1], &iov, 1, 0) == (ssize_t)len);
}

/* Others' allocations in the meantime, to catch a page freed too early. */
static void churn_memory(void)
{
	const size_t size = 8 * BLOCK;
	int fd = gm_create("churn", size);
	char *map = gm_map(fd, size);

	memset(map, 0x77, size);
	munmap(map, size);
	map = gm_map_skew(fd, size, 0, RW, PAGE);
	gm_punch(fd, 0, size);
	memset(map, 0x77, size);
	munmap(map, size);
	close(fd);
	ASSERT_OK(unlink(gm_path("churn")));
}

enum loss { PUNCH_PAGES, PUNCH_ALL, TRUNCATE, UNLINK, NR_LOSSES };

static void lose_pages(int *fd, char *map, size_t size, enum loss loss)
{
	if (loss == PUNCH_PAGES)
		gm_punch(*fd, 0, 32 * PAGE);
	else if (loss == PUNCH_ALL)
		gm_punch(*fd, 0, size);
	else if (loss == TRUNCATE)
		CHECK_OK(ftruncate(*fd, 0));
	if (loss != UNLINK)
		return;
	munmap(map, size);
	close(*fd);
	CHECK_OK(unlink(gm_path("f")));
	*fd = -1;
}

static void check_pipe(int *pipes, size_t len, bool in_place)
{
	char *back = disk_buffer(len);

	CHECK_EQ(read(pipes[0], back, len), len);
	/* A hole in a block is zeroed in place; pages go to the pinner. */
	if (in_place)
		CHECK_EQ(pat_or_zero_bad(back, len, 0, 1), -1);
	else
		CHECK_EQ(pat_bad(back, len, 0, 1), -1);
	munmap(back, len);
}

static void pipe_outlives(size_t skew, enum loss loss)
{
	const size_t size = 2 * BLOCK, len = 16 * PAGE;
	int fd = gm_create("f", size), pipes[2], copies[2];
	char *map = gm_map_skew(fd, size, 0, RW, skew);
	bool in_place = skew == 0 && loss == PUNCH_PAGES;

	pat_fill(map, size, 0, 1);
	into_pipe(pipes, map, len);
	ASSERT_OK(pipe2(copies, O_CLOEXEC));
	ASSERT(tee(pipes[0], copies[1], len, 0) == (ssize_t)len);
	lose_pages(&fd, map, size, loss);
	if (fd >= 0) {
		CHECK_OK(ftruncate(fd, size));
		CHECK_EQ(gm_pread_nonzero(fd, len, 0), -1);
	}
	churn_memory();
	check_pipe(pipes, len, in_place);
	if (fd >= 0) {
		pat_fill(map, len, 0, 2);
		CHECK_EQ(gm_pread_bad(fd, len, 0, 2), -1);
		munmap(map, size);
		close(fd);
		CHECK_OK(unlink(gm_path("f")));
	}
	/* The copy holds the pages still, all that was the file being gone. */
	if (!in_place)
		check_pipe(copies, len, false);
	for (int i = 0; i < 2; i++) {
		close(pipes[i]);
		close(copies[i]);
	}
}

TEST(pipe_keeps_pages)
{
	for (enum loss loss = 0; loss < NR_LOSSES; loss++) {
		pipe_outlives(PAGE, loss);
		pipe_outlives(0, loss);
	}
}

static bool block_was_busy(void *arg)
{
	(void)arg;
	return gm_event(DR_EV_BLOCK_BUSY) > 0;
}

/* Its pages are counted one by one. */
static bool half_is_left(void *arg)
{
	struct dr_usage u = gm_usage();

	(void)arg;
	return u.blocks == 0 && u.resident == BLOCK / 2;
}

/* A pinned page keeps its block whole, until another hole after the unpin. */
TEST(block_with_pinned_page)
{
	const size_t size = BLOCK, len = 4 * PAGE;
	int fd, pipes[2];
	char *map, *back;

	gm_need_blocks();
	fd = gm_create("f", size);
	map = gm_map(fd, size);
	pat_fill(map, size, 0, 1);
	into_pipe(pipes, map, len);
	gm_punch(fd, size / 2, size / 2);
	CHECK(poll_until(block_was_busy, NULL, 20000));
	CHECK_EQ(gm_usage().blocks, 1);
	CHECK_EQ(pat_bad(map, size / 2, 0, 1), -1);
	CHECK_EQ(zero_bad(map + size / 2, size / 2), -1);
	/* The pin and the file still share the bytes. */
	set_byte(map + 5, ~get_byte(map + 5));
	back = disk_buffer(len);
	CHECK_EQ(read(pipes[0], back, len), len);
	CHECK_EQ(pat_bad(back, len, 0, 1), 5);
	set_byte(map + 5, ~get_byte(map + 5));
	close(pipes[0]);
	close(pipes[1]);
	gm_punch(fd, size / 2, PAGE);
	CHECK(poll_until(half_is_left, NULL, 20000));
	CHECK_EQ(gm_usage().resident, size / 2);
	CHECK_EQ(pat_bad(map, size / 2, 0, 1), -1);
	close(fd);
}

TEST(trim_leaves_pinned_pages)
{
	const size_t size = 64 * PAGE, len = 8 * PAGE;
	struct dr_guest_trim trim;
	int fd, pipes[2];
	char *map, *back;

	gm_need_denseram();
	fd = gm_create("f", size);
	map = gm_map_skew(fd, size, 0, RW, PAGE);
	memset(map, 1, size);
	memset(map, 0, size / 2);
	into_pipe(pipes, map, len);
	trim = gm_trim(DR_TRIM_ZERO);
	CHECK_EQ(trim.busy, len / PAGE);
	CHECK_EQ(trim.freed, size / 2 / PAGE - len / PAGE);
	/* The pin and the file still share the bytes. */
	set_byte(map + 5, 9);
	back = disk_buffer(len);
	CHECK_EQ(read(pipes[0], back, len), len);
	CHECK_EQ(back[5], 9);
	close(pipes[0]);
	close(pipes[1]);
	set_byte(map + 5, 0);
	trim = gm_trim(DR_TRIM_ZERO);
	CHECK_EQ(trim.busy, 0);
	CHECK_EQ(trim.freed, len / PAGE);
	close(fd);
}

static int register_buffer(int ring, void *buf, size_t len)
{
	struct iovec iov = { buf, len };

	return syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS,
		       &iov, 1);
}

/*
 * Memory pinned for good could never be taken back: the kernel refuses it,
 * because the mapping wants to hear of writes.
 */
TEST(long_term_pins_refused)
{
	struct io_uring_params params = { .flags = 0 };
	int fd, ring = syscall(SYS_io_uring_setup, 4, &params);
	char *map;

	gm_need_denseram();
	if (ring < 0)
		ktap_skip("no io_uring: %s", strerror(errno));
	map = disk_buffer(PAGE);
	ASSERT_OK(register_buffer(ring, map, PAGE));
	ASSERT_OK(syscall(SYS_io_uring_register, ring,
			  IORING_UNREGISTER_BUFFERS, NULL, 0));
	fd = gm_create("f", 4 * BLOCK);
	map = gm_map(fd, 2 * BLOCK);
	CHECK_ERR(register_buffer(ring, map, BLOCK), EFAULT);
	memset(map, 1, 2 * BLOCK);
	CHECK_ERR(register_buffer(ring, map, BLOCK), EFAULT);
	CHECK_ERR(register_buffer(ring, map + BLOCK + PAGE, PAGE), EFAULT);
	map = gm_map_skew(fd, BLOCK, 2 * BLOCK, RW, PAGE);
	memset(map, 1, BLOCK);
	CHECK_ERR(register_buffer(ring, map, PAGE), EFAULT);
	ktap_diag("long-term pins (io_uring registered buffers): EFAULT");
	close(ring);
	close(fd);
}
