// SPDX-License-Identifier: GPL-2.0-only
/*
 * Done after the module has let go of the area, when no page is to come back from it
 * any more, so that none can come back as zeros. Nobody makes it an area again
 * meanwhile: a device is held exclusively, and a file is locked, which "swap add" heeds.
 *
 * By direct I/O, as the module's: what is read and compared is what the disk has.
 */
#include "swap_wipe.h"
#include "output.h"
#include "verbs.h"
#include "writing.h"
#include "../lib/area.h"
#include "../lib/units.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK	(1 << 20)

static char chunk[CHUNK] __attribute__((aligned(DR_PAGE_SIZE)));

int swap_wipe_open(const char *path, int *fd)
{
	*fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (*fd < 0)
		return fail("%s cannot be wiped: %s; it goes on to be used",
			    path, strerror(errno));
	return EXIT_OK;
}

/* For us alone. */
static int claim(const char *path, int *fd)
{
	struct stat st;

	if (fstat(*fd, &st))
		return -errno;
	if (S_ISBLK(st.st_mode)) {
		close(*fd);
		*fd = open(path, O_RDWR | O_DIRECT | O_EXCL | O_CLOEXEC);
		return *fd < 0 ? -errno : 0;
	}
	return flock(*fd, LOCK_EX | LOCK_NB) ? -errno : 0;
}

/* A name may stand for another file than it did: do not wipe that. */
static int check_header(int fd)
{
	ssize_t len = pread(fd, chunk, DR_PAGE_SIZE, 0);

	if (len < 0)
		return -errno;
	return len != DR_PAGE_SIZE ||
	       memcmp(chunk, DR_SWAP_MAGIC, sizeof(DR_SWAP_MAGIC)) ?
		-ESTALE : 0;
}

/* What is zero need not be written; what cannot be read has to be. */
static int wipe_chunk(int fd, uint64_t at, size_t len)
{
	ssize_t got = pread(fd, chunk, len, (off_t)at);

	if (got == (ssize_t)len && dr_is_zero(chunk, len))
		return 0;
	memset(chunk, 0, len);
	got = pwrite(fd, chunk, len, (off_t)at);
	if (got < 0)
		return -errno;
	return got == (ssize_t)len ? 0 : -EIO;
}

/* As long as the header is there, it can be seen that something may be left. */
static int wipe_all(int fd, uint64_t size, uint64_t *done, const sigset_t *held)
{
	int err = 0;

	for (*done = DR_PAGE_SIZE; !err && *done < size;) {
		uint64_t rest = size - *done;
		size_t len = rest < CHUNK ? (size_t)rest : CHUNK;

		err = wipe_chunk(fd, *done, len);
		if (!err)
			*done += len;
		if (!err && writing_asked_to_end(held))
			err = -EINTR;
		writing_show(*done, size, "wiped");
	}
	if (!err && fsync(fd))
		err = -errno;
	if (!err)
		err = wipe_chunk(fd, 0, DR_PAGE_SIZE);
	return !err && fsync(fd) ? -errno : err;
}

static int fail_wipe(const char *path, int err, uint64_t left)
{
	char text[DR_SIZE_TEXT];

	switch (-err) {
	case EINTR:
		return fail("%s: no swap area any more, but interrupted with %s not wiped; to go on, swap add it again with --force",
			    path, dr_size_format(left, text));
	case ESTALE:
		return fail("%s: no swap area any more, but not wiped: another file has this name now",
			    path);
	case EBUSY:
	case EWOULDBLOCK:
		return fail("%s: no swap area any more, but not wiped: somebody else uses it now",
			    path);
	default:
		return fail("%s: no swap area any more, but not wiped: %s",
			    path, strerror(-err));
	}
}

int swap_wipe(const char *path, int fd, uint64_t size)
{
	sigset_t held, before;
	uint64_t done = 0;
	int err;

	writing_hold_signals(&held, &before);
	err = claim(path, &fd);
	if (!err)
		err = check_header(fd);
	if (!err)
		err = wipe_all(fd, size, &done, &held);
	if (fd >= 0)
		close(fd);
	err = err ? fail_wipe(path, err, size - done) : EXIT_OK;
	/* What was held back comes now. */
	sigprocmask(SIG_SETMASK, &before, NULL);
	return err;
}
