// SPDX-License-Identifier: GPL-2.0-only
/*
 * A domain of libvirt as a way to a VMM. libvirt keeps the monitor to itself
 * and passes commands on. The VMM's process is the one that libvirtd, as root,
 * has noted in its own directory: a guest cannot claim to be another.
 */
#include "domain.h"

#include "link.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define URI	"qemu:///system"

bool domain_path(char *path, const char *name)
{
	if (!*name || *name == '.' || strchr(name, '/'))
		return false;
	return snprintf(path, DOMAIN_PATH, DOMAIN_PREFIX "%s", name) <
	       (int)DOMAIN_PATH;
}

const char *domain_uri(const struct conf *conf)
{
	static const char *const sockets[] = {
		"/run/libvirt/libvirt-sock",
		"/run/libvirt/virtqemud-sock",
	};

	if (!strcmp(conf->libvirt, "off"))
		return NULL;
	if (*conf->libvirt)
		return conf->libvirt;
	for (size_t i = 0; i < sizeof(sockets) / sizeof(*sockets); i++) {
		if (!access(sockets[i], F_OK))
			return URI;
	}
	return NULL;
}

static const char *name_of(const struct link *link)
{
	return link->path + strlen(DOMAIN_PREFIX);
}

static pid_t domain_pid(const struct link *link, const struct conf *conf)
{
	char path[CONF_TEXT + BRIDGE_TEXT + 8], text[16] = "";
	ssize_t len;
	long pid;
	int fd;

	snprintf(path, sizeof(path), "%s/%s.pid", conf->libvirt_pids,
		 name_of(link));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -1;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	pid = len > 0 ? strtol(text, NULL, 10) : -1;
	return pid > 0 ? (pid_t)pid : -1;
}

static int domain_connect(struct link *link)
{
	return bridge_open(name_of(link));
}

/* Each look is a few calls of libvirt, and events tell of progress as well. */
const struct link_ops domain_ops = {
	.way = WAY_LIBVIRT,
	.moving_ms = 500,
	.pid = domain_pid,
	.connect = domain_connect,
};
