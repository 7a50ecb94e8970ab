// SPDX-License-Identifier: GPL-2.0-only
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int open_file(const char *file, int flags)
{
	char path[512];
	int fd;

	if (snprintf(path, sizeof(path), DR_SYSFS "/%s", file) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int dr_sysfs_read(const char *file, char *text)
{
	int fd = open_file(file, O_RDONLY);
	ssize_t len;

	if (fd < 0)
		return fd;
	len = read(fd, text, DR_SYSFS_TEXT - 1);
	if (len < 0) {
		len = -errno;
		close(fd);
		return (int)len;
	}
	close(fd);
	text[len] = '\0';
	if (len && text[len - 1] == '\n')
		text[len - 1] = '\0';
	return 0;
}

int dr_sysfs_write(const char *file, const char *text)
{
	size_t len = strlen(text);
	int err = 0, fd = open_file(file, O_WRONLY);
	ssize_t done;

	if (fd < 0)
		return fd;
	done = write(fd, text, len);
	if (done < 0)
		err = -errno;
	else if ((size_t)done != len)
		err = -EIO;
	close(fd);
	return err;
}
