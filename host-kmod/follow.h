/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Does a guest follow what is asked of its balloon? Pure: sizes and times come
 * from outside.
 */
#ifndef _DR_FOLLOW_H
#define _DR_FOLLOW_H

#include <linux/denseram.h>

#include "pure.h"

/* Without a step for as long, a balloon is idle. */
#define DR_FOLLOW_IDLE_NS	2000000000ULL
/* Without a report for as long, nobody knows. */
#define DR_FOLLOW_SILENT_NS	10000000000ULL
/* Less is no progress: a page every second would count as alive for ever. */
#define DR_FOLLOW_STEP		BIT_ULL(20)

/**
 * struct dr_follow - how a guest follows
 * @wanted: bytes asked for; %DR_BALLOON_UNASKED when nobody asks
 * @actual: bytes it says it gave
 * @mark: @actual when it last made a step, or was asked
 * @since: when that was
 * @reported: when it was last heard of; 0 for never
 * @took_back: it moved away from @wanted by itself
 */
struct dr_follow {
	u64 wanted;
	u64 actual;
	u64 mark;
	u64 since;
	u64 reported;
	bool took_back;
};

static inline void dr_follow_init(struct dr_follow *f)
{
	*f = (struct dr_follow){ .wanted = DR_BALLOON_UNASKED };
}

static inline u64 dr_follow_distance(const struct dr_follow *f, u64 actual)
{
	return f->wanted > actual ? f->wanted - actual : actual - f->wanted;
}

/**
 * dr_follow_ask() - ask for a size, or for the same again
 * @f: the guest
 * @wanted: bytes, or %DR_BALLOON_UNASKED
 * @now: nanoseconds
 */
static inline void dr_follow_ask(struct dr_follow *f, u64 wanted, u64 now)
{
	f->wanted = wanted;
	f->mark = f->actual;
	f->since = now;
	f->took_back = false;
}

/* Take notice of a step, towards what is wanted or away from it. */
static inline void dr_follow_step(struct dr_follow *f, u64 actual, u64 now)
{
	u64 was = dr_follow_distance(f, f->mark);
	u64 is = dr_follow_distance(f, actual);
	bool nearer = is < was && (!is || was - is >= DR_FOLLOW_STEP);
	bool away = is > was && is - was >= DR_FOLLOW_STEP;

	if (!nearer && !away)
		return;
	f->took_back = away && actual < f->wanted;
	f->mark = actual;
	f->since = now;
}

/**
 * dr_follow_report() - the VMM says how large the balloon is
 * @f: the guest
 * @actual: bytes
 * @now: nanoseconds, not 0
 *
 * Return: whether that is new.
 */
static inline bool dr_follow_report(struct dr_follow *f, u64 actual, u64 now)
{
	bool is_new = !f->reported || actual != f->actual;

	if (f->wanted != DR_BALLOON_UNASKED)
		dr_follow_step(f, actual, now);
	f->actual = actual;
	f->reported = now;
	return is_new;
}

/**
 * dr_follow_state() - how the balloon is doing
 * @f: the guest
 * @now: nanoseconds
 *
 * Return: the state; it may change by time alone.
 */
static inline enum dr_balloon_state dr_follow_state(const struct dr_follow *f,
						    u64 now)
{
	if (!f->reported)
		return DR_BALLOON_NONE;
	if (now > f->reported + DR_FOLLOW_SILENT_NS)
		return DR_BALLOON_SILENT;
	if (f->wanted == DR_BALLOON_UNASKED || f->wanted == f->actual)
		return DR_BALLOON_SETTLED;
	if (f->took_back)
		return DR_BALLOON_SHORT;
	return now > f->since + DR_FOLLOW_IDLE_NS ? DR_BALLOON_IDLE :
						    DR_BALLOON_MOVING;
}

#endif /* _DR_FOLLOW_H */
