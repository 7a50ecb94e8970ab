// SPDX-License-Identifier: GPL-2.0-only
/* See module.h. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "gmem.h"
#include "module.h"

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

void module_load(void)
{
	const char *path = getenv("DR_MODULE");
	char def[200];
	struct utsname uts;
	int fd;

	uname(&uts);
	snprintf(def, sizeof(def), "/src/build/%s/denseram.ko", uts.release);
	fd = open(path ? path : def, O_RDONLY | O_CLOEXEC);
	ASSERT(fd >= 0);
	ASSERT_OK(syscall(SYS_finit_module, fd, "", 0));
	close(fd);
	CHECK_OK(access(DEVICE, F_OK));
}

void module_test_begin(void)
{
	gm_need_denseram();
	if (!getenv("LAB"))
		ktap_skip("only in the lab host");
	ASSERT_OK(umount(gm_root));
}

void module_mount(void)
{
	ASSERT_OK(gm_mount(gm_root, NULL));
}
