// SPDX-License-Identifier: GPL-2.0-only
/* "denseram guest ls" and "denseram guest show" */
#include "output.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>

static int list(int fd, const struct dr_version *version, void *arg)
{
	const bool *json = arg;
	struct dr_guest_info *guests;
	size_t nr;
	int err = dr_guests(fd, &guests, &nr);

	(void)version;
	if (err)
		return fail_errno("reading the guests", err);
	err = *json ? print_guests_json(guests, nr) :
		      print_guest_table(guests, nr);
	free(guests);
	return err;
}

static int run_ls(const struct verb *self, int argc, char **argv)
{
	bool json = false;
	const struct dr_flag flags[] = { { "--json", &json }, { NULL, NULL } };
	int err = take_operands(self, argc, argv, flags, 0);

	return err ? err : on_device(list, &json);
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

struct show {
	const char *name;
	bool json;
};

static int show(int fd, const struct dr_version *version, void *arg)
{
	const struct show *what = arg;
	struct dr_guest_info guest;
	struct dr_guest_swap swap, *paging = &swap;
	struct dr_balloon_info balloon = { 0 }, *known = &balloon;
	int err = dr_guest_find(fd, what->name, &guest);

	(void)version;
	if (!err)
		err = dr_guest_swap(fd, guest.id, &swap);
	if (err == -ENOENT)
		return fail_no_guest(what->name);
	/* The module is older than paging. */
	if (err == -ENOTTY)
		paging = NULL;
	else if (err)
		return fail_errno("reading the guest", err);
	balloon.id = guest.id;
	/* The module may be older than balloons. */
	if (dr_balloon(fd, &balloon))
		known = NULL;
	return what->json ? print_guest_json(&guest, paging, known) :
			    print_guest(&guest, paging, known);
}

static int run_show(const struct verb *self, int argc, char **argv)
{
	struct show what = { .json = false };
	const struct dr_flag flags[] = {
		{ "--json", &what.json }, { NULL, NULL },
	};
	int err = take_operands(self, argc, argv, flags, 1);

	what.name = argv[0];
	return err ? err : on_device(show, &what);
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
