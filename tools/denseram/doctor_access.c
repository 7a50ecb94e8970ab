// SPDX-License-Identifier: GPL-2.0-only
/* "denseram doctor": who may do what: the device, libvirt, AppArmor, SELinux. */
#include "doctor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICE		"/dev/denseram"
#define QEMU_CONF	"/etc/libvirt/qemu.conf"
#define APPARMOR	"/etc/apparmor.d/"
#define ABSTRACTION	"abstractions/libvirt-qemu"
#define WRAPPER		ABSTRACTION ".d/denseram"

/* devtmpfs makes it, so somebody has removed it. */
static void mend_device(const struct doctor *d, struct finding *f)
{
	char dev[DR_TREE_LINE];
	unsigned int major, minor;

	if (!dr_tree_line(&d->tree, dev, "/sys/class/misc/denseram/dev") &&
	    sscanf(dev, "%u:%u", &major, &minor) == 2)
		mend(f, "mknod -m 0600 " DEVICE " c %u %u", major, minor);
	else
		mend(f, "modprobe -r denseram && modprobe denseram");
}

static void look_device(struct doctor *d)
{
	struct stat st;
	int err = dr_tree_stat(&d->tree, &st, DEVICE);

	if (err == -ENOENT)
		mend_device(d, find(d, SEVERITY_ERROR, NULL,
				    "there is no " DEVICE));
	else if (err)
		unknown_errno(d, DEVICE, err);
	else if (st.st_mode & 0027)
		mend(find(d, SEVERITY_WARNING, NULL,
			  DEVICE " has mode %04o: others than root and its group can use it",
			  st.st_mode & 07777),
		     "chmod 0640 " DEVICE);
	/* A bundle belongs to whoever has unpacked it. */
	else if (dr_tree_live(&d->tree) && st.st_uid)
		mend(find(d, SEVERITY_WARNING, NULL,
			  DEVICE " belongs to user %u", st.st_uid),
		     "chown root:root " DEVICE);
	else
		fine(d, "mode %04o", st.st_mode & 07777);
}

/* The value in quotes of the last line KEY = "VALUE" that is no comment. */
static bool find_setting(char *text, const char *key, char *value, size_t size)
{
	size_t len = strlen(key);
	bool found = false;
	char *line, *rest;

	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *s = line + strspn(line, " \t");

		if (strncmp(s, key, len))
			continue;
		s += len + strspn(s + len, " \t");
		if (*s++ != '=')
			continue;
		s += strspn(s, " \t");
		if (*s++ != '"')
			continue;
		snprintf(value, size, "%.*s", (int)strcspn(s, "\""), s);
		found = true;
	}
	return found;
}

/* The mount itself, or a directory in it. */
static bool is_on_denseram(const struct doctor *d, const char *path)
{
	for (size_t i = 0; i < d->nr_mounts; i++) {
		size_t len = strlen(d->mounts[i].path);

		if (!strncmp(path, d->mounts[i].path, len) &&
		    (!path[len] || path[len] == '/'))
			return true;
	}
	return false;
}

static void look_libvirt(struct doctor *d)
{
	char value[DR_MOUNT_TEXT], *text;
	int err = dr_tree_text(&d->tree, &text, NULL, QEMU_CONF);
	bool set;

	if (err == -ENOENT) {
		fine(d, "there is no libvirt");
		return;
	}
	if (err) {
		unknown_errno(d, QEMU_CONF, err);
		return;
	}
	set = find_setting(text, "memory_backing_dir", value, sizeof(value));
	free(text);
	if (set && is_on_denseram(d, value))
		fine(d, "memory_backing_dir is %s", value);
	else
		mend(find(d, SEVERITY_NOTE, NULL, "memory_backing_dir is %s",
			  set ? value : "not set"),
		     "in " QEMU_CONF ": memory_backing_dir = \"%s\", then: systemctl restart libvirtd",
		     mount_word(d));
}

static bool allows(const struct doctor *d, const char *file)
{
	const char *path = d->nr_mounts ? d->mounts[0].path : USUAL_MOUNT;
	char *text, *line, *rest;
	bool found = false;

	if (dr_tree_text(&d->tree, &text, NULL, APPARMOR "%s", file))
		return false;
	for (line = strtok_r(text, "\n", &rest); line && !found;
	     line = strtok_r(NULL, "\n", &rest)) {
		line += strspn(line, " \t");
		found = *line != '#' && strncmp(line, "deny", 4) &&
			strstr(line, path);
	}
	free(text);
	return found;
}

/*
 * libvirt adds a rule for the directory of each domain by itself. What it cannot know
 * is denseram-qemu, whose rule the package brings.
 */
static void look_apparmor(struct doctor *d)
{
	char line[DR_TREE_LINE];

	if (dr_tree_line(&d->tree, line,
			 "/sys/module/apparmor/parameters/enabled") ||
	    *line != 'Y')
		fine(d, "AppArmor is off");
	else if (!dr_tree_has(&d->tree, APPARMOR ABSTRACTION))
		fine(d, "libvirt has no profile");
	else if (allows(d, ABSTRACTION) || allows(d, "local/" ABSTRACTION))
		mend(find(d, SEVERITY_WARNING, NULL,
			  "libvirt's profile lets every domain at the memory of all others"),
		     "take %s out of " APPARMOR "local/" ABSTRACTION ": libvirt has a rule for each domain's own directory",
		     mount_word(d));
	else if (dr_tree_has(&d->tree, APPARMOR WRAPPER))
		fine(d, "libvirt's profile lets domains run denseram-qemu");
	else
		mend(find(d, SEVERITY_NOTE, NULL,
			  "libvirt's profile does not let domains run denseram-qemu"),
		     "apt install --reinstall denseram-tools, or copy tools/libvirt/apparmor to "
		     APPARMOR WRAPPER);
}

/* Has a mount a label that VMs may use? The option is SELinux's own. */
static bool is_labelled(const struct doctor *d)
{
	char value[DR_MOUNT_TEXT];

	for (size_t i = 0; i < d->nr_mounts; i++) {
		if (dr_mount_option(d->mounts[i].options, "context", value,
				    sizeof(value)))
			return true;
	}
	return false;
}

static void look_selinux(struct doctor *d)
{
	char line[DR_TREE_LINE];

	if (dr_tree_line(&d->tree, line, "/sys/fs/selinux/enforce") ||
	    *line != '1')
		fine(d, "SELinux does not enforce");
	/* It is libvirt that confines VMs. */
	else if (!dr_tree_has(&d->tree, "/etc/libvirt"))
		fine(d, "there is no libvirt");
	else if (is_labelled(d))
		fine(d, "the mount has a label");
	else
		mend(find(d, SEVERITY_WARNING, NULL,
			  "SELinux enforces, and the mount has no label for VMs"),
		     "umount %s && mount -t denseram -o context=system_u:object_r:svirt_image_t:s0 none %s",
		     mount_word(d), mount_word(d));
}

static const struct check checks[] = {
	{ "device", "who can open it can steer all guests", true, look_device },
	{ "libvirt-conf", "libvirt puts the memory of its domains there", false,
	  look_libvirt },
	{ "apparmor", "a domain of libvirt may run denseram-qemu, and open its own memory alone",
	  false, look_apparmor },
	{ "selinux", "a QEMU of libvirt may open what has the label of VMs",
	  false, look_selinux },
};

const struct check_group access_checks = {
	.title = "access",
	.checks = checks,
	.nr = ARRAY_SIZE(checks),
};
