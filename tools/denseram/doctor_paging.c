// SPDX-License-Identifier: GPL-2.0-only
/* "denseram doctor": is there room behind the overcommit, and is it sound? */
#include "doctor.h"
#include "verbs.h"
#include "../lib/quote.h"
#include "../lib/units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NEW_AREA	"/var/lib/denseram.swap"
#define MAKE_AREA(size) \
	"denseram swap add --size " size " " NEW_AREA

/* What a command asks for need not be odd. */
#define ROUND_TO	(1ULL << 30)

static uint64_t sum_of_max(const struct doctor *d)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < d->nr_guests; i++)
		sum += d->guests[i].max;
	return sum;
}

/* How much of what guests may have is neither in memory nor in an area. */
static void look_behind(struct doctor *d)
{
	char over_text[DR_SIZE_TEXT], areas_text[DR_SIZE_TEXT];
	char need[DR_SIZE_EXACT];
	uint64_t areas, sum = sum_of_max(d), over;
	int err = dr_tree_number(&d->tree, &areas,
				 MODULE_SYSFS "/swap/areas_size");

	if (err) {
		unknown_errno(d, MODULE_SYSFS "/swap/areas_size", err);
		return;
	}
	over = sum > d->total ? sum - d->total : 0;
	if (areas >= over) {
		fine(d, "%s, for %s beyond the host's memory",
		     dr_size_format(areas, areas_text),
		     dr_size_format(over, over_text));
		return;
	}
	dr_size_exact((over - areas + ROUND_TO - 1) / ROUND_TO * ROUND_TO, need);
	mend(find(d, areas ? SEVERITY_NOTE : SEVERITY_WARNING, NULL,
		  "guests may have %s more than the host, swap areas have %s",
		  dr_size_format(over, over_text),
		  dr_size_format(areas, areas_text)),
	     MAKE_AREA("%s"),
	     need);
}

static void look_area(struct doctor *d, const struct dr_swap_area *area)
{
	char text[DR_SWAP_PATH_LEN + 2];

	if (!(area->state & DR_SWAP_AREA_FAILED) && !area->read_errors &&
	    !area->write_errors && !area->sum_errors)
		return;
	mend(find(d, SEVERITY_ERROR, area->path,
		  "%s%" PRIu64 " failed reads, %" PRIu64 " failed writes, %" PRIu64 " damaged pages",
		  area->state & DR_SWAP_AREA_FAILED ? "has failed: " : "",
		  (uint64_t)area->read_errors, (uint64_t)area->write_errors,
		  (uint64_t)area->sum_errors),
	     "denseram swap add OTHER && denseram swap rm %s",
	     dr_quote(area->path, text, sizeof(text)) ?: "PATH");
}

/* Root can ask the module for each of them. */
static int look_areas(struct doctor *d)
{
	struct dr_swap_area *areas = NULL;
	struct dr_version version;
	size_t nr = 0;
	int fd, err;

	if (!dr_tree_live(&d->tree))
		return -ENOTTY;
	err = dr_open(&fd, &version);
	if (err)
		return err;
	err = dr_swap_areas(fd, &areas, &nr);
	close(fd);
	if (err)
		return err;
	for (size_t i = 0; i < nr; i++)
		look_area(d, &areas[i]);
	free(areas);
	if (!has_found(d))
		fine(d, "%zu areas", nr);
	return 0;
}

/* Others see what has happened since the module was loaded, not where. */
static void look_counters(struct doctor *d)
{
	uint64_t errors = 0, damaged = 0;
	int err = dr_tree_number(&d->tree, &errors,
				 MODULE_SYSFS "/stat/swap_error");

	if (!err)
		err = dr_tree_number(&d->tree, &damaged,
				     MODULE_SYSFS "/stat/swap_damaged");
	if (err)
		unknown_errno(d, MODULE_SYSFS "/stat/swap_error", err);
	else if (errors || damaged)
		mend(find(d, SEVERITY_ERROR, NULL,
			  "%" PRIu64 " pages could not be read or written, %" PRIu64 " came back damaged",
			  errors, damaged),
		     "denseram swap ls names the area; denseram swap add OTHER && denseram swap rm PATH");
	else
		fine(d, "no errors");
}

static void look_health(struct doctor *d)
{
	if (look_areas(d))
		look_counters(d);
}

static void look_room(struct doctor *d)
{
	char stop[DR_TREE_LINE];
	int err = dr_tree_line(&d->tree, stop, MODULE_SYSFS "/swap/stop");

	if (err)
		unknown_errno(d, MODULE_SYSFS "/swap/stop", err);
	else if (!strcmp(stop, "none"))
		fine(d, "there is room");
	else
		mend(find(d, SEVERITY_WARNING, NULL, "paging has stopped: %s",
			  stop),
		     MAKE_AREA("SIZE"));
}

static const struct check checks[] = {
	{ "swap-behind", "when guests want all they may have, the kernel kills a process",
	  true, look_behind },
	{ "swap-health", "a page that cannot be read back is lost to its guest",
	  true, look_health },
	{ "swap-room", "a guest that cannot be paged stays beyond its limit",
	  true, look_room },
};

const struct check_group paging_checks = {
	.title = "paging",
	.checks = checks,
	.nr = ARRAY_SIZE(checks),
};
