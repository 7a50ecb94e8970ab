// SPDX-License-Identifier: GPL-2.0-only
/* See cgroup.h. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cgroup.h"
#include "gmem.h"

#define CGROUP	"/sys/fs/cgroup"

static char group[200];

const char *cgroup_file(const char *name)
{
	static char path[300];

	snprintf(path, sizeof(path), "%s/%s", group, name);
	return path;
}

void cgroup_make(void)
{
	char text[200];

	gm_need_denseram();
	if (read_text(CGROUP "/cgroup.controllers", text, sizeof(text)) ||
	    !strstr(text, "memory"))
		ktap_skip("no memory controller of cgroup v2");
	write_text(CGROUP "/cgroup.subtree_control", "+memory");
	snprintf(group, sizeof(group), CGROUP "/%s", gm_name);
	ASSERT_OK(mkdir(group, 0755));
}

void cgroup_remove(void)
{
	CHECK_OK(rmdir(group));
}

int cgroup_enter(void)
{
	return write_text(cgroup_file("cgroup.procs"), "0");
}

__u64 cgroup_bytes(void)
{
	__u64 bytes = 0;

	ASSERT(read_u64(cgroup_file("memory.current"), &bytes) == 0);
	return bytes;
}
