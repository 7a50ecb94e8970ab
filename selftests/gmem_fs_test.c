// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mounting: every option, what it refuses, remounting, limits, statfs,
 * several mounts at once. What happens inside the tree is in gmem_ns_test.c.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "lib/crew.h"
#include "lib/gmem.h"

/* Two mount points in a namespace of our own: they go with the test. */
static void setup(void)
{
	gm_need_denseram();
	gm_private_mounts();
	ASSERT_OK(mkdir("/mnt/a", 0755));
	ASSERT_OK(mkdir("/mnt/b", 0755));
}

static struct stat stat_of(const char *path)
{
	struct stat st = { .st_mode = 0 };

	CHECK_OK(stat(path, &st));
	return st;
}

static __u64 size_of(const char *path)
{
	struct statfs fs;

	ASSERT_OK(statfs(path, &fs));
	return (__u64)fs.f_blocks * fs.f_bsize;
}

static int create_at(const char *path, __u64 size)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	ASSERT(fd >= 0);
	if (size)
		ASSERT_OK(ftruncate(fd, size));
	return fd;
}

TEST(defaults)
{
	struct statfs fs;
	struct stat st;

	setup();
	ASSERT_OK(gm_mount("/mnt/a", NULL));
	st = stat_of("/mnt/a");
	CHECK_EQ(st.st_mode, S_IFDIR | 0755);
	CHECK_EQ(st.st_uid, 0);
	CHECK_EQ(st.st_gid, 0);
	ASSERT_OK(statfs("/mnt/a", &fs));
	CHECK_EQ(fs.f_type, DR_SUPER_MAGIC);
	CHECK(fs.f_bsize >= 4096);
	CHECK_EQ(fs.f_namelen, 255);
	CHECK_OK(umount("/mnt/a"));
}

TEST(owner_and_mode)
{
	struct stat st;

	setup();
	ASSERT_OK(gm_mount("/mnt/a", "mode=01770,uid=1234,gid=5678"));
	st = stat_of("/mnt/a");
	CHECK_EQ(st.st_mode, S_IFDIR | 01770);
	CHECK_EQ(st.st_uid, 1234);
	CHECK_EQ(st.st_gid, 5678);
	CHECK_OK(umount("/mnt/a"));
}

TEST(size_units)
{
	static const struct {
		const char *text;
		__u64 bytes;
	} sizes[] = {
		{ "size=1048576", MIB },
		{ "size=64k", 64 * KIB },
		{ "size=8K", 8 * KIB },
		{ "size=16m", 16 * MIB },
		{ "size=16M", 16 * MIB },
		{ "size=3g", 3072 * MIB },
	};

	setup();
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		if (!CHECK_OK(gm_mount("/mnt/a", sizes[i].text)))
			continue;
		if (!CHECK_EQ(size_of("/mnt/a"), sizes[i].bytes))
			ktap_diag("with %s", sizes[i].text);
		CHECK_OK(umount("/mnt/a"));
	}
}

TEST(size_percent)
{
	__u64 total = file_kb("/proc/meminfo", "MemTotal") * KIB;

	setup();
	ASSERT_OK(gm_mount("/mnt/a", "size=50%"));
	CHECK_RANGE(size_of("/mnt/a"), total / 2 - MIB, total / 2 + MIB);
	CHECK_OK(umount("/mnt/a"));
}

TEST(bad_options)
{
	static const char *const bad[] = {
		"bogus", "bogus=1", "size", "size=", "size=abc", "size=-1",
		"size=12x", "size=1m2", "size=%", "size=50%%",
		"size=99999999999999999999999", "mode", "mode=9", "mode=rwx",
		"mode=-1", "uid=abc", "uid=-1", "gid=", "gid=x", "uid=99999999999",
		"huge", "huge=", "huge=maybe", "huge=1", "HUGE=always",
		"size=1m,bogus", "mode=0700,huge=sometimes",
		"share", "share=", "share=x", "share=0", "share=Off",
		"share=domain,share=x", "size=1m,share=none",
	};

	setup();
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (CHECK_ERR(gm_mount("/mnt/a", bad[i]), EINVAL))
			continue;
		ktap_diag("mounting with \"%s\"", bad[i]);
		umount("/mnt/a");
	}
}

TEST(options_shown)
{
	char text[16 * KIB], *line, *end;

	setup();
	ASSERT_OK(gm_mount("/mnt/a", "mode=0711,uid=7,gid=8,size=2m,huge=never"));
	CHECK_EQ(read_text("/proc/self/mounts", text, sizeof(text)), 0);
	line = strstr(text, " /mnt/a denseram ");
	ASSERT(line);
	end = strchr(line, '\n');
	ASSERT(end);
	*end = '\0';
	CHECK(strstr(line, "mode=711") || strstr(line, "mode=0711"));
	CHECK(strstr(line, "uid=7"));
	CHECK(strstr(line, "gid=8"));
	CHECK(strstr(line, "size="));
	CHECK(strstr(line, "huge=never"));
	CHECK_OK(umount("/mnt/a"));
}

/* What the kernel shows as options must be options it takes. */
TEST(shown_options_remount)
{
	char text[16 * KIB], *line, *end;

	setup();
	ASSERT_OK(gm_mount("/mnt/a", "size=2m,huge=never"));
	CHECK_EQ(read_text("/proc/self/mounts", text, sizeof(text)), 0);
	line = strstr(text, " /mnt/a denseram ");
	ASSERT(line);
	line += strlen(" /mnt/a denseram ");
	end = strchr(line, ' ');
	ASSERT(end);
	*end = '\0';
	/* rw and relatime are the generic layer's, not ours. */
	line = strstr(line, "relatime,") ? strstr(line, "relatime,") + 9 : line;
	if (!CHECK_OK(mount(NULL, "/mnt/a", NULL, MS_REMOUNT, line)))
		ktap_diag("options \"%s\"", line);
	CHECK_EQ(size_of("/mnt/a"), 2 * MIB);
	CHECK_OK(umount("/mnt/a"));
}

static const char *const share_names[DR_NR_SHARE_MODES] = {
	[DR_SHARE_OFF] = "off", [DR_SHARE_GUEST] = "guest",
	[DR_SHARE_DOMAIN] = "domain", [DR_SHARE_ALL] = "all",
};

/* The mode that /proc/self/mounts shows, in a static buffer. */
static const char *share_shown(const char *dir)
{
	static char text[16 * KIB];
	char where[64], *line, *mode;

	snprintf(where, sizeof(where), " %s denseram ", dir);
	CHECK_EQ(read_text("/proc/self/mounts", text, sizeof(text)), 0);
	line = strstr(text, where);
	ASSERT(line);
	line = strtok(line, "\n");
	mode = strstr(line, "share=");
	ASSERT(mode);
	return strtok(mode + strlen("share="), ", ");
}

static void check_guest_mode(const char *guest, enum dr_share_mode mode)
{
	struct dr_guest_info info;

	ASSERT_OK(gm_info(guest, &info));
	if (!CHECK_EQ(info.share, mode))
		ktap_diag("guest %s", guest);
}

/* New guests of all kinds are in this mode: directory, file, nameless file. */
static void check_new_guests(enum dr_share_mode mode)
{
	char dir[160], file[160];
	int fd;

	snprintf(dir, sizeof(dir), "/mnt/a/%s.new", gm_name);
	snprintf(file, sizeof(file), "/mnt/a/%s.f", gm_name);
	ASSERT_OK(mkdir(dir, 0755));
	check_guest_mode(dir + strlen("/mnt/a/"), mode);
	ASSERT_OK(rmdir(dir));
	close(create_at(file, PAGE));
	check_guest_mode(file + strlen("/mnt/a/"), mode);
	ASSERT_OK(unlink(file));
	CHECK(!gm_guest_exists("tmpfile"));
	fd = open("/mnt/a", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	ASSERT(fd >= 0);
	check_guest_mode("tmpfile", mode);
	close(fd);
	CHECK(gm_guest_gone("tmpfile"));
}

TEST(share_modes)
{
	char option[32];

	setup();
	ASSERT_OK(gm_mount("/mnt/a", NULL));
	CHECK(strcmp(share_shown("/mnt/a"), "domain") == 0);
	check_new_guests(DR_SHARE_DOMAIN);
	CHECK_OK(umount("/mnt/a"));
	for (int mode = 0; mode < DR_NR_SHARE_MODES; mode++) {
		snprintf(option, sizeof(option), "share=%s", share_names[mode]);
		ASSERT_OK(gm_mount("/mnt/a", option));
		CHECK(strcmp(share_shown("/mnt/a"), share_names[mode]) == 0);
		check_new_guests(mode);
		CHECK_OK(umount("/mnt/a"));
	}
}

/* For those that come from then on, on this mount alone. */
TEST(share_remount)
{
	char dir[160], later[200], *guest = dir + strlen("/mnt/a/");

	setup();
	ASSERT_OK(gm_mount("/mnt/a", "share=off"));
	ASSERT_OK(gm_mount("/mnt/b", "share=guest"));
	snprintf(dir, sizeof(dir), "/mnt/a/%s.d", gm_name);
	ASSERT_OK(mkdir(dir, 0755));
	CHECK_OK(mount(NULL, "/mnt/a", NULL, MS_REMOUNT, "share=all"));
	CHECK(strcmp(share_shown("/mnt/a"), "all") == 0);
	CHECK(strcmp(share_shown("/mnt/b"), "guest") == 0);
	check_guest_mode(guest, DR_SHARE_OFF);
	check_new_guests(DR_SHARE_ALL);
	CHECK_ERR(mount(NULL, "/mnt/a", NULL, MS_REMOUNT, "share=x"), EINVAL);
	CHECK_OK(mount(NULL, "/mnt/a", NULL, MS_REMOUNT, "size=1m"));
	CHECK(strcmp(share_shown("/mnt/a"), "all") == 0);
	/* A directory in it is a guest in its stead, with the mode of now. */
	snprintf(later, sizeof(later), "%s/in", dir);
	ASSERT_OK(mkdir(later, 0755));
	check_guest_mode("in", DR_SHARE_ALL);
	ASSERT_OK(rmdir(later));
	ASSERT_OK(rmdir(dir));
	CHECK_OK(umount("/mnt/a"));
	CHECK_OK(umount("/mnt/b"));
}

TEST(remount_size)
{
	int fd;

	setup();
	ASSERT_OK(gm_mount("/mnt/a", "size=1m"));
	fd = create_at("/mnt/a/f", 0);
	CHECK_ERR(fallocate(fd, 0, 0, 2 * MIB), ENOSPC);
	ASSERT_OK(mount(NULL, "/mnt/a", NULL, MS_REMOUNT, "size=4m"));
	CHECK_EQ(size_of("/mnt/a"), 4 * MIB);
	CHECK_OK(fallocate(fd, 0, 0, 2 * MIB));
	CHECK_ERR(mount(NULL, "/mnt/a", NULL, MS_REMOUNT, "bogus"), EINVAL);
	CHECK_ERR(mount(NULL, "/mnt/a", NULL, MS_REMOUNT, "size=x"), EINVAL);
	CHECK_EQ(size_of("/mnt/a"), 4 * MIB);
	close(fd);
	CHECK_OK(umount("/mnt/a"));
}

TEST(remount_rest)
{
	int fd;

	setup();
	ASSERT_OK(gm_mount("/mnt/a", "size=8m,uid=3"));
	CHECK_ERR(mount(NULL, "/mnt/a", NULL, MS_REMOUNT, "uid=5"), EINVAL);
	CHECK_ERR(mount(NULL, "/mnt/a", NULL, MS_REMOUNT, "mode=700"), EINVAL);
	CHECK_EQ(stat_of("/mnt/a").st_uid, 3);
	CHECK_OK(mount(NULL, "/mnt/a", NULL, MS_REMOUNT, "uid=3"));
	CHECK_EQ(size_of("/mnt/a"), 8 * MIB);
	/* Not below what is in use; then no limit at all. */
	fd = create_at("/mnt/a/f", 0);
	ASSERT_OK(fallocate(fd, 0, 0, 4 * MIB));
	CHECK_ERR(mount(NULL, "/mnt/a", NULL, MS_REMOUNT, "size=1m"), EINVAL);
	CHECK_EQ(size_of("/mnt/a"), 8 * MIB);
	CHECK_OK(mount(NULL, "/mnt/a", NULL, MS_REMOUNT, "size=0"));
	CHECK_OK(fallocate(fd, 0, 0, 12 * MIB));
	close(fd);
	/* Writable descriptors keep it from becoming read-only. */
	fd = open("/mnt/a/f", O_RDWR);
	CHECK_ERR(mount(NULL, "/mnt/a", NULL, MS_REMOUNT | MS_RDONLY, ""),
		  EBUSY);
	close(fd);
	CHECK_OK(mount(NULL, "/mnt/a", NULL, MS_REMOUNT | MS_RDONLY, ""));
	CHECK_ERR(unlink("/mnt/a/f"), EROFS);
	CHECK_OK(umount("/mnt/a"));
}

/* The limit bounds the memory held, not the sizes; freed room is usable. */
TEST(size_limit)
{
	int fd, fd2;

	setup();
	ASSERT_OK(gm_mount("/mnt/a", "size=8m"));
	fd = create_at("/mnt/a/f", 64 * MIB);
	fd2 = create_at("/mnt/a/g", 64 * MIB);
	CHECK_ERR(fallocate(fd, 0, 0, 10 * MIB), ENOSPC);
	CHECK_OK(fallocate(fd, PUNCH, 0, 64 * MIB));
	CHECK_OK(fallocate(fd, 0, 0, 6 * MIB));
	CHECK_ERR(fallocate(fd2, 0, 0, 4 * MIB), ENOSPC);
	CHECK_OK(fallocate(fd2, PUNCH, 0, 64 * MIB));
	CHECK_OK(fallocate(fd2, 0, 0, 2 * MIB));
	CHECK_ERR(pwrite(fd2, "x", 1, 3 * MIB), ENOSPC);
	CHECK_EQ(pwrite(fd2, "x", 1, MIB), 1);
	CHECK_OK(ftruncate(fd, MIB));
	CHECK_EQ(pwrite(fd2, "x", 1, 3 * MIB), 1);
	close(fd);
	CHECK_OK(unlink("/mnt/a/f"));
	CHECK_OK(fallocate(fd2, 0, 0, 8 * MIB));
	close(fd2);
	CHECK_OK(umount("/mnt/a"));
}

/**
 * struct filler - a thread that fills and empties a file at the limit
 * @crew: its crew
 * @fd: its file
 * @full: times there was no room
 */
struct filler {
	struct crew *crew;
	int fd;
	unsigned long full;
};

static void *fill_and_empty(void *arg)
{
	struct filler *filler = arg;
	char buf[PAGE] = "x";

	for (__u64 at = 0; crew_goes_on(filler->crew); at += PAGE) {
		if (pwrite(filler->fd, buf, PAGE, at) == (ssize_t)PAGE)
			continue;
		CHECK_EQ(errno, ENOSPC);
		__atomic_add_fetch(&filler->full, 1, __ATOMIC_RELAXED);
		/* The others may have taken all there is. */
		if (at)
			gm_punch(filler->fd, 0, at);
		at = 0;
	}
	return NULL;
}

#define NR_FILLERS	4

static bool all_were_full(void *arg)
{
	struct filler *fillers = arg;

	for (int i = 0; i < NR_FILLERS; i++)
		if (!__atomic_load_n(&fillers[i].full, __ATOMIC_RELAXED))
			return false;
	return true;
}

TEST(size_limit_race)
{
	struct filler fillers[NR_FILLERS];
	struct crew crew = { .nr = 0 };
	struct statfs fs;
	char path[32];

	setup();
	ASSERT_OK(gm_mount("/mnt/a", "size=3m"));
	for (int i = 0; i < NR_FILLERS; i++) {
		snprintf(path, sizeof(path), "/mnt/a/f%d", i);
		fillers[i] = (struct filler){ &crew, create_at(path, 0), 0 };
		crew_add(&crew, fill_and_empty, &fillers[i]);
	}
	crew_work_until(&crew, opts.secs * 400, all_were_full, fillers);
	for (int i = 0; i < NR_FILLERS; i++) {
		CHECK(fillers[i].full > 0);
		CHECK_OK(ftruncate(fillers[i].fd, 0));
		close(fillers[i].fd);
	}
	/* Nothing charged for good. */
	ASSERT_OK(statfs("/mnt/a", &fs));
	CHECK_EQ(fs.f_bfree, fs.f_blocks);
	CHECK_OK(umount("/mnt/a"));
}

TEST(free_space)
{
	struct statfs before, after;
	int fd;

	setup();
	ASSERT_OK(gm_mount("/mnt/a", "size=16m"));
	ASSERT_OK(statfs("/mnt/a", &before));
	CHECK_EQ(before.f_bfree, before.f_blocks);
	fd = create_at("/mnt/a/f", 4 * MIB);
	ASSERT_OK(fallocate(fd, 0, 0, 4 * MIB));
	ASSERT_OK(statfs("/mnt/a", &after));
	CHECK_EQ((before.f_bfree - after.f_bfree) * after.f_bsize, 4 * MIB);
	CHECK_EQ(after.f_bavail, after.f_bfree);
	close(fd);
	ASSERT_OK(unlink("/mnt/a/f"));
	ASSERT_OK(statfs("/mnt/a", &after));
	CHECK_EQ(after.f_bfree, before.f_bfree);
	CHECK_OK(umount("/mnt/a"));
}

TEST(huge_never)
{
	struct dr_guest_info info;
	char name[160];
	char *map;
	int fd;

	setup();
	ASSERT_OK(gm_mount("/mnt/a", "huge=never"));
	snprintf(name, sizeof(name), "/mnt/a/%s.n", gm_name);
	fd = create_at(name, 4 * MIB);
	map = gm_map(fd, 4 * MIB);
	set_byte(map, 1);
	set_byte(map + 2 * MIB, 1);
	CHECK_EQ(smaps_kb(map, "FilePmdMapped"), 0);
	ASSERT_OK(gm_info(name + strlen("/mnt/a/"), &info));
	CHECK_EQ(info.usage.blocks, 0);
	CHECK_EQ(info.usage.pages, 2);
	munmap(map, 4 * MIB);
	close(fd);
	ASSERT_OK(unlink(name));
	CHECK_OK(umount("/mnt/a"));
}

/* Equal names in two mounts: both guests show, under different names. */
TEST(two_mounts_equal_names)
{
	char a[160], b[160], second[200] = "";
	struct stat sta, stb;
	char byte;
	int fda, fdb;

	setup();
	ASSERT_OK(gm_mount("/mnt/a", NULL));
	ASSERT_OK(gm_mount("/mnt/b", NULL));
	snprintf(a, sizeof(a), "/mnt/a/%s.t", gm_name);
	snprintf(b, sizeof(b), "/mnt/b/%s.t", gm_name);
	fda = create_at(a, 0);
	ASSERT(pwrite(fda, "a", 1, 0) == 1);
	fdb = create_at(b, 0);
	ASSERT(pwrite(fdb, "bb", 2, 0) == 2);
	sta = stat_of(a);
	stb = stat_of(b);
	CHECK(sta.st_dev != stb.st_dev);
	CHECK_EQ(gm_attr(a + 7, "size"), 1);
	for (int id = 1; id < 1000000 && !second[0]; id++) {
		snprintf(second, sizeof(second), "%s.%d", a + 7, id);
		if (!gm_guest_exists(second))
			second[0] = '\0';
		else
			CHECK_EQ(gm_attr(second, "id"), id);
	}
	ASSERT(second[0]);
	CHECK_EQ(gm_attr(second, "size"), 2);
	CHECK_EQ(pread(fda, &byte, 1, 0), 1);
	CHECK_EQ(byte, 'a');
	close(fda);
	close(fdb);
	unlink(b);
	CHECK(gm_guest_gone(second));
	CHECK(gm_guest_exists(a + 7));
	unlink(a);
	CHECK_OK(umount("/mnt/a"));
	CHECK_OK(umount("/mnt/b"));
}

TEST(status_counts_mounts)
{
	struct dr_status one = { .flags = 0 }, two = { .flags = 0 };
	int fd = -1;

	setup();
	fd = gm_device(O_RDONLY);
	ASSERT_OK(ioctl(fd, DR_IOC_STATUS, &one));
	ASSERT_OK(gm_mount("/mnt/a", NULL));
	ASSERT_OK(ioctl(fd, DR_IOC_STATUS, &two));
	CHECK_EQ(two.nr_mounts, one.nr_mounts + 1);
	CHECK_OK(umount("/mnt/a"));
	ASSERT_OK(ioctl(fd, DR_IOC_STATUS, &two));
	CHECK_EQ(two.nr_mounts, one.nr_mounts);
}

TEST(read_only_mount)
{
	setup();
	ASSERT_OK(mount("none", "/mnt/a", "denseram", MS_RDONLY, NULL));
	CHECK_ERR(mkdir("/mnt/a/x", 0755), EROFS);
	CHECK_ERR(open("/mnt/a/x", O_RDWR | O_CREAT, 0600), EROFS);
	CHECK_OK(umount("/mnt/a"));
}

TEST(umount_busy)
{
	int fd;

	setup();
	ASSERT_OK(gm_mount("/mnt/a", NULL));
	fd = create_at("/mnt/a/f", MIB);
	CHECK_ERR(umount("/mnt/a"), EBUSY);
	close(fd);
	CHECK_OK(umount("/mnt/a"));
}

static int try_mount(void *arg)
{
	(void)arg;
	if (setgid(65534) || setuid(65534))
		return 2;
	return gm_mount("/mnt/a", NULL) == -1 && errno == EPERM ? 0 : 1;
}

TEST(unprivileged)
{
	setup();
	CHECK_EQ(in_child(try_mount, NULL), 0);
}

static int mount_in_userns(void *arg)
{
	(void)arg;
	if (setgid(65534) || setuid(65534))
		return 2;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return 4;
	return gm_mount("/mnt/a", NULL) == -1 && errno == EPERM ? 0 : 1;
}

/* Unaccounted memory for whoever makes a user namespace: refused. */
TEST(user_namespace)
{
	int ret;

	setup();
	ret = in_child(mount_in_userns, NULL);
	if (ret == 4)
		ktap_skip("no user namespaces");
	CHECK_EQ(ret, 0);
}
