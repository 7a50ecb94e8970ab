/* SPDX-License-Identifier: GPL-2.0-only */
/* Do allocations of the host stall for want of memory? Pure. */
#ifndef _DR_STRAIN_H
#define _DR_STRAIN_H

#include "pure.h"

/**
 * DOC: Stalls of the host
 *
 * What is free by the kernel's own reckoning need not be there when it is wanted:
 * half of it may be page cache that is busy, memory can be free on the wrong
 * node, and who is faster than the kernel's background reclaim finds nothing
 * whatever can still be reclaimed. Then the task that allocates has to reclaim
 * for itself, and waits. Such stalls say that the host is short of memory before
 * free memory does.
 *
 * The kernel's pressure stall information has the time so lost, but none of it is
 * exported to modules, and a module has no business in /proc. What is exported are
 * the events of virtual memory, and among them, for each zone, how often an
 * allocation entered reclaim of its own (allocstall in /proc/vmstat). Only those
 * count that wanted memory of the host: reclaim by the background thread is no
 * stall, and a memory cgroup at its own limit is not the host's trouble. A stall
 * is counted, whatever it took; none is missed between two looks.
 *
 * So there is a decaying average of stalls a second. At each look it goes towards
 * what has been counted since the last one, by as much as that is of the span:
 *
 *    average' = (average * span + stalls) / (span + time since the last look)
 *
 * which comes to the same whether looks are a second or a tenth of one apart.
 * Above a limit the host strains, and its level is one worse than by free memory
 * alone, though never low, where faults of guests wait: for that memory has to be
 * gone, not slow to come. It strains until the average is below half of the limit.
 * A level is never better for it. What guests are to give is still measured by
 * what is free: with plenty free, as where a backup reads more than the kernel can
 * drop, they give nothing, and only sharing goes faster.
 */

/* Milliseconds over which stalls are averaged. */
#define DR_STRAIN_SPAN_MS	3000

/*
 * Stalls a second above which the host strains, by default. Each reclaims 32
 * pages at the least. A host with enough memory has none for hours; thirty at
 * once, which this is, are no accident.
 */
#define DR_STRAIN_LIMIT		10
#define DR_STRAIN_LIMIT_MAX	1000000

/* The average is in thousandths of a stall a second. */
#define DR_STRAIN_ONE		1000

/* More at one look is not told from it. */
#define DR_STRAIN_MOST		1000000000ULL

/**
 * struct dr_strain - how much the host stalls
 * @since: when it was last looked, in nanoseconds; 0 for never
 * @seen: stalls there had been then, since anybody counts
 * @stalled: stalls there were while it was looked
 * @average: of them, a second, in 1/DR_STRAIN_ONE
 * @over: the host strains
 */
struct dr_strain {
	u64 since;
	u64 seen;
	u64 stalled;
	u64 average;
	bool over;
};

static inline u64 dr_strain_average(u64 average, u64 stalls, u64 ms)
{
	return (average * DR_STRAIN_SPAN_MS + stalls * 1000 * DR_STRAIN_ONE) /
	       (DR_STRAIN_SPAN_MS + ms);
}

/**
 * dr_strain_look() - see how much the host has stalled since the last look
 * @s: see there
 * @count: stalls there were so far
 * @limit: stalls a second above which it strains; 0 for never
 * @now: nanoseconds, not 0
 *
 * The first look only notes where the count begins, and a count that goes back
 * begins anew. Less than a millisecond after the last look nothing is taken
 * notice of, nor lost.
 */
static inline void dr_strain_look(struct dr_strain *s, u64 count, u64 limit,
				  u64 now)
{
	u64 ms = now > s->since ? (now - s->since) / 1000000 : 0;
	u64 stalls = count > s->seen ? count - s->seen : 0;

	if (!s->since) {
		s->since = now;
		s->seen = count;
	} else if (ms) {
		if (stalls > DR_STRAIN_MOST)
			stalls = DR_STRAIN_MOST;
		s->average = dr_strain_average(s->average, stalls, ms);
		s->stalled += stalls;
		s->seen = count;
		s->since += ms * 1000000;
	}
	limit *= DR_STRAIN_ONE;
	s->over = limit && s->average > (s->over ? limit / 2 : limit);
}

#endif /* _DR_STRAIN_H */
