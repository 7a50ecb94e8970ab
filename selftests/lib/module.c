// SPDX-License-Identifier: GPL-2.0-only
/* See module.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "gmem.h"
#include "module.h"
#include "share.h"

#define PATIENCE_MS	60000

int module_unload(void)
{
	return syscall(SYS_delete_module, "denseram", O_NONBLOCK);
}

bool module_unloaded(void *arg)
{
	(void)arg;
	return module_unload() == 0;
}

void module_check_unload(void)
{
	/* A moment for a super block that is being torn down. */
	CHECK(poll_until(module_unloaded, NULL, PATIENCE_MS));
	CHECK_ERR(access(SYSFS, F_OK), ENOENT);
	CHECK_ERR(access(DEVICE, F_OK), ENOENT);
	CHECK_ERR(access(DEBUGFS, F_OK), ENOENT);
}

static int load_file(const char *path, const char *params)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret, err;

	if (fd < 0)
		return -1;
	ret = syscall(SYS_finit_module, fd, params, 0);
	err = errno;
	close(fd);
	errno = err;
	return ret;
}

int module_try_load_other(const char *name, const char *params)
{
	struct utsname uts;
	char path[200];

	uname(&uts);
	snprintf(path, sizeof(path), "/src/build/%s/%s.ko", uts.release, name);
	return load_file(path, params);
}

int module_try_load(const char *params)
{
	const char *path = getenv("DR_MODULE");

	return path ? load_file(path, params) :
		      module_try_load_other("denseram", params);
}

int module_unload_other(const char *name)
{
	return syscall(SYS_delete_module, name, 0);
}

void module_load(void)
{
	ASSERT_OK(module_try_load(""));
	CHECK_OK(access(DEVICE, F_OK));
}

void module_need_lab(void)
{
	gm_need_denseram();
	if (!getenv("LAB"))
		ktap_skip("only in the lab host");
}

void module_test_begin(void)
{
	module_need_lab();
	ASSERT_OK(umount(gm_root));
}

void module_mount(void)
{
	ASSERT_OK(gm_mount(gm_root, NULL));
}

void module_reload(const char *params)
{
	module_test_begin();
	module_check_unload();
	ASSERT_OK(module_try_load(params));
	module_mount();
	ASSERT_OK(mkdir(gm_dir, 0755));
	share_set("enabled", "0");
	ASSERT_OK(write_text(SYSFS "/wss/enabled", "0"));
}
