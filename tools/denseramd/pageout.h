/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The process that pages out what VMMs have for themselves. It holds the two
 * capabilities that takes, and hears process ids from the daemon and nothing else: the
 * daemon, which listens to VMMs, cannot look into any process.
 */
#ifndef DRD_PAGEOUT_H
#define DRD_PAGEOUT_H

#include <stdint.h>
#include <sys/types.h>

/**
 * struct pageout_reply - what became of a process
 * @pid: the process
 * @err: 0, or a negative errno for one of which nothing could be paged out
 */
struct pageout_reply {
	int32_t pid;
	int32_t err;
};

/**
 * pageout_start - start the process
 *
 * Before the daemon gives up its own capabilities. It ends with the daemon.
 *
 * Returns a socket: a pid_t in, for which a struct pageout_reply comes out; or a
 * negative errno.
 */
int pageout_start(void);

#endif /* DRD_PAGEOUT_H */
