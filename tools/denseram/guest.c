// SPDX-License-Identifier: GPL-2.0-only
/* "denseram guest ls" and "denseram guest show" */
#include "output.h"
#include "verbs.h"
#include "../lib/args.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int list(int fd, bool json)
{
	struct dr_guest_info *guests;
	size_t nr;
	int err = dr_guests(fd, &guests, &nr);

	if (err)
		return fail_errno("reading the guests", err);
	err = json ? print_guests_json(guests, nr) :
		     print_guest_table(guests, nr);
	free(guests);
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

const struct verb verb_guest_ls = {
	.name = "guest ls",
	.operands = "[--json]",
	.summary = "the guests, one a line",
	.help =
	"STATE is what the daemon knows (running, paused, shutdown, migrating),\n"
	"or else kvm for memory that a KVM VM maps, mapped for memory that only\n"
	"another process maps, - for memory that none maps.\n"
	"BLOCKS and PAGES are the bytes held in 2 MiB blocks and 4 KiB pages.\n"
	"\n"
	"  --json  as JSON, sizes in bytes\n",
	.run = run_ls,
};

static int show(int fd, const char *name, bool json)
{
	struct dr_guest_info guest;
	struct dr_balloon_info balloon = { 0 }, *known = &balloon;
	int err = dr_guest_find(fd, name, &guest);

	if (err == -ENOENT)
		return fail_no_guest(name);
	if (err)
		return fail_errno("reading the guest", err);
	balloon.id = guest.id;
	/* The module may be older than balloons. */
	if (dr_balloon(fd, &balloon))
		known = NULL;
	return json ? print_guest_json(&guest, known) :
		      print_guest(&guest, known);
}

static int run_show(const struct verb *self, int argc, char **argv)
{
	bool json = false;
	const struct dr_flag flags[] = { { "--json", &json }, { NULL, NULL } };
	struct dr_version version;
	const char *bad;
	int fd, err, nr = dr_args_parse(argc, argv, flags, &bad);

	if (nr < 0)
		return fail_usage(self, "unknown option '%s'", bad);
	if (nr != 1)
		return fail_usage(self, "needs one guest");
	err = open_device(&fd, &version);
	if (err)
		return err;
	err = show(fd, argv[0], json);
	close(fd);
	return err;
}

const struct verb verb_guest_show = {
	.name = "guest show",
	.operands = "[--json] NAME|ID",
	.summary = "all about one guest",
	.help =
	"A guest whose name is the given word goes before one with that id.\n"
	"\n"
	"  --json  as JSON, sizes in bytes\n",
	.run = run_show,
};
