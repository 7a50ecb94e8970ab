// SPDX-License-Identifier: GPL-2.0-only
#include "swap_make.h"
#include "output.h"
#include "verbs.h"
#include "writing.h"
#include "../lib/units.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <linux/fs.h>

#define PAGE	4096
#define CHUNK	(1 << 20)

/* Where copies are made of what is written, each page out would be a new place. */
static void leave_in_place(int fd)
{
	int flags;

	if (!ioctl(fd, FS_IOC_GETFLAGS, &flags)) {
		flags |= FS_NOCOW_FL;
		/* Other file systems than btrfs do not know it, nor need it. */
		(void)!ioctl(fd, FS_IOC_SETFLAGS, &flags);
	}
}

/* 0, -EINTR when a signal asks to end, or why it cannot be written. */
static int write_zeros(int fd, uint64_t size, const sigset_t *held)
{
	static const char zeros[CHUNK];
	uint64_t done = 0;

	while (done < size) {
		size_t some = size - done < CHUNK ? size - done : CHUNK;
		ssize_t len = write(fd, zeros, some);

		if (len < 0 && errno != EINTR)
			return -errno;
		if (len > 0)
			done += (uint64_t)len;
		if (writing_asked_to_end(held))
			return -EINTR;
		writing_show(done, size, "written");
	}
	return fsync(fd) ? -errno : 0;
}

/* Rather than to fill the disk to its end, and the programs that are on it. */
static bool has_room(int fd, uint64_t size, uint64_t *free)
{
	struct statvfs fs;

	if (fstatvfs(fd, &fs))
		return true;
	*free = (uint64_t)fs.f_bavail * fs.f_frsize;
	return size <= *free;
}

static int fill_file(int fd, const char *path, uint64_t size,
		     const sigset_t *held)
{
	char text[DR_SIZE_TEXT];
	uint64_t free;
	int err;

	if (!has_room(fd, size, &free))
		return fail("%s: its file system has only %s free", path,
			    dr_size_format(free, text));
	leave_in_place(fd);
	err = write_zeros(fd, size, held);
	if (err == -EINTR)
		return fail("%s: interrupted; nothing is left of it", path);
	return err ? fail("%s: %s", path, strerror(-err)) : EXIT_OK;
}

int swap_make(const char *path, uint64_t size, int *fd)
{
	sigset_t held, before;
	int err;

	if (size > UINT64_MAX - PAGE)
		return fail("%s: no file is so large", path);
	size = (size + PAGE - 1) / PAGE * PAGE;
	writing_hold_signals(&held, &before);
	*fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (*fd < 0 && errno == EEXIST)
		err = fail("%s is there already; leave out --size to page to it as it is",
			   path);
	else if (*fd < 0)
		err = fail("%s: %s", path, strerror(errno));
	else
		err = fill_file(*fd, path, size, &held);
	if (err && *fd >= 0) {
		unlink(path);
		close(*fd);
	}
	/* What was held back comes now. */
	sigprocmask(SIG_SETMASK, &before, NULL);
	return err;
}
