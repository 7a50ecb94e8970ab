// SPDX-License-Identifier: GPL-2.0-only
/*
 * One domain's monitor as a stream of QMP: a thread with a connection of its
 * own passes commands on one by one, and the thread of events puts what comes
 * by itself in between.
 *
 * Why not one connection for all: libvirtd serves five calls of a connection
 * at a time (max_client_requests), so five VMMs that hang would cut off all
 * others. A call that hangs has no end of its own either. So one domain has
 * one thread and one call under way at most, whoever hangs up and tries again
 * meanwhile is turned away, and libvirtd has never more to bear than that.
 */
#include "channel.h"

#include "bridge.h"
#include "daemon.h"
#include "link.h"
#include "vir.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Deeper than the library ever was, and little for thousands of threads. */
#define STACK_SIZE	(512u << 10)

/**
 * struct channel - one of them; many may exist, but one of a name
 * @next: list of all that have a thread; under @all_lock
 * @uri: of libvirt
 * @name: of the domain
 * @users: the thread, and the registration for events; the last one frees it
 * @stream: to the daemon
 * @lock: whole messages on @stream
 * @connection: of the thread
 * @domain: there
 * @events: the registration, -1 for none
 */
struct channel {
	struct channel *next;
	const char *uri;
	char name[BRIDGE_TEXT];
	atomic_int users;
	int stream;
	pthread_mutex_t lock;
	virConnectPtr connection;
	virDomainPtr domain;
	int events;
};

static struct channel *all;
static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;

static void channel_put(void *data)
{
	struct channel *channel = data;

	if (atomic_fetch_sub(&channel->users, 1) > 1)
		return;
	close(channel->stream);
	pthread_mutex_destroy(&channel->lock);
	free(channel);
}

/* The daemon reads at once, or is no more: waiting for it does no harm. */
static bool write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t nr = send(fd, text, len, MSG_NOSIGNAL);

		if (nr <= 0)
			return false;
		text += nr;
		len -= (size_t)nr;
	}
	return true;
}

/* One message, and the end of its line. */
static bool tell(struct channel *channel, const char *text)
{
	bool told;

	pthread_mutex_lock(&channel->lock);
	told = write_all(channel->stream, text, strlen(text)) &&
	       write_all(channel->stream, "\n", 1);
	pthread_mutex_unlock(&channel->lock);
	return told;
}

/* In the thread of events. */
static void take_event(virConnectPtr connection, virDomainPtr domain,
		       const char *event, long long seconds,
		       unsigned int micros, const char *details, void *data)
{
	struct channel *channel = data;
	char *text;

	(void)connection;
	(void)domain;
	(void)seconds;
	(void)micros;
	if (event[strspn(event, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")])
		return;
	if (asprintf(&text, "{\"event\": \"%s\", \"data\": %s}", event,
		     details && *details ? details : "{}") < 0)
		return;
	if (strlen(text) <= STREAM_VALUE_MAX)
		tell(channel, text);
	free(text);
}

/* A line from the daemon, its end cut off; false when there is no more. */
static bool next_line(const struct channel *channel, char *line, size_t room)
{
	size_t len = 0;

	while (len < room) {
		ssize_t nr = recv(channel->stream, line + len, room - len, 0);

		if (nr <= 0)
			return false;
		len += (size_t)nr;
		/* The daemon asks one thing at a time. */
		if (line[len - 1] == '\n') {
			line[len - 1] = '\0';
			return true;
		}
	}
	return false;
}

static bool channel_open(struct channel *channel)
{
	channel->connection = vir_connect(channel->uri);
	if (!channel->connection)
		return false;
	channel->domain = vir.lookup(channel->connection, channel->name);
	if (!channel->domain)
		return false;
	/* Before the greeting: nothing happens in between unseen. */
	atomic_fetch_add(&channel->users, 1);
	channel->events = vir.register_events(channel->connection,
					      channel->domain, NULL, take_event,
					      channel, channel_put, 0);
	if (channel->events >= 0)
		return true;
	atomic_fetch_sub(&channel->users, 1);
	return false;
}

/* libvirt gives the registration's hold on the channel back. */
static void channel_close(struct channel *channel)
{
	if (channel->events >= 0)
		vir.deregister(channel->connection, channel->events);
	if (channel->domain)
		vir.put(channel->domain);
	if (channel->connection)
		vir.close(channel->connection);
}

/* True as long as libvirt carries commands. */
static bool carry(struct channel *channel, const char *command)
{
	char *answer = NULL;

	if (vir.command(channel->domain, command, &answer, 0) < 0 || !answer)
		return false;
	/* If the stream is cut, next_line() sees it. */
	tell(channel, answer);
	free(answer);
	return true;
}

static void say_why(const struct channel *channel)
{
	say(LOG_DEBUG, "libvirt: domain %s: %s", quoted(channel->name),
	    quoted(vir_error()));
}

static void serve(struct channel *channel)
{
	char line[LINK_OUT];

	if (!tell(channel, "{\"QMP\": {\"version\": {}, \"capabilities\": []}}"))
		return;
	while (next_line(channel, line, sizeof(line))) {
		if (!carry(channel, line)) {
			say_why(channel);
			return;
		}
	}
}

static void forget(struct channel *channel)
{
	struct channel **at = &all;

	pthread_mutex_lock(&all_lock);
	while (*at != channel)
		at = &(*at)->next;
	*at = channel->next;
	pthread_mutex_unlock(&all_lock);
}

static void *channel_thread(void *data)
{
	struct channel *channel = data;

	if (channel_open(channel))
		serve(channel);
	else
		say_why(channel);
	/* The daemon sees the end now; the descriptor lives on with events. */
	shutdown(channel->stream, SHUT_RDWR);
	channel_close(channel);
	forget(channel);
	channel_put(channel);
	return NULL;
}

/* False when the name has a thread that has not come back. */
static bool note(struct channel *channel)
{
	struct channel *other;

	pthread_mutex_lock(&all_lock);
	for (other = all; other; other = other->next) {
		if (!strcmp(other->name, channel->name))
			break;
	}
	if (!other) {
		channel->next = all;
		all = channel;
	}
	pthread_mutex_unlock(&all_lock);
	return !other;
}

static int start_thread(struct channel *channel)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int err;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	err = pthread_create(&thread, &attributes, channel_thread, channel);
	pthread_attr_destroy(&attributes);
	return err;
}

void channel_start(const char *uri, const char *name, int stream)
{
	struct channel *channel = calloc(1, sizeof(*channel));

	if (!channel) {
		close(stream);
		return;
	}
	channel->uri = uri;
	snprintf(channel->name, sizeof(channel->name), "%s", name);
	channel->users = 1;
	channel->stream = stream;
	channel->events = -1;
	pthread_mutex_init(&channel->lock, NULL);
	if (note(channel)) {
		if (!start_thread(channel))
			return;
		forget(channel);
	}
	channel_put(channel);
}
