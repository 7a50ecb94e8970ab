// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may do what: another user of the host neither reads, maps, changes nor sizes a
 * guest, with or without a user namespace of his own, and turns no knob. The claims are
 * those of Documentation/design/threats.rst.
 */
#include <dirent.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "lib/gmem.h"

#define NOBODY	65534
#define SIZE	(4 * BLOCK)
#define KEY	21

/* Somebody else from here on, with nothing of root's. */
static bool become_nobody(void)
{
	return !setgroups(0, NULL) && !setgid(NOBODY) && !setuid(NOBODY);
}

/* A directory and a file as lax as a VMM may ask for. */
static int lax_file(const char *name)
{
	mode_t mask = umask(0);
	int fd;

	ASSERT_OK(chmod(gm_dir, 0755));
	fd = open(gm_path(name), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	umask(mask);
	ASSERT(fd >= 0);
	ASSERT_OK(ftruncate(fd, SIZE));
	return fd;
}

static mode_t mode_of(int fd)
{
	struct stat st;

	ASSERT_OK(fstat(fd, &st));
	return st.st_mode & 07777;
}

static int read_as_nobody(void *path)
{
	char byte;
	int fd;

	if (!become_nobody())
		return 2;
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return errno == EACCES ? 1 : 3;
	return pread(fd, &byte, 1, 0) == 1 ? 0 : 3;
}

/*
 * QEMU makes the files of its backends with mode 0644. With a directory that anybody
 * may enter, all users of the host could read the memory of the guest.
 */
TEST(new_files_are_for_their_owner)
{
	mode_t mask;
	int fd, tmp;

	gm_need_denseram();
	fd = lax_file("f");
	CHECK_EQ(mode_of(fd), 0600);
	mask = umask(0);
	tmp = open(gm_dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
	umask(mask);
	ASSERT(tmp >= 0);
	CHECK_EQ(mode_of(tmp), 0600);
	close(tmp);
	CHECK_EQ(in_child(read_as_nobody, (void *)gm_path("f")), 1);
	/* Whoever wants it can have it. */
	ASSERT_OK(fchmod(fd, 0644));
	CHECK_EQ(in_child(read_as_nobody, (void *)gm_path("f")), 0);
	close(fd);
}

/**
 * struct owner - a process with a RAM file, for others to get at
 * @pid: it
 * @fd: its descriptor of the file
 * @map: where it has mapped the file
 */
struct owner {
	pid_t pid;
	int fd;
	char *map;
};

static void check_no_path(void)
{
	CHECK_ERR(open(gm_path("f"), O_RDONLY), EACCES);
	CHECK_ERR(open(gm_path("f"), O_RDWR), EACCES);
	CHECK_ERR(open(gm_path("f"), O_RDWR | O_TRUNC), EACCES);
	CHECK_ERR(open(gm_path("f"), O_RDWR | O_CREAT, 0666), EACCES);
	CHECK_ERR(truncate(gm_path("f"), 0), EACCES);
	CHECK_ERR(truncate(gm_path("f"), 2 * SIZE), EACCES);
	CHECK_ERR(unlink(gm_path("f")), EACCES);
	CHECK_ERR(rename(gm_path("f"), gm_path("g")), EACCES);
	CHECK_ERR(chmod(gm_path("f"), 0666), EPERM);
	CHECK_ERR(chown(gm_path("f"), NOBODY, NOBODY), EPERM);
	CHECK_ERR(open(gm_dir, O_TMPFILE | O_RDWR, 0600), EACCES);
	CHECK_ERR(mkdir(gm_path("d"), 0755), EACCES);
}

static void check_no_proc(const struct owner *o)
{
	char path[80], byte;
	struct iovec mine = { &byte, 1 }, theirs = { o->map, 1 };

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", o->pid, o->fd);
	CHECK_ERR(open(path, O_RDONLY), EACCES);
	snprintf(path, sizeof(path), "/proc/%d/mem", o->pid);
	CHECK_ERR(open(path, O_RDONLY), EACCES);
	CHECK_ERR(process_vm_readv(o->pid, &mine, 1, &theirs, 1, 0), EPERM);
	CHECK_ERR(process_vm_writev(o->pid, &mine, 1, &theirs, 1, 0), EPERM);
	CHECK_ERR(ptrace(PTRACE_ATTACH, o->pid, NULL, NULL), EPERM);
}

static int get_at(void *arg)
{
	const struct owner *o = arg;

	if (!become_nobody())
		return 2;
	check_no_path();
	check_no_proc(o);
	/* As anybody else may: there is such a file, so large. */
	CHECK_OK(access(gm_path("f"), F_OK));
	return 0;
}

TEST(other_uid_cannot_open)
{
	struct owner o = { .pid = getpid() };

	gm_need_denseram();
	o.fd = lax_file("f");
	o.map = gm_map(o.fd, SIZE);
	pat_fill(o.map, SIZE, 0, KEY);
	CHECK_EQ(in_child(get_at, &o), 0);
	CHECK_EQ(pat_bad(o.map, SIZE, 0, KEY), -1);
	CHECK_EQ(lseek(o.fd, 0, SEEK_END), SIZE);
	munmap(o.map, SIZE);
	close(o.fd);
}

/* Only to be read: no write, no size, no hole, no mode, whatever way it came. */
static int use_read_only(void *arg)
{
	int fd = *(int *)arg;
	char *map;

	if (!become_nobody())
		return 2;
	CHECK_ERR(pwrite(fd, "x", 1, 0), EBADF);
	CHECK_ERR(ftruncate(fd, 0), EINVAL);
	CHECK_ERR(fallocate(fd, PUNCH, 0, PAGE), EBADF);
	CHECK_ERR(fallocate(fd, 0, 0, 2 * SIZE), EBADF);
	CHECK_ERR(fchmod(fd, 0666), EPERM);
	CHECK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) ==
	      MAP_FAILED);
	map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT(map != MAP_FAILED);
	CHECK_ERR(mprotect(map, PAGE, PROT_READ | PROT_WRITE), EACCES);
	CHECK_EQ(try_write(map, 1), SIGSEGV);
	CHECK_ERR(madvise(map, PAGE, MADV_REMOVE), EACCES);
	return 0;
}

/* Where root has opened it for somebody to read, as for a backup. */
TEST(read_only_descriptor_changes_nothing)
{
	int fd, ro;

	gm_need_denseram();
	fd = lax_file("f");
	gm_pwrite_pattern(fd, SIZE, 0, KEY);
	ro = open(gm_path("f"), O_RDONLY | O_CLOEXEC);
	ASSERT(ro >= 0);
	CHECK_EQ(in_child(use_read_only, &ro), 0);
	CHECK_EQ(gm_pread_bad(fd, SIZE, 0, KEY), -1);
	CHECK_EQ(lseek(fd, 0, SEEK_END), SIZE);
	close(ro);
	close(fd);
}

/* Call @see for each file beneath a directory. */
static unsigned int each_file(const char *dir, void (*see)(const char *path))
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	unsigned int nr = 0;
	char path[600];

	while (d && (entry = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
			nr += each_file(path, see);
		} else if (entry->d_type == DT_REG) {
			see(path);
			nr++;
		}
	}
	if (d)
		closedir(d);
	return nr;
}

static void cannot_be_set(const char *path)
{
	if (!CHECK_ERR(open(path, O_WRONLY), EACCES))
		ktap_diag("%s", path);
}

/* The guest's own user is no other: limits are the host's to set. */
static int set_all(void *arg)
{
	(void)arg;
	if (!become_nobody())
		return 2;
	CHECK(each_file(SYSFS, cannot_be_set) > 100);
	CHECK_ERR(open(DEVICE, O_RDONLY), EACCES);
	CHECK_ERR(open(DEVICE, O_RDWR), EACCES);
	CHECK_ERR(open(DEBUGFS "/map", O_RDONLY), EACCES);
	CHECK_ERR(open(DEBUGFS "/evacuate", O_WRONLY), EACCES);
	return 0;
}

TEST(other_uid_cannot_set)
{
	gm_need_denseram();
	ASSERT_OK(chown(gm_dir, NOBODY, NOBODY));
	CHECK_EQ(in_child(set_all, NULL), 0);
	CHECK_EQ(gm_attr(NULL, "limit"), 0);
}

static void is_roots(const char *path)
{
	struct stat st;

	ASSERT_OK(lstat(path, &st));
	if (!CHECK(!(st.st_mode & 0022) && !st.st_uid && !st.st_gid))
		ktap_diag("%s: mode %o, owner %u", path, st.st_mode, st.st_uid);
}

static void is_closed(const char *path)
{
	struct stat st;

	ASSERT_OK(lstat(path, &st));
	if (!CHECK(!(st.st_mode & 0077) && !st.st_uid && !st.st_gid))
		ktap_diag("%s: mode %o, owner %u", path, st.st_mode, st.st_uid);
}

TEST(device_modes)
{
	struct stat st;

	gm_need_denseram();
	ASSERT_OK(stat(DEVICE, &st));
	CHECK(S_ISCHR(st.st_mode));
	is_closed(DEVICE);
	CHECK(each_file(SYSFS, is_roots) > 100);
	if (!access(DEBUGFS, F_OK))
		CHECK(each_file(DEBUGFS, is_closed) >= 4);
}

/* Calls that change something: for a descriptor that may be written. */
static const unsigned long changes[] = {
	DR_IOC_GUEST_SET, DR_IOC_GUEST_VMM, DR_IOC_GUEST_TRIM,
	DR_IOC_GUEST_SHARE, DR_IOC_GUEST_PARK, DR_IOC_GUEST_WAKE,
	DR_IOC_SWAP_ADD, DR_IOC_SWAP_RM, DR_IOC_BALLOON_SET,
	DR_IOC_BALLOON_REPORT,
};

/* What members of the device's group have. */
TEST(read_only_device_changes_nothing)
{
	char zeros[4096] = "";
	int fd;

	gm_need_denseram();
	fd = gm_device(O_RDONLY);
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++)
		CHECK_ERR(ioctl(fd, changes[i], zeros), EBADF);
	close(fd);
}

/* Root of a user namespace of his own; false where nobody may make one. */
static bool become_small_root(void)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return false;
	ASSERT(!write_text("/proc/self/setgroups", "deny"));
	ASSERT(!write_text("/proc/self/uid_map", "0 65534 1"));
	ASSERT(!write_text("/proc/self/gid_map", "0 65534 1"));
	return !getuid();
}

static int get_at_as_small_root(void *arg)
{
	(void)arg;
	if (!become_nobody())
		return 2;
	/* /proc/self belongs to root since the change of user. */
	if (prctl(PR_SET_DUMPABLE, 1) || !become_small_root())
		return 4;
	CHECK_ERR(open(gm_path("f"), O_RDONLY), EACCES);
	CHECK_ERR(truncate(gm_path("f"), 0), EACCES);
	CHECK_ERR(chown(gm_path("f"), 0, 0), EPERM);
	CHECK_ERR(chmod(gm_path("f"), 0666), EPERM);
	CHECK_ERR(open(DEVICE, O_RDONLY), EACCES);
	cannot_be_set(gm_attr_path(NULL, "limit"));
	cannot_be_set(gm_attr_path(NULL, "share"));
	CHECK_ERR(gm_mount("/mnt", NULL), EPERM);
	return 0;
}

TEST(root_of_a_user_namespace)
{
	int fd, ret;

	gm_need_denseram();
	fd = lax_file("f");
	ret = in_child(get_at_as_small_root, NULL);
	if (ret == 4)
		ktap_skip("no user namespaces");
	CHECK_EQ(ret, 0);
	close(fd);
}

/*
 * A program of the guest's own user may use its files, which is what a VMM does, and
 * cannot make the guest's domain another one.
 */
static int change_owner(void *arg)
{
	(void)arg;
	if (!become_nobody())
		return 2;
	CHECK_ERR(chown(gm_dir, 0, -1), EPERM);
	CHECK_ERR(chown(gm_dir, NOBODY - 1, -1), EPERM);
	return 0;
}

TEST(domain_is_not_the_owners_to_choose)
{
	gm_need_denseram();
	ASSERT_OK(chown(gm_dir, NOBODY, NOBODY));
	CHECK_EQ(in_child(change_owner, NULL), 0);
	CHECK_EQ(gm_attr(NULL, "uid"), NOBODY);
}

#define GUESTS_OF_USER	1024

static const char *nth_guest(unsigned int nr)
{
	char name[32];

	snprintf(name, sizeof(name), "n%u", nr);
	return gm_path(name);
}

/* As many guests as he can have, and one less than that. */
static int make_many(void *arg)
{
	unsigned int *nr = arg;
	int fd;

	if (!become_nobody())
		return 2;
	while (*nr <= 2 * GUESTS_OF_USER && !mkdir(nth_guest(*nr), 0700))
		(*nr)++;
	CHECK_EQ(errno, EDQUOT);
	CHECK_EQ(*nr, GUESTS_OF_USER);
	/* Those that he has work. */
	fd = open(nth_guest(0), O_TMPFILE | O_RDWR, 0600);
	CHECK(fd >= 0);
	close(fd);
	CHECK_OK(rmdir(nth_guest(0)));
	CHECK_OK(mkdir(nth_guest(0), 0700));
	return 0;
}

/* What they are in sysfs is memory that nobody pays for. */
TEST_SECS(guests_of_a_user_are_bounded, 300)
{
	long long before, after;
	unsigned int *nr;

	gm_need_denseram();
	nr = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		  -1, 0);
	ASSERT(nr != MAP_FAILED);
	ASSERT_OK(chown(gm_dir, NOBODY, NOBODY));
	before = file_kb("/proc/meminfo", "Slab");
	CHECK_EQ(in_child(make_many, nr), 0);
	after = file_kb("/proc/meminfo", "Slab");
	ktap_diag("%u guests, %lld KiB of slab each", *nr,
		  *nr ? (after - before) / *nr : 0);
	/* Nor does it keep others from having theirs. */
	CHECK_OK(mkdir(gm_path("roots"), 0700));
	CHECK_OK(rmdir(gm_path("roots")));
	for (unsigned int i = 0; i < *nr; i++)
		CHECK_OK(rmdir(nth_guest(i)));
}
