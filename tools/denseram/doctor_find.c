// SPDX-License-Identifier: GPL-2.0-only
/* What the checks of "denseram doctor" find. */
#include "doctor.h"
#include "verbs.h"
#include "../lib/quote.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Half a report would look like a healthy host. */
static void *must_have(void *memory)
{
	if (!memory)
		exit(fail("out of memory"));
	return memory;
}

static char *format(const char *fmt, va_list args)
{
	char *text;

	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	return must_have(text);
}

static struct finding *add_finding(struct doctor *d, enum severity level)
{
	struct finding *f;

	d->findings = must_have(reallocarray(d->findings, d->nr_findings + 1,
					     sizeof(*f)));
	f = &d->findings[d->nr_findings++];
	*f = (struct finding) {
		.group = d->group,
		.check = d->check,
		.severity = level,
	};
	return f;
}

struct finding *find(struct doctor *d, enum severity level,
		     const char *subject, const char *fmt, ...)
{
	struct finding *f = add_finding(d, level);
	va_list args;

	va_start(args, fmt);
	f->what = format(fmt, args);
	va_end(args);
	if (subject)
		f->subject = must_have(strdup(subject));
	return f;
}

void mend(struct finding *finding, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	finding->remedy = format(fmt, args);
	va_end(args);
}

void fine(struct doctor *d, const char *fmt, ...)
{
	struct finding *f = add_finding(d, SEVERITY_OK);
	va_list args;

	va_start(args, fmt);
	f->what = format(fmt, args);
	va_end(args);
}

void unknown(struct doctor *d, const char *fmt, ...)
{
	struct finding *f = add_finding(d, SEVERITY_NOTE);
	va_list args;

	f->unknown = true;
	va_start(args, fmt);
	f->what = format(fmt, args);
	va_end(args);
}

void unknown_errno(struct doctor *d, const char *file, int err)
{
	if (err == -EACCES || err == -EPERM)
		unknown(d, "run as root");
	else
		unknown(d, "%s: %s", file, strerror(-err));
}

bool has_found(const struct doctor *d)
{
	return d->nr_findings &&
	       d->findings[d->nr_findings - 1].check == d->check;
}

const char *mount_word(const struct doctor *d)
{
	static char text[DR_MOUNT_TEXT + 2];

	if (d->nr_mounts &&
	    dr_quote(d->mounts[0].path, text, sizeof(text)))
		return text;
	return USUAL_MOUNT;
}

int guest_number(const struct doctor *d, const struct guest *g,
		 const char *file, uint64_t *value)
{
	return dr_tree_number(&d->tree, value, MODULE_SYSFS "/guests/%s/%s",
			      g->name, file);
}

const char *guest_word(const struct doctor *d, const struct guest *g,
		       char *text, size_t size)
{
	uint64_t id;

	if (dr_quote(g->name, text, size))
		return text;
	if (guest_number(d, g, "id", &id))
		return "ID";
	snprintf(text, size, "%" PRIu64, id);
	return text;
}

void each_guest(struct doctor *d,
		void (*look)(struct doctor *d, const struct guest *g))
{
	for (size_t i = 0; i < d->nr_guests; i++)
		look(d, &d->guests[i]);
	if (!has_found(d))
		fine(d, "%zu guests", d->nr_guests);
}

size_t nr_elsewhere(const struct doctor *d)
{
	size_t nr = 0;

	for (size_t i = 0; i < d->nr_vmms; i++)
		nr += !d->vmms[i].on_denseram && !d->vmms[i].err;
	return nr;
}

enum severity doctor_worst(const struct doctor *d)
{
	enum severity worst = SEVERITY_OK;

	for (size_t i = 0; i < d->nr_findings; i++) {
		if (d->findings[i].severity > worst)
			worst = d->findings[i].severity;
	}
	return worst;
}

const char *severity_name(enum severity level)
{
	static const char *const names[NR_SEVERITIES] = {
		[SEVERITY_OK] = "ok",
		[SEVERITY_NOTE] = "note",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_ERROR] = "error",
	};

	return names[level];
}

/* What one check found is in a row. */
struct tally doctor_tally(const struct doctor *d)
{
	struct tally tally = { .all = 0 };
	size_t i = 0;

	while (i < d->nr_findings) {
		const struct check *check = d->findings[i].check;
		enum severity worst = SEVERITY_OK;
		bool known = false;

		for (; i < d->nr_findings && d->findings[i].check == check;
		     i++) {
			if (d->findings[i].severity > worst)
				worst = d->findings[i].severity;
			known |= !d->findings[i].unknown;
		}
		tally.all++;
		tally.nr[worst]++;
		tally.unknown += !known;
	}
	return tally;
}
