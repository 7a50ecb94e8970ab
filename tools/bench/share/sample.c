// SPDX-License-Identifier: GPL-2.0-only
/*
 * sample: watch what a sharer saves and what it costs, four times a second.
 *
 *   sample denseram|ksm OUT.tsv [until=stable|SECONDS|once] [base=BYTES]
 *          [bound=SECONDS] [passes=N] [-- PID-OF-A-GUEST...]
 *
 * until=stable switches the sharer on after the first sample, and ends when
 * nothing much was won for ten seconds and it has made N passes: status 0; at
 * the bound: status 3. base= is what was resident before.
 *
 * Columns: seconds, bytes saved, bytes of shared pages kept, bytes resident,
 * CPU time in ns, pages looked at, passes, bytes of metadata, bytes shared.
 */
#include <ctype.h>
#include <errno.h>
#include <error.h>
#include <glob.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../lib/denseram.h"

#define TICK_MS		250
#define QUIET_TICKS	(10 * 1000 / TICK_MS)
#define QUIET_GROWTH	0.005
#define KSM		"/sys/kernel/mm/ksm/"
#define ENABLED		"/sys/kernel/denseram/sharing/enabled"
#define STATUS_BOUND	3

/* @saved is what is less resident than before: no counter can gloss it over. */
struct sample {
	uint64_t saved, shared, kept, resident, cpu_ns, scanned, passes;
	uint64_t metadata;
};

/**
 * struct source - a sharer
 * @name: on the command line
 * @on: file that switches it on
 * @read: fill a sample, all but @saved
 */
struct source {
	const char *name;
	const char *on;
	void (*read)(struct sample *s);
};

/**
 * struct run - one run of this program
 * @until: ticks to run, or 0 for "until stable"
 * @bound: ticks after which a run until stable gives up
 * @passes: passes it must have made to be called stable
 * @base: bytes resident before; 0: as many as at first
 * @history: bytes saved, tick by tick; @nr of them
 */
struct run {
	const struct source *source;
	FILE *out;
	uint64_t until, bound, passes, base;
	uint64_t *history;
	size_t nr;
};

static int device;
static char *const *pids;	/* of the guests, for KSM */
static size_t nr_pids;

static int64_t read_number(const char *path)
{
	FILE *f = fopen(path, "re");
	int64_t value;

	if (!f || fscanf(f, "%" SCNd64, &value) != 1)
		error(1, errno, "reading %s", path);
	fclose(f);
	return value;
}

static void write_one(const char *path)
{
	FILE *f = fopen(path, "we");

	if (!f || fputs("1\n", f) < 0 || fclose(f))
		error(1, errno, "writing %s", path);
}

/* CPU time of ksmd in ns, from its own schedstat. */
static uint64_t ksmd_cpu(void)
{
	static char path[64];
	glob_t g;

	if (*path)
		return (uint64_t)read_number(path);
	if (glob("/proc/[0-9]*/comm", 0, NULL, &g))
		error(1, 0, "no processes");
	for (size_t i = 0; i < g.gl_pathc && !*path; i++) {
		char name[32] = "";
		FILE *f = fopen(g.gl_pathv[i], "re");

		if (f && fgets(name, sizeof(name), f) &&
		    !strcmp(name, "ksmd\n"))
			snprintf(path, sizeof(path), "%.*s/schedstat",
				 (int)(strlen(g.gl_pathv[i]) - strlen("/comm")),
				 g.gl_pathv[i]);
		if (f)
			fclose(f);
	}
	globfree(&g);
	if (!*path)
		error(1, 0, "there is no ksmd");
	return (uint64_t)read_number(path);
}

static uint64_t pages(const char *path)
{
	return (uint64_t)read_number(path) * DR_PAGE_SIZE;
}

/* Memory of its own that a process has; the zero page is none, a KSM page is. */
static uint64_t anon_bytes(const char *pid)
{
	char path[64], line[128];
	uint64_t kib = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/status", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "RssAnon: %" SCNu64, &kib) == 1)
			break;
	if (!f || !kib)
		error(1, errno, "no memory of process %s", pid);
	fclose(f);
	return kib * 1024;
}

/*
 * Not what KSM counts: it splits huge pages, and that alone gives back their
 * pages of zeros. Resident is what its guests would occupy as KSM leaves them.
 */
static void read_ksm(struct sample *s)
{
	int64_t profit = read_number(KSM "general_profit");
	uint64_t sharing = pages(KSM "pages_sharing");
	uint64_t zero = pages(KSM "ksm_zero_pages"), anon = 0;

	for (size_t i = 0; i < nr_pids; i++)
		anon += anon_bytes(pids[i]);
	s->resident = anon > sharing ? anon - sharing : 0;
	s->shared = sharing;
	s->kept = pages(KSM "pages_shared");
	s->cpu_ns = ksmd_cpu();
	s->scanned = (uint64_t)read_number(KSM "pages_scanned");
	s->passes = (uint64_t)read_number(KSM "full_scans");
	s->metadata = (uint64_t)((int64_t)(sharing + zero) - profit);
}

static void read_denseram(struct sample *s)
{
	struct dr_share_status share;
	struct dr_status status;
	int err = dr_status(device, &status);

	if (!err)
		err = dr_share_status(device, &share);
	if (err)
		error(1, -err, "asking denseram");
	/* What guests hold, and what they hold together */
	s->resident = status.usage.blocks * DR_BLOCK_SIZE +
		      status.usage.pages * DR_PAGE_SIZE + share.kept;
	s->shared = share.shared;
	s->kept = share.kept;
	s->cpu_ns = share.cpu_ns;
	s->scanned = status.events[DR_EV_SCAN];
	s->passes = share.passes;
	s->metadata = status.usage.metadata + share.table_bytes;
}

static const struct source sources[] = {
	{ "denseram", ENABLED, read_denseram },
	{ "ksm", KSM "run", read_ksm },
};

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void sleep_until(double when)
{
	double left = when - now_s();
	struct timespec ts = { .tv_sec = (time_t)left };

	ts.tv_nsec = (long)((left - (double)ts.tv_sec) * 1e9);
	if (left > 0)
		nanosleep(&ts, NULL);
}

static uint64_t take(struct run *run, double start, uint64_t *passes)
{
	struct sample s = { 0 };

	run->source->read(&s);
	if (!run->base)
		run->base = s.resident;
	s.saved = run->base > s.resident ? run->base - s.resident : 0;
	fprintf(run->out, "%.3f\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%"
		PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
		"\n", now_s() - start, s.saved, s.kept, s.resident, s.cpu_ns,
		s.scanned, s.passes, s.metadata, s.shared);
	fflush(run->out);
	run->history = reallocarray(run->history, run->nr + 1,
				    sizeof(*run->history));
	if (!run->history)
		error(1, errno, "no memory");
	run->history[run->nr++] = s.saved;
	*passes = s.passes;
	return s.saved;
}

static bool is_stable(const struct run *run, uint64_t passes)
{
	uint64_t then, last;

	if (run->nr <= QUIET_TICKS || passes < run->passes)
		return false;
	last = run->history[run->nr - 1];
	then = run->history[run->nr - 1 - QUIET_TICKS];
	return last && (double)last - (double)then <=
		       QUIET_GROWTH * (double)last;
}

static int watch(struct run *run)
{
	double start = now_s();
	uint64_t first, passes;

	take(run, start, &first);
	if (!run->until)
		write_one(run->source->on);
	for (uint64_t tick = 1; ; tick++) {
		if (run->until && tick >= run->until)
			return 0;
		sleep_until(start + (double)tick * TICK_MS / 1000);
		take(run, start, &passes);
		if (!run->until && is_stable(run, passes - first))
			return 0;
		if (!run->until && tick >= run->bound)
			return STATUS_BOUND;
	}
}

/* "key=NUMBER"; true when @word is that key. */
static bool number_of(const char *word, const char *key, uint64_t *value)
{
	size_t len = strlen(key);
	char *end;

	if (strncmp(word, key, len) || !isdigit((unsigned char)word[len]))
		return false;
	*value = strtoull(word + len, &end, 10);
	return !*end;
}

static bool take_word(struct run *run, const char *word)
{
	uint64_t value;

	if (!strcmp(word, "until=stable"))
		run->until = 0;
	else if (!strcmp(word, "until=once"))
		run->until = 1;
	else if (number_of(word, "until=", &value) && value)
		run->until = value * 1000 / TICK_MS + 1;
	else if (number_of(word, "bound=", &value))
		run->bound = value * 1000 / TICK_MS;
	else if (number_of(word, "passes=", &value))
		run->passes = value;
	else
		return number_of(word, "base=", &run->base);
	return true;
}

static const struct source *source_of(const char *name)
{
	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++)
		if (!strcmp(name, sources[i].name))
			return &sources[i];
	error(2, 0, "unknown sharer %s", name);
	return NULL;
}

int main(int argc, char **argv)
{
	struct run run = { .bound = 120 * 1000 / TICK_MS };
	struct dr_version version;
	int status;

	if (argc < 3)
		error(2, 0, "usage: sample denseram|ksm OUT [KEY=VALUE...]");
	run.source = source_of(argv[1]);
	for (int i = 3; i < argc && !nr_pids; i++) {
		if (!strcmp(argv[i], "--")) {
			pids = argv + i + 1;
			nr_pids = (size_t)(argc - i - 1);
		} else if (!take_word(&run, argv[i])) {
			error(2, 0, "bad word %s", argv[i]);
		}
	}
	if (run.source->read == read_denseram && dr_open(&device, &version))
		error(1, errno, "opening " DR_DEVICE);
	run.out = fopen(argv[2], "we");
	if (!run.out)
		error(1, errno, "%s", argv[2]);
	status = watch(&run);
	free(run.history);
	return fclose(run.out) ? 1 : status;
}
