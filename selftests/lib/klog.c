// SPDX-License-Identifier: GPL-2.0-only
/* See klog.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../ktap.h"
#include "klog.h"

int klog_mark(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		ktap_skip("no /dev/kmsg: %s", strerror(errno));
	ASSERT(lseek(fd, 0, SEEK_END) >= 0);
	return fd;
}

unsigned int klog_has(int fd, const char *text)
{
	unsigned int nr = 0;
	char record[8192];
	ssize_t len;

	/* One record a read; EPIPE: some were overwritten meanwhile. */
	while ((len = read(fd, record, sizeof(record) - 1)) > 0 ||
	       (len < 0 && errno == EPIPE)) {
		if (len < 0)
			continue;
		record[len] = '\0';
		nr += !!strstr(record, text);
	}
	CHECK_EQ(errno, EAGAIN);
	return nr;
}
