// SPDX-License-Identifier: GPL-2.0-only
/* Odd calls on RAM files and directories. See fuzz.h. */
#include <errno.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/xattr.h>

#include "fuzz.h"
#include "gmem.h"

/* Most that one call reads or writes. */
#define SOME	(8 * PAGE)

static char *scratch(void)
{
	static __thread char bytes[SOME];

	return bytes;
}

/* Within the file or a little beyond, mostly; else anywhere. */
static off_t place(struct rng *rng)
{
	if (fuzz_chance(rng, 80))
		return (off_t)rng_below(rng, FUZZ_FILE_SIZE + 2 * PAGE);
	return (off_t)fuzz_number(rng);
}

/* A size that the host can hold; else one that is refused, or costs nothing. */
static off_t size(struct rng *rng)
{
	if (fuzz_chance(rng, 80))
		return (off_t)rng_below(rng, 2 * FUZZ_FILE_SIZE);
	return (off_t)fuzz_number(rng);
}

static long op_read(struct rng *rng, int fd)
{
	return pread(fd, scratch(), rng_below(rng, SOME), place(rng));
}

/* Not far out: what is written takes memory. */
static long op_write(struct rng *rng, int fd)
{
	return pwrite(fd, scratch(), rng_below(rng, SOME),
		      (off_t)rng_below(rng, 2 * FUZZ_FILE_SIZE));
}

static long op_vector(struct rng *rng, int fd)
{
	struct iovec v[4];

	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		v[i] = (struct iovec){
			.iov_base = fuzz_chance(rng, 5) ? NULL : scratch(),
			.iov_len = rng_below(rng, PAGE),
		};
	if (fuzz_chance(rng, 50))
		return preadv2(fd, v, 4, place(rng), (int)rng_below(rng, 64));
	return pwritev2(fd, v, 4, (off_t)rng_below(rng, FUZZ_FILE_SIZE),
			(int)rng_below(rng, 64));
}

static long op_truncate(struct rng *rng, int fd)
{
	return ftruncate(fd, size(rng));
}

/* Allocating is for what fits; all other modes may be given anything. */
static long op_allocate(struct rng *rng, int fd)
{
	int mode = rng_below(rng, 2) ? PUNCH : (int)rng_below(rng, 256);
	off_t at = place(rng), len = (off_t)fuzz_number(rng);

	if (!(mode & FALLOC_FL_PUNCH_HOLE)) {
		at = (off_t)rng_below(rng, FUZZ_FILE_SIZE);
		len = (off_t)rng_below(rng, FUZZ_FILE_SIZE);
	}
	return fallocate(fd, mode, at, len);
}

static long op_seek(struct rng *rng, int fd)
{
	return lseek(fd, place(rng), (int)rng_below(rng, 8));
}

static long op_advise(struct rng *rng, int fd)
{
	if (fuzz_chance(rng, 50))
		return sync_file_range(fd, place(rng), place(rng),
				       (unsigned int)rng_below(rng, 16));
	errno = posix_fadvise(fd, place(rng), place(rng),
			      (int)rng_below(rng, 10));
	return errno ? -1 : 0;
}

static long op_attributes(struct rng *rng, int fd)
{
	struct timeval now[2] = { { 0 } };
	struct stat st;

	switch (rng_below(rng, 6)) {
	case 0:
		return fchmod(fd, (mode_t)rng_below(rng, 010000));
	case 1:
		return fchown(fd, (uid_t)rng_below(rng, 3),
			      (gid_t)rng_below(rng, 3));
	case 2:
		now[0].tv_usec = (suseconds_t)fuzz_number(rng);
		return futimes(fd, now);
	case 3:
		return fsetxattr(fd, "user.x", "y", 1, 0);
	case 4:
		return flistxattr(fd, scratch(), SOME);
	default:
		return fstat(fd, &st);
	}
}

static long op_control(struct rng *rng, int fd)
{
	static const unsigned long requests[] = {
		FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FS_IOC_FIEMAP, FICLONE,
		FITRIM, FIBMAP, FIGETBSZ, DR_IOC_STATUS, DR_IOC_SWAP_ADD,
	};

	switch (rng_below(rng, 4)) {
	case 0:
		return fcntl(fd, F_ADD_SEALS, (int)rng_below(rng, 32));
	case 1:
		return fcntl(fd, F_SETLEASE, (int)rng_below(rng, 3));
	case 2:
		return flock(fd, (int)rng_below(rng, 16) | LOCK_NB);
	default:
		return ioctl(fd, requests[rng_below(rng,
						    ARRAY_SIZE(requests))],
			     scratch());
	}
}

static long op_copy(struct rng *rng, int fd)
{
	off_t from = place(rng), to = (off_t)rng_below(rng, FUZZ_FILE_SIZE);
	int pipes[2];
	long ret;

	if (fuzz_chance(rng, 30))
		return copy_file_range(fd, &from, fd, &to, rng_below(rng, SOME),
				       (unsigned int)rng_below(rng, 2));
	if (pipe2(pipes, O_NONBLOCK | O_CLOEXEC))
		return -1;
	if (fuzz_chance(rng, 50))
		ret = sendfile(pipes[1], fd, &from, rng_below(rng, SOME));
	else
		ret = splice(fd, &from, pipes[1], NULL, rng_below(rng, SOME),
			     (unsigned int)rng_below(rng, 16));
	if (ret > 0 && fuzz_chance(rng, 50))
		ret = splice(pipes[0], NULL, fd, &to, (size_t)ret, 0);
	close(pipes[0]);
	close(pipes[1]);
	return ret;
}

/* Through the kernel: beyond the end that is an errno, not a signal. */
static long touch(struct rng *rng, char *map, size_t len)
{
	size_t at = rng_below(rng, len);
	int fd = open(fuzz_chance(rng, 50) ? "/dev/zero" : "/dev/null",
		      O_RDWR | O_CLOEXEC);
	long ret;

	if (len - at > SOME)
		len = at + SOME;
	ret = fuzz_chance(rng, 50) ? read(fd, map + at, len - at) :
				     write(fd, map + at, len - at);
	close(fd);
	return ret;
}

static long use_map(struct rng *rng, char *map, size_t len)
{
	char *moved;

	switch (rng_below(rng, 6)) {
	case 0:
		return madvise(map, len, (int)rng_below(rng, 32));
	case 1:
		return msync(map, len, (int)rng_below(rng, 8));
	case 2:
		return mprotect(map, len, (int)rng_below(rng, 8));
	case 3:
		return mlock2(map, len < SOME ? len : SOME,
			      (unsigned int)rng_below(rng, 3));
	case 4:
		moved = mremap(map, len, len, MREMAP_MAYMOVE |
			       MREMAP_DONTUNMAP);
		if (moved == MAP_FAILED)
			return -1;
		return munmap(moved, len);
	default:
		return touch(rng, map, len);
	}
}

static long op_map(struct rng *rng, int fd)
{
	size_t len = 1 + rng_below(rng, 2 * FUZZ_FILE_SIZE);
	off_t at = (off_t)(rng_below(rng, FUZZ_FILE_SIZE / PAGE) * PAGE);
	int flags = fuzz_chance(rng, 80) ? MAP_SHARED :
					   (int)rng_below(rng, 4) |
					   (fuzz_chance(rng, 50) ?
					    MAP_POPULATE : MAP_NORESERVE);
	char *map;
	long ret = 0;

	if (fuzz_chance(rng, 10))
		at = place(rng);
	map = mmap(NULL, len, (int)rng_below(rng, 8), flags, fd, at);
	if (map == MAP_FAILED)
		return -1;
	for (int i = 0; i < 3 && !ret; i++)
		ret = use_map(rng, map, len);
	munmap(map, len);
	return ret;
}

/* Names of the guest's directory, and what cannot be made there. */
static long op_name(struct rng *rng, int fd)
{
	const char *a = gm_path("x1"), *b = gm_path("x2");

	(void)fd;
	switch (rng_below(rng, 8)) {
	case 0:
		return rename(gm_path("f3"), b);
	case 1:
		return rename(b, gm_path("f3"));
	case 2:
		return link(gm_path("f0"), a);
	case 3:
		return symlink("f0", a);
	case 4:
		return mknod(a, (mode_t)rng_next(rng) & 0170777, 0);
	case 5:
		return mkdir(a, 0700);
	case 6:
		return unlink(fuzz_chance(rng, 50) ? a : b);
	default:
		return renameat2(AT_FDCWD, gm_path("f2"), AT_FDCWD, a,
				 (unsigned int)rng_below(rng, 8));
	}
}

static const struct {
	const char *name;
	long (*run)(struct rng *rng, int fd);
} ops[] = {
	{ "read", op_read }, { "write", op_write }, { "vector", op_vector },
	{ "truncate", op_truncate }, { "allocate", op_allocate },
	{ "seek", op_seek }, { "advise", op_advise },
	{ "attributes", op_attributes }, { "control", op_control },
	{ "copy", op_copy }, { "map", op_map }, { "name", op_name },
};

void fuzz_file(struct fuzz *f)
{
	static const int odd_flags[] = {
		O_APPEND, O_DIRECT, O_SYNC, O_NOATIME, O_TRUNC, O_EXCL, O_TMPFILE,
		O_DIRECTORY, O_NOFOLLOW, O_PATH, O_NONBLOCK,
	};
	size_t op = rng_below(&f->rng, ARRAY_SIZE(ops));
	int flags = O_RDWR | O_CREAT, fd;
	char path[300];

	snprintf(path, sizeof(path), "%s/f%llu", gm_dir,
		 rng_below(&f->rng, FUZZ_FILES));
	if (fuzz_chance(&f->rng, 10))
		flags = (int)rng_below(&f->rng, 4);
	if (fuzz_chance(&f->rng, 20))
		flags |= odd_flags[rng_below(&f->rng, ARRAY_SIZE(odd_flags))];
	fd = open(path, flags | O_CLOEXEC, 0600);
	if (fuzz_note(f, "open", fd, NULL))
		return;
	fuzz_note(f, ops[op].name, ops[op].run(&f->rng, fd), NULL);
	close(fd);
}
