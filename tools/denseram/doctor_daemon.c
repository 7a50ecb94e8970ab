// SPDX-License-Identifier: GPL-2.0-only
/* "denseram doctor": denseramd, which carries balloon targets to VMMs. */
#include "doctor.h"
#include "../lib/conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CONF		"/etc/denseram/denseramd.conf"
#define UNIT		"/etc/systemd/system/multi-user.target.wants/denseramd.service"

static void look_running(struct doctor *d)
{
	if (d->daemon)
		fine(d, "pid %d", d->daemon);
	else
		mend(find(d, SEVERITY_WARNING, NULL, "denseramd does not run"),
		     "systemctl enable --now denseramd");
}

static int has_device_open(const struct doctor *d)
{
	char target[DR_TREE_LINE];
	const char *name;
	int err, found = 0;
	DIR *dir;

	err = dr_tree_dir(&d->tree, &dir, "/proc/%d/fd", d->daemon);
	if (err)
		return err;
	while (!found && (name = dr_tree_next(dir))) {
		if (!dr_tree_link(&d->tree, target, sizeof(target),
				  "/proc/%d/fd/%s", d->daemon, name))
			found = !strcmp(target, "/dev/denseram");
	}
	closedir(dir);
	return found;
}

static void look_connected(struct doctor *d)
{
	int open;

	if (!d->daemon) {
		unknown(d, "denseramd does not run");
		return;
	}
	open = has_device_open(d);
	if (open < 0)
		unknown_errno(d, "/proc/PID/fd", open);
	else if (open)
		fine(d, "has /dev/denseram open");
	else
		mend(find(d, SEVERITY_WARNING, NULL,
			  "denseramd does not have /dev/denseram open"),
		     "journalctl -u denseramd says why; then: systemctl restart denseramd");
}

/* One mistake is enough: the daemon stops at the first one, too. */
static void look_lines(struct doctor *d, char *text)
{
	struct conf conf;
	char *line = text;

	conf_defaults(&conf);
	for (int nr = 1; line; nr++) {
		char *end = strchr(line, '\n');
		const char *wrong;

		if (end)
			*end = '\0';
		wrong = conf_line(&conf, line);
		if (wrong) {
			mend(find(d, SEVERITY_ERROR, NULL,
				  CONF ", line %d: %s", nr, wrong),
			     "mend line %d of " CONF " (denseramd -t checks it), then: systemctl reload denseramd",
			     nr);
			return;
		}
		line = end ? end + 1 : NULL;
	}
	fine(d, CONF);
}

static void look_conf(struct doctor *d)
{
	char *text;
	int err = dr_tree_text(&d->tree, &text, NULL, CONF);

	if (err == -ENOENT)
		fine(d, "there is none: defaults");
	else if (err)
		unknown_errno(d, CONF, err);
	else
		look_lines(d, text);
	if (!err)
		free(text);
}

/* It is a link into another directory: whether that is there is systemd's. */
static void look_boot(struct doctor *d)
{
	char target[DR_TREE_LINE];

	if (!dr_tree_has(&d->tree, "/run/systemd/system"))
		fine(d, "there is no systemd");
	else if (!dr_tree_link(&d->tree, target, sizeof(target), UNIT))
		fine(d, "enabled");
	else
		mend(find(d, SEVERITY_NOTE, NULL,
			  "denseramd is not started with the host"),
		     "systemctl enable denseramd");
}

static const struct check checks[] = {
	{ "daemon-running", "without denseramd no balloon moves, and guests are paged instead",
	  false, look_running },
	{ "daemon-connected", "it learns from the module what is wanted of whom",
	  false, look_connected },
	{ "daemon-conf", "with a mistake in it denseramd does not start", false,
	  look_conf },
	{ "daemon-boot", "without denseramd no balloon moves, and guests are paged instead",
	  false, look_boot },
};

const struct check_group daemon_checks = {
	.title = "daemon",
	.checks = checks,
	.nr = ARRAY_SIZE(checks),
};
