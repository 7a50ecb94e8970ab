// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gmem.h"
#include "inject.h"

/* More than any operation allocates: mkdir makes a guest, and its files in sysfs */
#define MAX_NTH		3000
/* So many of the first fail where not all do. */
#define EACH		8

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

static void fail_nth(int fd, int nth)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", nth);
	ASSERT(pwrite(fd, text, strlen(text), 0) > 0);
}

/* Has it failed? No other will then. */
static bool has_failed(int fd)
{
	char text[16] = "";

	ASSERT(pread(fd, text, sizeof(text) - 1, 0) > 0);
	fail_nth(fd, 0);
	return atoi(text) == 0;
}

/* fail-nth of a process, if its name begins like that; or -1. */
static int thread_open(const char *comm, const char *name)
{
	char text[64] = "", path[64];

	/* Processes come and go. */
	if (read_text(comm, text, sizeof(text)) ||
	    strncmp(text, name, strlen(name)))
		return -1;
	snprintf(path, sizeof(path), "%.*sfail-nth", (int)strlen(comm) - 4,
		 comm);
	return open(path, O_RDWR | O_CLOEXEC);
}

/* Let them fail, or else end it: how many have. */
static unsigned int threads(const char *name, int nth)
{
	unsigned int used = 0;
	glob_t procs = {};

	ASSERT(!glob("/proc/[0-9]*/comm", 0, NULL, &procs));
	for (size_t i = 0; i < procs.gl_pathc; i++) {
		int fd = thread_open(procs.gl_pathv[i], name);

		if (fd < 0)
			continue;
		if (nth)
			fail_nth(fd, nth);
		else
			used += has_failed(fd);
		close(fd);
	}
	globfree(&procs);
	return used;
}

void inject_threads_begin(const char *name, int nth)
{
	threads(name, nth);
}

unsigned int inject_threads_end(const char *name)
{
	return threads(name, 0);
}

/**
 * struct trial - an operation and who fails
 * @op: the operation
 * @threads: of the kernel; NULL: this task
 * @nth: which of the allocations
 * @tries: how many have failed so far
 * @failed: how many of them failed the operation
 */
struct trial {
	const struct inject_op *op;
	const char *threads;
	int nth;
	int tries;
	int failed;
};

static void begin(const struct trial *t)
{
	if (t->threads)
		inject_threads_begin(t->threads, t->nth);
	else
		fail_nth(fail_fd, t->nth);
}

static bool end(const struct trial *t)
{
	return t->threads ? inject_threads_end(t->threads) :
			    has_failed(fail_fd);
}

static void note_failure(struct trial *t, int err)
{
	t->failed++;
	if (!CHECK(expected(err)))
		ktap_diag("%s, allocation %d: %s", t->op->name, t->nth,
			  strerror(err));
}

/* Run with the n-th allocation failing; false when there were fewer. */
static bool fails(struct trial *t)
{
	const struct inject_op *op = t->op;
	int ret, err;
	bool used;

	if (op->prepare)
		op->prepare();
	begin(t);
	ret = op->run();
	err = errno;
	used = end(t);
	if (ret)
		note_failure(t, err);
	if (op->finish)
		op->finish(ret != 0);
	if (ktap_failed())
		ktap_diag("%s, allocation %d", op->name, t->nth);
	t->tries += used;
	return used && !ktap_failed();
}

/*
 * Of a thread that never rests there is no last one. A system call may find what it needs
 * at hand and ask for nothing, as a punch does; of threads it is not known whether they
 * ran at all.
 */
static void try_all(struct trial *t, bool some)
{
	for (t->nth = 1; t->nth < MAX_NTH && fails(t); t->nth++)
		if (some && t->nth > EACH)
			t->nth += t->nth / 3;
	CHECK(t->nth < MAX_NTH || t->threads);
	CHECK(t->tries || !t->threads);
	ktap_diag("%s: %d allocations failed, %d of them failed it",
		  t->op->name, t->tries, t->failed);
}

void inject(const struct inject_op *op)
{
	struct trial t = { .op = op };

	try_all(&t, false);
}

void inject_all(const struct inject_op *ops, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		inject(&ops[i]);
}

void inject_some(const struct inject_op *op)
{
	struct trial t = { .op = op };

	try_all(&t, true);
}

void inject_threads(const struct inject_op *op, const char *threads)
{
	struct trial t = { .op = op, .threads = threads };

	try_all(&t, true);
}
