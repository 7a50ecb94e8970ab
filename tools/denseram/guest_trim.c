// SPDX-License-Identifier: GPL-2.0-only
/* "denseram guest trim" */
#include "output.h"
#include "verbs.h"
#include "../lib/units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

static void print_trim(const struct dr_guest_trim *trim)
{
	char scanned[DR_SIZE_TEXT], freed[DR_SIZE_TEXT], busy[DR_SIZE_TEXT];

	printf("Looked at %s, gave back %s, left %s that was in use\n",
	       dr_size_format(trim->scanned * DR_PAGE_SIZE, scanned),
	       dr_size_format(trim->freed * DR_PAGE_SIZE, freed),
	       dr_size_format(trim->busy * DR_PAGE_SIZE, busy));
}

struct trim {
	const char *name;
	__u32 flags;
	bool json;
};

static int trim(int fd, const struct dr_version *version, void *arg)
{
	const struct trim *what = arg;
	struct dr_guest_trim trim = { .flags = what->flags };
	struct dr_guest_info guest;
	int err = dr_guest_find(fd, what->name, &guest);

	(void)version;
	if (!err) {
		trim.id = guest.id;
		err = dr_guest_trim(fd, &trim);
	}
	if (err == -ENOENT)
		return fail_no_guest(what->name);
	if (err)
		return fail_errno("trimming", err);
	if (what->json)
		return print_trim_json(&guest, &trim);
	print_trim(&trim);
	if (guest.usage.blocks && !(what->flags & DR_TRIM_BLOCKS))
		printf("Its 2 MiB blocks were left out; --blocks looks at them too\n");
	return EXIT_OK;
}

static int run_trim(const struct verb *self, int argc, char **argv)
{
	bool zero = false, same = false, blocks = false;
	struct trim what = { .json = false };
	const struct dr_flag flags[] = {
		{ "--zero", &zero }, { "--same", &same },
		{ "--blocks", &blocks }, { "--json", &what.json }, { NULL, NULL },
	};
	int err = take_operands(self, argc, argv, flags, 1);

	what.name = argv[0];
	what.flags = (zero ? DR_TRIM_ZERO : 0) | (same ? DR_TRIM_SAME : 0);
	if (!what.flags)
		what.flags = DR_TRIM_ZERO | DR_TRIM_SAME;
	if (blocks)
		what.flags |= DR_TRIM_BLOCKS;
	return err ? err : on_device(trim, &what);
}

const struct verb verb_guest_trim = {
	.name = "guest trim",
	.operands = "[--zero] [--same] [--blocks] [--json] NAME|ID",
	.summary = "give back pages of a guest that hold nothing",
	.help =
	"Looks at all pages of the guest once. Safe while the guest runs.\n"
	"\n"
	"  --zero    pages of zeros\n"
	"  --same    pages filled with one word\n"
	"            (without --zero and --same: both)\n"
	"  --blocks  break up 2 MiB blocks as well, where half or more of one\n"
	"            can be given back\n"
	"  --json    as JSON\n",
	.run = run_trim,
};
