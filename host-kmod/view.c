// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Between policy and guests
 *
 * What the policy knows of a guest, and how what it decides is done.
 *
 * A balloon is asked for a size, not for a step. Of a guest that holds R bytes of
 * the host's memory, the rest of its size is absent (in its balloon, or never
 * used), shared or paged out. If it is to give G, its balloon gets the size of
 * what is absent and G: a guest's driver takes what the guest has free, and that
 * includes all that is absent. If it is to have up to its target T, its
 * balloon may be no larger than what is left when T, and what is shared or paged
 * out, are taken off its size.
 *
 * Paging gets a number of pages to come down to, good until the next run: so
 * a guest that grows meanwhile does not escape, and one that gives by itself is
 * not taken from twice.
 *
 * What a guest says of itself counts for what it may decide for itself: that it
 * does not inflate while it stalls. A guest that says so for ever is not
 * believed for ever.
 */
#include "balloon.h"
#include "event.h"
#include "files.h"
#include "guest.h"
#include "hold.h"
#include "steer.h"
#include "wss.h"

/* Smaller changes of a balloon are not worth a message, but for the last. */
#define BALLOON_STEP	DR_BLOCK_SIZE

/* Runs in a row in which a guest may say that it stalls, and is left alone. */
#define STALLS_BELIEVED	10

/* Statistics older than this say nothing of now. */
#define STATS_FRESH_MS	15000

/* ---- what is known */

static u64 advance(u64 *last, u64 now)
{
	u64 by = now - *last;

	*last = now;
	return by;
}

static bool stats_are_fresh(const struct dr_balloon_info *b)
{
	return b->stats_ms != DR_BALLOON_UNKNOWN &&
	       b->stats_ms < STATS_FRESH_MS;
}

/* Has a statistic moved since it was last asked? Not when nobody told it. */
static bool has_moved(u64 *last, u64 now)
{
	u64 was = *last;

	*last = now;
	return was && now != DR_BALLOON_UNKNOWN && now > was;
}

/* Does a guest wait for memory of its own? */
static bool is_stalling(struct dr_stalls *s, const struct dr_balloon_info *b)
{
	bool stalls = has_moved(&s->allocs, b->stats[DR_BSTAT_ALLOC_STALLS]);

	stalls |= has_moved(&s->swapped, b->stats[DR_BSTAT_SWAP_OUT]);
	if (!stats_are_fresh(b))
		stalls = false;
	stalls |= b->state == DR_BALLOON_SHORT;
	if (!stalls)
		s->runs = 0;
	else if (++s->runs > STALLS_BELIEVED)
		s->runs = -STALLS_BELIEVED;
	return s->runs > 0;
}

/* Can memory be had by its balloon? */
static bool balloon_works(struct dr_guest *guest,
			  const struct dr_balloon_info *b)
{
	bool answers = b->state == DR_BALLOON_SETTLED ||
		       b->state == DR_BALLOON_MOVING ||
		       b->state == DR_BALLOON_SHORT;

	return answers && b->features & DR_BALLOON_DRIVER &&
	       !dr_balloon_by_hand(guest);
}

/*
 * The largest balloon a guest may be asked for. One that does not take memory
 * back when it runs out would have its processes killed: by its statistics it
 * must have as much to spare, and a quarter more.
 */
static u64 largest_balloon(const struct dr_balloon_info *b)
{
	u64 spare = b->stats[DR_BSTAT_AVAILABLE];

	if (b->features & DR_BALLOON_OOM)
		return U64_MAX;
	if (!stats_are_fresh(b) || spare == DR_BALLOON_UNKNOWN)
		return b->actual;
	return b->actual + spare / 4 * 3;
}

/* What it asks for: by taking back, by waiting, by reading back. */
static u64 need_of(struct dr_guest *guest, const struct dr_balloon_info *b)
{
	struct dr_steer *steer = &guest->steer;
	struct dr_events *events = &guest->events;
	u64 in = dr_events_read(events, DR_EV_SWAP_IN) -
		 dr_events_read(events, DR_EV_SWAP_AHEAD);
	u64 pages = advance(&steer->swapped_in, in) +
		    advance(&steer->held,
			    dr_events_read(events, DR_EV_FAULT_HELD));
	u64 back = b->state == DR_BALLOON_SHORT && b->wanted > b->actual ?
		   b->wanted - b->actual : 0;

	return (pages << PAGE_SHIFT) + back;
}

static void take_limits(struct dr_guest *guest, struct dr_policy_in *in)
{
	mutex_lock(&guest->lock);
	in->min = guest->limits.pinned ? in->size : guest->limits.min;
	in->max = guest->limits.max;
	in->limit = guest->limits.limit;
	in->shares = guest->limits.shares;
	if (guest->migrating)
		in->flags |= DR_POLICY_MIGRATING;
	mutex_unlock(&guest->lock);
}

static void take_usage(struct dr_view *view, struct dr_policy_in *in,
		       u64 swap_room)
{
	struct dr_usage u = {};

	dr_files_usage(view->guest, &u);
	in->size = u.size;
	in->resident = u.resident;
	in->swap = min(u.resident, swap_room);
	view->kept = (u.shared + u.swapped) << PAGE_SHIFT;
	/* Counts that are read while they change need not add up. */
	view->absent = u.size - min(u.size, u.resident + view->kept);
}

static void take_balloon(struct dr_view *view, struct dr_policy_in *in)
{
	struct dr_balloon_info b;

	dr_balloon_fill(view->guest, &b);
	view->balloon = balloon_works(view->guest, &b);
	view->wanted = dr_balloon_left_over(view->guest) ? b.actual : b.wanted;
	view->largest = largest_balloon(&b);
	in->need = need_of(view->guest, &b);
	if (is_stalling(&view->guest->steer.stalls, &b))
		in->flags |= DR_POLICY_STALLING;
	if (view->balloon)
		in->flags |= DR_POLICY_BALLOON;
}

static void take_activity(struct dr_guest *guest, struct dr_policy_in *in)
{
	struct dr_active active;

	dr_wss_now(guest, &active);
	in->active = active.part;
	in->active_low = active.low;
	in->active_high = active.high;
	in->fresh = min(dr_wss_fresh(guest), in->resident);
}

/**
 * dr_view_fill() - look at a guest for a run
 * @view: its guest is set; the rest is filled in
 * @in: filled in
 * @swap_room: bytes that can be paged out
 *
 * Context: the policy's thread; may sleep.
 */
void dr_view_fill(struct dr_view *view, struct dr_policy_in *in, u64 swap_room)
{
	const struct dr_steer *steer = &view->guest->steer;

	*in = (struct dr_policy_in){
		.id = view->guest->id,
		.target = steer->last.out.target,
		.was_active = steer->last.out.active,
	};
	take_usage(view, in, swap_room);
	take_limits(view->guest, in);
	take_balloon(view, in);
	take_activity(view->guest, in);
}

/* ---- what is done */

/* The size of a balloon that leaves its guest what was decided. */
static u64 balloon_size(const struct dr_view *view,
			const struct dr_policy_guest *p)
{
	u64 rest = p->in.size - min(p->in.size, p->out.target + view->kept);

	/* A step at least: the last bytes that the host lacks are not to wait. */
	if (p->out.balloon)
		return min3(round_up(view->absent + p->out.balloon,
				     BALLOON_STEP),
			    p->in.size, view->largest);
	/* What it has beyond the rest it may have back; else all stays. */
	return view->wanted == DR_BALLOON_UNASKED ? 0 :
	       min(view->wanted, rest);
}

static void steer_balloon(const struct dr_view *view,
			  const struct dr_policy_guest *p)
{
	u64 was = view->wanted == DR_BALLOON_UNASKED ? 0 : view->wanted;
	u64 size = round_down(balloon_size(view, p), PAGE_SIZE);
	u64 by = size > was ? size - was : was - size;

	if (size && by < BALLOON_STEP)
		return;
	if (by)
		dr_balloon_steer(view->guest, size);
}

static void steer_paging(const struct dr_view *view,
			 const struct dr_policy_guest *p)
{
	unsigned long goal = ULONG_MAX;

	if (p->out.page)
		goal = (p->in.resident - min(p->in.resident, p->out.page)) >>
		       PAGE_SHIFT;
	dr_hold_set(view->guest, goal, p->out.flags & DR_POLICY_WAIT);
}

/**
 * dr_view_leave() - have nothing taken from a guest by paging, nor its faults wait
 * @guest: the guest, which a run leaves alone
 *
 * What the run before has decided does not hold for ever. Its balloon stays.
 *
 * Context: the policy's thread.
 */
void dr_view_leave(struct dr_guest *guest)
{
	dr_hold_set(guest, ULONG_MAX, false);
}

/**
 * dr_view_apply() - do what a run has decided about a guest
 * @view: the guest as the run found it
 * @host: the host likewise
 * @p: what was decided
 * @advice: nothing is taken while the host is not at level hard by what is free
 *
 * Context: the policy's thread; may sleep.
 */
void dr_view_apply(const struct dr_view *view,
		   const struct dr_policy_host *host,
		   const struct dr_policy_guest *p, bool advice)
{
	if (advice && host->level - host->strained < DR_LEVEL_HARD) {
		dr_view_leave(view->guest);
		return;
	}
	steer_paging(view, p);
	if (view->balloon)
		steer_balloon(view, p);
}
