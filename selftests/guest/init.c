// SPDX-License-Identifier: GPL-2.0-only
/* What PID 1 has to do besides its work */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "workload.h"

void init_mount(void)
{
	static const char *const mounts[][2] = {
		{ "proc", "/proc" },
		{ "sysfs", "/sys" },
		{ "devtmpfs", "/dev" },
	};
	size_t i;

	for (i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i][1], 0755);
		if (mount("none", mounts[i][1], mounts[i][0], 0, NULL))
			report_error(mounts[i][1]);
	}
}

/* The kernel keeps words with a dot from init's argv: read them again */
void init_options(struct options *opt)
{
	char line[4096] = "", *word, *save = NULL;
	FILE *f = fopen("/proc/cmdline", "re");

	if (!f || !fgets(line, sizeof(line), f))
		report_error("no kernel command line");
	if (f)
		fclose(f);
	for (word = strtok_r(line, " \t\n", &save); word;
	     word = strtok_r(NULL, " \t\n", &save))
		if (options_parse(opt, word, "dr."))
			report_error(word);
}

static void load_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 ||
	    (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST))
		report_error(path);
	if (fd >= 0)
		close(fd);
}

/* /modules/NAME.list has the files of a module, its dependencies first */
static void load_module(const char *name)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "/modules/%s.list", name);
	f = fopen(path, "re");
	if (!f) {
		report_error(path);
		return;
	}
	while (fgets(path, sizeof(path), f)) {
		path[strcspn(path, "\n")] = '\0';
		load_file(path);
	}
	fclose(f);
}

void init_load_modules(const char *list)
{
	char names[sizeof(((struct options *)0)->load)];
	char *name, *save = NULL;

	strcpy(names, list);
	for (name = strtok_r(names, ",", &save); name;
	     name = strtok_r(NULL, ",", &save))
		load_module(name);
}

/* What PID 1 becomes in a root of its own; tools/bench/real makes one */
#define ROOT_PROGRAM	"/usr/lib/denseram/guest"

/* The disk is read only, so that guests can share it: what changes is in memory */
static int mount_root(const char *device)
{
	static const char *const moved[] = { "proc", "sys", "dev" };
	static const char *const fresh[] = { "run", "tmp" };
	size_t i;

	mkdir("/new", 0755);
	if (mount(device, "/new", "ext4", MS_RDONLY, NULL) || chdir("/new"))
		return -1;
	for (i = 0; i < sizeof(fresh) / sizeof(fresh[0]); i++)
		if (mount("none", fresh[i], "tmpfs", 0, NULL))
			return -1;
	for (i = 0; i < sizeof(moved) / sizeof(moved[0]); i++) {
		char from[16];

		snprintf(from, sizeof(from), "/%s", moved[i]);
		if (mount(from, moved[i], NULL, MS_MOVE, NULL))
			return -1;
	}
	return mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") ? -1 : 0;
}

void init_enter(const char *device)
{
	if (mount_root(device)) {
		report_error(device);
		return;
	}
	execl(ROOT_PROGRAM, ROOT_PROGRAM, NULL);
	report_error(ROOT_PROGRAM);
}

_Noreturn void init_poweroff(void)
{
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
