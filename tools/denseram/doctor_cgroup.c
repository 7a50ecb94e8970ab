// SPDX-License-Identifier: GPL-2.0-only
/*
 * "denseram doctor": memory limits of VMMs. What a guest has is charged to the
 * cgroup of its VMM, and to all that are above it.
 */
#include "doctor.h"
#include "verbs.h"
#include "../lib/proc.h"
#include "../lib/quote.h"
#include "../lib/units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CGROUPS		"/sys/fs/cgroup"
#define PATH_LEN	1024

/**
 * struct limited - a cgroup with guests in it and below it
 * @path: from the top of the hierarchy
 * @file: the one with @limit
 * @limit: bytes; UINT64_MAX for none
 * @size: RAM of its guests
 */
struct limited {
	char path[PATH_LEN];
	const char *file;
	uint64_t limit;
	uint64_t size;
};

struct limits {
	struct limited *all;
	size_t nr;
};

/* "max" is no number: then there is no limit. */
static void read_limit(const struct doctor *d, struct limited *l,
		       const char *file)
{
	uint64_t limit;

	if (dr_tree_number(&d->tree, &limit, CGROUPS "%s/%s", l->path, file) ||
	    limit >= l->limit)
		return;
	l->limit = limit;
	l->file = file;
}

static struct limited *find_limited(struct limits *limits, const char *path)
{
	for (size_t i = 0; i < limits->nr; i++) {
		if (!strcmp(limits->all[i].path, path))
			return &limits->all[i];
	}
	return NULL;
}

static struct limited *add_limited(const struct doctor *d,
				   struct limits *limits, const char *path)
{
	struct limited *l;

	limits->all = reallocarray(limits->all, limits->nr + 1, sizeof(*l));
	if (!limits->all)
		exit(fail("out of memory"));
	l = &limits->all[limits->nr++];
	*l = (struct limited) { .limit = UINT64_MAX };
	snprintf(l->path, sizeof(l->path), "%s", path);
	read_limit(d, l, "memory.max");
	read_limit(d, l, "memory.high");
	return l;
}

/* From the cgroup of its VMM up to the top, which has no limits. */
static void add_guest(const struct doctor *d, struct limits *limits,
		      const struct guest *g)
{
	char path[PATH_LEN], *text, *end;
	bool known;

	if (!g->pid ||
	    dr_tree_text(&d->tree, &text, NULL, "/proc/%d/cgroup", g->pid))
		return;
	known = dr_proc_cgroup(text, path, sizeof(path));
	free(text);
	while (known && (end = strrchr(path, '/')) && end[1]) {
		struct limited *l = find_limited(limits, path) ?:
				    add_limited(d, limits, path);

		l->size += g->size;
		*end = '\0';
	}
}

static bool is_unit(const char *name)
{
	const char *end = strrchr(name, '.');

	return end && (!strcmp(end, ".slice") || !strcmp(end, ".scope") ||
		       !strcmp(end, ".service"));
}

/* systemd writes its own limits again, so it has to be told. */
static void mend_limit(const struct limited *l, struct finding *f)
{
	char text[PATH_LEN + 2];
	const char *name = strrchr(l->path, '/') + 1;
	const char *word;

	if (is_unit(name)) {
		word = dr_quote(name, text, sizeof(text));
		mend(f, "systemctl set-property %s %s=infinity",
		     word ? word : "UNIT",
		     strcmp(l->file, "memory.max") ? "MemoryHigh" : "MemoryMax");
		return;
	}
	word = dr_quote(l->path, text, sizeof(text));
	mend(f, "echo max >" CGROUPS "%s/%s", word ? word : "/PATH", l->file);
}

/* More than the host has nobody can be given. */
static void look_limit(struct doctor *d, const struct limited *l)
{
	char limit[DR_SIZE_TEXT], size[DR_SIZE_TEXT];
	uint64_t most = l->size;

	if (d->total && most > d->total)
		most = d->total;
	if (l->limit >= most)
		return;
	mend_limit(l, find(d, SEVERITY_WARNING, l->path,
			   "%s is %s, its guests have %s", l->file,
			   dr_size_format(l->limit, limit),
			   dr_size_format(l->size, size)));
}

static void look_cgroups(struct doctor *d)
{
	struct limits limits = { .nr = 0 };

	for (size_t i = 0; i < d->nr_guests; i++)
		add_guest(d, &limits, &d->guests[i]);
	for (size_t i = 0; i < limits.nr; i++)
		look_limit(d, &limits.all[i]);
	if (!has_found(d))
		fine(d, "no limit below the RAM of guests");
	free(limits.all);
}

static const struct check checks[] = {
	{ "host-cgroup", "a VMM that reaches its limit is killed, or crawls",
	  true, look_cgroups },
};

const struct check_group cgroup_checks = {
	.title = "cgroups",
	.checks = checks,
	.nr = ARRAY_SIZE(checks),
};
