// SPDX-License-Identifier: GPL-2.0-only
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* In the child, which shall have neither the device nor the sockets of VMMs. */
static void settle(const char *name, int fd, pid_t parent)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	prctl(PR_SET_NAME, name);
	if (dup2(fd, STDIN_FILENO) < 0 ||
	    close_range(STDERR_FILENO + 1, ~0U, 0))
		_exit(1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGCHLD, SIG_DFL);
}

int child_start(const char *name, void (*run)(const void *data),
		const void *data, pid_t *pid)
{
	pid_t self = getpid(), child;
	int ends[2], err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	signal(SIGCHLD, SIG_IGN);
	child = fork();
	if (!child) {
		settle(name, ends[1], self);
		run(data);
		_exit(1);
	}
	err = -errno;
	close(ends[1]);
	if (child < 0) {
		close(ends[0]);
		return err;
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	if (pid)
		*pid = child;
	return ends[0];
}
