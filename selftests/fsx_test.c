// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random operations on a RAM file against a plain buffer that says what each
 * byte must be, in the manner of fsx; and several of them at once.
 *
 * -s repeats a failure, -n sets the number of operations. DR_DIR may be a
 * tmpfs, to try the test itself.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "lib/gmem.h"

#define RW		(PROT_READ | PROT_WRITE)
#define MAX_SIZE	(4 * BLOCK + 7 * PAGE)
#define LOG_SIZE	24

/**
 * struct fsx - one file under test
 * @rng: decides everything
 * @fd: the file
 * @name: its name
 * @size: what its size must be
 * @model: what its bytes must be; zero beyond @size
 * @scratch: room for a copy
 * @map: mapping of MAX_SIZE bytes of the file
 * @op: operations done
 * @key: of the next pattern
 * @log: the last operations, for the report
 */
struct fsx {
	struct rng rng;
	int fd;
	char name[32];
	size_t size;
	unsigned char *model;
	unsigned char *scratch;
	unsigned char *map;
	unsigned long op;
	__u64 key;
	char log[LOG_SIZE][80];
};

static void note(struct fsx *fsx, const char *what, size_t at, size_t len)
{
	snprintf(fsx->log[fsx->op % LOG_SIZE], sizeof(fsx->log[0]),
		 "%lu: %s %#zx..%#zx (%zu), size %#zx", fsx->op, what, at,
		 at + len, len, fsx->size);
}

static void fail(struct fsx *fsx, const char *what, size_t at)
{
	CHECK(!"bytes or results differ from the model");
	ktap_diag("seed %llu, %s: %s at %#zx", opts.seed, fsx->name, what, at);
	for (unsigned long i = 0; i < LOG_SIZE; i++)
		if (fsx->op + i + 1 >= LOG_SIZE)
			ktap_diag("  %s", fsx->log[(fsx->op + i + 1) %
						   LOG_SIZE]);
	ktap_abort();
}

/* Compare @got with the model from @at on. */
static void compare(struct fsx *fsx, const void *got, size_t at, size_t len)
{
	const unsigned char *p = got;

	if (memcmp(p, fsx->model + at, len) == 0)
		return;
	for (size_t i = 0; i < len; i++) {
		if (p[i] == fsx->model[at + i])
			continue;
		ktap_diag("byte is %#x, not %#x", p[i], fsx->model[at + i]);
		fail(fsx, "wrong byte", at + i);
	}
	fail(fsx, "byte that changed while looking", at);
}

/* Short, medium and long ranges, borders of pages and blocks preferred. */
static size_t some_length(struct fsx *fsx, size_t limit)
{
	static const size_t scale[] = { 64, PAGE, 10 * PAGE, BLOCK, MAX_SIZE };
	size_t len = 1 + rng_below(&fsx->rng,
				   scale[rng_below(&fsx->rng,
						   ARRAY_SIZE(scale))]);

	if (rng_below(&fsx->rng, 3) == 0)
		len = (len + PAGE - 1) & ~(PAGE - 1);
	return len < limit ? len : limit;
}

static size_t some_offset(struct fsx *fsx, size_t limit)
{
	size_t at = rng_below(&fsx->rng, limit);
	__u64 kind = rng_below(&fsx->rng, 4);

	if (kind == 0)
		at &= ~(PAGE - 1);
	else if (kind == 1)
		at &= ~(BLOCK - 1);
	return at;
}

/* A range within the file; false when the file is empty. */
static bool some_range(struct fsx *fsx, size_t *at, size_t *len)
{
	if (!fsx->size)
		return false;
	*at = some_offset(fsx, fsx->size);
	*len = some_length(fsx, fsx->size - *at);
	return true;
}

/* New bytes for the model; sometimes zeros or one word, for the trimmer. */
static void new_bytes(struct fsx *fsx, size_t at, size_t len)
{
	__u64 kind = rng_below(&fsx->rng, 6);

	if (kind == 0)
		memset(fsx->model + at, 0, len);
	else if (kind == 1)
		memset(fsx->model + at, 1 + fsx->op % 255, len);
	else
		pat_fill(fsx->model + at, len, at, fsx->key++);
}

static void op_read(struct fsx *fsx)
{
	size_t at, len;

	if (!some_range(fsx, &at, &len))
		return;
	note(fsx, "read", at, len);
	if (pread(fsx->fd, fsx->scratch, len, at) != (ssize_t)len)
		fail(fsx, "short read", at);
	compare(fsx, fsx->scratch, at, len);
}

static void op_write(struct fsx *fsx)
{
	size_t at = some_offset(fsx, MAX_SIZE);
	size_t len = some_length(fsx, MAX_SIZE - at);

	/* Mostly within the file. */
	if (at > fsx->size && rng_below(&fsx->rng, 4))
		at = fsx->size;
	note(fsx, "write", at, len);
	len = len < MAX_SIZE - at ? len : MAX_SIZE - at;
	new_bytes(fsx, at, len);
	if (pwrite(fsx->fd, fsx->model + at, len, at) != (ssize_t)len)
		fail(fsx, "short write", at);
	if (len && at + len > fsx->size)
		fsx->size = at + len;
}

static void op_map_read(struct fsx *fsx)
{
	size_t at, len;

	if (!some_range(fsx, &at, &len))
		return;
	note(fsx, "map read", at, len);
	compare(fsx, fsx->map + at, at, len);
}

static void op_map_write(struct fsx *fsx)
{
	size_t at, len;

	if (!some_range(fsx, &at, &len))
		return;
	note(fsx, "map write", at, len);
	new_bytes(fsx, at, len);
	memcpy(fsx->map + at, fsx->model + at, len);
}

static void op_truncate(struct fsx *fsx)
{
	size_t size = some_offset(fsx, MAX_SIZE + 1);

	if (rng_below(&fsx->rng, 3) && size < fsx->size / 2)
		size = MAX_SIZE - size;
	note(fsx, "truncate", size, 0);
	if (ftruncate(fsx->fd, size))
		fail(fsx, "truncate fails", size);
	if (size < fsx->size)
		memset(fsx->model + size, 0, fsx->size - size);
	fsx->size = size;
}

static void op_punch(struct fsx *fsx)
{
	size_t at, len;

	if (!some_range(fsx, &at, &len))
		return;
	note(fsx, "punch", at, len);
	if (fallocate(fsx->fd, PUNCH, at, len))
		fail(fsx, "punch fails", at);
	memset(fsx->model + at, 0, len);
}

static void op_allocate(struct fsx *fsx)
{
	size_t at = some_offset(fsx, MAX_SIZE);
	size_t len = some_length(fsx, MAX_SIZE - at);

	note(fsx, "allocate", at, len);
	if (fallocate(fsx->fd, 0, at, len))
		fail(fsx, "fallocate fails", at);
	if (at + len > fsx->size)
		fsx->size = at + len;
}

static void op_trim(struct fsx *fsx)
{
	__u32 flags = DR_TRIM_ZERO;

	if (!gm_is_denseram())
		return;
	if (rng_below(&fsx->rng, 2))
		flags |= DR_TRIM_SAME;
	if (rng_below(&fsx->rng, 2))
		flags |= DR_TRIM_BLOCKS;
	note(fsx, "trim", flags, 0);
	gm_trim(flags);
}

/* Advice takes whole pages. */
static bool page_range(struct fsx *fsx, size_t *at, size_t *len)
{
	if (!some_range(fsx, at, len))
		return false;
	*len = (*at + *len) / PAGE * PAGE;
	*at = (*at + PAGE - 1) / PAGE * PAGE;
	*len = *len > *at ? *len - *at : 0;
	return *len;
}

static void op_dontneed(struct fsx *fsx)
{
	size_t at, len;

	if (!page_range(fsx, &at, &len))
		return;
	note(fsx, "MADV_DONTNEED", at, len);
	if (madvise(fsx->map + at, len, MADV_DONTNEED))
		fail(fsx, "MADV_DONTNEED fails", at);
}

static void op_remove(struct fsx *fsx)
{
	size_t at, len;

	if (!page_range(fsx, &at, &len))
		return;
	note(fsx, "MADV_REMOVE", at, len);
	if (madvise(fsx->map + at, len, MADV_REMOVE))
		fail(fsx, "MADV_REMOVE fails", at);
	memset(fsx->model + at, 0, len);
}

/* The mapping anew: aligned for blocks or not, with or without their use. */
static void op_remap(struct fsx *fsx)
{
	size_t skew = rng_below(&fsx->rng, 2) * PAGE;

	note(fsx, "remap", skew, 0);
	munmap(fsx->map, MAX_SIZE);
	fsx->map = gm_map_skew(fsx->fd, MAX_SIZE, 0, RW, skew);
	if (rng_below(&fsx->rng, 4) == 0)
		madvise(fsx->map, MAX_SIZE, MADV_NOHUGEPAGE);
}

static void op_protect(struct fsx *fsx)
{
	size_t at, len;

	if (!page_range(fsx, &at, &len))
		return;
	note(fsx, "read-only and back", at, len);
	if (mprotect(fsx->map + at, len, PROT_READ))
		fail(fsx, "mprotect fails", at);
	compare(fsx, fsx->map + at, at, len);
	if (mprotect(fsx->map + at, len, RW))
		fail(fsx, "mprotect back fails", at);
}

static void op_reopen(struct fsx *fsx)
{
	struct stat st;

	note(fsx, "reopen", 0, 0);
	close(fsx->fd);
	fsx->fd = open(gm_path(fsx->name), O_RDWR | O_CLOEXEC);
	if (fsx->fd < 0 || fstat(fsx->fd, &st))
		fail(fsx, "open fails", 0);
	if (st.st_size != (off_t)fsx->size)
		fail(fsx, "wrong size", st.st_size);
}

/* A child writes through the mapping it inherits. */
static void op_fork_write(struct fsx *fsx)
{
	size_t at, len;
	pid_t pid;

	if (!some_range(fsx, &at, &len))
		return;
	note(fsx, "fork and write", at, len);
	new_bytes(fsx, at, len);
	pid = fork();
	if (pid == 0) {
		memcpy(fsx->map + at, fsx->model + at, len);
		_exit(0);
	}
	if (join(pid))
		fail(fsx, "child fails", at);
}

/* The kernel copies from one place of the file to another. */
static void op_copy_within(struct fsx *fsx)
{
	size_t from, len, to;

	if (!some_range(fsx, &from, &len))
		return;
	to = some_offset(fsx, fsx->size);
	len = len < fsx->size - to ? len : fsx->size - to;
	if (from < to + len && to < from + len)
		return;
	note(fsx, "write from own mapping", to, len);
	if (pwrite(fsx->fd, fsx->map + from, len, to) != (ssize_t)len)
		fail(fsx, "short copy", to);
	memcpy(fsx->model + to, fsx->model + from, len);
}

static void op_peek(struct fsx *fsx)
{
	struct iovec local, remote;
	size_t at, len;

	if (!some_range(fsx, &at, &len))
		return;
	note(fsx, "process_vm_readv", at, len);
	local = (struct iovec){ fsx->scratch, len };
	remote = (struct iovec){ fsx->map + at, len };
	if (process_vm_readv(getpid(), &local, 1, &remote, 1, 0) !=
	    (ssize_t)len)
		fail(fsx, "short process_vm_readv", at);
	compare(fsx, fsx->scratch, at, len);
}

/* What SEEK_DATA skips must be zero. */
static void op_seek(struct fsx *fsx)
{
	off_t hole = 0, data;

	note(fsx, "seek", 0, fsx->size);
	while (hole < (off_t)fsx->size) {
		data = lseek(fsx->fd, hole, SEEK_DATA);
		if (data < 0 && errno != ENXIO)
			fail(fsx, "SEEK_DATA fails", hole);
		if (data < 0)
			data = fsx->size;
		if (zero_bad(fsx->model + hole, data - hole) >= 0)
			fail(fsx, "data in a hole", hole);
		if (data >= (off_t)fsx->size)
			break;
		/* Equal: another process has trimmed those zeros meanwhile. */
		hole = lseek(fsx->fd, data, SEEK_HOLE);
		if (hole < data)
			fail(fsx, "SEEK_HOLE fails", data);
	}
}

/* Rows are picked at random: those listed twice come twice as often. */
static void (*const operations[])(struct fsx *fsx) = {
	op_read, op_read, op_write, op_write, op_write, op_map_read,
	op_map_read, op_map_write, op_map_write, op_map_write, op_truncate,
	op_punch, op_punch, op_punch, op_allocate, op_trim, op_dontneed,
	op_remove, op_remap, op_protect, op_reopen, op_fork_write,
	op_copy_within, op_peek, op_seek,
};

static void fsx_open(struct fsx *fsx, int nr)
{
	memset(fsx, 0, sizeof(*fsx));
	fsx->rng.state = opts.seed + nr;
	fsx->key = opts.seed ^ nr;
	snprintf(fsx->name, sizeof(fsx->name), "fsx%d", nr);
	fsx->fd = gm_create(fsx->name, 0);
	fsx->model = calloc(1, MAX_SIZE);
	fsx->scratch = malloc(MAX_SIZE);
	ASSERT(fsx->model && fsx->scratch);
	fsx->map = gm_map_skew(fsx->fd, MAX_SIZE, 0, RW, 0);
}

static void fsx_check_all(struct fsx *fsx)
{
	compare(fsx, fsx->map, 0, fsx->size);
	if (pread(fsx->fd, fsx->scratch, MAX_SIZE, 0) != (ssize_t)fsx->size)
		fail(fsx, "wrong size", fsx->size);
	compare(fsx, fsx->scratch, 0, fsx->size);
}

static void fsx_close(struct fsx *fsx)
{
	munmap(fsx->map, MAX_SIZE);
	close(fsx->fd);
	ASSERT_OK(unlink(gm_path(fsx->name)));
	free(fsx->model);
	free(fsx->scratch);
}

/* For @secs seconds, or for the number of operations asked for by -n. */
static int fsx_run(int nr, unsigned int secs)
{
	__u64 end = now_ms() + secs * 1000;
	struct fsx fsx;

	fsx_open(&fsx, nr);
	while (opts.ops ? fsx.op < opts.ops : now_ms() < end) {
		operations[rng_below(&fsx.rng, ARRAY_SIZE(operations))](&fsx);
		if (++fsx.op % 100 == 0)
			fsx_check_all(&fsx);
		if (ktap_failed())
			break;
	}
	fsx_check_all(&fsx);
	ktap_diag("%s: %lu operations", fsx.name, fsx.op);
	CHECK(fsx.op > 0);
	fsx_close(&fsx);
	return 0;
}

TEST_SECS(one_file, 600)
{
	fsx_run(0, 3 * opts.secs);
}

static int fsx_child(void *arg)
{
	return fsx_run(*(int *)arg, 2 * opts.secs);
}

/* Four files of one guest, each by a process of its own. */
TEST_SECS(four_processes, 600)
{
	pid_t pids[4];

	for (int i = 0; i < 4; i++) {
		int nr = i + 1;

		pids[i] = spawn(fsx_child, &nr);
	}
	for (int i = 0; i < 4; i++)
		CHECK_EQ(join(pids[i]), 0);
}
