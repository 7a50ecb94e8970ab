// SPDX-License-Identifier: GPL-2.0-only
/* "denseram guest park" and "denseram guest wake" */
#include "output.h"
#include "verbs.h"
#include "../lib/args.h"
#include "../lib/units.h"
#include "../lib/words.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOOK_US		200000	/* between two looks at a guest that is parked */
#define WAKE_PAGES	4096	/* to bring back by one call */

static volatile sig_atomic_t interrupted;

static void note_interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}

static void catch_interrupts(void)
{
	struct sigaction action = { .sa_handler = note_interrupt };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* A line that is written over, if somebody is there to see it. */
static void show(const char *what, uint64_t bytes)
{
	char text[DR_SIZE_TEXT];

	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%10s %s ", dr_size_format(bytes, text),
			what);
}

static void show_end(void)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%40s\r", "");
}

static int set_parking(int fd, __u64 id, bool park)
{
	const struct dr_guest_park arg = { .park = park, .id = id };

	return dr_guest_park(fd, &arg);
}

/* Until the pager is done with it. Interrupted, it stops where it is. */
static int watch_parking(int fd, const char *name, struct dr_guest_info *guest)
{
	int err;

	do {
		usleep(LOOK_US);
		err = dr_guest_find(fd, name, guest);
		if (err)
			return err;
		show("still in memory", guest->usage.resident);
		if (interrupted) {
			set_parking(fd, guest->id, false);
			return -EINTR;
		}
	} while (guest->state & DR_GUEST_PARKING);
	return 0;
}

/* Why it ended, if there was no place for more: ": pool full" */
static const char *reason(int fd, char *text, size_t len)
{
	struct dr_swap_status swap;

	if (dr_swap_status(fd, &swap) || swap.stop == DR_SWAP_STOP_NONE)
		return "";
	snprintf(text, len, ": %s", dr_swap_stop_name(swap.stop));
	return text;
}

static int park(int fd, const struct dr_version *version, void *arg)
{
	const char *name = arg;
	char before[DR_SIZE_TEXT], after[DR_SIZE_TEXT], why[32];
	struct dr_guest_info guest;
	int err = dr_guest_find(fd, name, &guest);

	(void)version;
	if (!err) {
		dr_size_format(guest.usage.resident, before);
		err = set_parking(fd, guest.id, true);
	}
	if (!err)
		err = watch_parking(fd, name, &guest);
	show_end();
	if (err == -ENOENT)
		return fail_no_guest(name);
	if (err == -ENOTTY)
		return fail("this module does not page guests out; install a newer one");
	if (err)
		return fail_errno("parking", err);
	printf("Parked: %s of %s are still in memory%s\n",
	       dr_size_format(guest.usage.resident, after), before,
	       reason(fd, why, sizeof(why)));
	return EXIT_OK;
}

/* What both verbs have in common: one guest, no options. */
static int run(const struct verb *self, int argc, char **argv,
	       int (*act)(int fd, const struct dr_version *version, void *arg))
{
	const struct dr_flag flags[] = { { NULL, NULL } };
	int err = take_operands(self, argc, argv, flags, 1);

	if (err)
		return err;
	catch_interrupts();
	return on_device(act, argv[0]);
}

static int run_park(const struct verb *self, int argc, char **argv)
{
	return run(self, argc, argv, park);
}

const struct verb verb_guest_park = {
	.name = "guest park",
	.operands = "NAME|ID",
	.summary = "page a stopped or idle guest out whole",
	.help =
	"Shows what is still in memory until nothing more can be paged out, and says if\n"
	"there was no room for more. When it is interrupted, paging stops where it is. A\n"
	"guest that runs brings back what it needs; 'denseram guest wake' brings back all\n"
	"of it.\n",
	.run = run_park,
};

static int wake_all(int fd, __u64 id, struct dr_guest_wake *sum)
{
	struct dr_guest_wake wake = { .id = id };
	int err = 0;

	while (!err && wake.cursor != UINT64_MAX && !interrupted) {
		wake.count = WAKE_PAGES;
		err = dr_guest_wake(fd, &wake);
		sum->done += wake.done;
		sum->failed += wake.failed;
		show("brought back", sum->done * DR_PAGE_SIZE);
	}
	return err ? err : interrupted ? -EINTR : 0;
}

static int wake(int fd, const struct dr_version *version, void *arg)
{
	const char *name = arg;
	struct dr_guest_wake sum = { 0 };
	struct dr_guest_info guest;
	char text[DR_SIZE_TEXT];
	int err = dr_guest_find(fd, name, &guest);

	(void)version;
	if (!err)
		err = wake_all(fd, guest.id, &sum);
	show_end();
	if (err == -ENOENT)
		return fail_no_guest(name);
	if (err == -ENOTTY)
		return fail("this module does not page guests out; install a newer one");
	if (err == -ENOMEM)
		return fail("no room in memory for more than %s of guest '%s'",
			    dr_size_format(sum.done * DR_PAGE_SIZE, text),
			    name);
	if (err)
		return fail_errno("waking", err);
	printf("Brought back %s\n",
	       dr_size_format(sum.done * DR_PAGE_SIZE, text));
	if (sum.failed)
		return fail("%s could not be read",
			    dr_size_format(sum.failed * DR_PAGE_SIZE, text));
	return EXIT_OK;
}

static int run_wake(const struct verb *self, int argc, char **argv)
{
	return run(self, argc, argv, wake);
}

const struct verb verb_guest_wake = {
	.name = "guest wake",
	.operands = "NAME|ID",
	.summary = "bring back what is paged out of a guest",
	.help =
	"Shows how much has come. Stops at the guest's limit, and when the host has no\n"
	"room for more. When it is interrupted, what has come stays.\n",
	.run = run_wake,
};
