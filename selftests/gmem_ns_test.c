// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tree: directories are guests, files their RAM; what may be made, moved
 * and removed in it, by whom, and what is refused with which errno.
 */
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/swap.h>
#include <sys/xattr.h>

#include "lib/gmem.h"

/* A second guest beside the test's own, removed with it. */
static const char *sibling(const char *suffix)
{
	static char paths[4][400];
	static unsigned int next;
	char *path = paths[next++ % ARRAY_SIZE(paths)];

	snprintf(path, sizeof(paths[0]), "%s/%s%s", gm_root, gm_name, suffix);
	return path;
}

static const char *sibling_name(const char *suffix)
{
	return sibling(suffix) + strlen(gm_root) + 1;
}

static int count_entries(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int nr = 0;

	ASSERT(dir);
	while ((entry = readdir(dir)))
		nr += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	closedir(dir);
	return nr;
}

TEST(directory_is_guest)
{
	const char *name = sibling_name(".d");

	gm_need_denseram();
	CHECK(!gm_guest_exists(name));
	ASSERT_OK(mkdir(sibling(".d"), 0750));
	CHECK(gm_guest_exists(name));
	CHECK_EQ(gm_attr(name, "files"), 0);
	CHECK_EQ(gm_attr(name, "size"), 0);
	CHECK_ERR(mkdir(sibling(".d"), 0750), EEXIST);
	ASSERT_OK(rmdir(sibling(".d")));
	CHECK(gm_guest_gone(name));
	CHECK_ERR(rmdir(sibling(".d")), ENOENT);
}

TEST(top_file_is_guest)
{
	const char *name = sibling_name(".f");
	int fd;

	gm_need_denseram();
	fd = open(sibling(".f"), O_RDWR | O_CREAT | O_EXCL, 0600);
	ASSERT(fd >= 0);
	CHECK(gm_guest_exists(name));
	CHECK_EQ(gm_attr(name, "files"), 1);
	ASSERT_OK(ftruncate(fd, 3 * MIB));
	CHECK_EQ(gm_attr(name, "size"), 3 * MIB);
	close(fd);
	CHECK(gm_guest_exists(name));
	ASSERT_OK(unlink(sibling(".f")));
	CHECK(gm_guest_gone(name));
}

/* As long as a name may be: the registry and sysfs take it whole. */
TEST(long_guest_name)
{
	char name[256], path[400];

	gm_need_denseram();
	memset(name, 'g', sizeof(name));
	name[255] = '\0';
	memcpy(name, gm_name, strlen(gm_name));
	snprintf(path, sizeof(path), "%s/%s", gm_root, name);
	ASSERT_OK(mkdir(path, 0755));
	CHECK(gm_guest_exists(name));
	CHECK(gm_attr(name, "id") > 0);
	CHECK_OK(rmdir(path));
	CHECK(gm_guest_gone(name));
}

TEST(file_count)
{
	int a, b;

	gm_need_denseram();
	a = gm_create("a", MIB);
	b = gm_create("b", 2 * MIB);
	CHECK_EQ(gm_attr(NULL, "files"), 2);
	CHECK_EQ(gm_attr(NULL, "size"), 3 * MIB);
	ASSERT_OK(unlink(gm_path("a")));
	/* Unlinked but open: its memory is still the guest's. */
	CHECK_EQ(gm_attr(NULL, "files"), 2);
	close(a);
	CHECK_EQ(gm_attr(NULL, "files"), 1);
	CHECK_EQ(gm_attr(NULL, "size"), 2 * MIB);
	close(b);
}

TEST(readdir)
{
	char name[16];
	int fd;

	CHECK_EQ(count_entries(gm_dir), 0);
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		fd = gm_create(name, 0);
		close(fd);
	}
	CHECK_EQ(count_entries(gm_dir), 200);
	for (int i = 0; i < 200; i += 2) {
		snprintf(name, sizeof(name), "f%d", i);
		CHECK_OK(unlink(gm_path(name)));
	}
	CHECK_EQ(count_entries(gm_dir), 100);
}

TEST(create_flags)
{
	int fd = gm_create("f", PAGE);
	struct stat st;

	CHECK_ERR(open(gm_path("f"), O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST);
	CHECK_ERR(open(gm_path("none"), O_RDWR), ENOENT);
	CHECK_ERR(open(gm_path("f/x"), O_RDWR | O_CREAT, 0600), ENOTDIR);
	CHECK_ERR(open(gm_dir, O_RDWR), EISDIR);
	CHECK_ERR(mkdir(gm_path("f"), 0700), EEXIST);
	ASSERT(pwrite(fd, "abc", 3, 0) == 3);
	close(fd);
	fd = open(gm_path("f"), O_RDWR | O_TRUNC);
	ASSERT(fd >= 0);
	CHECK_OK(fstat(fd, &st));
	CHECK_EQ(st.st_size, 0);
	close(fd);
}

TEST(long_names)
{
	char path[600], name[260];
	int fd;

	memset(name, 'n', sizeof(name));
	name[255] = '\0';
	snprintf(path, sizeof(path), "%s/%s", gm_dir, name);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	CHECK(fd >= 0);
	close(fd);
	CHECK_OK(unlink(path));
	name[255] = 'n';
	name[256] = '\0';
	snprintf(path, sizeof(path), "%s/%s", gm_dir, name);
	CHECK_ERR(open(path, O_RDWR | O_CREAT, 0600), ENAMETOOLONG);
}

TEST(tmpfile_lives_while_open)
{
	struct stat st;
	char *map;
	int fd = open(gm_dir, O_TMPFILE | O_RDWR, 0600);

	ASSERT(fd >= 0);
	ASSERT_OK(ftruncate(fd, 4 * MIB));
	CHECK_OK(fstat(fd, &st));
	CHECK_EQ(st.st_nlink, 0);
	map = gm_map(fd, 4 * MIB);
	pat_fill(map, 4 * MIB, 0, 1);
	CHECK_EQ(gm_pread_bad(fd, 4 * MIB, 0, 1), -1);
	if (gm_is_denseram())
		CHECK_EQ(gm_attr(NULL, "files"), 1);
	close(fd);
	CHECK_EQ(pat_bad(map, 4 * MIB, 0, 1), -1);
	munmap(map, 4 * MIB);
	if (gm_is_denseram()) {
		CHECK_EQ(gm_attr(NULL, "files"), 0);
		CHECK_EQ(gm_attr(NULL, "resident"), 0);
	}
}

/* Naming a temporary file would be a link, which does not exist here. */
TEST(tmpfile_not_linkable)
{
	char proc[64];
	int fd;

	gm_need_denseram();
	fd = open(gm_dir, O_TMPFILE | O_RDWR, 0600);
	ASSERT(fd >= 0);
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	CHECK_ERR(linkat(AT_FDCWD, proc, AT_FDCWD, gm_path("named"),
			 AT_SYMLINK_FOLLOW), EPERM);
	close(fd);
}

TEST(unlink_while_mapped)
{
	int fd = gm_create("f", 2 * BLOCK);
	char *map = gm_map(fd, 2 * BLOCK);

	pat_fill(map, 2 * BLOCK, 0, 5);
	close(fd);
	ASSERT_OK(unlink(gm_path("f")));
	CHECK_EQ(pat_bad(map, 2 * BLOCK, 0, 5), -1);
	set_byte(map + BLOCK, 1);
	munmap(map, 2 * BLOCK);
	if (gm_is_denseram())
		CHECK_EQ(gm_attr(NULL, "resident"), 0);
}

TEST(rename_file)
{
	int fd = gm_create("a", PAGE), fd2 = gm_create("b", PAGE);
	char byte = 0;

	ASSERT(pwrite(fd, "A", 1, 0) == 1);
	ASSERT(pwrite(fd2, "B", 1, 0) == 1);
	ASSERT_OK(rename(gm_path("a"), gm_path("c")));
	CHECK_ERR(access(gm_path("a"), F_OK), ENOENT);
	CHECK_OK(renameat2(AT_FDCWD, gm_path("c"), AT_FDCWD, gm_path("d"),
			   RENAME_NOREPLACE));
	CHECK_ERR(renameat2(AT_FDCWD, gm_path("d"), AT_FDCWD, gm_path("b"),
			    RENAME_NOREPLACE), EEXIST);
	CHECK_OK(rename(gm_path("d"), gm_path("b")));
	CHECK_EQ(count_entries(gm_dir), 1);
	close(fd);
	fd = open(gm_path("b"), O_RDWR);
	ASSERT(fd >= 0);
	CHECK_EQ(pread(fd, &byte, 1, 0), 1);
	CHECK_EQ(byte, 'A');
	CHECK_EQ(pread(fd2, &byte, 1, 0), 1);
	CHECK_EQ(byte, 'B');
	if (gm_is_denseram())
		CHECK_EQ(gm_attr(NULL, "files"), 2);
	close(fd2);
	if (gm_is_denseram())
		CHECK_EQ(gm_attr(NULL, "files"), 1);
	close(fd);
}

TEST(rename_bad_flags)
{
	gm_need_denseram();
	close(gm_create("a", 0));
	close(gm_create("b", 0));
	CHECK_ERR(renameat2(AT_FDCWD, gm_path("a"), AT_FDCWD, gm_path("c"),
			    RENAME_WHITEOUT), EINVAL);
	close(open(sibling(".f"), O_RDWR | O_CREAT, 0600));
	CHECK_ERR(rename(sibling(".f"), gm_dir), EISDIR);
	CHECK_OK(unlink(sibling(".f")));
	CHECK_ERR(rename(gm_path("zzz"), gm_path("b")), ENOENT);
}

/* A file's memory belongs to its guest: it cannot be moved to another. */
TEST(rename_to_other_guest)
{
	char path[400];

	gm_need_denseram();
	ASSERT_OK(mkdir(sibling(".o"), 0755));
	close(gm_create("a", PAGE));
	snprintf(path, sizeof(path), "%s/a", sibling(".o"));
	CHECK_ERR(rename(gm_path("a"), path), EXDEV);
	CHECK_ERR(rename(gm_path("a"), sibling(".top")), EXDEV);
	close(open(sibling(".f"), O_RDWR | O_CREAT, 0600));
	CHECK_ERR(rename(sibling(".f"), path), EXDEV);
	CHECK_ERR(access(path, F_OK), ENOENT);
	CHECK_OK(access(gm_path("a"), F_OK));
	CHECK_OK(unlink(sibling(".f")));
	CHECK_OK(rmdir(sibling(".o")));
}

TEST(rename_guest)
{
	char path[400];
	__u64 id;
	int fd;

	gm_need_denseram();
	ASSERT_OK(mkdir(sibling(".x"), 0755));
	snprintf(path, sizeof(path), "%s/ram", sibling(".x"));
	fd = open(path, O_RDWR | O_CREAT, 0600);
	ASSERT(fd >= 0);
	ASSERT_OK(ftruncate(fd, MIB));
	id = gm_attr(sibling_name(".x"), "id");
	ASSERT_OK(rename(sibling(".x"), sibling(".y")));
	CHECK(gm_guest_gone(sibling_name(".x")));
	ASSERT(gm_guest_exists(sibling_name(".y")));
	CHECK_EQ(gm_attr(sibling_name(".y"), "id"), id);
	CHECK_EQ(gm_attr(sibling_name(".y"), "size"), MIB);
	close(fd);
	snprintf(path, sizeof(path), "%s/ram", sibling(".y"));
	CHECK_OK(unlink(path));
	CHECK_OK(rmdir(sibling(".y")));
}

/* Names as long as they may be, of one letter each. */
#define LONG_NAME	200

struct renamer {
	char from[400], to[400];
	int stop;
};

static void *rename_often(void *arg)
{
	struct renamer *r = arg;

	while (!__atomic_load_n(&r->stop, __ATOMIC_SEQ_CST)) {
		CHECK_OK(rename(r->from, r->to));
		CHECK_OK(rename(r->to, r->from));
	}
	return NULL;
}

/* Whoever reads the name meanwhile gets the one or the other, whole. */
TEST(rename_while_read)
{
	struct dr_guest_info info = {};
	struct renamer r = {};
	pthread_t thread;
	unsigned int torn = 0, nr[2] = {};
	__u64 end, id;
	int fd;

	gm_need_denseram();
	fd = gm_device(O_RDONLY);
	snprintf(r.from, sizeof(r.from), "%s/%0*d", gm_root, LONG_NAME, 0);
	snprintf(r.to, sizeof(r.to), "%s/%0*d", gm_root, LONG_NAME, 0);
	memset(r.from + strlen(gm_root) + 1, 'a', LONG_NAME);
	memset(r.to + strlen(gm_root) + 1, 'b', LONG_NAME);
	ASSERT_OK(mkdir(r.from, 0755));
	id = gm_attr(r.from + strlen(gm_root) + 1, "id");
	ASSERT(!pthread_create(&thread, NULL, rename_often, &r));
	for (end = now_ms() + 2000; now_ms() < end;) {
		memset(&info, 0, sizeof(info));
		info.id = id;
		ASSERT_OK(ioctl(fd, DR_IOC_GUEST_INFO, &info));
		torn += strlen(info.name) != LONG_NAME ||
			strspn(info.name, info.name[0] == 'a' ? "a" : "b") !=
			LONG_NAME;
		nr[info.name[0] == 'b']++;
	}
	__atomic_store_n(&r.stop, 1, __ATOMIC_SEQ_CST);
	pthread_join(thread, NULL);
	CHECK_EQ(torn, 0);
	CHECK(nr[0] > 0 && nr[1] > 0);
	CHECK_OK(rmdir(r.from));
	close(fd);
}

TEST(rename_top_file)
{
	char name[256] = "", line[256] = "";
	int fd;

	gm_need_denseram();
	fd = open(sibling(".f"), O_RDWR | O_CREAT, 0600);
	ASSERT(fd >= 0);
	ASSERT_OK(rename(sibling(".f"), sibling(".g")));
	CHECK(gm_guest_gone(sibling_name(".f")));
	ASSERT(gm_guest_exists(sibling_name(".g")));
	CHECK_EQ(read_text(gm_attr_path(sibling_name(".g"), "name"), name,
			   sizeof(name)), 0);
	snprintf(line, sizeof(line), "%s\n", sibling_name(".g"));
	CHECK(strcmp(name, line) == 0);
	close(fd);
	CHECK_OK(unlink(sibling(".g")));
}

TEST(nesting)
{
	char outer[512], inner[600], file[700];
	int fd;

	gm_need_denseram();
	snprintf(outer, sizeof(outer), "%s", sibling(".n"));
	snprintf(inner, sizeof(inner), "%s/%s.in", outer, gm_name);
	snprintf(file, sizeof(file), "%s/ram", inner);
	ASSERT_OK(mkdir(outer, 0755));
	CHECK(gm_guest_exists(sibling_name(".n")));
	ASSERT_OK(mkdir(inner, 0755));
	/* A directory with directories in it is no guest any more. */
	CHECK(gm_guest_gone(sibling_name(".n")));
	CHECK(gm_guest_exists(sibling_name(".in")));
	fd = open(file, O_RDWR | O_CREAT, 0600);
	ASSERT(fd >= 0);
	CHECK_EQ(gm_attr(sibling_name(".in"), "files"), 1);
	close(fd);
	CHECK_ERR(rmdir(outer), ENOTEMPTY);
	CHECK_ERR(rmdir(inner), ENOTEMPTY);
	CHECK_OK(unlink(file));
	CHECK_OK(rmdir(inner));
	CHECK(gm_guest_gone(sibling_name(".in")));
	CHECK_OK(rmdir(outer));
}

TEST(no_directory_beside_files)
{
	int fd;

	gm_need_denseram();
	fd = gm_create("ram", MIB);
	CHECK_ERR(mkdir(gm_path("sub"), 0755), EBUSY);
	ASSERT_OK(unlink(gm_path("ram")));
	/* Nor while an unlinked file of the guest lives. */
	CHECK_ERR(mkdir(gm_path("sub"), 0755), EBUSY);
	close(fd);
	CHECK_OK(mkdir(gm_path("sub"), 0755));
	CHECK_OK(rmdir(gm_path("sub")));
}

TEST(rmdir_not_empty)
{
	int fd = gm_create("f", 0);

	CHECK_ERR(rmdir(gm_dir), ENOTEMPTY);
	CHECK_ERR(rmdir(gm_path("f")), ENOTDIR);
	CHECK_ERR(unlink(gm_dir), EISDIR);
	close(fd);
}

TEST(no_links_or_nodes)
{
	int fd;

	gm_need_denseram();
	fd = gm_create("f", 0);
	close(fd);
	CHECK_ERR(link(gm_path("f"), gm_path("l")), EPERM);
	CHECK_ERR(symlink("f", gm_path("s")), EPERM);
	CHECK_ERR(mknod(gm_path("p"), S_IFIFO | 0600, 0), EPERM);
	CHECK_ERR(mknod(gm_path("c"), S_IFCHR | 0600, 0x103), EPERM);
	CHECK_ERR(mknod(gm_path("b"), S_IFBLK | 0600, 0x100), EPERM);
	CHECK_EQ(count_entries(gm_dir), 1);
}

TEST(xattr_refused)
{
	char value[16];

	gm_need_denseram();
	close(gm_create("f", 0));
	CHECK_ERR(setxattr(gm_path("f"), "user.x", "1", 1, 0), EOPNOTSUPP);
	CHECK_ERR(getxattr(gm_path("f"), "user.x", value, sizeof(value)),
		  EOPNOTSUPP);
}

TEST(direct_io_refused)
{
	int fd;

	gm_need_denseram();
	close(gm_create("f", PAGE));
	CHECK_ERR(open(gm_path("f"), O_RDWR | O_DIRECT), EINVAL);
	fd = open(gm_path("f"), O_RDWR);
	ASSERT(fd >= 0);
	CHECK_ERR(fcntl(fd, F_SETFL, O_DIRECT), EINVAL);
	close(fd);
}

TEST(swap_refused)
{
	char header[PAGE] = "";
	int fd;

	gm_need_denseram();
	fd = gm_create("swap", 4 * MIB);
	ASSERT_OK(fallocate(fd, 0, 0, 4 * MIB));
	/* A valid header of mkswap, so that nothing but the file is wrong. */
	header[1024] = 1;
	*(__u32 *)(header + 1028) = 4 * MIB / PAGE - 1;
	memcpy(header + PAGE - 10, "SWAPSPACE2", 10);
	ASSERT(pwrite(fd, header, PAGE, 0) == (ssize_t)PAGE);
	if (!CHECK_ERR(swapon(gm_path("swap"), 0), EINVAL))
		swapoff(gm_path("swap"));
	close(fd);
}

TEST(execve_refused)
{
	int fd;

	gm_need_denseram();
	fd = gm_create("x", 0);
	ASSERT(write(fd, "#!/bin/true\n", 12) == 12);
	ASSERT_OK(fchmod(fd, 0755));
	close(fd);
	CHECK_ERR(execl(gm_path("x"), "x", NULL), EACCES);
}

TEST(stat_blocks)
{
	int fd = gm_create("f", 8 * MIB);
	struct stat st;

	CHECK_OK(fstat(fd, &st));
	CHECK_EQ(st.st_size, 8 * MIB);
	CHECK_EQ(st.st_blocks, 0);
	gm_pwrite_pattern(fd, 2 * BLOCK, BLOCK, 1);
	CHECK_OK(fstat(fd, &st));
	CHECK_EQ(st.st_blocks, 2 * BLOCK / 512);
	gm_punch(fd, BLOCK, BLOCK);
	CHECK_OK(fstat(fd, &st));
	CHECK_EQ(st.st_blocks, BLOCK / 512);
	CHECK_OK(ftruncate(fd, 0));
	CHECK_OK(fstat(fd, &st));
	CHECK_EQ(st.st_blocks, 0);
	close(fd);
}

/* Times of files are those of the last tick of the clock. */
static bool clock_is_past(void *arg)
{
	const struct timespec *then = arg;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return now.tv_sec != then->tv_sec ? now.tv_sec > then->tv_sec :
					    now.tv_nsec > then->tv_nsec;
}

TEST(times_change)
{
	int fd = gm_create("f", PAGE);
	struct stat before, after;

	CHECK_OK(fstat(fd, &before));
	ASSERT(poll_until(clock_is_past, &before.st_ctim, 30000));
	ASSERT(pwrite(fd, "x", 1, 0) == 1);
	CHECK_OK(fstat(fd, &after));
	CHECK(memcmp(&before.st_mtim, &after.st_mtim, sizeof(before.st_mtim)));
	before = after;
	ASSERT(poll_until(clock_is_past, &before.st_ctim, 30000));
	ASSERT_OK(ftruncate(fd, 2 * PAGE));
	CHECK_OK(fstat(fd, &after));
	CHECK(memcmp(&before.st_ctim, &after.st_ctim, sizeof(before.st_ctim)));
	close(fd);
}

TEST(fsync_and_friends)
{
	int fd = gm_create("f", 2 * BLOCK);
	char *map = gm_map(fd, 2 * BLOCK);

	pat_fill(map, 2 * BLOCK, 0, 3);
	CHECK_OK(msync(map, 2 * BLOCK, MS_SYNC));
	CHECK_OK(msync(map, 2 * BLOCK, MS_ASYNC));
	CHECK_OK(msync(map, 2 * BLOCK, MS_INVALIDATE | MS_SYNC));
	CHECK_OK(fsync(fd));
	CHECK_OK(fdatasync(fd));
	CHECK_OK(syncfs(fd));
	CHECK_EQ(posix_fadvise(fd, 0, 2 * BLOCK, POSIX_FADV_WILLNEED), 0);
	CHECK_EQ(posix_fadvise(fd, 0, 2 * BLOCK, POSIX_FADV_DONTNEED), 0);
	CHECK_EQ(pat_bad(map, 2 * BLOCK, 0, 3), -1);
	close(fd);
}

/* The machine's cache shrinkers must not take what is the only copy. */
TEST(drop_caches_keeps_data)
{
	int fd = gm_create("f", 2 * BLOCK);

	gm_pwrite_pattern(fd, 2 * BLOCK, 0, 9);
	CHECK_EQ(write_text("/proc/sys/vm/drop_caches", "3"), 0);
	CHECK_EQ(gm_pread_bad(fd, 2 * BLOCK, 0, 9), -1);
	close(fd);
}

static int act_as_nobody(void *arg)
{
	int fd;

	(void)arg;
	if (setgid(65534) || setuid(65534))
		return 2;
	CHECK_ERR(mkdir(sibling(".no"), 0755), EACCES);
	CHECK_ERR(open(sibling(".no"), O_RDWR | O_CREAT, 0600), EACCES);
	CHECK_ERR(open(gm_path("new"), O_RDWR | O_CREAT, 0600), EACCES);
	CHECK_ERR(open(gm_path("private"), O_RDONLY), EACCES);
	CHECK_ERR(unlink(gm_path("private")), EACCES);
	CHECK_ERR(chmod(gm_path("private"), 0666), EPERM);
	CHECK_ERR(chown(gm_path("private"), 65534, 65534), EPERM);
	CHECK_ERR(rmdir(gm_dir), EACCES);
	CHECK_ERR(truncate(gm_path("public"), 0), EACCES);
	fd = open(gm_path("public"), O_RDONLY);
	CHECK(fd >= 0);
	CHECK_ERR(ftruncate(fd, 0), EINVAL);
	CHECK_ERR(fallocate(fd, PUNCH, 0, PAGE), EBADF);
	CHECK_ERR(pwrite(fd, "x", 1, 0), EBADF);
	CHECK(mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED &&
	      errno == EACCES);
	return 0;
}

TEST(permissions)
{
	int fd;

	/* The mount point's parents must be open for this one. */
	close(gm_create("private", PAGE));
	fd = gm_create("public", PAGE);
	ASSERT_OK(fchmod(fd, 0644));
	ASSERT(pwrite(fd, "data", 4, 0) == 4);
	CHECK_EQ(in_child(act_as_nobody, NULL), 0);
	CHECK_EQ(lseek(fd, 0, SEEK_END), PAGE);
	close(fd);
}

static int own_guest(void *arg)
{
	char path[400];
	int fd;

	(void)arg;
	if (setgid(65534) || setuid(65534))
		return 2;
	snprintf(path, sizeof(path), "%s/ram", sibling(".mine"));
	fd = open(path, O_RDWR | O_CREAT, 0600);
	CHECK(fd >= 0);
	CHECK_OK(ftruncate(fd, PAGE));
	CHECK_EQ(pwrite(fd, "x", 1, 0), 1);
	CHECK_OK(unlink(path));
	return 0;
}

TEST(owner_uid)
{
	ASSERT_OK(mkdir(sibling(".mine"), 0700));
	ASSERT_OK(chown(sibling(".mine"), 65534, 65534));
	CHECK_EQ(in_child(own_guest, NULL), 0);
	if (gm_is_denseram())
		CHECK_EQ(gm_attr(sibling_name(".mine"), "uid"), 65534);
	CHECK_OK(rmdir(sibling(".mine")));
}

/* A loop device on a RAM file: its kernel thread reads and writes the file. */
TEST(loop_device)
{
	int ctl = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	char path[32], buf[PAGE];
	int fd, loop, nr;

	if (ctl < 0)
		ktap_skip("no loop devices");
	fd = gm_create("disk", 4 * MIB);
	gm_pwrite_pattern(fd, 4 * MIB, 0, 11);
	nr = ioctl(ctl, LOOP_CTL_GET_FREE);
	ASSERT(nr >= 0);
	snprintf(path, sizeof(path), "/dev/loop%d", nr);
	loop = open(path, O_RDWR | O_CLOEXEC);
	if (loop < 0)
		ktap_skip("cannot open %s", path);
	ASSERT_OK(ioctl(loop, LOOP_SET_FD, fd));
	CHECK_EQ(gm_pread_bad(loop, 4 * MIB, 0, 11), -1);
	pat_fill(buf, PAGE, 0, 12);
	CHECK_EQ(pwrite(loop, buf, PAGE, MIB), (ssize_t)PAGE);
	CHECK_OK(fsync(loop));
	CHECK_OK(ioctl(loop, LOOP_CLR_FD, 0));
	close(loop);
	CHECK_EQ(pread(fd, buf, PAGE, MIB), (ssize_t)PAGE);
	CHECK_EQ(pat_bad(buf, PAGE, 0, 12), -1);
	CHECK_EQ(gm_pread_bad(fd, MIB, 0, 11), -1);
	close(fd);
}
