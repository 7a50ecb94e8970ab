// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every allocation of every operation on files, guests and interfaces fails
 * once: see lib/inject.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "lib/gmem.h"
#include "lib/inject.h"

#define RW		(PROT_READ | PROT_WRITE)
#define FILE_SIZE	(3 * BLOCK)

static int file_fd = -1;
static int order_fd = -1;
static char *map;
static __u64 guest_id;

static const char *guest(void)
{
	static char path[300];

	snprintf(path, sizeof(path), "%s/%s.i", gm_root, gm_name);
	return path;
}

static int run_mkdir(void)
{
	return mkdir(guest(), 0755);
}

static void finish_mkdir(bool failed)
{
	(void)failed;
	rmdir(guest());
}

static int run_create(void)
{
	file_fd = open(gm_path("new"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return file_fd < 0 ? -1 : 0;
}

static int run_create_top(void)
{
	file_fd = open(guest(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return file_fd < 0 ? -1 : 0;
}

static int run_tmpfile(void)
{
	file_fd = open(gm_dir, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	return file_fd < 0 ? -1 : 0;
}

static void finish_create(bool failed)
{
	(void)failed;
	if (file_fd >= 0)
		close(file_fd);
	file_fd = -1;
	unlink(gm_path("new"));
	unlink(guest());
}

static void prepare_rename(void)
{
	ASSERT_OK(mkdir(guest(), 0755));
}

static int run_rename(void)
{
	char to[310];

	snprintf(to, sizeof(to), "%s.to", guest());
	return rename(guest(), to);
}

static void finish_rename(bool failed)
{
	char to[310];

	(void)failed;
	snprintf(to, sizeof(to), "%s.to", guest());
	rmdir(guest());
	rmdir(to);
}

static int run_mount(void)
{
	return gm_mount("/mnt", "size=64m,uid=3,huge=never");
}

static void finish_mount(bool failed)
{
	(void)failed;
	umount("/mnt");
}

TEST_SECS(tree, 300)
{
	static const struct inject_op ops[] = {
		{ "mkdir", NULL, run_mkdir, finish_mkdir },
		{ "create", NULL, run_create, finish_create },
		{ "create in the root", NULL, run_create_top, finish_create },
		{ "O_TMPFILE", NULL, run_tmpfile, finish_create },
		{ "rename", prepare_rename, run_rename, finish_rename },
		{ "mount", NULL, run_mount, finish_mount },
	};

	inject_setup();
	gm_private_mounts();
	ASSERT_OK(umount("/mnt"));
	inject_all(ops, ARRAY_SIZE(ops));
}

static void prepare_file(void)
{
	file_fd = gm_create("f", FILE_SIZE);
}

static void finish_file(bool failed)
{
	(void)failed;
	gm_check_recount();
	close(file_fd);
	CHECK_OK(unlink(gm_path("f")));
}

static int run_write(void)
{
	char buf[3 * PAGE];

	pat_fill(buf, sizeof(buf), PAGE, 1);
	return pwrite(file_fd, buf, sizeof(buf), PAGE) < 0 ? -1 : 0;
}

static ssize_t written;

static int run_write_block(void)
{
	static char buf[BLOCK];

	pat_fill(buf, sizeof(buf), 0, 1);
	written = pwrite(file_fd, buf, sizeof(buf), 0);
	return written < 0 ? -1 : 0;
}

static void finish_write_block(bool failed)
{
	size_t done = failed ? 0 : written;

	CHECK_EQ(gm_pread_bad(file_fd, done, 0, 1), -1);
	CHECK_EQ(gm_pread_nonzero(file_fd, FILE_SIZE - done, done), -1);
	finish_file(failed);
}

static int run_fallocate(void)
{
	return fallocate(file_fd, 0, BLOCK - 7 * PAGE, BLOCK + 7 * PAGE);
}

static void finish_fallocate(bool failed)
{
	CHECK_EQ(gm_pread_nonzero(file_fd, FILE_SIZE, 0), -1);
	finish_file(failed);
}

/* By a mapping, for blocks: to break one up takes memory. */
static void prepare_full_file(void)
{
	prepare_file();
	map = gm_map(file_fd, 2 * BLOCK);
	pat_fill(map, 2 * BLOCK, 0, 1);
	munmap(map, 2 * BLOCK);
}

#define HOLE	(BLOCK / 2 + 5 * PAGE)

static int run_punch(void)
{
	return fallocate(file_fd, PUNCH, 100, HOLE);
}

static void finish_punch(bool failed)
{
	CHECK_EQ(gm_pread_bad(file_fd, 100, 0, 1), -1);
	if (!failed)
		CHECK_EQ(gm_pread_nonzero(file_fd, HOLE, 100), -1);
	CHECK_EQ(gm_pread_bad(file_fd, 2 * BLOCK - HOLE - 100, HOLE + 100, 1),
		 -1);
	finish_file(failed);
}

#define CUT	(BLOCK + 5 * PAGE + 1)

static int run_truncate(void)
{
	return ftruncate(file_fd, CUT);
}

/* It leaves no old bytes where a later growth would show them. */
static void finish_truncate(bool failed)
{
	CHECK_EQ(gm_pread_bad(file_fd, CUT, 0, 1), -1);
	CHECK_EQ(lseek(file_fd, 0, SEEK_END), failed ? FILE_SIZE : CUT);
	if (!failed) {
		CHECK_OK(ftruncate(file_fd, 2 * BLOCK));
		CHECK_EQ(gm_pread_nonzero(file_fd, 2 * BLOCK - CUT, CUT), -1);
	}
	finish_file(failed);
}

#define FEW	(8 * PAGE)

/*
 * A few pages that hold something in either block: each is an allocation to
 * fail. The order itself costs none.
 */
static void prepare_evacuate(void)
{
	prepare_file();
	gm_no_scan();
	map = gm_map(file_fd, 2 * BLOCK);
	pat_fill(map, FEW, 0, 1);
	pat_fill(map + BLOCK, FEW, BLOCK, 1);
	order_fd = gm_order_fd("evacuate");
}

static int run_order(void)
{
	return write(order_fd, gm_name, strlen(gm_name)) < 0 ? -1 : 0;
}

/* It never fails for want of memory: there is the reserve. */
static void finish_evacuate(bool failed)
{
	CHECK(!failed);
	CHECK_EQ(gm_usage().blocks, 0);
	CHECK_EQ(gm_usage().resident, 2 * FEW);
	CHECK_EQ(pat_bad(map, FEW, 0, 1), -1);
	CHECK_EQ(pat_bad(map + BLOCK, FEW, BLOCK, 1), -1);
	close(order_fd);
	munmap(map, 2 * BLOCK);
	finish_file(failed);
}

static void prepare_collapse(void)
{
	prepare_full_file();
	gm_no_scan();
	map = gm_map(file_fd, 2 * BLOCK);
	gm_evacuate();
	order_fd = gm_order_fd("collapse");
	gm_punch(file_fd, PAGE, PAGE);
	CHECK_EQ(get_byte(map + PAGE), 0);
}

static void finish_collapse(bool failed)
{
	CHECK(!failed);
	CHECK_EQ(pat_bad(map, PAGE, 0, 1), -1);
	CHECK_EQ(zero_bad(map + PAGE, PAGE), -1);
	CHECK_EQ(pat_bad(map + 2 * PAGE, 2 * BLOCK - 2 * PAGE, 2 * PAGE, 1),
		 -1);
	close(order_fd);
	munmap(map, 2 * BLOCK);
	finish_file(failed);
}

TEST_SECS(blocks, 600)
{
	static const struct inject_op ops[] = {
		{ "evacuate", prepare_evacuate, run_order, finish_evacuate },
		{ "collapse", prepare_collapse, run_order, finish_collapse },
	};

	inject_setup();
	gm_need_blocks();
	inject_all(ops, ARRAY_SIZE(ops));
}

static void prepare_trim(void)
{
	char buf[PAGE];

	prepare_file();
	guest_id = gm_id();
	map = gm_map(file_fd, 2 * BLOCK);
	pat_fill(map, BLOCK, 0, 1);
	memset(map + PAGE, 0, 400 * PAGE);
	memset(buf, 5, sizeof(buf));
	for (int i = 0; i < 16; i++)
		memcpy(map + BLOCK + i * PAGE, buf, PAGE);
}

static int run_trim(void)
{
	struct dr_guest_trim trim = { .flags = DR_TRIM_ALL, .id = guest_id };
	int err, fd = open(DEVICE, O_RDWR), ret;

	if (fd < 0)
		return -1;
	ret = ioctl(fd, DR_IOC_GUEST_TRIM, &trim);
	err = errno;
	close(fd);
	errno = err;
	return ret;
}

static void finish_trim(bool failed)
{
	char buf[PAGE];

	memset(buf, 5, sizeof(buf));
	CHECK_EQ(pat_bad(map, PAGE, 0, 1), -1);
	CHECK_EQ(zero_bad(map + PAGE, 400 * PAGE), -1);
	CHECK_EQ(pat_bad(map + 401 * PAGE, BLOCK - 401 * PAGE, 401 * PAGE, 1),
		 -1);
	for (int i = 0; i < 16; i++)
		CHECK(memcmp(map + BLOCK + i * PAGE, buf, PAGE) == 0);
	munmap(map, 2 * BLOCK);
	finish_file(failed);
}

TEST_SECS(file, 300)
{
	static const struct inject_op ops[] = {
		{ "write", prepare_file, run_write, finish_file },
		{ "write of a block", prepare_file, run_write_block,
		  finish_write_block },
		{ "fallocate", prepare_file, run_fallocate,
		  finish_fallocate },
		{ "punch", prepare_full_file, run_punch, finish_punch },
		{ "truncate", prepare_full_file, run_truncate,
		  finish_truncate },
	};

	inject_setup();
	inject_all(ops, ARRAY_SIZE(ops));
}

TEST_SECS(trim, 300)
{
	static const struct inject_op op = {
		"trim", prepare_trim, run_trim, finish_trim,
	};

	inject_setup();
	inject(&op);
}

static void prepare_map(void)
{
	prepare_file();
	map = gm_map(file_fd, FILE_SIZE);
}

/* A plain access would be tried again for ever. */
static int run_fault(void)
{
	char buf[100];

	pat_fill(buf, sizeof(buf), 0, 1);
	return inject_poke(map + BLOCK, buf, sizeof(buf));
}

static int run_touch(void)
{
	set_byte(map + 2 * BLOCK, 1);
	return 0;
}

static void finish_map(bool failed)
{
	CHECK_EQ(zero_bad(map + BLOCK + 100, BLOCK - 100), -1);
	munmap(map, FILE_SIZE);
	finish_file(failed);
}

TEST_SECS(fault, 300)
{
	static const struct inject_op ops[] = {
		{ "fault by the kernel", prepare_map, run_fault, finish_map },
		{ "fault", prepare_map, run_touch, finish_map },
	};

	inject_setup();
	inject_all(ops, ARRAY_SIZE(ops));
}

static int run_info(void)
{
	struct dr_guest_info info = { .flags = 0 };
	int err, fd = open(DEVICE, O_RDONLY), ret;

	if (fd < 0)
		return -1;
	snprintf(info.name, sizeof(info.name), "%s", gm_name);
	ret = ioctl(fd, DR_IOC_GUEST_INFO, &info);
	err = errno;
	close(fd);
	errno = err;
	return ret;
}

static struct dr_region region = { .size = PAGE };

static void prepare_regions(void)
{
	struct stat st;

	prepare_file();
	ASSERT_OK(fstat(file_fd, &st));
	region.ino = st.st_ino;
	guest_id = gm_id();
}

static int run_regions(void)
{
	struct dr_guest_vmm vmm = {
		.flags = DR_VMM_REGIONS, .id = guest_id, .nr_regions = 1,
		.regions = (unsigned long)&region,
	};
	int err, fd = open(DEVICE, O_RDWR), ret;

	if (fd < 0)
		return -1;
	ret = ioctl(fd, DR_IOC_GUEST_VMM, &vmm);
	err = errno;
	close(fd);
	errno = err;
	return ret;
}

static int run_sysfs(void)
{
	char text[64];
	int err = read_text(gm_attr_path(NULL, "size"), text, sizeof(text));

	errno = -err;
	return err ? -1 : 0;
}

TEST_SECS(api, 300)
{
	static const struct inject_op ops[] = {
		{ "GUEST_INFO", NULL, run_info, NULL },
		{ "GUEST_VMM", prepare_regions, run_regions, finish_file },
		{ "sysfs", NULL, run_sysfs, NULL },
	};

	inject_setup();
	inject_all(ops, ARRAY_SIZE(ops));
}
