// SPDX-License-Identifier: GPL-2.0-only
/* "denseram record": write down what the policy sees and decides. */
#include "record.h"
#include "verbs.h"
#include "../lib/args.h"
#include "../lib/units.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How often to ask for a new run; there are ten a second at most. */
#define ASK_EVERY_NS	40000000L

/**
 * struct recorder - a record being written
 * @path: of the file
 * @secs: end after so long, 0 for never
 * @file: the file
 * @guests: the last run as the module tells it; room for @room
 * @last: the run before; @nr_last guests
 * @data: room for a frame
 * @runs: runs written
 */
struct recorder {
	const char *path;
	uint64_t secs;
	FILE *file;
	struct dr_policy_numbers *guests;
	struct dr_policy_numbers *last;
	u8 *data;
	u32 room;
	u32 nr_last;
	uint64_t runs;
};

/* The module's arrays of numbers are the policy's structures. */
_Static_assert(sizeof(struct dr_policy_numbers) ==
	       sizeof(struct dr_policy_guest), "not the same release");

static volatile sig_atomic_t ended;

static void on_signal(int sig)
{
	(void)sig;
	ended = 1;
}

static int make_room(struct recorder *r, u32 nr)
{
	void *guests = reallocarray(r->guests, nr, sizeof(*r->guests));
	void *last = reallocarray(r->last, nr, sizeof(*r->last));
	void *data = realloc(r->data, dr_record_most(nr));

	r->guests = guests ? guests : r->guests;
	r->last = last ? last : r->last;
	r->data = data ? data : r->data;
	if (!guests || !last || !data)
		return -ENOMEM;
	r->room = nr;
	return 0;
}

static int write_run(struct recorder *r, const struct dr_policy_run *p)
{
	struct dr_record_run run = { .time = p->time, .nr = p->count };
	long len;

	memcpy(&run.host, p->host, sizeof(run.host));
	memcpy(&run.result, p->result, sizeof(run.result));
	len = dr_record_write(r->data, dr_record_most(run.nr), &run,
			      (const struct dr_policy_guest *)r->guests,
			      (const struct dr_policy_guest *)r->last,
			      r->nr_last);
	if (len < 0)
		return (int)len;
	if (fwrite(r->data, (size_t)len, 1, r->file) != 1)
		return -errno;
	memcpy(r->last, r->guests, run.nr * sizeof(*r->last));
	r->nr_last = run.nr;
	r->runs++;
	return 0;
}

/* Take the last run, if it is a new one. */
static int take_run(struct recorder *r, int fd, uint64_t *known)
{
	struct dr_policy_run run;
	int err;

	do {
		run = (struct dr_policy_run){
			.count = r->room,
			.run = *known,
			.guests = (uintptr_t)r->guests,
		};
		err = dr_policy_run_read(fd, &run);
		if (err || run.run == *known)
			return err;
		/* More guests than room: what was written is a part of it. */
		if (run.count > r->room)
			err = make_room(r, run.count + run.count / 2);
		else
			break;
	} while (!err);
	if (err)
		return err;
	*known = run.run;
	return write_run(r, &run);
}

static int record(struct recorder *r, int fd)
{
	const struct timespec pause = { .tv_nsec = ASK_EVERY_NS };
	time_t end = time(NULL) + (time_t)r->secs;
	uint64_t known = 0;
	int err = make_room(r, 64);

	if (!err && fwrite(DR_RECORD_MAGIC, DR_RECORD_MAGIC_LEN, 1,
			   r->file) != 1)
		err = -errno;
	while (!err && !ended && (!r->secs || time(NULL) < end)) {
		err = take_run(r, fd, &known);
		nanosleep(&pause, NULL);
	}
	return err;
}

static int record_to_file(int fd, const struct dr_version *version, void *arg)
{
	struct recorder *r = arg;
	int err;

	(void)version;
	r->file = fopen(r->path, "we");
	if (!r->file)
		return fail("%s: %s", r->path, strerror(errno));
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	err = record(r, fd);
	if (fclose(r->file) && !err)
		err = -errno;
	free(r->guests);
	free(r->last);
	free(r->data);
	if (err == -ENOTTY)
		return fail("this module has no policy; install a newer one");
	if (err)
		return fail_errno("recording", err);
	printf("%llu runs in %s\n", (unsigned long long)r->runs, r->path);
	return EXIT_OK;
}

static int run_record(const struct verb *self, int argc, char **argv)
{
	static const struct dr_flag flags[] = { { NULL, NULL } };
	struct recorder r = { .secs = 0 };
	const char *bad, *secs;
	int nr;

	if (dr_args_option(&argc, argv, "--secs", &secs))
		return fail_usage(self, "'--secs' needs a value");
	if (secs && dr_count_parse(secs, &r.secs))
		return fail_usage(self, "--secs is a number of seconds");
	nr = dr_args_parse(argc, argv, flags, &bad);
	if (nr < 0)
		return fail_usage(self, "unknown option '%s'", bad);
	if (nr != 1)
		return fail_usage(self, "needs one file");
	r.path = argv[0];
	return on_device(record_to_file, &r);
}

const struct verb verb_record = {
	.name = "record",
	.operands = "[--secs N] FILE",
	.summary = "record what the policy sees and decides, to be replayed",
	.help =
	"Writes each run of the policy to FILE, until it is interrupted. The record\n"
	"has sizes and activity of guests, by their ids, and nothing of what is in\n"
	"their memory. 'denseram replay FILE' decides all of it again.\n"
	"\n"
	"  --secs N  end after N seconds\n",
	.run = run_record,
};
