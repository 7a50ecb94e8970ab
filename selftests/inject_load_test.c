// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every allocation of loading the module fails once: see lib/inject.h. Most are the
 * loader's own. What could not be loaded has left nothing behind.
 */
#include <errno.h>

#include "lib/gmem.h"
#include "lib/inject.h"
#include "lib/module.h"

static int run_load(void)
{
	return module_try_load("");
}

static void finish_load(bool failed)
{
	if (!failed) {
		CHECK_OK(access(DEVICE, F_OK));
		module_check_unload();
		return;
	}
	CHECK_ERR(access(SYSFS, F_OK), ENOENT);
	CHECK_ERR(access(DEVICE, F_OK), ENOENT);
	CHECK_ERR(access(DEBUGFS, F_OK), ENOENT);
	CHECK_ERR(access("/sys/module/denseram", F_OK), ENOENT);
}

TEST_SECS(load, 3000)
{
	static const struct inject_op op = {
		"load", NULL, run_load, finish_load,
	};

	inject_setup();
	module_test_begin();
	module_check_unload();
	inject(&op);
	module_load();
	module_mount();
}
