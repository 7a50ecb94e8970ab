/* SPDX-License-Identifier: GPL-2.0-only */
/* Processes of the daemon's own, for what it shall not do itself. */
#ifndef DRD_CHILD_H
#define DRD_CHILD_H

#include <sys/types.h>

/**
 * child_start - start a process at the other end of a socket
 * @name: as ps(1) shows it
 * @run: what it does; its end of the socket is standard input, and besides that it has
 *	standard output and error alone. It does not return
 * @data: for @run
 * @pid: out: the process; NULL if nobody wants to know
 *
 * It ends with the daemon. Nobody waits for it: its end is that of the socket, a
 * SOCK_SEQPACKET that does not block at our end.
 *
 * Returns our end of the socket, or a negative errno.
 */
int child_start(const char *name, void (*run)(const void *data),
		const void *data, pid_t *pid);

#endif /* DRD_CHILD_H */
