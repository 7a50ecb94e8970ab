// SPDX-License-Identifier: GPL-2.0-only
/* "denseram swap add", "denseram swap rm" and "denseram swap ls" */
#include "output.h"
#include "swap_make.h"
#include "swap_wipe.h"
#include "verbs.h"
#include "../lib/area.h"
#include "../lib/args.h"
#include "../lib/units.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the module takes, at least. */
#define MIN_SIZE	(1U << 20)

static int fail_open(const char *path, int err)
{
	switch (err) {
	case EROFS:
	case EACCES:
	case EPERM:
		return fail("%s: cannot be written", path);
	case ENOENT:
		return fail("%s: there is no such file; --size SIZE makes it",
			    path);
	default:
		return fail("%s: %s", path, strerror(err));
	}
}

/* Each reason for which the module refuses an area, and what helps. */
static int fail_add(const char *path, int err)
{
	switch (-err) {
	case EEXIST:
		return fail("%s is a swap area already", path);
	case EBUSY:
		return fail("%s is in use: mounted, or another program has it", path);
	case EFBIG:
		return fail("%s is larger than 32 TiB", path);
	case EINVAL:
		return fail("%s is neither a file nor a block device", path);
	case ELOOP:
		return fail("%s lies on denseram: that would be memory paged to itself",
			    path);
	case EMFILE:
		return fail("there are 64 swap areas, and no more are possible");
	case ENODATA:
		return fail("%s has holes, as fallocate leaves them; 'swap add --size SIZE' makes a file without",
			    path);
	case EOPNOTSUPP:
		return fail("%s does not allow direct I/O in units of 4 KiB; use another file system or device",
			    path);
	case ERANGE:
		return fail("%s is smaller than 1 MiB", path);
	case ENOTTY:
		return fail("this module does not page to disk; install a newer one");
	case EIO:
		return fail("%s: writing its header failed", path);
	default:
		return fail_errno("adding the swap area", err);
	}
}

/* Whoever can read it there reads the memory of guests. */
static bool is_open_to_others(int area)
{
	struct stat st;

	if (fstat(area, &st))
		return false;
	if (S_ISREG(st.st_mode))
		return st.st_uid || st.st_mode & 0066;
	return S_ISBLK(st.st_mode) && st.st_mode & 0006;
}

/* Reasons that --force overrules. */
static int inspect(const char *path, int area)
{
	int err = dr_area_inspect(area);

	if (err == -ENOTEMPTY)
		return fail("%s holds something already; --force overwrites it",
			    path);
	if (err)
		return fail_errno("reading the beginning", err);
	if (is_open_to_others(area))
		return fail("%s can be read by others than root, and guests' memory with it: chown root and chmod 600 it",
			    path);
	return EXIT_OK;
}

static int add_fd(int fd, const char *path, int prio, bool force, int area)
{
	unsigned int id;
	int err = force ? EXIT_OK : inspect(path, area);

	if (err)
		return err;
	/* The module keeps the file open, and by that the lock. */
	if (flock(area, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK)
		return fail("%s is being wiped", path);
	err = dr_swap_add(fd, area, prio, &id);
	return err ? fail_add(path, err) : EXIT_OK;
}

/* An area that is there already, or a new one of @size. */
static int open_area(const char *path, uint64_t size, int *area)
{
	if (size)
		return swap_make(path, size, area);
	*area = open(path, O_RDWR | O_CLOEXEC);
	return *area < 0 ? fail_open(path, errno) : EXIT_OK;
}

static int add(const char *path, int prio, bool force, uint64_t size)
{
	struct dr_version version;
	int fd, err, area;

	err = open_device(&fd, &version);
	if (err)
		return err;
	err = open_area(path, size, &area);
	if (!err) {
		err = add_fd(fd, path, prio, force, area);
		/* A file that was made for nothing else. */
		if (err && size)
			unlink(path);
		close(area);
	}
	close(fd);
	return err;
}

static int run_add(const struct verb *self, int argc, char **argv)
{
	bool force = false;
	const struct dr_flag flags[] = {
		{ "--force", &force }, { NULL, NULL },
	};
	const char *bad, *text, *bytes;
	uint64_t size = 0;
	int prio = 0, nr;

	if (dr_args_option(&argc, argv, "--size", &bytes))
		return fail_usage(self, "--size needs a size, as 16G");
	if (bytes && (dr_size_parse(bytes, &size) || size < MIN_SIZE))
		return fail_usage(self, "'%s' is no size from 1M on", bytes);
	if (dr_args_option(&argc, argv, "--prio", &text))
		return fail_usage(self, "--prio needs a number");
	if (text && dr_area_parse_prio(text, &prio))
		return fail_usage(self, "'%s' is no priority from -32768 to 32767",
				  text);
	nr = dr_args_parse(argc, argv, flags, &bad);
	if (nr < 0)
		return fail_usage(self, "unknown option '%s'", bad);
	if (nr != 1)
		return fail_usage(self, "needs one file or device");
	return add(argv[0], prio, force, size);
}

const struct verb verb_swap_add = {
	.name = "swap add",
	.operands = "[--prio N] [--force] [--size SIZE] PATH",
	.summary = "page to a file or block device",
	.help =
	"A file must have been written as a whole, for it may have no holes; a device\n"
	"must not be in use. What is on it is overwritten.\n"
	"\n"
	"  --prio N     areas of the highest priority are filled first; 0 by default\n"
	"  --force      even if there is something on it already, or others can read it\n"
	"  --size SIZE  make the file, which must not be there yet, and write it\n",
	.run = run_add,
};

/**
 * struct removal - the removal of an area under way
 * @fd: the device
 * @id: the area
 * @done: the call has ended
 * @left: pages still there
 * @err: how it ended
 */
struct removal {
	int fd;
	unsigned int id;
	bool done;
	uint64_t left;
	int err;
};

static void *removal_run(void *arg)
{
	struct removal *r = arg;

	r->err = dr_swap_rm(r->fd, r->id, &r->left);
	__atomic_store_n(&r->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static pthread_t removal_thread;

/* The signal ends the call, not this program. */
static void interrupt(int sig)
{
	if (!pthread_equal(pthread_self(), removal_thread))
		pthread_kill(removal_thread, sig);
}

static uint64_t bytes_used(int fd, unsigned int id)
{
	struct dr_swap_area *areas;
	uint64_t used = 0;
	size_t nr;

	if (dr_swap_areas(fd, &areas, &nr))
		return 0;
	for (size_t i = 0; i < nr; i++)
		if (areas[i].id == id)
			used = areas[i].used;
	free(areas);
	return used;
}

/* A line that is written over, if somebody is there to see it. */
static void show_progress(struct removal *r)
{
	bool seen = isatty(STDERR_FILENO), shown = false;
	char text[DR_SIZE_TEXT];

	while (!__atomic_load_n(&r->done, __ATOMIC_ACQUIRE)) {
		usleep(100000);
		if (!seen)
			continue;
		fprintf(stderr, "\r%10s still to come home ",
			dr_size_format(bytes_used(r->fd, r->id), text));
		shown = true;
	}
	if (shown)
		fprintf(stderr, "\r%40s\r", "");
}

static int fail_rm(const char *path, const struct removal *r)
{
	char left[DR_SIZE_TEXT];

	dr_size_format(r->left * DR_PAGE_SIZE, left);
	switch (-r->err) {
	case ENOMEM:
		return fail("%s: no room in memory for the %s that are left; it goes on to be used",
			    path, left);
	case EINTR:
		return fail("%s: interrupted with %s left; it goes on to be used",
			    path, left);
	case EIO:
		return fail("%s: %s of it cannot be read; remove the guests they belong to first",
			    path, left);
	case ENOSPC:
		return fail("%s is promised to guests: add another area first, or turn off strict admission",
			    path);
	case EBUSY:
		return fail("a swap area is being added or removed already");
	case ENOENT:
		return fail("%s is no swap area; 'denseram swap ls' lists them",
			    path);
	default:
		return fail_errno("removing the swap area", r->err);
	}
}

static int rm_area(int fd, const char *path, unsigned int id)
{
	struct removal r = { .fd = fd, .id = id };
	struct sigaction action = { .sa_handler = interrupt };
	struct sigaction usual = { .sa_handler = SIG_DFL };
	int err;

	err = pthread_create(&removal_thread, NULL, removal_run, &r);
	if (err)
		return fail_errno("removing the swap area", -err);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	show_progress(&r);
	sigaction(SIGINT, &usual, NULL);
	sigaction(SIGTERM, &usual, NULL);
	pthread_join(removal_thread, NULL);
	return r.err ? fail_rm(path, &r) : EXIT_OK;
}

static int rm_and_wipe(int fd, const char *path, const struct dr_swap_area *area)
{
	int wiped, err = swap_wipe_open(path, &wiped);

	if (err)
		return err;
	err = rm_area(fd, path, area->id);
	if (!err)
		return swap_wipe(path, wiped, area->size + DR_PAGE_SIZE);
	close(wiped);
	return err;
}

static int rm(int fd, const char *path, bool wipe)
{
	struct dr_swap_area *areas;
	const struct dr_swap_area *area;
	size_t nr;
	int err = dr_swap_areas(fd, &areas, &nr);

	if (err)
		return fail_errno("reading the swap areas", err);
	area = dr_area_by_path(areas, nr, path);
	if (!area)
		err = fail("%s is no swap area; 'denseram swap ls' lists them",
			   path);
	else if (wipe)
		err = rm_and_wipe(fd, path, area);
	else
		err = rm_area(fd, path, area->id);
	free(areas);
	return err;
}

static int run_rm(const struct verb *self, int argc, char **argv)
{
	bool wipe = false;
	const struct dr_flag flags[] = { { "--wipe", &wipe }, { NULL, NULL } };
	struct dr_version version;
	const char *bad;
	int fd, err, nr = dr_args_parse(argc, argv, flags, &bad);

	if (nr < 0)
		return fail_usage(self, "unknown option '%s'", bad);
	if (nr != 1)
		return fail_usage(self, "needs one file or device");
	err = open_device(&fd, &version);
	if (err)
		return err;
	err = rm(fd, argv[0], wipe);
	close(fd);
	return err;
}

const struct verb verb_swap_rm = {
	.name = "swap rm",
	.operands = "[--wipe] PATH",
	.summary = "bring its pages home, and page there no more",
	.help =
	"Shows how much is still to come. It may be interrupted; the area goes on to\n"
	"be used then, as it does when there is no room in memory for its pages.\n"
	"\n"
	"  --wipe  then write zeros over what guests have left there\n",
	.run = run_rm,
};

static int list(int fd, bool json)
{
	struct dr_swap_area *areas;
	size_t nr;
	int err = dr_swap_areas(fd, &areas, &nr);

	if (err)
		return fail_errno("reading the swap areas", err);
	err = json ? print_areas_json(areas, nr) : print_areas(areas, nr);
	free(areas);
	return err;
}

static int run_ls(const struct verb *self, int argc, char **argv)
{
	bool json = false;
	const struct dr_flag flags[] = { { "--json", &json }, { NULL, NULL } };
	struct dr_version version;
	const char *bad;
	int fd, err, nr = dr_args_parse(argc, argv, flags, &bad);

	if (nr < 0)
		return fail_usage(self, "unknown option '%s'", bad);
	if (nr)
		return fail_usage(self, "unexpected '%s'", argv[0]);
	err = open_device(&fd, &version);
	if (err)
		return err;
	err = list(fd, json);
	close(fd);
	return err;
}

const struct verb verb_swap_ls = {
	.name = "swap ls",
	.operands = "[--json]",
	.summary = "the swap areas, one a line",
	.help =
	"STATE is ok, failed (a write failed: what is there can be read, nothing more\n"
	"goes there), or leaving (it is being removed). ERRORS are failed reads, failed\n"
	"writes and damaged pages.\n"
	"\n"
	"  --json  as JSON, sizes in bytes\n",
	.run = run_ls,
};
