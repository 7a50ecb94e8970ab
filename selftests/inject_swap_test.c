// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every allocation of paging fails once: on the way out to the pool and to swap
 * areas, on the way back, and where areas come and go. See lib/inject.h.
 *
 * The pager meets a failure as a host that is short of memory, and goes on: a guest
 * keeps to its limit in the end. Who reads a page waits for memory or is told that
 * there is none. No byte is lost.
 */
#include <errno.h>
#include <string.h>

#include "lib/disk.h"
#include "lib/gmem.h"
#include "lib/inject.h"
#include "lib/module.h"
#include "lib/swap.h"

#define PAGES	256
#define SIZE	(PAGES * PAGE)
#define LIMIT	(32 * PAGE)
#define AREA	(4 * MIB)
#define KEY	17
/* Half of the pages fit in there. */
#define SMALL	"128K"

static int fd, disk, area_id;
static char loop[DISK_PATH];
static char *map;

/* A call that answers with a negative errno, as one that sets it. */
static int by_errno(int ret)
{
	if (ret >= 0)
		return 0;
	errno = -ret;
	return -1;
}

static void prepare_file(const char *pool)
{
	gm_no_scan();
	ASSERT_OK(swap_set("pool_limit", pool));
	fd = gm_create("f", SIZE);
	map = gm_map_skew(fd, SIZE, 0, PROT_READ | PROT_WRITE, PAGE);
	soft_fill(map, SIZE, 0, KEY);
}

static void prepare_pool(void)
{
	prepare_file("1G");
}

static void prepare_area(void)
{
	prepare_file("0");
}

static void prepare_both(void)
{
	prepare_file(SMALL);
}

static void finish(bool failed)
{
	(void)failed;
	swap_limit(0);
	CHECK_EQ(soft_bad(map, SIZE, 0, KEY), -1);
	munmap(map, SIZE);
	gm_check_recount();
	close(fd);
	CHECK_OK(unlink(gm_path("f")));
}

/* Nothing of it fails for good. */
static int run_squeeze(void)
{
	return CHECK(swap_squeeze(LIMIT)) ? 0 : by_errno(-ETIME);
}

static void prepare_out(void)
{
	CHECK(swap_squeeze(LIMIT));
	swap_limit(0);
}

static void prepare_pooled(void)
{
	prepare_pool();
	prepare_out();
}

static void prepare_on_disk(void)
{
	prepare_area();
	prepare_out();
}

/* Whoever touches a page gets it, if need be at the second try. */
static int run_touch(void)
{
	for (size_t at = 0; at < SIZE; at += PAGE)
		get_byte(map + at);
	return 0;
}

/* In the kernel, where a fault that finds no memory is an error. */
static int run_peek(void)
{
	int mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC), err, ret;
	char byte;

	if (mem < 0)
		return -1;
	ret = pread(mem, &byte, 1, (unsigned long)map + SIZE / 2) < 0;
	err = errno == EIO ? ENOMEM : errno;
	close(mem);
	errno = err;
	return ret ? -1 : 0;
}

static int run_read(void)
{
	static char buf[SIZE];

	return pread(fd, buf, sizeof(buf), 0) < 0 ? -1 : 0;
}

static int run_punch(void)
{
	return fallocate(fd, PUNCH, SIZE / 2 + 10, PAGE);
}

static void finish_punch(bool failed)
{
	if (!failed)
		CHECK_EQ(zero_bad(map + SIZE / 2 + 10, PAGE), -1);
	soft_fill(map + SIZE / 2, 2 * PAGE, SIZE / 2, KEY);
	finish(failed);
}

static void begin(void)
{
	inject_setup();
	swap_rm_all();
}

static void end(void)
{
	swap_rm_all();
	ASSERT_OK(swap_set("pool_limit", "1G"));
}

TEST_SECS(pool, 600)
{
	static const struct inject_op out = {
		"to the pool", prepare_pool, run_squeeze, finish,
	};
	static const struct inject_op in[] = {
		{ "touch what is in the pool", prepare_pooled, run_touch,
		  finish },
		{ "read(2) of it", prepare_pooled, run_read, finish },
		{ "fault of it in the kernel", prepare_pooled, run_peek,
		  finish },
		{ "punch there", prepare_pooled, run_punch, finish_punch },
	};

	begin();
	inject_threads(&out, "denseram_pager");
	for (size_t i = 0; i < ARRAY_SIZE(in); i++)
		inject_some(&in[i]);
	end();
}

static void add_disk(void)
{
	disk = disk_loop("disk", AREA, loop);
	area_id = swap_add(loop, 0);
	ASSERT(area_id >= 0);
}

static void drop_disk(void)
{
	CHECK_EQ(swap_rm(area_id), 0);
	close(disk);
}

TEST_SECS(device, 600)
{
	static const struct inject_op out[] = {
		{ "to a device", prepare_area, run_squeeze, finish },
		{ "to the pool and on", prepare_both, run_squeeze, finish },
	};
	static const struct inject_op in[] = {
		{ "touch what is on a device", prepare_on_disk, run_touch,
		  finish },
		{ "read(2) of it", prepare_on_disk, run_read, finish },
		{ "fault of it in the kernel", prepare_on_disk, run_peek,
		  finish },
		{ "punch there", prepare_on_disk, run_punch, finish_punch },
	};

	begin();
	add_disk();
	for (size_t i = 0; i < ARRAY_SIZE(out); i++)
		inject_threads(&out[i], "denseram_pager");
	for (size_t i = 0; i < ARRAY_SIZE(in); i++)
		inject_some(&in[i]);
	drop_disk();
	end();
}

/* Threads of the kernel read and write a file. */
TEST_SECS(file, 600)
{
	static const struct inject_op ops[] = {
		{ "to a file", prepare_area, run_squeeze, finish },
		{ "touch what is in a file", prepare_on_disk, run_touch,
		  finish },
	};
	const char *path;

	begin();
	path = disk_file("inject", AREA);
	area_id = swap_add(path, 0);
	if (area_id == -EOPNOTSUPP)
		ktap_skip("no direct I/O to files here");
	ASSERT(area_id >= 0);
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		inject_threads(&ops[i], "kworker/");
	CHECK_EQ(swap_rm(area_id), 0);
	CHECK_OK(unlink(path));
	end();
}

static int run_add(void)
{
	area_id = swap_add(loop, 0);
	return by_errno(area_id);
}

static void finish_add(bool failed)
{
	struct dr_swap_area area;

	CHECK_EQ(swap_area(area_id, &area), !failed);
	if (!failed)
		CHECK_EQ(swap_rm(area_id), 0);
}

static void prepare_home(void)
{
	area_id = swap_add(loop, 0);
	ASSERT(area_id >= 0);
	prepare_on_disk();
}

static int run_rm(void)
{
	return by_errno(swap_rm(area_id));
}

/* What could not be removed goes on to be used. */
static void finish_rm(bool failed)
{
	struct dr_swap_area area = {};

	CHECK_EQ(swap_area(area_id, &area), failed);
	CHECK_EQ(area.state, 0);
	CHECK_EQ(soft_bad(map, SIZE, 0, KEY), -1);
	if (failed)
		CHECK_EQ(swap_rm(area_id), 0);
	finish(failed);
}

TEST_SECS(areas, 600)
{
	static const struct inject_op add = {
		"add a device", NULL, run_add, finish_add,
	};
	static const struct inject_op rm = {
		"remove it", prepare_home, run_rm, finish_rm,
	};

	begin();
	disk = disk_loop("disk", AREA, loop);
	inject(&add);
	inject_some(&rm);
	close(disk);
	end();
}

static int run_zstd(void)
{
	return by_errno(swap_set("compressor", "zstd"));
}

static void finish_zstd(bool failed)
{
	const char *other = failed ? "lz4" : "zstd";

	CHECK(!strcmp(swap_status().compressor, other));
	CHECK_OK(swap_set("compressor", "lz4"));
}

/* What is made with the first use, for good: of compressors, of areas. */
TEST_SECS(first, 600)
{
	static const struct inject_op ops[] = {
		{ "first zstd", NULL, run_zstd, finish_zstd },
		{ "first area", NULL, run_add, finish_add },
	};

	begin();
	module_reload("");
	disk = disk_loop("disk", AREA, loop);
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		inject(&ops[i]);
	close(disk);
	end();
}
