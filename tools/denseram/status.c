// SPDX-License-Identifier: GPL-2.0-only
/* "denseram status" */
#include "balloon.h"
#include "output.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>

/* New calls do not raise the ABI: a module may be older than sharing. */
static int read_sharing(int fd, struct host *host)
{
	int err = dr_share_status(fd, &host->share);

	host->has_share = !err;
	return err == -ENOTTY ? 0 : err;
}

static int read_paging(int fd, struct host *host)
{
	int err = dr_swap_status(fd, &host->swap);

	host->has_swap = !err;
	return err == -ENOTTY ? 0 : err;
}

static int read_admission(int fd, struct host *host)
{
	int err = dr_admission(fd, &host->admission);

	host->has_admission = !err;
	return err == -ENOTTY ? 0 : err;
}

/* Likewise for balloons. */
static int read_balloon_sum(int fd, struct host *host)
{
	struct dr_balloon_info *balloons;
	int err = read_balloons(fd, host->guests, host->nr_guests, &balloons);

	if (err)
		return err == -ENOTTY ? 0 : err;
	dr_balloon_sum(balloons, host->nr_guests, &host->balloons);
	host->has_balloons = true;
	free(balloons);
	return 0;
}

struct report {
	struct host host;
	bool json;
};

static int report(int fd, const struct dr_version *version, void *arg)
{
	struct report *what = arg;
	struct host *host = &what->host;
	int err = dr_status(fd, &host->status);

	host->version = *version;
	if (err)
		return fail_errno("reading the status", err);
	err = read_sharing(fd, host);
	if (err)
		return fail_errno("reading the state of sharing", err);
	err = read_paging(fd, host);
	if (err)
		return fail_errno("reading the state of paging", err);
	err = read_admission(fd, host);
	if (err)
		return fail_errno("reading what is promised", err);
	err = dr_guests(fd, &host->guests, &host->nr_guests);
	if (err)
		return fail_errno("reading the guests", err);
	err = read_balloon_sum(fd, host);
	if (err)
		err = fail_errno("reading the balloons", err);
	else
		err = what->json ? print_status_json(host) : print_status(host);
	free(host->guests);
	return err;
}

static int run_status(const struct verb *self, int argc, char **argv)
{
	struct report what = { .json = false };
	const struct dr_flag flags[] = {
		{ "--json", &what.json }, { NULL, NULL },
	};
	int err = take_operands(self, argc, argv, flags, 0);

	return err ? err : on_device(report, &what);
}

const struct verb verb_status = {
	.name = "status",
	.operands = "[--json]",
	.summary = "the host, where all guest RAM is, the guests, warnings",
	.help =
	"Every byte of the guests' configured size is in one of these places:\n"
	"  2 MiB blocks     data in blocks of 2 MiB\n"
	"  holes in blocks  given back by the guest, the block not yet broken up\n"
	"  4 KiB pages      data in single pages\n"
	"  shared pages     the same page serves several places\n"
	"  swapped          compressed or on disk\n"
	"  absent           never touched or given back: costs nothing\n"
	"\n"
	"  --json  as JSON, sizes in bytes\n",
	.run = run_status,
};
