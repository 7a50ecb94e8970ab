// SPDX-License-Identifier: GPL-2.0-only
/* All that the module tells of the host and its guests, at one time. */
#include "policy.h"
#include "verbs.h"
#include "view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Guests that may come between two calls. */
#define SPARE_GUESTS	64

/* The module's arrays of numbers are the policy's structures. */
_Static_assert(sizeof(struct dr_policy_numbers) ==
	       sizeof(struct dr_policy_guest), "not the same release");

static int read_host(int fd, struct dr_view *view)
{
	int err = dr_status(fd, &view->status);

	if (!err)
		err = dr_share_status(fd, &view->share);
	if (!err)
		err = dr_swap_status(fd, &view->swap);
	if (!err)
		err = dr_policy_status(fd, &view->policy);
	if (!err)
		err = dr_admission(fd, &view->admission);
	if (!err)
		err = dr_swap_areas(fd, &view->areas, &view->nr_areas);
	return err;
}

static int read_guest(int fd, const struct dr_guest_info *info,
		      struct dr_view_guest *guest)
{
	int err;

	*guest = (struct dr_view_guest){ .info = *info };
	guest->balloon.id = info->id;
	err = dr_balloon(fd, &guest->balloon);
	return err ? err : dr_guest_swap(fd, info->id, &guest->swap);
}

static int read_each(int fd, struct dr_view *view,
		     const struct dr_guest_info *infos, size_t nr)
{
	view->guests = calloc(nr + 1, sizeof(*view->guests));
	if (!view->guests)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++) {
		int err = read_guest(fd, &infos[i],
				     &view->guests[view->nr_guests]);

		if (!err)
			view->nr_guests++;
		else if (err != -ENOENT)
			return err;
	}
	return 0;
}

static int read_guests(int fd, struct dr_view *view)
{
	struct dr_guest_info *infos;
	size_t nr;
	int err = dr_guests(fd, &infos, &nr);

	if (err)
		return err;
	err = read_each(fd, view, infos, nr);
	free(infos);
	return err;
}

static int by_id(const void *id, const void *guest)
{
	uint64_t a = *(const uint64_t *)id;
	uint64_t b = ((const struct dr_view_guest *)guest)->info.id;

	return a < b ? -1 : a > b;
}

static struct dr_view_guest *guest_find(struct dr_view *view, uint64_t id)
{
	return bsearch(&id, view->guests, view->nr_guests,
		       sizeof(*view->guests), by_id);
}

static void take_decision(struct dr_view *view, const struct dr_policy_guest *p)
{
	struct dr_view_guest *guest = guest_find(view, p->in.id);

	if (!guest)
		return;
	guest->target = p->out.target;
	guest->active = p->out.active;
	guest->rule = dr_rule_name(p->out.rule);
}

/* Guests beyond the room, if so many came just now, have no target yet. */
static int read_decisions(int fd, struct dr_view *view)
{
	size_t room = view->nr_guests + SPARE_GUESTS;
	struct dr_policy_numbers *numbers = calloc(room, sizeof(*numbers));
	struct dr_policy_run run = {
		.count = (uint32_t)room, .guests = (uintptr_t)numbers,
	};
	int err;

	if (!numbers)
		return -ENOMEM;
	err = dr_policy_run_read(fd, &run);
	for (size_t i = 0; !err && i < run.count && i < room; i++)
		take_decision(view, (const struct dr_policy_guest *)&numbers[i]);
	free(numbers);
	return err;
}

int view_read(int fd, struct dr_view *view)
{
	int err;

	memset(view, 0, sizeof(*view));
	err = read_host(fd, view);
	if (!err)
		err = read_guests(fd, view);
	return err ? err : read_decisions(fd, view);
}

void view_free(struct dr_view *view)
{
	free(view->areas);
	free(view->guests);
	memset(view, 0, sizeof(*view));
}

int fail_view(int err)
{
	if (err == -ENOTTY)
		return fail("the module is older than this program; install both from one version");
	return fail_errno("reading the state of the host", err);
}
