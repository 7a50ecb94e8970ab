/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The process that speaks with libvirt for the daemon: there is one at most,
 * started when a guest needs it. See helper.c for its inside.
 */
#ifndef DRD_BRIDGE_H
#define DRD_BRIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../lib/conf.h"

#define BRIDGE_TEXT	256	/* bytes of a domain's name, its zero included */

/**
 * enum bridge_kind - what is said between the daemon and its bridge
 * @BRIDGE_LIST: daemon: which domains run? Answered by names and an end.
 * @BRIDGE_OPEN: daemon: carry QMP between the descriptor that comes along and
 *	the domain of this name. Answered on that descriptor: by a greeting, or
 *	its end.
 * @BRIDGE_NAME: bridge: one runs
 * @BRIDGE_END: bridge: that was all
 * @BRIDGE_FAILED: bridge: the list cannot be had, and why
 * @BRIDGE_USELESS: bridge: libvirt's library cannot be had, and why
 */
enum bridge_kind {
	BRIDGE_LIST,
	BRIDGE_OPEN,
	BRIDGE_NAME,
	BRIDGE_END,
	BRIDGE_FAILED,
	BRIDGE_USELESS,
};

/* One message, on a socket that keeps messages apart. */
struct bridge_message {
	uint32_t kind;
	char text[BRIDGE_TEXT];
};

/**
 * bridge_list - ask libvirt which domains run
 * @uri: where; another one than the last ends the bridge to that
 * @conf: settings
 *
 * Starts the bridge when there is none. The answer comes by and by. Does nothing
 * when a question is under way, or the last one failed a moment ago.
 */
void bridge_list(const char *uri, const struct conf *conf);

/* The domains of the last answer. */
size_t bridge_nr_domains(void);
const char *bridge_domain(size_t i);

/* A stream that carries QMP to a domain, or a negative errno. */
int bridge_open(const char *name);

/* What to poll for, -1 without a bridge. */
int bridge_fd(void);

/* Something has come. True when the list of domains is complete. */
bool bridge_readable(void);

/*
 * When bridge_tick() has something to do, in milliseconds of now_ms(); true
 * when the pause after a failure is over.
 */
uint64_t bridge_due(void);
bool bridge_tick(void);

/* End it, and with it all its streams. */
void bridge_stop(void);

/* The settings are new: what was given up may be tried again. */
void bridge_reset(void);

/* ---- helper.c: what the process does; it does not return */

__attribute__((noreturn))
void helper_run(const char *uri, int daemon);

#endif /* DRD_BRIDGE_H */
