// SPDX-License-Identifier: GPL-2.0-only
#include "service.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* The protocol of sd_notify(3): a datagram to a socket named by a variable. */
void service_notify(const char *fmt, ...)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	char text[256];
	va_list args;
	socklen_t len;
	int fd;

	if (!path || (*path != '/' && *path != '@') ||
	    strlen(path) >= sizeof(address.sun_path))
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	strcpy(address.sun_path, path);
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	if (*path == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	sendto(fd, text, strlen(text), MSG_NOSIGNAL,
	       (struct sockaddr *)&address, len);
	close(fd);
}

uint64_t service_watchdog_ms(void)
{
	const char *usec = getenv("WATCHDOG_USEC");

	return usec ? strtoull(usec, NULL, 10) / 2000 : 0;
}

int service_drop_privileges(uint32_t keep)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = { { 0 } };
	uint32_t held;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_capget, &header, data))
		return -errno;
	held = data[0].effective & keep;
	memset(data, 0, sizeof(data));
	data[0].effective = held;
	data[0].permitted = held;
	return syscall(SYS_capset, &header, data) ? -errno : 0;
}
