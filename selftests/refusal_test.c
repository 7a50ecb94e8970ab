// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whoever is refused something finds one clear line in the kernel's log that
 * says what and why. That a call is refused at all, and with which errno, is
 * tested elsewhere.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "lib/gmem.h"
#include "lib/klog.h"

#ifndef FALLOC_FL_ZERO_RANGE
#define FALLOC_FL_ZERO_RANGE	0x10
#endif

/* The kernel's own limit: 10 lines of one place in so many ms. */
#define LIMIT_MS	5500

/*
 * @refused() leaves one line with @text. Tests before this one may have used
 * up what the limit lets through: then try again when it does.
 */
static void check_says(void (*refused)(void *arg), void *arg, const char *text)
{
	int fd = klog_mark();
	unsigned int lines;

	refused(arg);
	lines = klog_has(fd, text);
	if (!lines) {
		sleep_ms(LIMIT_MS);
		klog_has(fd, text);
		refused(arg);
		lines = klog_has(fd, text);
	}
	if (!CHECK_EQ(lines, 1))
		ktap_diag("lines with \"%s\"", text);
	close(fd);
}

/* A file whose name no other line in the log has. */
static int named_file(char *name, size_t size)
{
	snprintf(name, size, "refused.%d", getpid());
	return gm_create(name, BLOCK);
}

static void map_private(void *arg)
{
	CHECK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE,
		   *(int *)arg, 0) == MAP_FAILED);
	CHECK_EQ(errno, EINVAL);
}

TEST(private_mapping)
{
	char name[64], text[160];
	int fd;

	gm_need_denseram();
	fd = named_file(name, sizeof(name));
	snprintf(text, sizeof(text),
		 "denseram: %s: private mapping refused: map guest RAM shared (QEMU: share=on)",
		 name);
	check_says(map_private, &fd, text);
	close(fd);
}

static void zero_range(void *arg)
{
	CHECK_ERR(fallocate(*(int *)arg, FALLOC_FL_ZERO_RANGE, 0, PAGE),
		  EOPNOTSUPP);
}

TEST(fallocate_mode)
{
	char name[64], text[160];
	int fd;

	gm_need_denseram();
	fd = named_file(name, sizeof(name));
	snprintf(text, sizeof(text), "denseram: %s: fallocate mode 0x10 refused",
		 name);
	check_says(zero_range, &fd, text);
	close(fd);
}

static void mount_with(void *arg)
{
	CHECK_ERR(gm_mount("/mnt/a", arg), EINVAL);
}

TEST(mount_options)
{
	gm_need_denseram();
	gm_private_mounts();
	ASSERT_OK(mkdir("/mnt/a", 0755));
	check_says(mount_with, "bogus=1", "denseram: Unknown parameter 'bogus'");
	check_says(mount_with, "size=abc", "denseram: bad size 'abc'");
	check_says(mount_with, "mode=7777777", "denseram: bad mode 7777777");
	check_says(mount_with, "share=x", "Bad value for 'share'");
}

static void remount_uid(void *arg)
{
	(void)arg;
	CHECK_ERR(mount(NULL, "/mnt/a", NULL, MS_REMOUNT, "uid=5"), EINVAL);
}

TEST(remount)
{
	gm_need_denseram();
	gm_private_mounts();
	ASSERT_OK(mkdir("/mnt/a", 0755));
	ASSERT_OK(gm_mount("/mnt/a", NULL));
	check_says(remount_uid, NULL,
		   "denseram: only size, huge and share can be remounted");
	CHECK_OK(umount("/mnt/a"));
}

static void make_subdirectory(void *arg)
{
	CHECK_ERR(mkdir(arg, 0755), EBUSY);
}

TEST(directory_in_a_guest)
{
	char text[300];

	gm_need_denseram();
	close(gm_create("f", PAGE));
	snprintf(text, sizeof(text),
		 "denseram: guest %s: no directory in it, it has RAM files",
		 gm_name);
	check_says(make_subdirectory, (void *)gm_path("in"), text);
}
