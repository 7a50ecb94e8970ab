// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unloading the module: impossible while anything of it is in use, possible
 * always afterwards. Only in the lab host, where /run/denseram may go away.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>

#include "lib/gmem.h"
#include "lib/module.h"

#define PATIENCE_MS	60000

TEST(busy_while_mounted)
{
	gm_need_denseram();
	CHECK_ERR(module_unload(), EWOULDBLOCK);
	CHECK(gm_guest_exists(gm_name));
}

/* Often, but not for long: a debug kernel tests itself at each load. */
static bool once_more(int done, __u64 start)
{
	return done < 2 || (done < 20 && now_ms() < start + 15000);
}

TEST_SECS(load_and_unload, 200)
{
	__u64 start = now_ms();

	module_test_begin();
	for (int i = 0; once_more(i, start); i++) {
		module_check_unload();
		module_load();
	}
	module_mount();
}

TEST(busy_while_device_open)
{
	int fd;

	module_test_begin();
	fd = gm_device(O_RDONLY);
	CHECK_ERR(module_unload(), EWOULDBLOCK);
	close(fd);
	module_check_unload();
	module_load();
	module_mount();
}

static int open_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	ASSERT(fd >= 0);
	ASSERT_OK(ftruncate(fd, 2 * BLOCK));
	return fd;
}

TEST(busy_while_file_open)
{
	int fd;

	module_test_begin();
	module_mount();
	fd = open_file("/run/denseram/f");
	gm_pwrite_pattern(fd, 2 * BLOCK, 0, 1);
	ASSERT_OK(umount2(gm_root, MNT_DETACH));
	CHECK_ERR(module_unload(), EWOULDBLOCK);
	CHECK_EQ(gm_pread_bad(fd, 2 * BLOCK, 0, 1), -1);
	close(fd);
	module_check_unload();
	module_load();
	module_mount();
}

TEST(busy_while_mapped)
{
	char *map;
	int fd;

	module_test_begin();
	module_mount();
	fd = open_file("/run/denseram/f");
	map = gm_map(fd, 2 * BLOCK);
	pat_fill(map, 2 * BLOCK, 0, 1);
	close(fd);
	ASSERT_OK(umount2(gm_root, MNT_DETACH));
	CHECK_ERR(module_unload(), EWOULDBLOCK);
	CHECK_EQ(pat_bad(map, 2 * BLOCK, 0, 1), -1);
	munmap(map, 2 * BLOCK);
	module_check_unload();
	module_load();
	module_mount();
}

/* Pages in a pipe outlive file, mount and module; they are the kernel's. */
TEST(pinned_pages_outlive_module)
{
	char back[4 * PAGE];
	struct iovec iov;
	int fd, pipes[2];
	char *map;

	module_test_begin();
	module_mount();
	ASSERT_OK(pipe(pipes));
	fd = open_file("/run/denseram/f");
	map = gm_map_skew(fd, BLOCK, 0, PROT_READ | PROT_WRITE, PAGE);
	pat_fill(map, BLOCK, 0, 1);
	iov = (struct iovec){ map, sizeof(back) };
	ASSERT(vmsplice(pipes[1], &iov, 1, 0) == sizeof(back));
	munmap(map, BLOCK);
	map = gm_map(fd, 2 * BLOCK);
	pat_fill(map + BLOCK, BLOCK, 0, 1);
	iov.iov_base = map + BLOCK;
	ASSERT(vmsplice(pipes[1], &iov, 1, 0) == sizeof(back));
	munmap(map, 2 * BLOCK);
	close(fd);
	ASSERT_OK(umount(gm_root));
	module_check_unload();
	for (int i = 0; i < 2; i++) {
		CHECK_EQ(read(pipes[0], back, sizeof(back)), sizeof(back));
		CHECK_EQ(pat_bad(back, sizeof(back), 0, 1), -1);
	}
	close(pipes[0]);
	close(pipes[1]);
	module_load();
	module_mount();
}

/*
 * What is open holds the module. Between two rounds nothing is, for longer
 * than it takes to look: a reader that never lets go could keep the module for
 * as long as the scheduler likes.
 */
static int read_forever(void *arg)
{
	unsigned long *rounds = arg;
	char text[256];

	for (;;) {
		bool there = !read_text(SYSFS "/version", text, sizeof(text));

		read_text(SYSFS "/stat/fault", text, sizeof(text));
		read_text(DEBUGFS "/recount", text, sizeof(text));
		close(open(DEVICE, O_RDONLY));
		if (there)
			__atomic_add_fetch(rounds, 1, __ATOMIC_RELAXED);
		sleep_ms(1);
	}
	return 0;
}

static bool has_rounds(void *arg)
{
	return __atomic_load_n((unsigned long *)arg, __ATOMIC_RELAXED) > 0;
}

/* Readers of sysfs, debugfs and the device while the module goes and comes. */
TEST_SECS(unload_under_readers, 200)
{
	__u64 start = now_ms(), begin, longest = 0;
	unsigned long *rounds;
	pid_t pid;
	int i;

	module_test_begin();
	rounds = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT(rounds != MAP_FAILED);
	pid = spawn(read_forever, rounds);
	for (i = 0; once_more(i, start) && !ktap_failed(); i++) {
		__atomic_store_n(rounds, 0, __ATOMIC_RELAXED);
		CHECK(poll_until(has_rounds, rounds, PATIENCE_MS));
		begin = now_ms();
		CHECK(poll_until(module_unloaded, NULL, PATIENCE_MS));
		if (now_ms() - begin > longest)
			longest = now_ms() - begin;
		module_load();
	}
	ktap_diag("%d times, the longest wait was %llu ms", i, longest);
	kill(pid, SIGKILL);
	join(pid);
	module_mount();
}
