// SPDX-License-Identifier: GPL-2.0-only
/* What "denseram top" shows, as JSON. */
#include "json_build.h"
#include "output.h"
#include "view.h"
#include "../lib/words.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static struct json_object *host_json(const struct dr_view *v)
{
	struct json_object *object = must(json_object_new_object());

	add_number(object, "total", v->status.host_total);
	add_number(object, "available", v->status.host_available);
	add_number(object, "resident", v->status.usage.resident);
	add_number(object, "kept", v->share.kept);
	add_number(object, "pool_memory", v->swap.pool_memory);
	add_number(object, "index", v->status.usage.metadata +
				    v->share.table_bytes);
	add_text(object, "level", dr_level_word(v->policy.level));
	add(object, "strained", json_object_new_boolean(v->policy.strained));
	add(object, "policy", json_object_new_boolean(v->policy.enabled));
	add_number(object, "tax", v->policy.tax);
	add_text(object, "stop", dr_swap_stop_name(v->swap.stop));
	return object;
}

static struct json_object *guest_json(const struct dr_view_guest *g)
{
	struct json_object *object = must(json_object_new_object());

	add_number(object, "id", g->info.id);
	add_name(object, "name", g->info.name);
	add_text(object, "state", dr_guest_state_name(&g->info));
	add_number(object, "size", dr_view_size(g));
	add_number(object, "resident", dr_view_resident(g));
	add_number(object, "target", dr_view_target(g));
	add_number(object, "active", dr_view_active(g));
	add_number(object, "shared", dr_view_shared(g));
	add_number(object, "compressed", dr_view_compressed(g));
	add_number(object, "pool_bytes", g->swap.tiers.pool_bytes);
	add_number(object, "disk", dr_view_disk(g));
	add_number(object, "balloon", dr_view_balloon(g));
	add_text(object, "rule", g->rule ? g->rule : "none");
	return object;
}

/* As the kernel has it; "" where it has no such line. */
static void cpu_model(char *model, size_t len)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char line[256];

	*model = '\0';
	while (file && !*model && fgets(line, sizeof(line), file)) {
		if (strncmp(line, "model name", 10) || !strstr(line, ": "))
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(model, len, "%s", strstr(line, ": ") + 2);
	}
	if (file)
		fclose(file);
}

/* What a reader of a recording wants to know of where it was made. */
static struct json_object *machine_json(const struct dr_version *version)
{
	struct json_object *object = must(json_object_new_object());
	struct utsname host = { 0 };
	char model[128];

	uname(&host);
	cpu_model(model, sizeof(model));
	add_name(object, "node", host.nodename);
	add_text(object, "kernel", host.release);
	add_text(object, "module", version->release);
	add_text(object, "tools", DR_TOOLS_VERSION);
	add_name(object, "cpu", model);
	add_number(object, "cpus", (uint64_t)sysconf(_SC_NPROCESSORS_ONLN));
	return object;
}

void print_view_json(const struct dr_view *view,
		     const struct dr_version *version)
{
	struct json_object *object = document();
	struct json_object *guests = must(json_object_new_array());
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	add_time(object, "time", &now);
	for (size_t i = 0; i < view->nr_guests; i++)
		append(guests, guest_json(&view->guests[i]));
	add(object, "machine", machine_json(version));
	add(object, "host", host_json(view));
	add(object, "guests", guests);
	print_json_line(object);
}
