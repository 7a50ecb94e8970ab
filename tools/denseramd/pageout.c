// SPDX-License-Identifier: GPL-2.0-only
#include "pageout.h"

#include "child.h"

#include "../lib/service.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* A larger mapping is memory of a guest, which is not a program's own. */
#define OWN_MOST	(UINT64_C(128) << 20)

/* A line of /proc/PID/maps that is a program's own memory: private, and written to. */
static bool parse_own(const char *line, struct iovec *range)
{
	uint64_t from, to;
	char perms[5];

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &from, &to,
		   perms) != 3 || strcmp(perms, "rw-p") ||
	    to - from > OWN_MOST)
		return false;
	range->iov_base = (void *)(uintptr_t)from;
	range->iov_len = to - from;
	return true;
}

/*
 * Mappings that may not be paged out, as locked ones, are passed over. Whatever
 * changes meanwhile: at worst something else of the same process is paged out.
 */
static int page_out_maps(int process, FILE *maps)
{
	int err = -ESRCH;
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, maps) >= 0) {
		struct iovec range;

		if (!parse_own(line, &range))
			continue;
		if (syscall(SYS_process_madvise, process, &range, 1UL,
			    MADV_PAGEOUT, 0U) >= 0)
			err = 0;
		else if (err)
			err = -errno;
	}
	free(line);
	return err;
}

static int page_out(pid_t pid)
{
	char path[32];
	int process, err;
	FILE *maps;

	process = pidfd_open(pid, 0);
	if (process < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "re");
	err = maps ? page_out_maps(process, maps) : -errno;
	if (maps)
		fclose(maps);
	close(process);
	return err;
}

static void be_pageout(const void *data)
{
	pid_t pid;

	(void)data;
	/* It ends with the daemon, and not before. */
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	if (service_drop_privileges(SERVICE_CAP(CAP_SYS_PTRACE) |
				    SERVICE_CAP(CAP_SYS_NICE)))
		_exit(1);
	while (recv(STDIN_FILENO, &pid, sizeof(pid), 0) == sizeof(pid)) {
		struct pageout_reply reply = { .pid = pid };

		reply.err = page_out(pid);
		if (send(STDIN_FILENO, &reply, sizeof(reply), MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(0);
}

int pageout_start(void)
{
	return child_start("denseramd-page", be_pageout, NULL, NULL);
}
