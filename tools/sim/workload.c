// SPDX-License-Identifier: GPL-2.0-only
#include "workload.h"
#include "../lib/units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GUESTS_MOST	100000
#define SECONDS_MOST	31536000

static int read_event(char *line, struct sim_event *event)
{
	static const char blank[] = " \t\r\n";
	char *second = strtok(line, blank), *guest = strtok(NULL, blank);
	char *used = strtok(NULL, blank);
	uint64_t value[3];

	if (!guest || !used || strtok(NULL, blank) ||
	    dr_count_parse(second, &value[0]) ||
	    dr_count_parse(guest, &value[1]) ||
	    dr_size_parse(used, &value[2]))
		return -EINVAL;
	if (value[0] >= SECONDS_MOST || value[1] >= GUESTS_MOST ||
	    value[2] >> 46)
		return -EINVAL;
	*event = (struct sim_event){
		.second = (u32)value[0],
		.guest = (u32)value[1],
		.used = value[2],
	};
	return 0;
}

static int keep(struct sim_trace *trace, const struct sim_event *event)
{
	struct sim_event *events;

	/* Twice the room each time the number is a power of two. */
	if (!(trace->nr & (trace->nr - 1))) {
		events = reallocarray(trace->events, 2 * trace->nr + 1,
				      sizeof(*events));
		if (!events)
			return -ENOMEM;
		trace->events = events;
	}
	trace->events[trace->nr++] = *event;
	if (event->guest >= trace->guests)
		trace->guests = event->guest + 1;
	trace->seconds = event->second + 1;
	return 0;
}

static int read_lines(struct sim_trace *trace, FILE *file)
{
	struct sim_event event;
	char line[128];
	int nr = 0, err;

	while (fgets(line, sizeof(line), file)) {
		nr++;
		if (line[strspn(line, " \t\r\n")] == '\0' || line[0] == '#')
			continue;
		if (read_event(line, &event))
			return nr;
		if (event.second + 1 < trace->seconds)
			return nr;
		err = keep(trace, &event);
		if (err)
			return err;
	}
	if (ferror(file))
		return -EIO;
	return trace->nr ? 0 : nr + 1;
}

int sim_trace_load(struct sim_trace *trace, const char *path)
{
	FILE *file = fopen(path, "r");
	int err;

	*trace = (struct sim_trace){ .nr = 0 };
	if (!file)
		return -errno;
	err = read_lines(trace, file);
	fclose(file);
	if (err)
		sim_trace_free(trace);
	return err;
}

void sim_trace_free(struct sim_trace *trace)
{
	free(trace->events);
	*trace = (struct sim_trace){ .nr = 0 };
}

void sim_trace_apply(struct sim_trace *trace, struct sim_world *world)
{
	while (trace->at < trace->nr &&
	       trace->events[trace->at].second <= world->now) {
		const struct sim_event *event = &trace->events[trace->at++];
		struct sim_guest *guest = &world->guests[event->guest];

		guest->kind = SIM_TRACE;
		guest->used = event->used < guest->size ? event->used :
							   guest->size;
	}
}
