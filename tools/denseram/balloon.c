// SPDX-License-Identifier: GPL-2.0-only
/* "denseram balloon" */
#include "balloon.h"
#include "output.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>

/* A guest that goes away meanwhile has no balloon. */
int read_balloons(int fd, const struct dr_guest_info *guests, size_t nr,
		  struct dr_balloon_info **balloons)
{
	*balloons = calloc(nr ? nr : 1, sizeof(**balloons));
	if (!*balloons)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++) {
		int err;

		(*balloons)[i].id = guests[i].id;
		err = dr_balloon(fd, &(*balloons)[i]);
		if (!err || err == -ENOENT)
			continue;
		free(*balloons);
		*balloons = NULL;
		return err;
	}
	return 0;
}

static int list(int fd, struct dr_guest_info *guests, size_t nr, bool json)
{
	struct dr_balloon_info *balloons;
	int err = read_balloons(fd, guests, nr, &balloons);

	if (err == -ENOTTY)
		return fail("this module knows no balloons; install a newer one");
	if (err)
		return fail_errno("reading the balloons", err);
	err = json ? print_balloons_json(guests, balloons, nr) :
		     print_balloon_table(guests, balloons, nr);
	free(balloons);
	return err;
}

static int list_all(int fd, bool json)
{
	struct dr_guest_info *guests;
	size_t nr;
	int err = dr_guests(fd, &guests, &nr);

	if (err)
		return fail_errno("reading the guests", err);
	err = list(fd, guests, nr, json);
	free(guests);
	return err;
}

static int list_one(int fd, const char *name, bool json)
{
	struct dr_guest_info guest;
	int err = dr_guest_find(fd, name, &guest);

	if (err == -ENOENT)
		return fail_no_guest(name);
	if (err)
		return fail_errno("reading the guest", err);
	return list(fd, &guest, 1, json);
}

struct request {
	const char *name;
	bool json;
};

static int show(int fd, const struct dr_version *version, void *arg)
{
	const struct request *what = arg;

	(void)version;
	return what->name ? list_one(fd, what->name, what->json) :
			    list_all(fd, what->json);
}

static int run_balloon(const struct verb *self, int argc, char **argv)
{
	struct request what = { .json = false };
	const struct dr_flag flags[] = {
		{ "--json", &what.json }, { NULL, NULL },
	};
	const char *bad;
	int nr = dr_args_parse(argc, argv, flags, &bad);

	if (nr < 0)
		return fail_usage(self, "unknown option '%s'", bad);
	if (nr > 1)
		return fail_usage(self, "unexpected '%s'", argv[1]);
	what.name = nr ? argv[0] : NULL;
	return on_device(show, &what);
}

const struct verb verb_balloon = {
	.name = "balloon",
	.operands = "[--json] [NAME|ID]",
	.summary = "what guests gave up through their balloons",
	.help =
	"WANTED is what a guest is to give up, set by 'guest set NAME balloon=SIZE';\n"
	"ACTUAL what its driver says it gave; BACKED how much of that the host does\n"
	"indeed not find in use; AVAILABLE what the guest says it could still spare.\n"
	"\n"
	"STATE is one of:\n"
	"  settled  as wanted, or nobody wants anything\n"
	"  moving   on its way\n"
	"  short    the guest took memory back by itself: it needs it\n"
	"  idle     no progress for 2 seconds: no driver, it hangs, or nothing to spare\n"
	"  silent   no report for 10 seconds: denseramd or the VMM hangs\n"
	"  none     denseramd has not reported on this guest\n"
	"\n"
	"  --json  as JSON, sizes in bytes\n",
	.run = run_balloon,
};
