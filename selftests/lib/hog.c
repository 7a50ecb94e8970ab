// SPDX-License-Identifier: GPL-2.0-only
/* See hog.h. */
#include <signal.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "../ktap.h"
#include "hog.h"
#include "util.h"

#define MEMINFO		"/proc/meminfo"
#define SMALL_KB	(8 * MIB)	/* of 1 KiB: 8 GiB */
#define FILL_MS		200000

__u64 hog_total_kb(void)
{
	return (__u64)file_kb(MEMINFO, "MemTotal");
}

__u64 hog_free_kb(void)
{
	return (__u64)file_kb(MEMINFO, "MemAvailable");
}

void hog_need_small_host(void)
{
	if (hog_total_kb() > SMALL_KB)
		ktap_skip("too much memory to fill");
}

bool hog_fill(__u64 leave_kb)
{
	__u64 total = hog_total_kb() * KIB;
	char *map = mmap(NULL, total, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (map == MAP_FAILED)
		return false;
	for (__u64 at = 0; at < total; at += PAGE) {
		if (at % MIB == 0 && hog_free_kb() < leave_kb)
			return true;
		map[at] = 1;
	}
	return false;
}

static int hog(void *arg)
{
	/* Whatever becomes of the test, the memory is not to stay taken. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!hog_fill(*(__u64 *)arg))
		return 1;
	for (;;)
		pause();
}

static bool memory_is_low(void *arg)
{
	return hog_free_kb() < *(__u64 *)arg + 1024 || ktap_failed();
}

pid_t hog_start(__u64 leave_kb)
{
	pid_t pid = spawn(hog, &leave_kb);

	CHECK(poll_until(memory_is_low, &leave_kb, FILL_MS));
	return pid;
}

void hog_end(pid_t pid)
{
	CHECK_EQ(waitpid(pid, NULL, WNOHANG), 0);
	kill(pid, SIGKILL);
	CHECK_EQ(join(pid), 128 + SIGKILL);
}
