/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Working sets from a file: a line "SECOND GUEST BYTES" each time one changes,
 * in the order of time, guests counted from 0; blank lines and those that begin
 * with # are skipped.
 */
#ifndef DR_SIM_WORKLOAD_H
#define DR_SIM_WORKLOAD_H

#include "world.h"

struct sim_event {
	u32 second;
	u32 guest;
	u64 used;
};

/**
 * struct sim_trace - a trace in memory
 * @events: @nr of them, by time
 * @at: the next one
 * @guests: one more than the greatest guest
 * @seconds: one more than the last second
 */
struct sim_trace {
	struct sim_event *events;
	u32 nr;
	u32 at;
	u32 guests;
	u32 seconds;
};

/* 0, a negative errno, or the number of the line that is wrong. */
int sim_trace_load(struct sim_trace *trace, const char *path);
void sim_trace_free(struct sim_trace *trace);

/* What changes in the second that is now. */
void sim_trace_apply(struct sim_trace *trace, struct sim_world *world);

#endif /* DR_SIM_WORKLOAD_H */
