// SPDX-License-Identifier: GPL-2.0-only
/* See gmem.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "gmem.h"

#define GONE_MS	30000	/* time for a guest to go after its last user */

const char *gm_root = "/run/denseram";
char gm_dir[256];
char gm_name[128];

bool gm_is_denseram(void)
{
	struct statfs fs;

	return statfs(gm_root, &fs) == 0 && fs.f_type == DR_SUPER_MAGIC;
}

void gm_need_denseram(void)
{
	if (!gm_is_denseram())
		ktap_skip("%s is not denseram", gm_root);
}

const char *gm_path(const char *name)
{
	static char paths[8][512];
	static unsigned int next;
	char *path = paths[next++ % ARRAY_SIZE(paths)];

	snprintf(path, sizeof(paths[0]), "%s/%s", gm_dir, name);
	return path;
}

int gm_create(const char *name, __u64 size)
{
	int fd = open(gm_path(name), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	ASSERT(fd >= 0);
	ASSERT_OK(ftruncate(fd, size));
	return fd;
}

/* Reserve more than is needed, to choose the alignment within it. */
void *gm_map_skew(int fd, size_t len, __u64 offset, int prot, size_t skew)
{
	size_t room = len + 2 * BLOCK;
	unsigned long at;
	char *base, *map;

	base = mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT(base != MAP_FAILED);
	at = ((unsigned long)base + BLOCK - 1) & ~(BLOCK - 1);
	at += (offset + skew) % BLOCK;
	map = mmap((void *)at, len, prot, MAP_SHARED | MAP_FIXED, fd, offset);
	ASSERT(map != MAP_FAILED);
	if (map > base)
		munmap(base, map - base);
	munmap(map + len, base + room - (map + len));
	return map;
}

void *gm_map(int fd, size_t len)
{
	return gm_map_skew(fd, len, 0, PROT_READ | PROT_WRITE, 0);
}

/* By a guest of its own, so that the test's counters start at 0. */
void gm_need_blocks(void)
{
	struct dr_guest_info info;
	char path[400];
	char *map;
	int fd;

	gm_need_denseram();
	snprintf(path, sizeof(path), "%s.probe", gm_dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ASSERT(fd >= 0);
	ASSERT_OK(ftruncate(fd, BLOCK));
	map = gm_map(fd, BLOCK);
	set_byte(map, 1);
	ASSERT_OK(gm_info(path + strlen(gm_root) + 1, &info));
	munmap(map, BLOCK);
	close(fd);
	ASSERT_OK(unlink(path));
	if (info.usage.blocks == 0)
		ktap_skip("no 2 MiB block to be had");
}

void gm_punch(int fd, __u64 offset, __u64 len)
{
	CHECK_OK(fallocate(fd, PUNCH, offset, len));
}

void gm_pwrite_pattern(int fd, size_t len, __u64 offset, __u64 key)
{
	char buf[64 * KIB];
	size_t done, part;

	for (done = 0; done < len; done += part) {
		part = len - done < sizeof(buf) ? len - done : sizeof(buf);
		pat_fill(buf, part, offset + done, key);
		ASSERT(pwrite(fd, buf, part, offset + done) == (ssize_t)part);
	}
}

/* Walk the file by read(2); @key < 0 asks for zeros. */
static ssize_t pread_bad(int fd, size_t len, __u64 offset,
			 const __u64 *key)
{
	char buf[64 * KIB];
	size_t done, part;
	ssize_t bad;

	for (done = 0; done < len; done += part) {
		part = len - done < sizeof(buf) ? len - done : sizeof(buf);
		if (pread(fd, buf, part, offset + done) != (ssize_t)part)
			return done;
		bad = key ? pat_bad(buf, part, offset + done, *key) :
			    zero_bad(buf, part);
		if (bad >= 0)
			return done + bad;
	}
	return -1;
}

ssize_t gm_pread_bad(int fd, size_t len, __u64 offset, __u64 key)
{
	return pread_bad(fd, len, offset, &key);
}

ssize_t gm_pread_nonzero(int fd, size_t len, __u64 offset)
{
	return pread_bad(fd, len, offset, NULL);
}

int gm_device(int flags)
{
	int fd = open(DEVICE, flags | O_CLOEXEC);

	ASSERT(fd >= 0);
	return fd;
}

int gm_info(const char *name, struct dr_guest_info *info)
{
	int ret, err, fd = gm_device(O_RDONLY);

	memset(info, 0, sizeof(*info));
	snprintf(info->name, sizeof(info->name), "%s", name ? name : gm_name);
	ret = ioctl(fd, DR_IOC_GUEST_INFO, info);
	err = errno;
	close(fd);
	errno = err;
	return ret;
}

struct dr_usage gm_usage(void)
{
	struct dr_guest_info info;

	ASSERT_OK(gm_info(NULL, &info));
	return info.usage;
}

__u64 gm_event(enum dr_event event)
{
	struct dr_guest_info info;

	ASSERT_OK(gm_info(NULL, &info));
	return info.events[event];
}

__u64 gm_id(void)
{
	struct dr_guest_info info;

	ASSERT_OK(gm_info(NULL, &info));
	return info.id;
}

struct dr_usage gm_total(void)
{
	struct dr_status status = { .flags = 0 };
	int fd = gm_device(O_RDONLY);

	ASSERT_OK(ioctl(fd, DR_IOC_STATUS, &status));
	close(fd);
	return status.usage;
}

struct dr_guest_trim gm_trim(__u32 flags)
{
	struct dr_guest_trim trim = { .flags = flags, .id = gm_id() };
	int fd = gm_device(O_RDWR);

	ASSERT_OK(ioctl(fd, DR_IOC_GUEST_TRIM, &trim));
	close(fd);
	return trim;
}

const char *gm_attr_path(const char *name, const char *attr)
{
	static char paths[4][512];
	static unsigned int next;
	char *path = paths[next++ % ARRAY_SIZE(paths)];

	snprintf(path, sizeof(paths[0]), SYSFS "/guests/%s/%s",
		 name ? name : gm_name, attr);
	return path;
}

__u64 gm_attr(const char *name, const char *attr)
{
	__u64 value = 0;
	int err = read_u64(gm_attr_path(name, attr), &value);

	if (err) {
		ktap_diag("%s: %s", gm_attr_path(name, attr), strerror(-err));
		ASSERT(!err);
	}
	return value;
}

bool gm_guest_exists(const char *name)
{
	return access(gm_attr_path(name, "id"), F_OK) == 0;
}

static bool guest_gone(void *name)
{
	return !gm_guest_exists(name);
}

bool gm_guest_gone(const char *name)
{
	return poll_until(guest_gone, (void *)name, GONE_MS);
}

static bool recount_ok(void *text)
{
	return !read_text(DEBUGFS "/recount", text, 4096) &&
	       !strcmp(text, "ok\n");
}

/* Of files at rest: a pager or scanner may be in the middle of a walk. */
void gm_check_recount(void)
{
	char text[4096] = "unreadable";

	if (access(DEBUGFS, F_OK))
		return;		/* debugfs not mounted or not built in */
	if (!CHECK(poll_until(recount_ok, text, 5000)))
		ktap_diag("recount: %s", text);
}

void gm_no_scan(void)
{
	ASSERT(write_text(gm_attr_path(NULL, "share"), "off") == 0);
}

int gm_order_fd(const char *order)
{
	char path[300];
	int fd;

	gm_need_denseram();
	snprintf(path, sizeof(path), DEBUGFS "/%s", order);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		ktap_skip("no %s: %s", path, strerror(errno));
	return fd;
}

static void give_order(const char *order)
{
	int fd = gm_order_fd(order);

	ASSERT(write(fd, gm_name, strlen(gm_name)) == (ssize_t)strlen(gm_name));
	close(fd);
}

void gm_evacuate(void)
{
	give_order("evacuate");
}

void gm_collapse(void)
{
	give_order("collapse");
}

int gm_mount(const char *dir, const char *options)
{
	return mount("none", dir, "denseram", 0, options);
}

void gm_private_mounts(void)
{
	ASSERT_OK(unshare(CLONE_NEWNS));
	ASSERT_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	ASSERT_OK(mount("none", "/mnt", "tmpfs", 0, NULL));
}

static bool before_test(const char *prog, const char *test)
{
	const char *root = getenv("DR_DIR");

	if (root)
		gm_root = root;
	snprintf(gm_name, sizeof(gm_name), "%s.%s.%d", prog, test, getpid());
	snprintf(gm_dir, sizeof(gm_dir), "%s/%s", gm_root, gm_name);
	return CHECK_OK(mkdir(gm_dir, 0755));
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* Guests whose names start with the test's own; @first: where to name one. */
static int guests_left(char *first, size_t size)
{
	DIR *dir = opendir(SYSFS "/guests");
	struct dirent *entry;
	int nr = 0;

	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, gm_name, strlen(gm_name)) != 0)
			continue;
		snprintf(first, size, "%s", entry->d_name);
		nr++;
	}
	if (dir)
		closedir(dir);
	return nr;
}

static bool no_guest_left(void *arg)
{
	char first[256];

	(void)arg;
	return guests_left(first, sizeof(first)) == 0;
}

static bool check_guests_gone(void)
{
	char first[256] = "";
	bool ok = poll_until(no_guest_left, NULL, GONE_MS);

	if (!ok) {
		guests_left(first, sizeof(first));
		ktap_diag("guest %s is still there after the test", first);
	}
	return CHECK(ok);
}

static bool after_test(void)
{
	bool removed = true;

	if (access(gm_dir, F_OK) == 0)
		removed = nftw(gm_dir, remove_one, 16,
			       FTW_DEPTH | FTW_PHYS) == 0;
	CHECK(removed);
	if (!gm_is_denseram())
		return removed;
	gm_check_recount();
	return check_guests_gone() && removed;
}

static const struct ktap_hooks hooks = {
	.before = before_test,
	.after = after_test,
};

/* Every program that is linked with this file has the hooks. */
__attribute__((constructor)) static void hooks_set(void)
{
	ktap_hooks = &hooks;
}
