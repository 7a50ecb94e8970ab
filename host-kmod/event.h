/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_EVENT_H
#define _DR_EVENT_H

#include <linux/atomic.h>

#include "denseram.h"

/**
 * struct dr_events - counters by enum dr_event
 * @nr: how often each has happened
 *
 * One set in each guest, and one for those that are gone.
 */
struct dr_events {
	atomic64_t nr[DR_NR_EVENTS];
};

extern const char *const dr_event_names[DR_NR_EVENTS];

void dr_events_retire(const struct dr_events *events);
void dr_events_retired(u64 sums[DR_NR_EVENTS]);

static inline u64 dr_events_read(const struct dr_events *events,
				 enum dr_event event)
{
	return atomic64_read(&events->nr[event]);
}

static inline void dr_events_add(const struct dr_events *events,
				 u64 sums[DR_NR_EVENTS])
{
	int i;

	for (i = 0; i < DR_NR_EVENTS; i++)
		sums[i] += dr_events_read(events, i);
}

#endif /* _DR_EVENT_H */
