// SPDX-License-Identifier: GPL-2.0-only
#include "link.h"

#include "daemon.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_AT_ONCE	65536
/* QEMU's longest answer is some 100 KiB, and is asked for once. */
#define BYTES_A_SECOND	(1u << 20)
#define BACKOFF_MAX_MS	30000u

struct latency latency;

struct link *link_create(const struct link_ops *ops, const char *path,
			 bool shared, int device)
{
	struct link *link = calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	link->path = strdup(path);
	if (!link->path || stream_init(&link->in)) {
		free(link->path);
		free(link);
		return NULL;
	}
	link->ops = ops;
	link->shared = shared;
	link->fd = -1;
	link->asked = -1;
	link->backoff_ms = BACKOFF_MIN_MS;
	link->pace_ms = ops->moving_ms;
	vm_init(&link->vm, device);
	return link;
}

void link_destroy(struct link *link)
{
	link_close(link, NULL);
	stream_exit(&link->in);
	free(link->path);
	free(link);
}

static const struct dr_guest_info *
guest_of_pid(const struct dr_guest_info *guests, size_t nr, pid_t pid)
{
	for (size_t i = 0; i < nr; i++) {
		if (pid > 0 && guests[i].vmm_pid == pid)
			return &guests[i];
	}
	return NULL;
}

static void retry_later(struct link *link)
{
	link->retry_at = now_ms() + link->backoff_ms;
	link->backoff_ms = link->backoff_ms * 2 < BACKOFF_MAX_MS ?
			   link->backoff_ms * 2 : BACKOFF_MAX_MS;
}

static bool is_taken(const struct link *links, const struct link *but,
		     uint64_t id)
{
	for (; links; links = links->next) {
		if (links != but && links->vm.id == id)
			return true;
	}
	return false;
}

/* The guest of the VMM behind a link, when the link may have it. */
static const struct dr_guest_info *
guest_for(const struct link *link, const struct conf *conf,
	  const struct link *links, const struct dr_guest_info *guests,
	  size_t nr)
{
	const struct dr_guest_info *guest = guest_of_pid(guests, nr, link->pid);

	if (!guest || !conf_may(conf, guest->name, link->ops->way) ||
	    is_taken(links, link, guest->id))
		return NULL;
	return guest;
}

/*
 * Is it worth while to connect? Where the process is known before, another
 * one is a reason to try at once: it has done nothing wrong yet.
 */
static bool is_time(const struct link *link, const struct conf *conf,
		    pid_t *pid)
{
	*pid = link->pid;
	if (link->ops->pid) {
		*pid = link->ops->pid(link, conf);
		if (*pid > 0 && *pid != link->pid)
			return true;
	}
	return now_ms() >= link->retry_at;
}

static void start_talk(struct link *link, const struct conf *conf, int fd)
{
	link->fd = fd;
	link->greeted = false;
	link->deadline = now_ms() + conf->timeout_s * UINT64_C(1000);
	link->window_bytes = 0;
	stream_reset(&link->in);
}

void link_open(struct link *link, const struct conf *conf,
	       const struct link *links, const struct dr_guest_info *guests,
	       size_t nr)
{
	pid_t was = link->pid, pid;
	const struct dr_guest_info *guest;
	int fd;

	if (!is_time(link, conf, &pid))
		return;
	link->pid = pid;
	if (link->ops->pid && !guest_for(link, conf, links, guests, nr)) {
		retry_later(link);
		return;
	}
	fd = link->ops->connect(link);
	if (fd < 0) {
		say(LOG_DEBUG, "%s: %s", quoted(link->path), strerror(-fd));
		retry_later(link);
		return;
	}
	guest = guest_for(link, conf, links, guests, nr);
	if (!guest) {
		close(fd);
		retry_later(link);
		return;
	}
	if (!link->vm.id)
		say(LOG_INFO, "guest %s: VMM %d at %s", quoted(guest->name),
		    link->pid, quoted(link->path));
	start_talk(link, conf, fd);
	if (link->vm.id != guest->id || link->pid != was) {
		*link->balloon = '\0';
		vm_tie(&link->vm, guest);
	}
	qmp_start(link);
}

void link_close(struct link *link, const char *why)
{
	if (link->fd < 0)
		return;
	close(link->fd);
	link->fd = -1;
	link->asked = -1;
	if (why) {
		say(LOG_INFO, "guest %s: VMM %d: %s",
		    quoted(link->vm.name), link->pid, why);
		retry_later(link);
		vm_untie(&link->vm);
		return;
	}
	link->retry_at = now_ms();
	if (!link->shared)
		vm_untie(&link->vm);
}

void link_send(struct link *link, const char *text, size_t len)
{
	/* One command under way: a socket that takes it not at once is stuck. */
	if (send(link->fd, text, len, MSG_NOSIGNAL) != (ssize_t)len)
		link_close(link, "does not take a command");
}

static int take_value(void *data, struct json_object *value)
{
	struct link *link = data;
	int err = qmp_take(link, value);

	return link->fd < 0 ? -ENOTCONN : err;
}

/* More than so much a second is not what a VMM says. */
static bool chatters(struct link *link, size_t bytes)
{
	uint64_t now = now_ms();

	if (now - link->window_at >= 1000) {
		link->window_at = now;
		link->window_bytes = 0;
	}
	link->window_bytes += bytes;
	return link->window_bytes > BYTES_A_SECOND;
}

static const char *why_bad(int err)
{
	switch (-err) {
	case EPROTO:
		return "sends what is no JSON";
	case EMSGSIZE:
		return "sends a message without end";
	case ENOENT:
		return "its guest is gone";
	case EBADMSG:
		return "does not speak QMP";
	default:
		return strerror(-err);
	}
}

void link_readable(struct link *link, const struct conf *conf)
{
	static char bytes[READ_AT_ONCE];
	ssize_t nr = recv(link->fd, bytes, sizeof(bytes), 0);
	int err;

	if (nr < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (nr <= 0) {
		link_close(link, "has hung up");
		return;
	}
	if (chatters(link, (size_t)nr)) {
		link_close(link, "sends more than anybody asked for");
		return;
	}
	err = stream_feed(&link->in, bytes, (size_t)nr, take_value, link);
	if (link->fd < 0)
		return;
	if (err) {
		link_close(link, why_bad(err));
		return;
	}
	link_tick(link, conf);
}

static bool is_moving(const struct link *link)
{
	return vm_distance(&link->vm) && link->vm.sent;
}

/*
 * A look costs the VMM more than it costs us, and a guest with nothing left to
 * give stays short of its target for as long as that stands. So the looks at a
 * balloon on its way are ever rarer, until it moves again: those who gain by the
 * waiting would be the other guests of a host that is short of memory already.
 */
static void schedule_poll(struct link *link, const struct conf *conf,
			  uint64_t now)
{
	unsigned int rest = conf->poll_s * 1000;

	link->poll_at = now + rest;
	if (!is_moving(link) || link->shared)
		return;
	if (link->pace_ms < rest)
		link->poll_at = now + link->pace_ms;
	link->pace_ms = link->pace_ms * 2 < rest ? link->pace_ms * 2 : rest;
}

/* Whoever tells of it, a look or an event. */
static void note_progress(struct link *link, uint64_t now)
{
	if (link->vm.actual == link->seen)
		return;
	link->seen = link->vm.actual;
	link->pace_ms = link->ops->moving_ms;
	if (is_moving(link) && !link->shared &&
	    link->poll_at > now + link->pace_ms)
		link->poll_at = now + link->pace_ms;
}

static void look(struct link *link, const struct conf *conf, uint64_t now)
{
	vm_repeat(&link->vm, now, conf->repeat_s);
	if (now >= link->full_at || link->shared) {
		qmp_poll(link);
		link->full_at = now + conf->poll_s * UINT64_C(1000);
	} else {
		qmp_poll_balloon(link);
	}
	schedule_poll(link, conf, now);
}

/* The VMM is gone, and the way to it still stands. */
static bool is_another(const struct link *link, const struct conf *conf)
{
	return link->ops->pid && link->ops->pid(link, conf) != link->pid;
}

void link_tick(struct link *link, const struct conf *conf)
{
	uint64_t now = now_ms();

	if (link->fd < 0)
		return;
	if ((!link->greeted || link->asked >= 0) && now >= link->deadline) {
		link_close(link, "does not answer");
		return;
	}
	if (!link->greeted)
		return;
	note_progress(link, now);
	if (now >= link->poll_at) {
		if (is_another(link, conf)) {
			link_close(link, "is another process now, or none");
			return;
		}
		look(link, conf, now);
	}
	if (link->asked >= 0)
		return;
	if (vm_is_due(&link->vm))
		link_want(link, WANT_TARGET);
	if (link->wants) {
		link->deadline = now + conf->timeout_s * UINT64_C(1000);
		qmp_next(link);
	} else if (link->shared) {
		link_close(link, NULL);
		link->retry_at = link->poll_at;
	}
}

uint64_t link_due(const struct link *link)
{
	if (link->fd < 0)
		return UINT64_MAX;
	if (!link->greeted)
		return link->deadline;
	if (link->asked >= 0 && link->deadline < link->poll_at)
		return link->deadline;
	return link->poll_at;
}

void link_target(struct link *link, uint64_t woken_us)
{
	if (!vm_refresh(&link->vm))
		return;
	link->woken_us = woken_us;
	/* The next look is soon, and a shared socket is opened for this. */
	link->poll_at = 0;
	link->pace_ms = link->ops->moving_ms;
	if (link->shared && link->fd < 0)
		link->retry_at = 0;
}
