// SPDX-License-Identifier: GPL-2.0-only
/* "denseram top": where the memory is, as it moves. */
#include "explain_guest.h"
#include "output.h"
#include "terminal.h"
#include "verbs.h"
#include "view.h"
#include "../lib/top.h"
#include "../lib/units.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Columns without a terminal. */
#define BATCH_COLS	80

#define DELAY_MOST	3600

/**
 * struct live - the program
 * @top: what is shown
 * @version: of the module
 * @view: the host at the last look
 * @screen: the lines
 * @explanation: of the marked guest, or NULL
 * @delay: seconds between looks
 * @count: looks until the end; 0 for none
 * @batch: lines on standard output, no terminal
 * @json: objects there instead, one a line
 */
struct live {
	struct dr_top top;
	const struct dr_version *version;
	struct dr_view view;
	struct dr_screen screen;
	char *explanation;
	uint64_t delay;
	uint64_t count;
	bool batch;
	bool json;
};

static volatile sig_atomic_t ended;

static void on_signal(int sig)
{
	(void)sig;
	ended = 1;
}

static int look(struct live *live, int fd)
{
	struct dr_view view;
	int err = view_read(fd, &view);

	if (err) {
		view_free(&view);
		return err;
	}
	view_free(&live->view);
	live->view = view;
	return 0;
}

/* The marked guest may have gone since: then there is nothing to say. */
static void read_explanation(struct live *live)
{
	const struct dr_view_guest *guest = dr_top_marked(&live->top,
							  &live->view);
	size_t len;
	FILE *out;

	free(live->explanation);
	live->explanation = NULL;
	out = open_memstream(&live->explanation, &len);
	if (!out)
		return;
	if (guest && live->top.page == DR_TOP_EXPLAIN)
		explain_to(guest->info.name, out);
	fclose(out);
}

static int draw(struct live *live)
{
	time_t now = time(NULL);
	char clock[16];
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	dr_top_draw(&live->top, &live->view, clock,
		    live->explanation ? live->explanation : "", &live->screen);
	return live->screen.failed ? -ENOMEM : 0;
}

static int print_batch(struct live *live, bool first)
{
	int err = live->json ? 0 : draw(live);

	if (err)
		return err;
	if (live->json) {
		print_view_json(&live->view, live->version);
	} else {
		if (!first)
			putchar('\n');
		for (size_t i = 0; i < live->screen.nr; i++)
			puts(live->screen.lines[i].text);
	}
	return fflush(stdout) ? -errno : 0;
}

static int run_batch(struct live *live, int fd)
{
	const struct timespec delay = { .tv_sec = (time_t)live->delay };
	int err = 0;

	dr_screen_init(&live->screen, BATCH_COLS);
	for (uint64_t i = 0; !err && !ended; i++) {
		if (i)
			nanosleep(&delay, NULL);
		if (ended)
			break;
		err = look(live, fd);
		if (!err)
			err = print_batch(live, !i);
		if (i + 1 == live->count)
			break;
	}
	return err;
}

static int show(struct live *live)
{
	int err;

	terminal_size(&live->top.rows, &live->screen.cols);
	read_explanation(live);
	err = draw(live);
	if (!err)
		terminal_show(&live->screen);
	return err;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Keys until it is time for the next look. Returns false for the end. */
static bool take_keys(struct live *live, uint64_t until)
{
	for (uint64_t now = now_ms(); now < until && !ended; now = now_ms()) {
		int key = terminal_key((int)(until - now));

		if (key != TERMINAL_NO_KEY &&
		    !dr_top_press(&live->top, &live->view, key))
			return false;
		/* After a change of its size, too. */
		if (show(live))
			return false;
	}
	return !ended;
}

static int run_terminal(struct live *live, int fd)
{
	int err = terminal_begin();

	if (err)
		return err;
	dr_screen_init(&live->screen, BATCH_COLS);
	do {
		err = look(live, fd);
		if (!err)
			err = show(live);
	} while (!err && --live->count &&
		 take_keys(live, now_ms() + live->delay * 1000));
	terminal_end();
	return err;
}

static int top(int fd, const struct dr_version *version, void *arg)
{
	const struct sigaction action = { .sa_handler = on_signal };
	struct live *live = arg;
	int err;

	live->version = version;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	err = live->batch ? run_batch(live, fd) : run_terminal(live, fd);
	view_free(&live->view);
	dr_screen_free(&live->screen);
	free(live->explanation);
	if (err == -ENOTTY && !live->batch)
		return fail("no terminal that can be used; --batch needs none");
	return err ? fail_view(err) : EXIT_OK;
}

/* Options with a number: 1 to @most. */
static int take_number(const struct verb *self, int *argc, char **argv,
		       const char *name, uint64_t most, uint64_t *number)
{
	const char *text;

	if (dr_args_option(argc, argv, name, &text))
		return fail_usage(self, "%s needs a number", name);
	if (text && (dr_count_parse(text, number) || !*number || *number > most))
		return fail_usage(self, "%s takes 1 to %llu", name,
				  (unsigned long long)most);
	return EXIT_OK;
}

static int take_sort(const struct verb *self, int *argc, char **argv,
		     struct dr_top *to)
{
	const char *text;
	int sort;

	if (dr_args_option(argc, argv, "--sort", &text))
		return fail_usage(self, "--sort needs a column");
	if (!text)
		return EXIT_OK;
	sort = dr_top_sort_find(text);
	if (sort < 0)
		return fail_usage(self, "no column '%s': size, resident, target, active, shared, compressed, disk, balloon or name",
				  text);
	to->sort = (unsigned int)sort;
	return EXIT_OK;
}

static int run_top(const struct verb *self, int argc, char **argv)
{
	struct live live = {
		.top.sort = (unsigned int)dr_top_sort_find("resident"),
		.delay = 2,
	};
	const struct dr_flag flags[] = {
		{ "--batch", &live.batch }, { "--json", &live.json },
		{ "--reverse", &live.top.reverse }, { NULL, NULL },
	};
	int err = take_number(self, &argc, argv, "--delay", DELAY_MOST,
			      &live.delay);

	if (!err)
		err = take_number(self, &argc, argv, "--count", UINT32_MAX,
				  &live.count);
	if (!err)
		err = take_sort(self, &argc, argv, &live.top);
	if (!err)
		err = take_operands(self, argc, argv, flags, 0);
	if (err)
		return err;
	live.batch |= live.json;
	return on_device(top, &live);
}

const struct verb verb_top = {
	.name = "top",
	.operands = "[--batch|--json] [--delay SECS] [--count N] [--sort COLUMN]",
	.summary = "where the memory is, as it moves: host, guests, why",
	.help =
	"Keys: Up, Down and so on move; Enter tells why a guest has what it has; < and >\n"
	"sort by another column, R the other way round; h is help, q the end.\n"
	"\n"
	"  --delay SECS   between looks, 1 to 3600 (2)\n"
	"  --count N      end after so many looks\n"
	"  --sort COLUMN  size, resident, target, active, shared, compressed, disk,\n"
	"                 balloon or name (resident); --reverse: the least first\n"
	"  --batch        all guests as text, one look after the other\n"
	"  --json         the same as JSON, an object a line, sizes in bytes\n",
	.run = run_top,
};
