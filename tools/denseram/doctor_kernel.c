// SPDX-License-Identifier: GPL-2.0-only
/* "denseram doctor": the running kernel, and the module for it. */
#include "doctor.h"
#include "doctor_module.h"
#include "verbs.h"
#include "../lib/quote.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first kernel with all that the module stands on. */
#define KERNEL_MAJOR	6
#define KERNEL_MINOR	12

static void look_release(struct doctor *d)
{
	struct dr_release release;

	if (dr_release_parse(d->release, &release))
		unknown(d, "no version in /proc/sys/kernel/osrelease");
	else if (dr_release_since(&release, KERNEL_MAJOR, KERNEL_MINOR))
		fine(d, "Linux %s", d->release);
	else
		mend(find(d, SEVERITY_ERROR, NULL, "Linux %s is older than %d.%d",
			  d->release, KERNEL_MAJOR, KERNEL_MINOR),
		     "install a kernel of %d.%d or newer and restart (Debian 13: apt install linux-image-amd64)",
		     KERNEL_MAJOR, KERNEL_MINOR);
}

static void look_arch(struct doctor *d)
{
	char arch[DR_TREE_LINE];
	int err = dr_tree_line(&d->tree, arch, "/proc/sys/kernel/arch");

	/* Kernels before 6.1 do not say. */
	if (err)
		unknown_errno(d, "/proc/sys/kernel/arch", err);
	else if (!strcmp(arch, "x86_64"))
		fine(d, "x86_64");
	else
		mend(find(d, SEVERITY_ERROR, NULL, "the machine is %s", arch),
		     "use denseram on x86-64 hosts: there is no other way");
}

static bool has_option(const char *config, const char *option)
{
	size_t len = strlen(option);

	for (const char *s = config; (s = strstr(s, option)); s += len) {
		if ((s == config || s[-1] == '\n') && !strncmp(s + len, "=y", 2))
			return true;
	}
	return false;
}

static int read_config(const struct doctor *d, char **config)
{
	int err = dr_tree_text(&d->tree, config, NULL, "/boot/config-%s",
			       d->release);

	if (err)
		err = dr_tree_text(&d->tree, config, NULL,
				   "/lib/modules/%s/config", d->release);
	if (err)
		err = dr_tree_text(&d->tree, config, NULL,
				   "/lib/modules/%s/build/.config", d->release);
	return err;
}

static void look_config(struct doctor *d)
{
	static const char *const options[] = {
		"CONFIG_TRANSPARENT_HUGEPAGE", "CONFIG_MMU_NOTIFIER",
	};
	char *config;

	if (read_config(d, &config)) {
		unknown(d, "no configuration of this kernel in /boot or /lib/modules");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (!has_option(config, options[i]))
			mend(find(d, SEVERITY_ERROR, NULL, "%s is not set",
				  options[i]),
			     "use a kernel that has %s=y: those of Debian, Ubuntu, Fedora and SUSE do",
			     options[i]);
	}
	if (!has_found(d))
		fine(d, "as it has to be");
	free(config);
}

/* Has /etc/os-release one of these words in ID or ID_LIKE? */
static bool is_like(const char *os, const char *name)
{
	for (const char *s = os; (s = strstr(s, name)); s++) {
		const char *line = s;

		while (line > os && line[-1] != '\n')
			line--;
		if (!strncmp(line, "ID=", 3) || !strncmp(line, "ID_LIKE=", 8))
			return true;
	}
	return false;
}

static void mend_headers(const struct doctor *d, struct finding *f)
{
	static const struct {
		const char *like;
		const char *command;
	} systems[] = {
		{ "debian", "apt install linux-headers-" },
		{ "ubuntu", "apt install linux-headers-" },
		{ "fedora", "dnf install kernel-devel-" },
		{ "rhel", "dnf install kernel-devel-" },
	};
	char text[DR_TREE_LINE], *os;
	size_t i = ARRAY_SIZE(systems);
	const char *release = dr_quote(d->release, text, sizeof(text));

	if (!dr_tree_text(&d->tree, &os, NULL, "/etc/os-release")) {
		for (i = 0; i < ARRAY_SIZE(systems); i++) {
			if (is_like(os, systems[i].like))
				break;
		}
		free(os);
	}
	if (i < ARRAY_SIZE(systems) && release)
		mend(f, "%s%s", systems[i].command, release);
	else
		mend(f, "install the package with the headers of the running kernel");
}

/* Without headers a module that is there already still works. */
static void look_headers(struct doctor *d)
{
	struct module module;
	bool installed = find_module(d, &module);

	if (!*d->release)
		unknown(d, "the version of the kernel is not known");
	else if (dr_tree_has(&d->tree, "/lib/modules/%s/build/Makefile",
			     d->release))
		fine(d, "in /lib/modules/%s/build", d->release);
	else
		mend_headers(d, find(d, installed ? SEVERITY_NOTE :
				     SEVERITY_ERROR, NULL,
				     "no headers in /lib/modules/%s/build",
				     d->release));
}

/* Does a directory have something whose name begins so? */
static bool has_begun(const struct doctor *d, const char *path,
		      const char *prefix)
{
	const char *name;
	DIR *dir;

	if (dr_tree_dir(&d->tree, &dir, "%s", path))
		return false;
	while ((name = dr_tree_next(dir)) &&
	       strncmp(name, prefix, strlen(prefix)))
		;
	closedir(dir);
	return name;
}

static void mend_install(const struct doctor *d, struct finding *f)
{
	if (has_begun(d, "/usr/src", "denseram-"))
		mend(f, "dkms autoinstall");
	else
		mend(f, "in the source tree of denseram: make dkms-install");
}

static void look_installed(struct doctor *d)
{
	struct module module;

	if (!*d->release)
		unknown(d, "the version of the kernel is not known");
	else if (!find_module(d, &module))
		mend_install(d, find(d, d->loaded ? SEVERITY_WARNING :
				     SEVERITY_ERROR, NULL,
				     "no denseram.ko in /lib/modules/%s",
				     d->release));
	else if (!module.indexed)
		mend(find(d, SEVERITY_ERROR, NULL,
			  "%s is not in modules.dep: modprobe does not find it",
			  module.path),
		     "depmod");
	else
		fine(d, "%s", module.path);
}

static void look_loaded(struct doctor *d)
{
	if (d->loaded)
		fine(d, "loaded");
	else
		mend(find(d, SEVERITY_ERROR, NULL, "the module is not loaded"),
		     "modprobe denseram");
}

/* Is it a line of this file that something is named? Comments do not count. */
static bool names_module(const struct doctor *d, const char *dir,
			 const char *file)
{
	bool found = false;
	char *text, *line, *rest;

	if (dr_tree_text(&d->tree, &text, NULL, "%s/%s", dir, file))
		return false;
	for (line = strtok_r(text, "\n", &rest); line && !found;
	     line = strtok_r(NULL, "\n", &rest)) {
		line += strspn(line, " \t");
		found = !strncmp(line, "denseram", 8) &&
			!line[8 + strspn(line + 8, " \t")];
	}
	free(text);
	return found;
}

static bool named_in(const struct doctor *d, const char *path)
{
	bool found = false;
	const char *name;
	DIR *dir;

	if (dr_tree_dir(&d->tree, &dir, "%s", path))
		return false;
	while (!found && (name = dr_tree_next(dir)))
		found = names_module(d, path, name);
	closedir(dir);
	return found;
}

/* A mount at boot loads it, too: mount-boot looks at that. */
static void look_boot(struct doctor *d)
{
	static const char *const dirs[] = {
		"/etc/modules-load.d", "/run/modules-load.d",
		"/usr/lib/modules-load.d",
	};

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		if (named_in(d, dirs[i])) {
			fine(d, "in %s", dirs[i]);
			return;
		}
	}
	if (names_module(d, "/etc", "modules"))
		fine(d, "in /etc/modules");
	else if (mounted_at_boot(d))
		fine(d, "by the mount");
	else
		mend(find(d, SEVERITY_NOTE, NULL,
			  "nothing loads the module when the host starts"),
		     "echo denseram >/etc/modules-load.d/denseram.conf");
}

/* On this machine, what the module says itself: its ABI is what counts most. */
static bool look_abi(struct doctor *d)
{
	struct dr_version version;
	int fd, err;

	if (!dr_tree_live(&d->tree))
		return false;
	err = dr_open(&fd, &version);
	if (!err)
		close(fd);
	if (err != -EPROTO)
		return false;
	mend(find(d, SEVERITY_ERROR, NULL,
		  "the module speaks ABI %u, this program ABI %u",
		  version.abi, DR_ABI_VERSION),
	     "in the source tree of denseram: make dkms-install && make -C tools install, then restart");
	return true;
}

static void look_version(struct doctor *d)
{
	char version[DR_TREE_LINE];
	int err = dr_tree_line(&d->tree, version, MODULE_SYSFS "/version");

	if (err)
		unknown_errno(d, MODULE_SYSFS "/version", err);
	else if (look_abi(d))
		return;
	else if (!strcmp(version, DR_TOOLS_VERSION))
		fine(d, "%s, both", version);
	else
		mend(find(d, SEVERITY_WARNING, NULL,
			  "the module is %s, this program " DR_TOOLS_VERSION,
			  version),
		     "in the source tree of denseram: make dkms-install && make -C tools install, then restart");
}

static const struct check checks[] = {
	{ "kernel-release", "older kernels lack what the module stands on",
	  false, look_release },
	{ "kernel-arch", "the module is for x86-64 alone", false, look_arch },
	{ "kernel-config", "without these options it has no blocks of 2 MiB, and does not know of KVM",
	  false, look_config },
	{ "kernel-headers", "the module is built with them, and again for each new kernel",
	  false, look_headers },
	{ "module-installed", "it cannot be loaded, or not again when the host has restarted",
	  false, look_installed },
	{ "module-loaded", "without the module there is no denseram",
	  false, look_loaded },
	{ "module-boot", "guests do not start before it is loaded", false,
	  look_boot },
	{ "module-version", "programs and module of two versions may not know each other's calls",
	  true, look_version },
};

const struct check_group kernel_checks = {
	.title = "kernel",
	.checks = checks,
	.nr = ARRAY_SIZE(checks),
};
