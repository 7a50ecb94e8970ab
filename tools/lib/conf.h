/* SPDX-License-Identifier: GPL-2.0-only */
/* The daemon's configuration file. Pure: text in, settings out. */
#ifndef DR_CONF_H
#define DR_CONF_H

#include <stdbool.h>
#include <stddef.h>

#define CONF_MAX	64	/* patterns of each sort */
#define CONF_TEXT	256	/* bytes of one, its final zero included */

/* How the daemon reaches the VMM of a guest. */
enum way {
	WAY_NONE,
	WAY_QMP,	/* a socket */
	WAY_LIBVIRT,	/* by libvirt's library */
	WAY_ANY,	/* a socket when there is one, else libvirt */
	NR_WAYS,
};

/**
 * struct conf_socket - where QMP sockets are
 * @pattern: for glob(3)
 * @shared: other programs use them too: connect only for as long as it takes
 */
struct conf_socket {
	char pattern[CONF_TEXT];
	bool shared;
};

/**
 * struct conf_way - which way is for which guests
 * @pattern: for fnmatch(3), against the guest's name
 * @way: the first match counts
 */
struct conf_way {
	char pattern[CONF_TEXT];
	enum way way;
};

/* When VMMs' own memory is paged out. */
enum overhead_mode {
	OVERHEAD_SHORT,		/* when the host is short of memory */
	OVERHEAD_ALWAYS,
	OVERHEAD_KEEP,		/* never */
	NR_OVERHEADS,
};

/**
 * struct conf - all settings
 * @sockets: @nr_sockets of them
 * @ways: @nr_ways of them
 * @poll_s: seconds between looks at a guest that is at rest
 * @rescan_s: seconds between searches for VMMs
 * @timeout_s: seconds a VMM has for an answer
 * @repeat_s: seconds after which a guest that took memory back is asked again;
 *	0 for never
 * @overhead: when VMMs' own memory is paged out
 */
struct conf {
	struct conf_socket sockets[CONF_MAX];
	size_t nr_sockets;
	struct conf_way ways[CONF_MAX];
	size_t nr_ways;
	char libvirt[CONF_TEXT];
	char libvirt_pids[CONF_TEXT];
	unsigned int poll_s;
	unsigned int rescan_s;
	unsigned int timeout_s;
	unsigned int repeat_s;
	enum overhead_mode overhead;
};

void conf_defaults(struct conf *conf);

/**
 * conf_line - read one line
 * @conf: changed on success only
 * @line: text without a line end
 *
 * Returns NULL, or what is wrong with it.
 */
const char *conf_line(struct conf *conf, const char *line);

/* Way of a guest by its name. */
enum way conf_way(const struct conf *conf, const char *name);

/* May it be reached by @way, WAY_QMP or WAY_LIBVIRT? */
bool conf_may(const struct conf *conf, const char *name, enum way way);

/**
 * conf_load - read a file
 * @conf: defaults, then what the file says
 * @path: the file
 * @optional: one that is not there is as good as an empty one
 *
 * Says on standard error what is wrong, by line. Returns 0 or -1.
 */
int conf_load(struct conf *conf, const char *path, bool optional);

#endif /* DR_CONF_H */
