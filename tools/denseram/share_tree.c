// SPDX-License-Identifier: GPL-2.0-only
/* "denseram share tree" */
#include "output.h"
#include "verbs.h"
#include "../lib/units.h"

#include <errno.h>
#include <stdlib.h>

#define PAGES_AT_ONCE	16384
/* Without --sample, no more uses than this are read: 64 MiB of memory. */
#define USES_MAX	(UINT64_C(4) << 20)

/* All portions of one guest; one that is gone meanwhile shares nothing. */
static int read_guest(int fd, struct family *family, size_t guest)
{
	static uint64_t pages[PAGES_AT_ONCE];
	struct dr_guest_shares shares = {
		.id = family->guests[guest].id,
		.pages = (uintptr_t)pages,
		.sample = family->sample,
	};
	int err;

	do {
		shares.count = PAGES_AT_ONCE;
		err = dr_guest_shares(fd, &shares);
		if (!err)
			err = dr_sharing_add(family->sharing, guest, pages,
					     shares.count);
	} while (!err && shares.count);
	return err == -ENOENT ? 0 : err;
}

static unsigned int fitting_sample(const struct family *family)
{
	unsigned int sample = 0;
	uint64_t uses = 0;

	for (size_t i = 0; i < family->nr; i++)
		uses += family->guests[i].usage.shared;
	while (sample < DR_SHARE_SAMPLE_MAX && uses >> sample > USES_MAX)
		sample++;
	return sample;
}

static int read_family(int fd, struct family *family)
{
	int err = 0;

	family->sharing = dr_sharing_create(family->nr);
	if (!family->sharing)
		return -ENOMEM;
	for (size_t i = 0; i < family->nr && !err; i++)
		err = read_guest(fd, family, i);
	dr_sharing_count(family->sharing);
	return err;
}

/* @sample: negative to choose one */
struct tree {
	int sample;
	bool json;
};

static int tree(int fd, const struct dr_version *version, void *arg)
{
	const struct tree *what = arg;
	struct family family = { 0 };
	int err = dr_guests(fd, &family.guests, &family.nr);

	(void)version;
	if (err)
		return fail_errno("reading the guests", err);
	family.sample = what->sample < 0 ? fitting_sample(&family) :
					   (unsigned int)what->sample;
	err = read_family(fd, &family);
	if (err == -ENOTTY)
		err = fail("this module does not share pages; install a newer one");
	else if (err)
		err = fail_errno("reading what the guests share", err);
	else
		err = what->json ? print_family_json(&family) :
				   print_family(&family);
	dr_sharing_destroy(family.sharing);
	free(family.guests);
	return err;
}

static int read_sample(const char *text, int *sample)
{
	uint64_t value;

	*sample = -1;
	if (!text)
		return 0;
	if (dr_count_parse(text, &value) || value > DR_SHARE_SAMPLE_MAX)
		return -EINVAL;
	*sample = (int)value;
	return 0;
}

static int run_tree(const struct verb *self, int argc, char **argv)
{
	struct tree what = { .json = false };
	const struct dr_flag flags[] = {
		{ "--json", &what.json }, { NULL, NULL },
	};
	const char *text;
	int err;

	if (dr_args_option(&argc, argv, "--sample", &text) ||
	    read_sample(text, &what.sample))
		return fail_usage(self, "--sample needs a number from 0 to %d",
				  DR_SHARE_SAMPLE_MAX);
	err = take_operands(self, argc, argv, flags, 0);
	return err ? err : on_device(tree, &what);
}

const struct verb verb_share_tree = {
	.name = "share tree",
	.operands = "[--sample N] [--json]",
	.summary = "which guests share how much with which",
	.help =
	"A cell of the matrix is the memory that two guests have in common; where\n"
	"a guest meets itself, what it saves by sharing within itself. One page\n"
	"that three guests use counts for each of their three pairs.\n"
	"With more than eight guests: for each guest, those it has most in common\n"
	"with.\n"
	"\n"
	"  --sample N  look at one shared page in 2^N and multiply; without it,\n"
	"              all are looked at unless they are more than 16 GiB\n"
	"  --json      as JSON, all pairs, sizes in bytes\n",
	.run = run_tree,
};
