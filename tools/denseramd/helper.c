// SPDX-License-Identifier: GPL-2.0-only
/*
 * The inside of the bridge to libvirt, a process of its own: this thread takes
 * what the daemon says and lists domains, one runs libvirt's events, and each
 * domain in use has one, see channel.c. All of it ends with the daemon.
 */
#include "bridge.h"

#include "channel.h"
#include "vir.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void reply(int daemon, enum bridge_kind kind, const char *text)
{
	struct bridge_message message = { .kind = kind };

	snprintf(message.text, sizeof(message.text), "%s", text);
	if (send(daemon, &message, sizeof(message), MSG_NOSIGNAL) < 0)
		_exit(1);
}

static void *run_events(void *data)
{
	(void)data;
	while (vir.run_loop() >= 0)
		;
	/* Without it no connection notices its end; another bridge will. */
	_exit(1);
}

static void list_with(virConnectPtr connection, int daemon)
{
	virDomainPtr *domains;
	int nr = vir.list(connection, &domains,
			  VIR_CONNECT_LIST_DOMAINS_ACTIVE);

	if (nr < 0) {
		reply(daemon, BRIDGE_FAILED, vir_error());
		return;
	}
	for (int i = 0; i < nr; i++) {
		const char *name = vir.name(domains[i]);

		/* One cut short would be the name of another. */
		if (name && strlen(name) < BRIDGE_TEXT)
			reply(daemon, BRIDGE_NAME, name);
		vir.put(domains[i]);
	}
	free(domains);
	reply(daemon, BRIDGE_END, "");
}

/* A connection that is gone is opened again the next time. */
static void list(const char *uri, int daemon)
{
	static virConnectPtr connection;

	if (connection && vir.is_alive(connection) != 1) {
		vir.close(connection);
		connection = NULL;
	}
	if (!connection)
		connection = vir_connect(uri);
	if (connection)
		list_with(connection, daemon);
	else
		reply(daemon, BRIDGE_FAILED, vir_error());
}

/* Returns false at the daemon's end; @stream is -1 when none came along. */
static bool next_message(int daemon, struct bridge_message *message,
			 int *stream)
{
	struct iovec bytes = { message, sizeof(*message) };
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr header = {
		.msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control.room),
	};
	struct cmsghdr *along;

	if (recvmsg(daemon, &header, MSG_CMSG_CLOEXEC) != sizeof(*message))
		return false;
	*stream = -1;
	along = CMSG_FIRSTHDR(&header);
	if (along && along->cmsg_type == SCM_RIGHTS)
		memcpy(stream, CMSG_DATA(along), sizeof(*stream));
	return true;
}

void helper_run(const char *uri, int daemon)
{
	struct bridge_message message;
	const char *why = vir_load();
	pthread_t events;
	int stream;

	if (why) {
		reply(daemon, BRIDGE_USELESS, why);
		/*
		 * The daemon ends this. To leave with something of its unread
		 * would put an error before what was just sent.
		 */
		while (next_message(daemon, &message, &stream))
			;
		_exit(0);
	}
	if (pthread_create(&events, NULL, run_events, NULL))
		_exit(1);
	while (next_message(daemon, &message, &stream)) {
		if (message.kind == BRIDGE_LIST)
			list(uri, daemon);
		else if (message.kind == BRIDGE_OPEN && stream >= 0)
			channel_start(uri, message.text, stream);
	}
	/* No exit(): threads may be stuck, and what they hold goes anyway. */
	_exit(0);
}
