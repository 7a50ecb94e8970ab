// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gmem.h"
#include "inject.h"

/* More than any operation allocates: mkdir makes a guest, and its files in sysfs */
#define MAX_NTH		1000

static int fail_fd, mem_fd;

static void knob(const char *dir, const char *name, const char *value)
{
	char path[200];

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", dir, name);
	if (write_text(path, value))
		ktap_skip("no fault injection in this kernel");
}

void inject_setup(void)
{
	gm_need_denseram();
	if (access("/proc/self/fail-nth", W_OK))
		ktap_skip("no fault injection in this kernel");
	knob("failslab", "ignore-gfp-wait", "N");
	knob("failslab", "cache-filter", "N");
	knob("fail_page_alloc", "ignore-gfp-wait", "N");
	knob("fail_page_alloc", "ignore-gfp-highmem", "N");
	knob("fail_page_alloc", "min-order", "0");
	/* Reports of what is on purpose would look like trouble in the log. */
	knob("failslab", "verbose", "0");
	knob("fail_page_alloc", "verbose", "0");
	fail_fd = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
	ASSERT(fail_fd >= 0);
	/* Now, for procfs says ENOENT when it lacks memory. */
	mem_fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	ASSERT(mem_fd >= 0);
}

int inject_poke(char *to, const void *from, size_t len)
{
	if (pwrite(mem_fd, from, len, (unsigned long)to) == (ssize_t)len)
		return 0;
	errno = errno == EIO ? EFAULT : errno;
	return -1;
}

/* An error an operation may end with when memory is short. */
static bool expected(int err)
{
	return err == ENOMEM || err == ENOSPC || err == EFAULT ||
	       err == EINTR || err == EAGAIN;
}

/* Run with the n-th allocation failing; false when there were fewer. */
static bool fails_at(const struct inject_op *op, int nth, int *failed)
{
	char text[16];
	int ret, err;

	if (op->prepare)
		op->prepare();
	snprintf(text, sizeof(text), "%d", nth);
	ASSERT(pwrite(fail_fd, text, strlen(text), 0) > 0);
	ret = op->run();
	err = errno;
	memset(text, 0, sizeof(text));
	ASSERT(pread(fail_fd, text, sizeof(text) - 1, 0) > 0);
	ASSERT(pwrite(fail_fd, "0", 1, 0) == 1);
	if (ret) {
		(*failed)++;
		if (!CHECK(expected(err)))
			ktap_diag("%s, allocation %d: %s", op->name, nth,
				  strerror(err));
	}
	if (op->finish)
		op->finish(ret != 0);
	return atoi(text) == 0;
}

void inject(const struct inject_op *op)
{
	int nth = 1, failed = 0;

	while (nth < MAX_NTH && !ktap_failed() && fails_at(op, nth, &failed))
		nth++;
	CHECK(nth < MAX_NTH);
	ktap_diag("%s: %d allocations, %d of their failures failed it",
		  op->name, nth - 1, failed);
}
