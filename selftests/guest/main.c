// SPDX-License-Identifier: GPL-2.0-only
/*
 * workload: as PID 1, options come as dr.KEY=VALUE on the kernel command
 * line; with --native, as KEY=VALUE arguments.
 *
 *   workload --native mode=fill mem=64 secs=3
 *   workload --mkdisk FILE MIB [DSEED [text]]
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workload.h"

static const struct mode *const modes[] = {
	&mode_idle, &mode_fill, &mode_toucher, &mode_zipf, &mode_file,
	&mode_wait, &mode_reread, &mode_mix, &mode_serve,
};

static const struct mode *mode_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (!strcmp(modes[i]->name, name))
			return modes[i];
	return NULL;
}

static int workers_init(struct worker *w, const struct options *opt,
			const struct mode *mode)
{
	size_t unit = mode->small_units ? opt->value : UNIT_PAGE;
	size_t bytes = opt->mem_mib * MIB, i;

	if (opt->mem_pct)
		bytes = meminfo_kib("MemAvailable") * opt->mem_pct / 100 * 1024;
	if (unit < 64 || unit & (unit - 1))
		return -1;
	for (i = 0; i < opt->threads; i++) {
		w[i].opt = opt;
		w[i].mode = mode;
		w[i].index = i;
		w[i].seed = opt->seed;
		w[i].rng = mix64(opt->seed * 64 + i);
		if (arena_init(&w[i].arena, bytes / opt->threads, unit))
			return -1;
		w[i].arena.first_id = i * w[i].arena.nr;
	}
	return 0;
}

static struct totals totals_of(struct worker *w, size_t n, double start)
{
	struct totals sum = { .t = now_s() - start, .sweeps = UINT64_MAX };
	size_t i, b;

	for (i = 0; i < n; i++) {
		sum.ops += w[i].ops;
		sum.asked += w[i].asked;
		sum.verified += w[i].verified;
		sum.arena += w[i].arena.nr * w[i].arena.unit;
		if (w[i].sweeps < sum.sweeps)
			sum.sweeps = w[i].sweeps;
		if (w[i].setup_s > sum.setup_s)
			sum.setup_s = w[i].setup_s;
		for (b = 0; b < LATENCY_BUCKETS; b++)
			sum.took[b] += w[i].took[b];
	}
	return sum;
}

static int wait_for(struct worker *w, size_t n, int state)
{
	size_t i;

	for (i = 0; i < n; i++) {
		while (w[i].state < state)
			usleep(2000);
		if (w[i].state == WORKER_FAILED)
			return -1;
	}
	return 0;
}

/* Waits @ms for a word typed on the console; empty when there was none */
static const char *told(int ms)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	static char line[64];
	ssize_t len;

	if (poll(&p, 1, ms) <= 0)
		return "";
	len = read(STDIN_FILENO, line, sizeof(line) - 1);
	if (len <= 0) {
		usleep(ms * 1000);
		return "";
	}
	line[len] = '\0';
	return line;
}

static void obey(const char *word)
{
	if (!strncmp(word, "ws ", 3))
		ws_mib_now = strtoul(word + 3, NULL, 10);
	if (strstr(word, "wake"))
		wake_asked_s = now_s();
	if (strstr(word, "burst"))
		burst_told = strstr(word, "on") ? BURST_ON : BURST_OFF;
}

/* One line each second, or one mark each opt->marks seconds */
static double supervise(struct worker *w, const struct options *opt,
			struct totals *last)
{
	double step = opt->marks ? opt->marks : 1;
	double start = now_s(), next = start + step;
	unsigned int marks = 0;

	while (!opt->secs || now_s() < start + opt->secs) {
		double end = opt->secs && start + opt->secs < next ?
			     start + opt->secs : next;
		int ms = (end - now_s()) * 1000;
		const char *word = told(ms > 0 ? ms : 1);
		bool mark = strstr(word, "mark"), due = now_s() >= next;
		struct totals now;

		if (strstr(word, "stop"))
			break;
		obey(word);
		if (!mark && !due)
			continue;
		now = totals_of(w, opt->threads, start);
		if (mark || opt->marks)
			report_mark(&now, ++marks);
		else
			report_second(opt, &now, last);
		if (due) {
			*last = now;
			next += step;
		}
	}
	return start;
}

static int run(const struct options *opt, const struct mode *mode)
{
	struct worker *w = calloc(opt->threads, sizeof(*w));
	struct totals now;
	pthread_t thread;
	double start;
	size_t i;

	if (!w || workers_init(w, opt, mode)) {
		report_error("no memory of that size");
		return 2;
	}
	for (i = 0; i < opt->threads; i++)
		if (pthread_create(&thread, NULL, worker_run, &w[i]))
			return 2;
	if (wait_for(w, opt->threads, WORKER_READY))
		return 2;
	now = totals_of(w, opt->threads, now_s());
	report_ready(opt, &now);
	if (echo_start(opt))
		return 2;
	start = supervise(w, opt, &now);
	stop_workers = true;
	echo_join(opt);
	now = totals_of(w, opt->threads, start);
	now.run_s = mode->step ? now.t : now.setup_s;
	if (wait_for(w, opt->threads, WORKER_DONE))
		return 2;
	now.verified = totals_of(w, opt->threads, start).verified;
	now.sweeps = totals_of(w, opt->threads, start).sweeps;
	report_final(opt, &now);
	return bad_units ? 1 : 0;
}

static int start(struct options *opt)
{
	const struct mode *mode = mode_find(opt->mode);

	if (!mode || !opt->threads) {
		report_error("no such mode");
		return 2;
	}
	if (opt->verify == UINT64_MAX)
		opt->verify = mode->verify;
	report_start(opt);
	while (opt->hold && !strstr(told(100), "go"))
		;
	return run(opt, mode);
}

static int native(struct options *opt, char **words)
{
	for (; *words; words++) {
		if (options_parse(opt, *words, "")) {
			fprintf(stderr, "workload: bad option %s\n", *words);
			return 2;
		}
	}
	return start(opt);
}

static int usage(void)
{
	fputs("usage: workload --native KEY=VALUE... | --mkdisk FILE MIB [DSEED [text]]\n",
	      stderr);
	return 2;
}

int main(int argc, char **argv)
{
	struct options opt;

	options_init(&opt);
	if (getpid() == 1) {
		init_mount();
		init_options(&opt);
		init_load_modules(opt.load);
		if (*opt.root)
			init_enter(opt.root);
		else
			start(&opt);
		init_poweroff();
	}
	if (argc >= 2 && !strcmp(argv[1], "--native"))
		return native(&opt, argv + 2);
	if (argc >= 4 && !strcmp(argv[1], "--mkdisk"))
		return disk_make(argv[2], strtoull(argv[3], NULL, 0),
				 argc > 4 ? strtoull(argv[4], NULL, 0) : 1,
				 argc > 5 && !strcmp(argv[5], "text") ?
				 KIND_TEXT : KIND_DISK) ?
		       1 : 0;
	return usage();
}
