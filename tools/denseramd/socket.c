// SPDX-License-Identifier: GPL-2.0-only
/* A QMP socket as a way to a VMM: the process at its other end is the VMM. */
#include "link.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static pid_t peer_pid(int fd)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) ? -1 :
								      cred.pid;
}

static int socket_connect(struct link *link)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(link->path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, link->path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		link->pid = peer_pid(fd);
		return fd;
	}
	err = -errno;
	close(fd);
	return err;
}

const struct link_ops socket_ops = {
	.way = WAY_QMP,
	.direct = true,
	.moving_ms = 100,
	.connect = socket_connect,
};
