// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random calls against all that user space can reach of the module: ioctls, files
 * in sysfs, options of mounts, files of guest RAM. Alone, what is refused has
 * changed nothing; all at once, the totals are right afterwards and nothing is
 * left. -s repeats the calls of a thread, -t sets the seconds.
 */
#include <stdlib.h>
#include <sys/ioctl.h>

#include "lib/crew.h"
#include "lib/fuzz.h"
#include "lib/gmem.h"
#include "lib/module.h"

#define THREADS_EACH	2

static void (*const kinds[])(struct fuzz *f) = {
	fuzz_call, fuzz_knob, fuzz_mount, fuzz_file,
};

static const char *const names[] = { "ioctl", "sysfs", "mount", "file" };

static unsigned int nr_mounts(void)
{
	struct dr_status status = { .flags = 0 };
	int fd = gm_device(O_RDONLY);

	ASSERT_OK(ioctl(fd, DR_IOC_STATUS, &status));
	close(fd);
	return status.nr_mounts;
}

static bool mounts_are(void *nr)
{
	return nr_mounts() == *(unsigned int *)nr;
}

static void run_alone(unsigned int kind)
{
	struct fuzz f = { .rng = { opts.seed + kind }, .alone = true };
	__u64 end = now_ms() + opts.secs * 1000 / 2;
	unsigned int mounts;

	fuzz_begin();
	mounts = nr_mounts();
	while (!ktap_failed() && now_ms() < end)
		kinds[kind](&f);
	fuzz_end();
	CHECK(poll_until(mounts_are, &mounts, 5000));
	CHECK(f.calls > f.refused);
	CHECK(f.refused > 0);
	ktap_diag("%s: %lu calls, %lu refused", names[kind], f.calls, f.refused);
}

TEST(ioctls)
{
	run_alone(0);
	fuzz_calls_report();
}

TEST(knobs)
{
	run_alone(1);
}

TEST(mount_options)
{
	run_alone(2);
}

TEST(odd_files)
{
	run_alone(3);
}

static struct crew crew;

static void *work(void *arg)
{
	struct fuzz *f = arg;

	while (crew_goes_on(&crew))
		kinds[f->nr % ARRAY_SIZE(kinds)](f);
	return NULL;
}

TEST(all_at_once)
{
	struct fuzz f[THREADS_EACH * ARRAY_SIZE(kinds)] = { { .nr = 0 } };
	unsigned int mounts, i;

	fuzz_begin();
	mounts = nr_mounts();
	for (i = 0; i < ARRAY_SIZE(f); i++) {
		f[i].rng.state = opts.seed + 100 + i;
		f[i].nr = i;
		crew_add(&crew, work, &f[i]);
	}
	crew_work(&crew, opts.secs * 2000);
	fuzz_end();
	CHECK(poll_until(mounts_are, &mounts, 5000));
	for (i = 0; i < ARRAY_SIZE(f); i++) {
		CHECK(f[i].calls > 0);
		ktap_diag("%s: %lu calls, %lu refused",
			  names[i % ARRAY_SIZE(kinds)], f[i].calls,
			  f[i].refused);
	}
}

/* Whatever has been tried. */
TEST(module_goes)
{
	module_test_begin();
	module_check_unload();
	module_load();
	module_mount();
}
