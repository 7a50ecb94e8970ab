/* SPDX-License-Identifier: GPL-2.0-only */
/* The connection to one VMM's monitor: bytes, time and order. */
#ifndef DRD_LINK_H
#define DRD_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../lib/conf.h"
#include "layout.h"
#include "stream.h"
#include "vm.h"

#define LINK_OUT	4096	/* bytes of one command */
#define LINK_QOM	256	/* bytes of a path in the VMM's object tree */
#define BACKOFF_MIN_MS	500u	/* before the next try; doubles */
#define LINK_BACKENDS	32	/* memory backends of one guest */

/**
 * enum want - what is to be asked of a VMM, in the order of urgency
 *
 * One is asked at a time; see the table in qmp.c.
 */
enum want {
	WANT_CAPABILITIES,
	WANT_TARGET,
	WANT_STATUS,
	WANT_SIZE,
	WANT_FIND,
	WANT_FIND_ANON,
	WANT_OOM,
	WANT_REPORTING,
	WANT_BALLOON,
	WANT_STATS_ON,
	WANT_STATS,
	WANT_EVENTS,
	WANT_MIGRATE,
	WANT_BACKENDS,
	WANT_BACKEND_PATH,
	WANT_LAYOUT,
	NR_WANTS,
};

/**
 * struct backend - a memory backend of the VMM
 * @name: its id
 * @ino: of its file on denseram; 0 when it has none
 */
struct backend {
	char name[LAYOUT_NAME];
	uint64_t ino;
};

struct link;

/**
 * struct link_ops - one way to a VMM's monitor
 * @way: what the settings call it
 * @direct: the other end is the VMM itself: it is to be greeted, commands bear
 *	numbers, and nobody else has set it up
 * @moving_ms: how often to look at a balloon that moves
 * @pid: which process would answer, or -1; asked before connecting, and with
 *	each look at the guest, since the connection may outlive the VMM. NULL:
 *	only a connection tells, and it ends with the VMM.
 * @connect: returns the descriptor of a stream that carries QMP and does not
 *	block, or a negative errno; tells link->pid when @pid cannot. The
 *	stream may take its time to say hello; this call may not.
 */
struct link_ops {
	enum way way;
	bool direct;
	unsigned int moving_ms;
	pid_t (*pid)(const struct link *link, const struct conf *conf);
	int (*connect)(struct link *link);
};

extern const struct link_ops socket_ops, domain_ops;

/**
 * struct link - a way to a VMM's monitor, whether connected or not
 * @next: list of all
 * @ops: which sort of way
 * @path: of the socket, or the domain's name behind DOMAIN_PREFIX
 * @shared: others use the socket too
 * @found: the last search has seen it
 * @fd: the connection, -1 for none
 * @pid: of the VMM behind it
 * @vm: the guest
 * @in: what comes
 * @greeted: the VMM has said hello
 * @wants: bits of enum want
 * @asked: which one is under way, -1 for none
 * @serial: number of the command under way
 * @deadline: when the answer, or the greeting, is late; milliseconds
 * @retry_at: when to connect again
 * @backoff_ms: how long to wait the next time
 * @poll_at: when to look at the balloon again
 * @full_at: when to look at all else, too
 * @seen: what the balloon had given up at the last look
 * @pace_ms: until the look after the next, while the balloon is on its way
 * @window_at: start of the second over which @window_bytes came
 * @window_bytes: no VMM has more to say than so much a second
 * @balloon: path of the balloon device in the VMM's object tree, or empty
 * @backends: @nr_backends of them; paths are known of the first @nr_paths
 * @woken_us: when the target under way became known; 0: not measured
 */
struct link {
	struct link *next;
	const struct link_ops *ops;
	char *path;
	bool shared;
	bool found;
	int fd;
	pid_t pid;
	struct vm vm;
	struct stream in;
	bool greeted;
	uint32_t wants;
	int asked;
	uint32_t serial;
	uint64_t deadline;
	uint64_t retry_at;
	unsigned int backoff_ms;
	uint64_t poll_at;
	uint64_t full_at;
	uint64_t seen;
	unsigned int pace_ms;
	uint64_t window_at;
	size_t window_bytes;
	char balloon[LINK_QOM];
	struct backend backends[LINK_BACKENDS];
	size_t nr_backends;
	size_t nr_paths;
	uint64_t woken_us;
};

/* Returns NULL without memory. */
struct link *link_create(const struct link_ops *ops, const char *path,
			 bool shared, int device);
void link_destroy(struct link *link);

/**
 * link_open - connect, and tie the VMM to its guest
 * @link: not connected
 * @conf: settings
 * @links: all links: no guest gets two
 * @guests: all guests; @nr of them
 * @nr: see there
 *
 * The peer's process must be the one that maps the guest's memory. Does
 * nothing when it is too early to try again.
 */
void link_open(struct link *link, const struct conf *conf,
	       const struct link *links, const struct dr_guest_info *guests,
	       size_t nr);

/* Hang up; @why is NULL when nothing is wrong. */
void link_close(struct link *link, const char *why);

/* Bytes have come, or the end. */
void link_readable(struct link *link, const struct conf *conf);

/* Time has passed: late answers, the next look, the next command. */
void link_tick(struct link *link, const struct conf *conf);

/* When link_tick() has something to do, in milliseconds of now_ms(). */
uint64_t link_due(const struct link *link);

/* The module wants something: @woken_us is when that became known. */
void link_target(struct link *link, uint64_t woken_us);

/* Write one command; hangs up when that fails. */
void link_send(struct link *link, const char *text, size_t len);

static inline void link_want(struct link *link, enum want want)
{
	link->wants |= UINT32_C(1) << want;
}

/* ---- qmp.c: what is said over it */

/* Everything is to be learnt anew. */
void qmp_start(struct link *link);
/* Ask the next thing, if any. */
void qmp_next(struct link *link);
/* A value came. Returns 0 or a negative errno: the peer is no VMM. */
int qmp_take(struct link *link, struct json_object *value);
/* What is looked at again and again. */
void qmp_poll(struct link *link);
/* That of it that changes while a balloon is on its way. */
void qmp_poll_balloon(struct link *link);

/* ---- guest_memory.c: where a guest's memory is */

int memory_take_backends(struct link *link, struct json_object *list);
int memory_take_path(struct link *link, const char *path);
int memory_take_layout(struct link *link, const char *text);

/* ---- latency of requests, for the status line */

struct latency {
	uint64_t nr;
	uint64_t last_us;
	uint64_t most_us;
};

extern struct latency latency;

#endif /* DRD_LINK_H */
