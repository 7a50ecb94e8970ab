// SPDX-License-Identifier: GPL-2.0-only
/* "denseram guest set" */
#include "verbs.h"
#include "../lib/units.h"

#include <errno.h>
#include <string.h>

/* The kernel's ERANGE, with the values it had to reconcile. */
static int fail_range(const struct dr_guest_limits *now)
{
	char min[DR_SIZE_TEXT], max[DR_SIZE_TEXT], limit[DR_SIZE_TEXT];

	return fail("these limits contradict each other: min may not exceed max or limit (now min %s, max %s, limit %s)",
		    dr_size_format(now->min, min),
		    now->max ? dr_size_format(now->max, max) : "size",
		    now->limit ? dr_size_format(now->limit, limit) : "none");
}

/* The kernel's ENOSPC, with what there was to be had. */
static int fail_room(int fd, const char *name)
{
	struct dr_admission_status status;
	char room[DR_SIZE_TEXT], swap[DR_SIZE_TEXT];

	if (dr_admission(fd, &status))
		return fail("the host cannot promise guest '%s' that much", name);
	if (!status.strict)
		return fail("the host cannot promise guest '%s' that much: it has %s of memory left to promise",
			    name, dr_size_format(status.room, room));
	dr_size_format(status.swap > status.swap_promised ?
		       status.swap - status.swap_promised : 0, swap);
	return fail("the host cannot promise guest '%s' that much: it has %s of memory and %s of swap space left to promise",
		    name, dr_size_format(status.room, room), swap);
}

static int set_limits(int fd, const char *name,
		      const struct dr_guest_info *guest,
		      struct dr_guest_set *set)
{
	int err;

	if (!set->flags)
		return EXIT_OK;
	set->id = guest->id;
	err = dr_guest_set(fd, set);
	if (err == -ENOENT)
		return fail_no_guest(name);
	if (err == -ERANGE)
		return fail_range(&guest->limits);
	if (err == -ENOSPC)
		return fail_room(fd, name);
	if (err == -EINVAL && set->flags & DR_SET_PINNED)
		return fail("this module knows no pinned guests; install a newer one");
	return err ? fail_errno("setting the limits", err) : EXIT_OK;
}

/* The kernel has changed nothing when it refuses. */
static int fail_share(const char *name, int err)
{
	switch (-err) {
	case ENOENT:
		return fail_no_guest(name);
	case ENOMEM:
		return fail("no room for private copies of what guest '%s' shares; free memory first",
			    name);
	case ENOTTY:
		return fail("this module does not share pages; install a newer one");
	default:
		return fail_errno("setting how the guest shares", err);
	}
}

static int set_share(int fd, const char *name, struct dr_guest_share *share)
{
	int err;

	if (!share->flags)
		return EXIT_OK;
	err = dr_guest_share(fd, share);
	return err ? fail_share(name, err) : EXIT_OK;
}

/* Nothing of it happens here and now: the guest is asked. */
static int set_balloon(int fd, const char *name,
		       const struct dr_guest_info *guest,
		       struct dr_settings *settings)
{
	char size[DR_SIZE_TEXT];
	int err;

	if (!settings->has_balloon)
		return EXIT_OK;
	settings->balloon.id = guest->id;
	err = dr_balloon_set(fd, &settings->balloon);
	switch (-err) {
	case 0:
		return EXIT_OK;
	case ENOENT:
		return fail_no_guest(name);
	case ERANGE:
		return fail("the balloon may not be larger than the guest, which has %s",
			    dr_size_format(guest->usage.size, size));
	case ENOTTY:
		return fail("this module knows no balloons; install a newer one");
	default:
		return fail_errno("setting the balloon", err);
	}
}

/* What can still fail once limits are set, in the order of their weight. */
static int set_rest(int fd, const char *name, const struct dr_guest_info *guest,
		    struct dr_settings *settings)
{
	struct dr_balloon_info was = { .id = guest->id };
	int err;

	if (settings->has_balloon)
		dr_balloon(fd, &was);
	err = set_balloon(fd, name, guest, settings);
	if (err)
		return err;
	settings->share.id = guest->id;
	err = set_share(fd, name, &settings->share);
	if (err && settings->has_balloon) {
		settings->balloon.wanted = was.wanted;
		dr_balloon_set(fd, &settings->balloon);
	}
	return err;
}

struct change {
	const char *name;
	struct dr_settings settings;
};

/* Ending a share may fail, setting limits back may not: limits go first. */
static int apply(int fd, const struct dr_version *version, void *arg)
{
	struct change *change = arg;
	struct dr_settings *settings = &change->settings;
	const char *name = change->name;
	struct dr_guest_info guest;
	int err = dr_guest_find(fd, name, &guest);

	(void)version;
	if (err == -ENOENT)
		return fail_no_guest(name);
	if (err)
		return fail_errno("reading the guest", err);
	err = set_limits(fd, name, &guest, &settings->limits);
	if (err)
		return err;
	err = set_rest(fd, name, &guest, settings);
	if (err && settings->limits.flags) {
		settings->limits.limits = guest.limits;
		dr_guest_set(fd, &settings->limits);
	}
	return err;
}

static int run_set(const struct verb *self, int argc, char **argv)
{
	const struct dr_flag flags[] = { { NULL, NULL } };
	struct change change = { 0 };
	const char *bad, *why;
	int err, nr = dr_args_parse(argc, argv, flags, &bad);

	if (nr < 0)
		return fail_usage(self, "unknown option '%s'", bad);
	if (nr < 2)
		return fail_usage(self, "needs a guest and what to set");
	err = dr_args_settings(nr - 1, argv + 1, &change.settings, &why);
	if (err)
		return fail_usage(self, "'%s': %s", argv[-err], why);
	change.name = argv[0];
	return on_device(apply, &change);
}

const struct verb verb_guest_set = {
	.name = "guest set",
	.operands = "NAME|ID KEY=VALUE...",
	.summary = "limits of a guest, its balloon, with whom it shares",
	.help =
	"  min=SIZE         never take the guest below this\n"
	"  max=SIZE|size    it may never hold more; size: its configured size\n"
	"  limit=SIZE|none  most it is to hold at present\n"
	"  shares=N         its weight against other guests, 1 to 1000000\n"
	"  pinned=on|off    nothing of it can be taken: its min counts as its max\n"
	"\n"
	"  share=off        its pages are shared with nobody, not even itself\n"
	"  share=guest      only within the guest\n"
	"  share=domain     with guests of the same owner\n"
	"  share=all        with all guests that have share=all\n"
	"  scan=on|off      whether the scanner looks for pages to share\n"
	"\n"
	"  balloon=SIZE     memory it is to give up through its balloon\n"
	"  balloon=none     leave its balloon alone from now on\n"
	"\n"
	"What a guest holds beyond its limit is paged out. Within min and max, shares\n"
	"and what guests need decide who has how much: 'denseram explain NAME'.\n"
	"A min that the host cannot promise beside those of other guests is refused.\n"
	"A change of share ends all sharing under the old setting before it\n"
	"returns; that takes memory for private copies.\n"
	"\n"
	"SIZE is in bytes or with a unit: 512M, 1.5G, 4096K, 2GiB.\n"
	"All values take effect together, or none.\n",
	.run = run_set,
};
