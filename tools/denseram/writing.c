// SPDX-License-Identifier: GPL-2.0-only
#include "writing.h"

#include <stdio.h>
#include <unistd.h>

#define PERCENT_STEP	5

void writing_hold_signals(sigset_t *held, sigset_t *before)
{
	sigemptyset(held);
	sigaddset(held, SIGINT);
	sigaddset(held, SIGTERM);
	sigaddset(held, SIGHUP);
	sigprocmask(SIG_BLOCK, held, before);
}

bool writing_asked_to_end(const sigset_t *held)
{
	sigset_t now;

	sigpending(&now);
	for (int nr = 1; nr < NSIG; nr++) {
		if (sigismember(held, nr) == 1 && sigismember(&now, nr) == 1)
			return true;
	}
	return false;
}

void writing_show(uint64_t now, uint64_t size, const char *done)
{
	static unsigned int shown;
	unsigned int percent = (unsigned int)(now * 100 / size);

	if (!isatty(STDERR_FILENO) || percent < shown + PERCENT_STEP)
		return;
	shown = percent;
	fprintf(stderr, "%u %% %s%s", percent, done, now == size ? "\n" : "\r");
}
