// SPDX-License-Identifier: GPL-2.0-only
#include "pageout.h"

#include "../lib/service.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
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

__attribute__((noreturn))
static void be_pageout(int fd, pid_t parent)
{
	struct pageout_reply reply;
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	prctl(PR_SET_NAME, "denseramd-page");
	/* The device and what else the daemon has open is not for it. */
	if (dup2(fd, STDIN_FILENO) < 0 ||
	    close_range(STDERR_FILENO + 1, ~0U, 0) ||
	    service_drop_privileges(SERVICE_CAP(CAP_SYS_PTRACE) |
				    SERVICE_CAP(CAP_SYS_NICE)))
		_exit(1);
	while (recv(STDIN_FILENO, &pid, sizeof(pid), 0) == sizeof(pid)) {
		reply = (struct pageout_reply){ .pid = pid };
		reply.err = page_out(pid);
		if (send(STDIN_FILENO, &reply, sizeof(reply), MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(0);
}

int pageout_start(void)
{
	pid_t self = getpid(), pid;
	int ends[2], err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	/* Nobody waits for it: its end is that of the socket. */
	signal(SIGCHLD, SIG_IGN);
	pid = fork();
	if (!pid)
		be_pageout(ends[1], self);
	err = -errno;
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return err;
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	return ends[0];
}
