// SPDX-License-Identifier: GPL-2.0-only
/* "denseram watch": what changes, as it does. */
#include "json_build.h"
#include "verbs.h"
#include "view.h"
#include "../lib/changes.h"
#include "../lib/text.h"
#include "../lib/units.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Some states have no notice: look at them so often, at least. */
#define LOOK_MS		1000

/* And not more often than this, however many notices there are. */
#define REST_NS		100000000L

#define NOTICES		64

/**
 * struct watch - a watch
 * @name: of the only guest to tell of, or NULL
 * @secs: end after so long; 0 for never
 * @json: an object a line
 * @now: time of the view
 * @failed: writing did
 */
struct watch {
	const char *name;
	uint64_t secs;
	bool json;
	struct timespec now;
	bool failed;
};

static volatile sig_atomic_t ended;

static void on_signal(int sig)
{
	(void)sig;
	ended = 1;
}

static void print_number(const struct dr_change *c, int i)
{
	char text[DR_SIZE_TEXT];

	if (c->numbers[i] == DR_CHANGE_NONE)
		printf("none");
	else if (c->kind == DR_CHANGE_SIZES)
		printf("%s", dr_size_format(c->numbers[i], text));
	else
		printf("%" PRIu64, c->numbers[i]);
}

static void print_whose(const struct dr_change *c)
{
	char *name = dr_text_escape(c->guest ? c->guest->info.name :
				    c->area ? c->area->path : "host");

	printf("%s: ", name ? name : "?");
	free(name);
}

static void print_line(const struct dr_change *c)
{
	char size[DR_SIZE_TEXT];

	print_whose(c);
	switch (c->kind) {
	case DR_CHANGE_CAME:
		printf("came, %s\n", dr_size_format(c->guest->info.usage.size,
						    size));
		break;
	case DR_CHANGE_WENT:
		printf("went\n");
		break;
	case DR_CHANGE_WORDS:
		printf("%s %s -> %s\n", c->what, c->words[0], c->words[1]);
		break;
	default:
		printf("%s ", c->what);
		print_number(c, 0);
		printf(" -> ");
		print_number(c, 1);
		printf("\n");
	}
}

static void print_text(const struct watch *w, const struct dr_change *c)
{
	struct tm tm;
	char text[16];

	localtime_r(&w->now.tv_sec, &tm);
	strftime(text, sizeof(text), "%H:%M:%S", &tm);
	printf("%s.%03ld ", text, w->now.tv_nsec / 1000000);
	print_line(c);
}

static void add_end(struct json_object *object, const char *key,
		    const struct dr_change *c, int i)
{
	if (c->kind == DR_CHANGE_WORDS)
		add_text(object, key, c->words[i]);
	else if (c->numbers[i] != DR_CHANGE_NONE)
		add_number(object, key, c->numbers[i]);
	else if (json_object_object_add(object, key, NULL))
		exit(fail("out of memory"));
}

static void print_object(const struct watch *w, const struct dr_change *c)
{
	struct json_object *object = document();

	add_time(object, "time", &w->now);
	if (c->guest) {
		add_name(object, "guest", c->guest->info.name);
		add_number(object, "id", c->guest->info.id);
	} else if (c->area) {
		add_name(object, "area", c->area->path);
	}
	add_text(object, "what", c->what);
	if (c->kind != DR_CHANGE_CAME && c->kind != DR_CHANGE_WENT) {
		add_end(object, "from", c, 0);
		add_end(object, "to", c, 1);
	}
	print_json_line(object);
}

static void tell(void *arg, const struct dr_change *change)
{
	const struct watch *w = arg;

	if (w->name && (!change->guest ||
			strcmp(change->guest->info.name, w->name)))
		return;
	if (w->json)
		print_object(w, change);
	else
		print_text(w, change);
}

/* Notices say when to look; what there is to see is in the next view. */
static int wait_for_news(int fd)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	const struct timespec rest = { .tv_nsec = REST_NS };
	struct dr_notice notices[NOTICES];

	nanosleep(&rest, NULL);
	if (poll(&poller, 1, LOOK_MS) < 0 && errno != EINTR)
		return -errno;
	/* Some may be left: then the next wait is short. */
	if (poller.revents & POLLIN &&
	    read(fd, notices, sizeof(notices)) < 0 && errno != EINTR)
		return -errno;
	return 0;
}

static int look(struct watch *w, int fd, struct dr_view *view)
{
	struct dr_view next;
	int err = view_read(fd, &next);

	if (err) {
		view_free(&next);
		return err;
	}
	clock_gettime(CLOCK_REALTIME, &w->now);
	dr_changes(view, &next, tell, w);
	view_free(view);
	*view = next;
	w->failed = fflush(stdout) || ferror(stdout);
	return 0;
}

static bool goes_on(const struct watch *w, time_t begun)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return !ended && !w->failed &&
	       (!w->secs || now.tv_sec < begun + (time_t)w->secs);
}

static int watch_all(struct watch *w, int fd)
{
	struct timespec begun;
	struct dr_view view;
	int err = view_read(fd, &view);

	clock_gettime(CLOCK_MONOTONIC, &begun);
	while (!err && goes_on(w, begun.tv_sec)) {
		err = wait_for_news(fd);
		if (!err && !ended)
			err = look(w, fd, &view);
	}
	view_free(&view);
	return err;
}

static int watch(int fd, const struct dr_version *version, void *arg)
{
	const struct sigaction action = { .sa_handler = on_signal };
	struct watch *w = arg;
	struct dr_guest_info info;
	int err;

	(void)version;
	/* Its name, also where it was given by its id. */
	if (w->name) {
		err = dr_guest_find(fd, w->name, &info);
		if (err == -ENOENT)
			return fail_no_guest(w->name);
		if (err)
			return fail_errno("reading the guest", err);
		w->name = info.name;
	}
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	err = watch_all(w, fd);
	return err ? fail_view(err) : EXIT_OK;
}

static int run_watch(const struct verb *self, int argc, char **argv)
{
	struct watch w = { .json = false };
	const struct dr_flag flags[] = { { "--json", &w.json }, { NULL, NULL } };
	const char *bad, *secs;
	int nr;

	if (dr_args_option(&argc, argv, "--secs", &secs) ||
	    (secs && (dr_count_parse(secs, &w.secs) || !w.secs ||
		      w.secs > INT32_MAX)))
		return fail_usage(self, "--secs needs a number of seconds");
	nr = dr_args_parse(argc, argv, flags, &bad);
	if (nr < 0)
		return fail_usage(self, "unknown option '%s'", bad);
	if (nr > 1)
		return fail_usage(self, "one guest, or all");
	if (nr)
		w.name = argv[0];
	return on_device(watch, &w);
}

const struct verb verb_watch = {
	.name = "watch",
	.operands = "[--json] [--secs N] [NAME|ID]",
	.summary = "what changes, as it does: levels, guests, targets, errors",
	.help =
	"A line for each change of the host, of a swap area, and of guests or the one\n"
	"that is named, until it is interrupted. Targets and balloons are told when they\n"
	"are a sixteenth of the guest's size away from what was told before.\n"
	"\n"
	"  --secs N  end after so many seconds\n"
	"  --json    as JSON, an object a line, sizes in bytes\n",
	.run = run_watch,
};
