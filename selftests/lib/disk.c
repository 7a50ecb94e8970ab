// SPDX-License-Identifier: GPL-2.0-only
/* See disk.h. */
#include <stdio.h>
#include <stdlib.h>
#include <linux/loop.h>
#include <sys/ioctl.h>

#include "disk.h"
#include "gmem.h"

int disk_loop(const char *name, __u64 size, char path[DISK_PATH])
{
	int ctl = open("/dev/loop-control", O_RDWR | O_CLOEXEC), fd, disk, nr;
	struct loop_info64 info = { .lo_flags = LO_FLAGS_AUTOCLEAR };

	if (ctl < 0)
		ktap_skip("no loop devices");
	gm_private_mounts();
	snprintf(path, DISK_PATH, "/mnt/%s", name);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ASSERT(fd >= 0);
	ASSERT_OK(ftruncate(fd, (off_t)size));
	nr = ioctl(ctl, LOOP_CTL_GET_FREE);
	ASSERT(nr >= 0);
	snprintf(path, DISK_PATH, "/dev/loop%d", nr);
	disk = open(path, O_RDWR | O_CLOEXEC);
	ASSERT(disk >= 0);
	ASSERT_OK(ioctl(disk, LOOP_SET_FD, fd));
	ASSERT_OK(ioctl(disk, LOOP_SET_STATUS64, &info));
	close(fd);
	close(ctl);
	return disk;
}

int disk_open(void)
{
	const char *path = getenv("DR_DISK");
	char loop[DISK_PATH];
	int fd;

	/* Both stay open: the loop device goes with its last descriptor. */
	if (!path || !*path) {
		disk_loop("disk", DISK_SIZE, loop);
		path = loop;
	}
	fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
	ASSERT(fd >= 0);
	ASSERT(lseek(fd, 0, SEEK_END) >= (off_t)DISK_SIZE);
	return fd;
}

char *disk_buffer(size_t size)
{
	char *buf = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT(buf != MAP_FAILED);
	return buf;
}
