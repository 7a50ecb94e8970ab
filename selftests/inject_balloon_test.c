// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every allocation of the guest's driver fails once: as it is loaded, gets a device,
 * inflates, deflates and answers the host. See lib/inject.h. The host is the module
 * dr_mean_host, in its good mode. Only in the lab host, where both can be loaded.
 */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/gmem.h"
#include "lib/inject.h"
#include "lib/module.h"

#define HOST		"/sys/module/dr_mean_host/parameters/"
#define DRIVER		"/sys/bus/virtio/drivers/denseram_balloon"
#define COUNTERS	"/sys/kernel/debug/denseram_balloon/*/counters"
#define PATIENCE_MS	60000
/* Three blocks and some pages */
#define TARGET		(3 * PAGES_A_BLOCK + 100)
/* Statistics, deflation when memory is short, hints, reports */
#define FEATURES	"0x2e"
#define MODE_GOOD	"0"
#define MODE_STATS	"7"
#define HINTS_DONE	1

static void host_set(const char *name, const char *value)
{
	char path[100];

	snprintf(path, sizeof(path), HOST "%s", name);
	ASSERT_OK(write_text(path, value));
}

static void host_set_number(const char *name, unsigned int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	host_set(name, text);
}

/* Of the only device; 0 while there is none. */
static unsigned long long counter(const char *name)
{
	char text[4096] = "", *line;
	glob_t files = {};

	if (!glob(COUNTERS, 0, NULL, &files))
		ASSERT_OK(read_text(files.gl_pathv[0], text, sizeof(text)));
	globfree(&files);
	line = strstr(text, name);
	return line ? strtoull(line + strlen(name), NULL, 10) : 0;
}

static int run_load(void)
{
	return module_try_load_other("denseram_balloon", "");
}

static void finish_load(bool failed)
{
	CHECK_EQ(access(DRIVER, F_OK) == 0, !failed);
	if (!failed)
		CHECK_OK(module_unload_other("denseram_balloon"));
}

static int run_plug(void)
{
	int err = write_text(HOST "plugged", "1");

	errno = -err;
	return err ? -1 : 0;
}

/* Without memory there may be a device and no driver on it. */
static void unplug(bool failed)
{
	(void)failed;
	host_set("plugged", "0");
}

static bool has_target(void *arg)
{
	__u64 actual = 0;

	(void)arg;
	ASSERT_OK(read_u64(HOST "actual", &actual));
	return actual == TARGET;
}

static bool is_empty(void *arg)
{
	__u64 actual = 1;

	(void)arg;
	ASSERT_OK(read_u64(HOST "actual", &actual));
	return !actual;
}

static void prepare_device(void)
{
	ASSERT_OK(run_plug());
}

static int run_inflate(void)
{
	host_set_number("target", TARGET);
	CHECK(poll_until(has_target, NULL, PATIENCE_MS));
	return 0;
}

static void prepare_inflated(void)
{
	prepare_device();
	run_inflate();
}

static int run_deflate(void)
{
	host_set("target", "0");
	CHECK(poll_until(is_empty, NULL, PATIENCE_MS));
	return 0;
}

static void finish_balloon(bool failed)
{
	run_deflate();
	unplug(failed);
}

static bool has_answered(void *arg)
{
	return counter("stats") >= *(unsigned long long *)arg;
}

static int run_stats(void)
{
	unsigned long long more = counter("stats") + 3;

	host_set("mode", MODE_STATS);
	CHECK(poll_until(has_answered, &more, PATIENCE_MS));
	return 0;
}

static void finish_stats(bool failed)
{
	host_set("mode", MODE_GOOD);
	unplug(failed);
}

static bool has_hinted(void *arg)
{
	(void)arg;
	return counter("hinted") > 0;
}

/* An answer may be cut short; the host asks again. */
static int run_hints(void)
{
	static unsigned int question = HINTS_DONE;

	for (int tries = 0; tries < 2; tries++) {
		host_set_number("hint", ++question);
		if (poll_until(has_hinted, NULL, 5000))
			return 0;
	}
	CHECK(has_hinted(NULL));
	return 0;
}

static void finish_hints(bool failed)
{
	host_set_number("hint", HINTS_DONE);
	unplug(failed);
}

static int run_counters(void)
{
	glob_t files = {};
	char text[4096];
	int err = -ENOMEM;

	if (!glob(COUNTERS, 0, NULL, &files))
		err = read_text(files.gl_pathv[0], text, sizeof(text));
	globfree(&files);
	errno = -err;
	return err ? -1 : 0;
}

TEST_SECS(driver, 900)
{
	static const struct inject_op load = {
		"load", NULL, run_load, finish_load,
	};
	static const struct inject_op calls[] = {
		{ "probe", NULL, run_plug, unplug },
		{ "counters", prepare_device, run_counters, unplug },
	};
	static const struct inject_op works[] = {
		{ "inflate", prepare_device, run_inflate, finish_balloon },
		{ "deflate", prepare_inflated, run_deflate, finish_balloon },
		{ "statistics", prepare_device, run_stats, finish_stats },
		{ "hints", prepare_device, run_hints, finish_hints },
	};

	inject_setup();
	module_need_lab();
	inject(&load);
	ASSERT_OK(run_load());
	ASSERT_OK(module_try_load_other("dr_mean_host", "features=" FEATURES));
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		inject(&calls[i]);
	for (size_t i = 0; i < ARRAY_SIZE(works); i++)
		inject_threads(&works[i], "kworker/");
	CHECK_OK(module_unload_other("dr_mean_host"));
	CHECK_OK(module_unload_other("denseram_balloon"));
}
