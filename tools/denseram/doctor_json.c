// SPDX-License-Identifier: GPL-2.0-only
/* The JSON of "denseram doctor". */
#include "doctor.h"
#include "json_build.h"
#include "verbs.h"

static void add_name_or_null(struct json_object *object, const char *key,
			     const char *name)
{
	if (name)
		add_name(object, key, name);
	else if (json_object_object_add(object, key, NULL))
		exit(fail("out of memory"));
}

static struct json_object *finding_json(const struct finding *f)
{
	struct json_object *object = must(json_object_new_object());

	add_text(object, "id", f->check->id);
	add_text(object, "group", f->group->title);
	add_text(object, "severity", severity_name(f->severity));
	add(object, "unknown", json_object_new_boolean(f->unknown));
	add_name_or_null(object, "subject", f->subject);
	add_name(object, "what", f->what);
	add_text(object, "why", f->check->why);
	add_name_or_null(object, "remedy", f->remedy);
	return object;
}

static struct json_object *tally_json(const struct doctor *d)
{
	struct json_object *object = must(json_object_new_object());
	const struct tally tally = doctor_tally(d);

	add_number(object, "checks", tally.all);
	for (int s = SEVERITY_OK; s < NR_SEVERITIES; s++)
		add_number(object, severity_name((enum severity)s),
			   tally.nr[s]);
	add_number(object, "unknown", tally.unknown);
	return object;
}

int print_doctor_json(const struct doctor *d)
{
	struct json_object *array = must(json_object_new_array());
	struct json_object *object = document();

	for (size_t i = 0; i < d->nr_findings; i++)
		append(array, finding_json(&d->findings[i]));
	add_name(object, "kernel", d->release);
	add(object, "checks", array);
	add(object, "sum", tally_json(d));
	return print(object);
}
