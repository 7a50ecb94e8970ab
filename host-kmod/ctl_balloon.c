// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/denseram on balloons: what is wanted, what is, and what a daemon has to
 * say.
 */
#include "balloon.h"
#include "ctl_balloon.h"
#include "guest.h"

int dr_ctl_balloon(void *arg)
{
	struct dr_balloon_info *info = arg;
	struct dr_guest *guest;

	if (info->flags)
		return -EINVAL;
	guest = dr_guest_find(info->id);
	if (!guest)
		return -ENOENT;
	dr_balloon_fill(guest, info);
	dr_guest_put(guest);
	return 0;
}

int dr_ctl_balloon_set(void *arg)
{
	const struct dr_balloon_set *set = arg;
	struct dr_guest *guest;
	int err;

	if (set->flags || set->pad)
		return -EINVAL;
	guest = dr_guest_find(set->id);
	if (!guest)
		return -ENOENT;
	err = dr_balloon_ask(guest, set->wanted);
	dr_guest_put(guest);
	return err;
}

int dr_ctl_balloon_report(void *arg)
{
	const struct dr_balloon_report *report = arg;
	struct dr_guest *guest;
	int err;

	if (!report->flags || report->flags & ~DR_REPORT_ALL)
		return -EINVAL;
	guest = dr_guest_find(report->id);
	if (!guest)
		return -ENOENT;
	err = dr_balloon_report(guest, report);
	dr_guest_put(guest);
	return err;
}
