// SPDX-License-Identifier: GPL-2.0-only
#include "metrics.h"
#include "scrape.h"
#include "verbs.h"
#include "view.h"
#include "../lib/prometheus.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NSEC_PER_SEC	UINT64_C(1000000000)

static const char *const no_labels[] = { NULL };

static const char *const failure_names[] = {
	[SCRAPE_NO_MODULE] = "no_module",
	[SCRAPE_OTHER_ABI] = "other_abi",
	[SCRAPE_NOT_PERMITTED] = "not_permitted",
	[SCRAPE_NOT_READ] = "not_read",
};

_Static_assert(sizeof(failure_names) / sizeof(failure_names[0]) ==
	       SCRAPE_NR_FAILURES, "a name for each");

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

static enum scrape_failure failure_of(int err)
{
	switch (-err) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
		return SCRAPE_NO_MODULE;
	/* An ABI of another number, or one that lacks a call. */
	case EPROTO:
	case ENOTTY:
		return SCRAPE_OTHER_ABI;
	case EACCES:
	case EPERM:
		return SCRAPE_NOT_PERMITTED;
	default:
		return SCRAPE_NOT_READ;
	}
}

/* A scrape every few seconds must not fill the log with one trouble. */
static void tell(struct scrapes *scrapes, int err)
{
	if (err == scrapes->last_err)
		return;
	scrapes->last_err = err;
	if (!err)
		fail("the module is there again");
	else if (failure_of(err) == SCRAPE_NO_MODULE)
		fail_no_module();
	else if (failure_of(err) == SCRAPE_OTHER_ABI)
		fail_view(-ENOTTY);
	else
		fail_errno("reading the state of the host", err);
}

static int read_host(struct dr_version *version, struct dr_view *view)
{
	int fd, err = dr_open_to_look(&fd, version);

	memset(view, 0, sizeof(*view));
	if (err)
		return err;
	err = view_read(fd, view);
	close(fd);
	return err;
}

static void write_number(FILE *out, const char *name, const char *type,
			 const char *help, uint64_t value)
{
	const struct dr_family family = { name, type, help };

	dr_family_begin(out, &family);
	dr_sample(out, &family, no_labels, value);
}

static void write_info(FILE *out)
{
	static const struct dr_family family = {
		"denseram_exporter_info", "gauge",
		"Always 1; the release of the exporter.",
	};
	static const char *const labels[] = {
		"release", DR_TOOLS_VERSION, NULL,
	};

	dr_family_begin(out, &family);
	dr_sample(out, &family, labels, 1);
}

static void write_failures(FILE *out, const struct scrapes *scrapes)
{
	static const struct dr_family family = {
		"denseram_exporter_scrape_errors_total", "counter",
		"Scrapes that found no state of the host, by reason.",
	};

	dr_family_begin(out, &family);
	for (unsigned int i = 0; i < SCRAPE_NR_FAILURES; i++) {
		const char *const labels[] = { "reason", failure_names[i], NULL };

		dr_sample(out, &family, labels, scrapes->failed[i]);
	}
}

/* Last, so that the duration is that of all but this. */
static void write_own(FILE *out, const struct scrapes *scrapes, bool up,
		      uint64_t begun)
{
	static const struct dr_family duration = {
		"denseram_exporter_scrape_duration_seconds", "gauge",
		"Time that this scrape took.",
	};

	write_number(out, "denseram_up", "gauge",
		     "1 if the module told the state of the host.", up);
	write_info(out);
	write_number(out, "denseram_exporter_scrapes_total", "counter",
		     "Scrapes since the exporter was started, with this one.",
		     scrapes->nr);
	write_failures(out, scrapes);
	dr_family_begin(out, &duration);
	dr_sample_ns(out, &duration, no_labels, now_ns() - begun);
}

static int write_all(FILE *out, struct scrapes *scrapes)
{
	uint64_t begun = now_ns();
	struct dr_version version;
	struct dr_view view;
	int read_err = read_host(&version, &view);
	int err = read_err ? 0 : metrics_write(out, &version, &view);

	view_free(&view);
	scrapes->nr++;
	if (read_err)
		scrapes->failed[failure_of(read_err)]++;
	tell(scrapes, read_err);
	write_own(out, scrapes, !read_err, begun);
	return err;
}

char *scrape(struct scrapes *scrapes, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);
	int err;

	if (!out)
		return NULL;
	err = write_all(out, scrapes);
	if (!fclose(out) && !err)
		return text;
	free(text);
	return NULL;
}
