// SPDX-License-Identifier: GPL-2.0-only
/* "denseram doctor": the module on disk, as modprobe and dkms see it. */
#include "doctor_module.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "updates/dkms/denseram.ko.xz: ..." is a line of modules.dep. */
static bool find_indexed(const struct doctor *d, struct module *module)
{
	char *text, *line, *rest;

	if (dr_tree_text(&d->tree, &text, NULL, "/lib/modules/%s/modules.dep",
			 d->release))
		return false;
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *end = strchrnul(line, ':'), *name;

		*end = '\0';
		name = strrchr(line, '/');
		if (name && !strncmp(name, "/denseram.ko", 12))
			break;
	}
	if (line)
		snprintf(module->path, sizeof(module->path), "%s%s%s%s",
			 *line == '/' ? "" : "/lib/modules/",
			 *line == '/' ? "" : d->release,
			 *line == '/' ? "" : "/", line);
	free(text);
	return line;
}

static bool find_file(const struct doctor *d, struct module *module)
{
	static const char *const dirs[] = { "updates/dkms", "updates", "extra" };
	static const char *const ends[] = { "", ".xz", ".zst", ".gz" };

	for (size_t i = 0; i < ARRAY_SIZE(dirs) * ARRAY_SIZE(ends); i++) {
		snprintf(module->path, sizeof(module->path),
			 "/lib/modules/%s/%s/denseram.ko%s", d->release,
			 dirs[i / ARRAY_SIZE(ends)],
			 ends[i % ARRAY_SIZE(ends)]);
		if (dr_tree_has(&d->tree, "%s", module->path))
			return true;
	}
	return false;
}

bool find_module(const struct doctor *d, struct module *module)
{
	/* An index may have what is gone. */
	module->indexed = find_indexed(d, module) &&
			  dr_tree_has(&d->tree, "%s", module->path);
	return module->indexed || find_file(d, module);
}

static bool in_fstab(const struct doctor *d)
{
	char *text, *line, *rest;
	bool found = false;

	if (dr_tree_text(&d->tree, &text, NULL, "/etc/fstab"))
		return false;
	for (line = strtok_r(text, "\n", &rest); line && !found;
	     line = strtok_r(NULL, "\n", &rest)) {
		char type[16];

		line += strspn(line, " \t");
		found = *line != '#' &&
			sscanf(line, "%*s %*s %15s", type) == 1 &&
			!strcmp(type, "denseram");
	}
	free(text);
	return found;
}

static bool is_unit(const struct doctor *d, const char *dir, const char *name)
{
	size_t len = strlen(name);
	bool found;
	char *text;

	if (len < 6 || strcmp(name + len - 6, ".mount") ||
	    dr_tree_text(&d->tree, &text, NULL, "%s/%s", dir, name))
		return false;
	found = strstr(text, "\nType=denseram\n");
	free(text);
	return found;
}

/* The unit of the package, whose text is elsewhere. */
static bool is_enabled(const struct doctor *d)
{
	char target[DR_TREE_LINE];

	return !dr_tree_link(&d->tree, target, sizeof(target),
			     "/etc/systemd/system/multi-user.target.wants/run-denseram.mount");
}

bool mounted_at_boot(const struct doctor *d)
{
	static const char units[] = "/etc/systemd/system";
	bool found = in_fstab(d) || is_enabled(d);
	const char *name;
	DIR *dir;

	if (found)
		return true;
	if (dr_tree_dir(&d->tree, &dir, "%s", units))
		return false;
	while (!found && (name = dr_tree_next(dir)))
		found = is_unit(d, units, name);
	closedir(dir);
	return found;
}
