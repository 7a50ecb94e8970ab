// SPDX-License-Identifier: GPL-2.0-only
/* See disk.h. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
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

const char *disk_file(const char *name, __u64 size)
{
	static char paths[8][64];
	static int nr;
	char *path = paths[nr++ % 8], *zeros = calloc(1, MIB);
	int file;

	snprintf(path, sizeof(paths[0]), "/tmp/dr-%s", name);
	unlink(path);
	file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ASSERT(zeros && file >= 0);
	for (__u64 at = 0; at < size; at += MIB)
		ASSERT(write(file, zeros, MIB) == (ssize_t)MIB);
	close(file);
	free(zeros);
	return path;
}

void disk_dm_create(const char *table)
{
	if (run_command("dmsetup create dr-test --table '%s' 2>&1", table))
		ktap_skip("no such device-mapper target");
	run_command("dmsetup mknodes");
}

void disk_dm_reload(const char *table)
{
	ASSERT(!run_command("dmsetup suspend --noflush dr-test"));
	ASSERT(!run_command("dmsetup load dr-test --table '%s'", table));
	ASSERT(!run_command("dmsetup resume dr-test"));
}

void disk_dm_remove(void)
{
	run_command("dmsetup remove --retry dr-test");
}
