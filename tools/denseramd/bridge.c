// SPDX-License-Identifier: GPL-2.0-only
/*
 * The daemon's side of the bridge to libvirt.
 *
 * Any call of libvirt's library may block for as long as libvirtd, or one VMM,
 * likes; a thread that is stuck in one cannot be ended. A process can, so the
 * library lives in one of its own. To the daemon a domain is a socket that
 * speaks QMP like any other: the same patience, limits and parser apply, its
 * loop stays alone in its process, and a crash of the library is a hang-up.
 */
#include "bridge.h"

#include "child.h"
#include "daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define RETRY_MIN_MS	1000u
#define RETRY_MAX_MS	30000u
/* As many as find.c has room for links. */
#define DOMAINS_MAX	4096
/* Guests wait meanwhile. */
#define MESSAGES_AT_ONCE	64

/* A domain's name. */
struct name {
	char text[BRIDGE_TEXT];
};

/**
 * struct names - a list of domains
 * @names: @nr of them
 * @room: of @names
 */
struct names {
	struct name *names;
	size_t nr;
	size_t room;
};

/**
 * struct bridge - the bridge; there is one
 * @fd: socket to the process, -1: there is none
 * @process: pidfd of it
 * @uri: where it connects to
 * @domains: the last complete list
 * @coming: the one under way
 * @listing: a list is under way
 * @paused: after a failure
 * @until: when the list is late, or the pause over
 * @wait_ms: how long to wait after the next failure
 * @useless: there is no library
 * @failed: the last list failed: say it once
 */
static struct bridge {
	int fd;
	int process;
	char uri[CONF_TEXT];
	struct names domains;
	struct names coming;
	bool listing;
	bool paused;
	uint64_t until;
	unsigned int wait_ms;
	bool useless;
	bool failed;
} bridge = { .fd = -1, .process = -1, .wait_ms = RETRY_MIN_MS };

static void names_add(struct names *names, const char *name)
{
	if (names->nr == names->room) {
		size_t room = names->room ? 2 * names->room : 64;
		struct name *more;

		if (room > DOMAINS_MAX)
			return;
		more = reallocarray(names->names, room, sizeof(*more));
		if (!more)
			return;
		names->names = more;
		names->room = room;
	}
	strcpy(names->names[names->nr++].text, name);
}

size_t bridge_nr_domains(void)
{
	return bridge.domains.nr;
}

const char *bridge_domain(size_t i)
{
	return bridge.domains.names[i].text;
}

int bridge_fd(void)
{
	return bridge.fd;
}

void bridge_stop(void)
{
	if (bridge.fd < 0)
		return;
	/* It may be stuck, and not see that we have hung up. */
	if (bridge.process >= 0) {
		pidfd_send_signal(bridge.process, SIGKILL, NULL, 0);
		close(bridge.process);
	}
	close(bridge.fd);
	bridge.fd = -1;
	bridge.process = -1;
	bridge.listing = false;
	bridge.domains.nr = 0;
}

void bridge_reset(void)
{
	bridge.useless = false;
	bridge.failed = false;
	bridge.paused = false;
	bridge.wait_ms = RETRY_MIN_MS;
}

/* Whoever must act hears it once, until it works again. */
static void note_failure(const char *why)
{
	say(bridge.failed ? LOG_DEBUG : LOG_WARNING, "libvirt at %s: %s",
	    quoted(bridge.uri), why);
	bridge.failed = true;
	/* Nothing to try before it works again; open streams see for themselves. */
	bridge.domains.nr = 0;
	bridge.listing = false;
	bridge.paused = true;
	bridge.until = now_ms() + bridge.wait_ms;
	bridge.wait_ms = bridge.wait_ms * 2 < RETRY_MAX_MS ?
			 bridge.wait_ms * 2 : RETRY_MAX_MS;
}

static void be_helper(const void *uri)
{
	helper_run(uri, STDIN_FILENO);
}

static int start(const char *uri)
{
	pid_t pid;
	int fd;

	snprintf(bridge.uri, sizeof(bridge.uri), "%s", uri);
	fd = child_start("denseramd-virt", be_helper, uri, &pid);
	if (fd < 0)
		return fd;
	bridge.fd = fd;
	bridge.process = pidfd_open(pid, 0);
	return 0;
}

/* @stream: a descriptor that goes along, -1 for none. */
static int send_message(enum bridge_kind kind, const char *text, int stream)
{
	struct bridge_message message = { .kind = kind };
	struct iovec bytes = { &message, sizeof(message) };
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct msghdr header = { .msg_iov = &bytes, .msg_iovlen = 1 };

	if (strlen(text) >= sizeof(message.text))
		return -ENAMETOOLONG;
	strcpy(message.text, text);
	if (stream >= 0) {
		struct cmsghdr *along = &control.align;

		header.msg_control = &control;
		header.msg_controllen = sizeof(control.room);
		along->cmsg_level = SOL_SOCKET;
		along->cmsg_type = SCM_RIGHTS;
		along->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(along), &stream, sizeof(int));
	}
	return sendmsg(bridge.fd, &header, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

void bridge_list(const char *uri, const struct conf *conf)
{
	int err = 0;

	if (bridge.fd >= 0 && strcmp(bridge.uri, uri)) {
		bridge_stop();
		bridge_reset();
	}
	if (bridge.listing || bridge.useless || bridge.paused)
		return;
	if (bridge.fd < 0)
		err = start(uri);
	if (!err)
		err = send_message(BRIDGE_LIST, "", -1);
	if (err) {
		bridge_stop();
		note_failure(strerror(-err));
		return;
	}
	bridge.listing = true;
	bridge.coming.nr = 0;
	bridge.until = now_ms() + conf->timeout_s * UINT64_C(1000);
}

int bridge_open(const char *name)
{
	int ends[2], err;

	if (bridge.fd < 0)
		return -ENOTCONN;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -errno;
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	err = send_message(BRIDGE_OPEN, name, ends[1]);
	close(ends[1]);
	if (!err)
		return ends[0];
	close(ends[0]);
	return err;
}

static void take_list(void)
{
	struct names old = bridge.domains;

	bridge.domains = bridge.coming;
	bridge.coming = old;
	bridge.listing = false;
	if (bridge.failed)
		say(LOG_INFO, "libvirt at %s: answers again",
		    quoted(bridge.uri));
	bridge.failed = false;
	bridge.wait_ms = RETRY_MIN_MS;
}

/* True when the list is complete. */
static bool take_message(const struct bridge_message *message)
{
	switch (message->kind) {
	case BRIDGE_NAME:
		names_add(&bridge.coming, message->text);
		return false;
	case BRIDGE_END:
		take_list();
		return true;
	case BRIDGE_FAILED:
		note_failure(quoted(message->text));
		return false;
	case BRIDGE_USELESS:
		note_failure(quoted(message->text));
		say(LOG_WARNING, "libvirt's guests are left alone until the settings are read again");
		bridge.useless = true;
		bridge_stop();
		return false;
	default:
		return false;
	}
}

/* False when nothing more can be read now. @complete: set if the list ended here. */
static bool read_message(bool *complete)
{
	struct bridge_message message;
	ssize_t len = recv(bridge.fd, &message, sizeof(message), 0);

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (len == sizeof(message)) {
		message.text[sizeof(message.text) - 1] = '\0';
		*complete |= take_message(&message);
		return bridge.fd >= 0;
	}
	bridge_stop();
	note_failure("the bridge to it has ended");
	return false;
}

bool bridge_readable(void)
{
	bool complete = false;
	int nr = 0;

	while (nr < MESSAGES_AT_ONCE && read_message(&complete))
		nr++;
	return complete;
}

uint64_t bridge_due(void)
{
	return bridge.listing || bridge.paused ? bridge.until : UINT64_MAX;
}

bool bridge_tick(void)
{
	if (now_ms() < bridge_due())
		return false;
	if (bridge.paused) {
		bridge.paused = false;
		return true;
	}
	bridge_stop();
	note_failure("does not answer");
	return false;
}
