// SPDX-License-Identifier: GPL-2.0-only
/*
 * When a guest ends: with its last name, descriptor and mapping, in whatever
 * order they go, by whatever hand, and not a moment earlier.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/gmem.h"

#define SIZE	(2 * BLOCK)

/**
 * struct holder - all that keeps one guest alive
 * @dir: path of its directory, "" for a guest of one file
 * @file: path of its RAM file
 * @name: what the registry calls it
 * @fd: open descriptor, or -1
 * @map: mapping, or NULL
 * @linked: the file has its name
 * @dir_linked: the directory has
 */
struct holder {
	char dir[300];
	char file[400];
	char name[200];
	int fd;
	char *map;
	bool linked;
	bool dir_linked;
};

static struct holder make_guest(bool with_dir, int nr)
{
	struct holder h = { .linked = true, .dir_linked = with_dir };

	snprintf(h.name, sizeof(h.name), "%s.g%d", gm_name, nr);
	snprintf(h.dir, sizeof(h.dir), "%s/%s", gm_root, h.name);
	if (with_dir)
		ASSERT_OK(mkdir(h.dir, 0755));
	snprintf(h.file, sizeof(h.file), "%s%s", h.dir, with_dir ? "/ram" : "");
	h.fd = open(h.file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ASSERT(h.fd >= 0);
	ASSERT_OK(ftruncate(h.fd, SIZE));
	h.map = gm_map(h.fd, SIZE);
	pat_fill(h.map, SIZE, 0, nr);
	return h;
}

enum step { CLOSE, UNMAP, UNLINK, NR_STEPS };

static void take(struct holder *h, enum step step)
{
	if (step == CLOSE) {
		close(h->fd);
		h->fd = -1;
	} else if (step == UNMAP) {
		munmap(h->map, SIZE);
		h->map = NULL;
	} else {
		CHECK_OK(unlink(h->file));
		h->linked = false;
		if (h->dir_linked)
			CHECK_OK(rmdir(h->dir));
		h->dir_linked = false;
	}
}

static void check_alive(struct holder *h, int nr)
{
	bool alive = h->fd >= 0 || h->map || h->linked || h->dir_linked;

	if (!alive) {
		CHECK(gm_guest_gone(h->name));
		return;
	}
	CHECK(gm_guest_exists(h->name));
	CHECK_EQ(gm_attr(h->name, "files"), 1);
	CHECK_EQ(gm_attr(h->name, "size"), SIZE);
	CHECK_EQ(gm_attr(h->name, "resident"), SIZE);
	if (h->map)
		CHECK_EQ(pat_bad(h->map, SIZE, 0, nr), -1);
	else if (h->fd >= 0)
		CHECK_EQ(gm_pread_bad(h->fd, SIZE, 0, nr), -1);
}

/* All 6 orders of close, munmap and unlink + rmdir. */
static void every_order(bool with_dir)
{
	static const enum step orders[][NR_STEPS] = {
		{ CLOSE, UNMAP, UNLINK }, { CLOSE, UNLINK, UNMAP },
		{ UNMAP, CLOSE, UNLINK }, { UNMAP, UNLINK, CLOSE },
		{ UNLINK, CLOSE, UNMAP }, { UNLINK, UNMAP, CLOSE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		struct holder h = make_guest(with_dir, i);

		check_alive(&h, i);
		for (int s = 0; s < NR_STEPS; s++) {
			take(&h, orders[i][s]);
			check_alive(&h, i);
		}
	}
}

TEST(directory_every_order)
{
	gm_need_denseram();
	every_order(true);
}

TEST(top_file_every_order)
{
	gm_need_denseram();
	every_order(false);
}

/* The directory goes first, its files live on without names. */
TEST(many_files)
{
	int fds[20];
	char name[16];

	gm_need_denseram();
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		fds[i] = gm_create(name, MIB);
		gm_pwrite_pattern(fds[i], MIB, 0, i);
		ASSERT_OK(unlink(gm_path(name)));
	}
	ASSERT_OK(rmdir(gm_dir));
	for (int i = 0; i < 20; i++) {
		CHECK(gm_guest_exists(gm_name));
		CHECK_EQ(gm_attr(NULL, "files"), 20 - i);
		CHECK_EQ(gm_pread_bad(fds[i], MIB, 0, i), -1);
		close(fds[i]);
	}
	CHECK(gm_guest_gone(gm_name));
}

static int map_and_wait(void *arg)
{
	int *pipes = arg, fd = open(gm_path("f"), O_RDWR | O_CLOEXEC);
	char *map = gm_map(fd, SIZE);

	close(fd);
	pat_fill(map, SIZE, 0, 7);
	if (write(pipes[1], "x", 1) != 1)
		return 1;
	for (;;)
		pause();
}

/* The VMM is killed: its file stays with all bytes, and a new one finds them. */
TEST(sigkill_keeps_named_file)
{
	int pipes[2], fd;
	char byte;
	pid_t pid;

	gm_need_denseram();
	ASSERT_OK(pipe(pipes));
	close(gm_create("f", SIZE));
	pid = spawn(map_and_wait, pipes);
	ASSERT(read(pipes[0], &byte, 1) == 1);
	CHECK_EQ(gm_attr(NULL, "vmm_pid"), pid);
	kill(pid, SIGKILL);
	CHECK_EQ(join(pid), 128 + SIGKILL);
	CHECK(gm_guest_exists(gm_name));
	CHECK_EQ(gm_attr(NULL, "vmm_pid"), 0);
	CHECK_EQ(gm_attr(NULL, "resident"), SIZE);
	fd = open(gm_path("f"), O_RDWR);
	ASSERT(fd >= 0);
	CHECK_EQ(gm_pread_bad(fd, SIZE, 0, 7), -1);
	close(fd);
}

/* Killed with the file unlinked: all memory is back when it is reaped. */
TEST(sigkill_frees_unlinked_file)
{
	struct dr_usage before, after;
	int pipes[2];
	char byte;
	pid_t pid;

	gm_need_denseram();
	before = gm_total();
	ASSERT_OK(pipe(pipes));
	close(gm_create("f", SIZE));
	pid = spawn(map_and_wait, pipes);
	ASSERT(read(pipes[0], &byte, 1) == 1);
	ASSERT_OK(unlink(gm_path("f")));
	ASSERT_OK(rmdir(gm_dir));
	CHECK_EQ(gm_attr(NULL, "resident"), SIZE);
	kill(pid, SIGKILL);
	CHECK_EQ(join(pid), 128 + SIGKILL);
	CHECK(gm_guest_gone(gm_name));
	after = gm_total();
	CHECK_EQ(after.resident, before.resident);
	CHECK_EQ(after.metadata <= before.metadata, 1);
}

/**
 * struct faulter - a process that takes faults until it is killed
 * @skew: of its mapping
 * @faults: pages touched, in memory shared with the test
 */
struct faulter {
	size_t skew;
	unsigned long *faults;
};

static struct faulter faulter;

static void *fault_forever(void *arg)
{
	char *map = arg;

	for (size_t at = 0;; at = (at + 3 * PAGE) % (8 * BLOCK)) {
		set_byte(map + at, 1);
		__atomic_add_fetch(faulter.faults, 1, __ATOMIC_RELAXED);
		if (at == 0)
			madvise(map, 8 * BLOCK, MADV_REMOVE);
	}
	return NULL;
}

static int fault_in_threads(void *arg)
{
	int fd = open(gm_path("f"), O_RDWR | O_CLOEXEC);
	char *map = gm_map_skew(fd, 8 * BLOCK, 0, PROT_READ | PROT_WRITE,
				faulter.skew);
	pthread_t thread;

	(void)arg;
	for (int i = 0; i < 3; i++)
		pthread_create(&thread, NULL, fault_forever, map);
	fault_forever(map);
	return 0;
}

static bool has_faulted(void *arg)
{
	(void)arg;
	return __atomic_load_n(faulter.faults, __ATOMIC_RELAXED) > 0;
}

TEST_SECS(sigkill_in_the_middle, 120)
{
	struct rng rng = { opts.seed };
	pid_t pid;

	gm_need_denseram();
	faulter.faults = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT(faulter.faults != MAP_FAILED);
	for (int i = 0; i < 20; i++) {
		close(gm_create("f", 8 * BLOCK));
		faulter.skew = i & 1 ? PAGE : 0;
		*faulter.faults = 0;
		pid = spawn(fault_in_threads, NULL);
		CHECK(poll_until(has_faulted, NULL, 60000));
		sleep_ms(1 + rng_below(&rng, 60));
		if (i & 2)
			ASSERT_OK(unlink(gm_path("f")));
		kill(pid, SIGKILL);
		CHECK_EQ(join(pid), 128 + SIGKILL);
		gm_check_recount();
		if (i & 2)
			CHECK_EQ(gm_attr(NULL, "resident"), 0);
		else
			ASSERT_OK(unlink(gm_path("f")));
	}
	CHECK_EQ(gm_attr(NULL, "files"), 0);
	CHECK_EQ(gm_attr(NULL, "resident"), 0);
}

/* A descriptor on its way through a socket holds the guest, too. */
TEST(descriptor_in_flight)
{
	char control[CMSG_SPACE(sizeof(int))] = "", byte = 'x';
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	int socks[2], fd;

	gm_need_denseram();
	ASSERT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, socks));
	fd = gm_create("f", SIZE);
	gm_pwrite_pattern(fd, SIZE, 0, 1);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
	ASSERT(sendmsg(socks[0], &msg, 0) == 1);
	close(fd);
	ASSERT_OK(unlink(gm_path("f")));
	ASSERT_OK(rmdir(gm_dir));
	CHECK(gm_guest_exists(gm_name));
	CHECK_EQ(gm_attr(NULL, "resident"), SIZE);
	close(socks[0]);
	close(socks[1]);
	CHECK(gm_guest_gone(gm_name));
}

static void mount_private(void)
{
	gm_need_denseram();
	gm_private_mounts();
	ASSERT_OK(mkdir("/mnt/a", 0755));
	ASSERT_OK(gm_mount("/mnt/a", NULL));
}

/* The mount is gone, the mapping is not; then the other way round. */
TEST(lazy_umount)
{
	char path[300];
	char *map;
	int fd;

	mount_private();
	snprintf(path, sizeof(path), "/mnt/a/%s.lazy", gm_name);
	ASSERT_OK(mkdir(path, 0755));
	strcat(path, "/ram");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ASSERT(fd >= 0);
	ASSERT_OK(ftruncate(fd, SIZE));
	map = gm_map(fd, SIZE);
	pat_fill(map, BLOCK, 0, 1);
	CHECK_ERR(umount("/mnt/a"), EBUSY);
	ASSERT_OK(umount2("/mnt/a", MNT_DETACH));
	*strrchr(path, '/') = '\0';
	CHECK(gm_guest_exists(path + 7));
	close(fd);
	CHECK(gm_guest_exists(path + 7));
	CHECK_EQ(pat_bad(map, BLOCK, 0, 1), -1);
	pat_fill(map, SIZE, 0, 2);
	CHECK_EQ(pat_bad(map, SIZE, 0, 2), -1);
	CHECK_EQ(gm_attr(path + 7, "resident"), SIZE);
	munmap(map, SIZE);
	CHECK(gm_guest_gone(path + 7));
}

/* Files nobody uses go with the mount, whatever there was in them. */
TEST(umount_frees_all)
{
	struct dr_usage before, after;
	char path[300];
	int fd;

	mount_private();
	before = gm_total();
	for (int i = 0; i < 5; i++) {
		snprintf(path, sizeof(path), "/mnt/a/%s.u%d", gm_name, i);
		if (i & 1) {
			ASSERT_OK(mkdir(path, 0755));
			strcat(path, "/ram");
		}
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		ASSERT(fd >= 0);
		gm_pwrite_pattern(fd, SIZE, 0, i);
		close(fd);
	}
	after = gm_total();
	CHECK_EQ(after.resident - before.resident, 5 * SIZE);
	ASSERT_OK(umount("/mnt/a"));
	after = gm_total();
	CHECK_EQ(after.resident, before.resident);
	CHECK_EQ(after.size, before.size);
}

static int hold_in_namespace(void *arg)
{
	char path[300];
	int *pipes = arg, fd;
	char *map;

	mount_private();
	snprintf(path, sizeof(path), "/mnt/a/%s.ns", gm_name);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ASSERT(fd >= 0);
	ASSERT_OK(ftruncate(fd, SIZE));
	map = gm_map(fd, SIZE);
	memset(map, 1, SIZE);
	ASSERT(write(pipes[1], "x", 1) == 1);
	for (;;)
		pause();
}

/* Mount namespace, process, mapping and descriptor all die at once. */
TEST(namespace_dies)
{
	char name[200], byte;
	int pipes[2];
	pid_t pid;

	gm_need_denseram();
	ASSERT_OK(pipe(pipes));
	pid = spawn(hold_in_namespace, pipes);
	ASSERT(read(pipes[0], &byte, 1) == 1);
	snprintf(name, sizeof(name), "%s.ns", gm_name);
	CHECK(gm_guest_exists(name));
	kill(pid, SIGKILL);
	CHECK_EQ(join(pid), 128 + SIGKILL);
	CHECK(gm_guest_gone(name));
}

/* The same name again, while the old guest of that name still lives. */
TEST(name_taken_by_the_dead)
{
	struct holder old, h;
	char second[256];

	gm_need_denseram();
	old = make_guest(true, 1);
	take(&old, CLOSE);
	take(&old, UNLINK);
	h = make_guest(true, 1);
	CHECK(gm_guest_exists(h.name));
	CHECK_EQ(pat_bad(old.map, SIZE, 0, 1), -1);
	/* Two guests, one of them under its second name. */
	snprintf(second, sizeof(second), "%s.%llu", h.name,
		 gm_attr(h.name, "id") + 1);
	CHECK(gm_guest_exists(second));
	take(&old, UNMAP);
	take(&h, CLOSE);
	take(&h, UNMAP);
	take(&h, UNLINK);
	CHECK(gm_guest_gone(h.name));
}
