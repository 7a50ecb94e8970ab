// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Paging
 *
 * The last resort: when a guest has to give memory back and neither its balloon
 * nor sharing does it, its pages are paged out behind its back. Three things
 * make that bearable.
 *
 * - What goes is cold. A page is unmapped and gets a second chance; only if it
 *   has not come back after a while is it taken. Cold pages are sought in the
 *   order of their offsets, so that what lies together goes together.
 * - It goes to the cheapest place that takes it: a page of one word over and
 *   over is kept as that word; what can be compressed goes to a pool in memory;
 *   the rest, and what has been in the pool for longest, goes to swap areas on
 *   disks, written in clusters.
 * - It comes back by the same path as any other page of the guest that is not
 *   there: copy-on-write, swap-in and first touch are one function.
 *
 * Blocks are broken up before their pages can go. A cold block is, at once; a
 * block in use is when there are no cold pages elsewhere, or when much of what
 * goes comes back: one page in use keeps a whole block, and what is cold in it
 * stays at the expense of what is not, elsewhere. And when all of
 * a guest is in use and it still has to shrink, pages are taken by chance,
 * which no guest's own idea of what to page can be at odds with.
 * (Waldspurger, OSDI 2002, section 6.) Where no disk has room, a block stays one
 * unless the pool would take one of a few pages of it, chosen by chance.
 *
 * A second chance costs a soft fault for each page in use, each time. Where
 * pages go and come back all the time, from memory, that is more than it saves:
 * there they are taken by chance, too, and what comes back soon after tells
 * which are in use. How often a page did so, less how often it stayed away, is
 * remembered with it, here and in the pool, and it is spared eight times as often
 * as others for each of these, up to seven. Two pages that are used at different
 * rates are so told apart, at no cost: simulated, with keys drawn zipf(0.99)
 * and half of them resident, a tenth fewer come back than when exactly the
 * least recently used ones went. What comes back from a disk is dear enough to
 * look twice.
 *
 * A thread, the pager, sees to it that no guest stays beyond its limit. Faults
 * of a guest that grows faster than the pager works are held. When the host itself
 * runs short, the policy says which guests have to give, and how much.
 */
#include <linux/freezer.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/wait.h>

#include "area.h"
#include "back.h"
#include "cluster.h"
#include "files.h"
#include "guest.h"
#include "hold.h"
#include "out.h"
#include "pager.h"
#include "pool.h"
#include "swap.h"

/* Look at all guests this often, though nobody has called. */
#define IDLE_LOOK	HZ

/* So long has a page to come back, and so long may a full tier stay full. */
#define FRUITLESS_WAIT	(HZ / 10)
#define STUCK_WAIT	(HZ / 2)

/* Pages to gain from a guest before the next one has its turn. */
#define TURN_PAGES	1024UL

/* Walks that gain little before the pager gets more impatient by one step. */
#define PATIENCE	2

/*
 * So many pages paged out tell whether they come back: if more than 1 of
 * RETURNS_PART does, so many blocks are broken up in a walk, and pages are taken
 * by chance, unless 1 of RETURNS_DISK_PART comes from a disk.
 */
#define RETURNS_SAMPLE		256
#define RETURNS_PART		4
#define RETURNS_BREAKS		8
#define RETURNS_DISK_PART	8

/* All of a guest was in use: so long this is taken to be so. */
#define TIGHT_TIME	HZ

/* So many walks after which a guest holds no less are the end of parking. */
#define PARKED_AFTER	(4 * PATIENCE)

static DECLARE_WAIT_QUEUE_HEAD(pager_wait);
static struct task_struct *pager;
static bool called;
static enum dr_swap_stop stop;
static u64 cpu_ns;

void dr_swap_wake(void)
{
	if (READ_ONCE(called))
		return;
	WRITE_ONCE(called, true);
	wake_up_interruptible(&pager_wait);
}

bool dr_swap_stuck(void)
{
	return READ_ONCE(stop) != DR_SWAP_STOP_NONE;
}

/**
 * dr_pager_note_room() - a tier has room again, or may have
 *
 * Context: any that may wake somebody.
 */
void dr_pager_note_room(void)
{
	if (likely(!dr_swap_stuck()))
		return;
	WRITE_ONCE(stop, DR_SWAP_STOP_NONE);
	dr_swap_wake();
}

static void note_stop(const struct dr_walk *w)
{
	if (w->err == -ENOSPC)
		WRITE_ONCE(stop, dr_areas_exist() ? DR_SWAP_STOP_AREAS :
						    DR_SWAP_STOP_POOL);
	else if (w->err == -ENOMEM)
		WRITE_ONCE(stop, DR_SWAP_STOP_MEMORY);
	else if (w->gained)
		WRITE_ONCE(stop, DR_SWAP_STOP_NONE);
}

static enum dr_haste haste_of(const struct dr_paging *p)
{
	return min(p->fruitless / PATIENCE, (unsigned int)DR_HASTE_ANY);
}

/*
 * Shrink a bit further than need be, so as not to be called at once again; but
 * never below what the guest is promised.
 */
static unsigned long pages_to_take(const struct dr_guest *guest,
				   u64 resident, unsigned long excess)
{
	unsigned long more = clamp(READ_ONCE(guest->paging.limit) / 128, 16UL,
				   TURN_PAGES);

	return min3(excess + more, dr_hold_spare(guest, resident), TURN_PAGES);
}

/**
 * struct look - what a look at all guests has found
 * @working: a guest is beyond its limit, and something was gained
 * @waiting: a guest is beyond its limit, and nothing much was gained
 */
struct look {
	bool working;
	bool waiting;
};

/* When the pool fills up, its oldest pages move on. */
static void make_room(struct look *look)
{
	if (dr_pool_is_filling() && dr_areas_have_room() &&
	    dr_write_back(TURN_PAGES))
		look->working = true;
}

/*
 * A guest that uses all it has gets no slack. Once its faults wait for that
 * reason, pages look cold that are not: so this goes on while they do.
 */
static void note_tight(struct dr_paging *p, const struct dr_walk *w)
{
	if (w->haste == DR_HASTE_ANY ||
	    (dr_hold_tight(p) && READ_ONCE(p->held)))
		WRITE_ONCE(p->tight_until, jiffies + TIGHT_TIME);
}

/*
 * After something was gained. If it was taken by chance the next walk looks for
 * cold pages, but a single one without a gain is enough to do so again.
 */
static unsigned int patience_regained(const struct dr_walk *w)
{
	return w->haste == DR_HASTE_ANY ? DR_HASTE_ANY * PATIENCE - 1 : 0;
}

static struct dr_paged paged(struct dr_guest *guest)
{
	struct dr_events *events = &guest->events;

	return (struct dr_paged){
		.out = dr_events_read(events, DR_EV_SWAP_OUT),
		.in = dr_events_read(events, DR_EV_SWAP_IN) -
		      dr_events_read(events, DR_EV_SWAP_AHEAD),
		.disk = dr_events_read(events, DR_EV_FAULT_MAJOR),
	};
}

/* Does much of what is paged out come back, and from where? */
static enum dr_returns returns_of(struct dr_guest *guest)
{
	struct dr_paging *p = &guest->paging;
	struct dr_paged now = paged(guest);
	s64 in = now.in - p->seen.in;

	if (now.out - p->seen.out < RETURNS_SAMPLE)
		return p->returns;
	if (in * RETURNS_PART <= now.out - p->seen.out)
		p->returns = DR_RETURNS_LITTLE;
	else if ((now.disk - p->seen.disk) * RETURNS_DISK_PART < in)
		p->returns = DR_RETURNS_POOL;
	else
		p->returns = DR_RETURNS_DISK;
	p->seen = now;
	return p->returns;
}

static void squeeze(struct dr_guest *guest, unsigned long want,
		    struct look *look)
{
	enum dr_returns returns = returns_of(guest);
	struct dr_paging *p = &guest->paging;
	struct dr_walk w = {
		.haste = haste_of(p),
		.want = want,
		.breaks = returns == DR_RETURNS_LITTLE ? 0 : RETURNS_BREAKS,
		.chance = returns == DR_RETURNS_POOL && !READ_ONCE(p->parking),
		.parking = READ_ONCE(p->parking) ? &p->parking : NULL,
	};

	dr_walk_guest(guest, &w);
	dr_cluster_submit();
	note_stop(&w);
	make_room(look);
	note_tight(p, &w);
	if (w.gained * 8 < w.want) {
		p->fruitless++;
		look->waiting = true;
	} else {
		p->fruitless = patience_regained(&w);
		look->working = true;
	}
}

/*
 * All of a guest is out that can be had, or there is nowhere to put more. What a
 * guest that runs takes back at once is no gain, though each walk finds some.
 */
static bool is_parked(struct dr_paging *p, u64 resident)
{
	p->stale = resident < READ_ONCE(p->lowest) ? 0 : p->stale + 1;
	if (!p->stale)
		WRITE_ONCE(p->lowest, resident);
	return !resident || p->stale > PARKED_AFTER || dr_swap_stuck();
}

static void look_at_guest(struct dr_guest *guest, struct look *look)
{
	u64 resident = dr_files_resident(guest);
	unsigned long excess = dr_hold_excess(guest, resident), want;

	excess = max(excess, dr_hold_owed(guest, resident));
	want = excess ? pages_to_take(guest, resident, excess) : 0;
	if (want)
		squeeze(guest, want, look);
	else if (!dr_hold_tight(&guest->paging))
		guest->paging.fruitless = 0;
	resident = dr_files_resident(guest);
	if (READ_ONCE(guest->paging.parking) &&
	    is_parked(&guest->paging, resident))
		WRITE_ONCE(guest->paging.parking, false);
	dr_hold_update(guest, resident, dr_swap_stuck());
}

/* Return how long to sleep, in jiffies. */
static long look_at_guests(void)
{
	struct look look = {};
	struct dr_guest *guest;
	u64 id = 0;

	while (!kthread_should_stop() && (guest = dr_guest_next(id))) {
		id = guest->id;
		look_at_guest(guest, &look);
		dr_guest_put(guest);
		cond_resched();
	}
	make_room(&look);
	if (look.working)
		return 0;
	if (look.waiting)
		return dr_swap_stuck() ? STUCK_WAIT : FRUITLESS_WAIT;
	return IDLE_LOOK;
}

static bool has_reason(void)
{
	return READ_ONCE(called) || kthread_should_stop();
}

static int pager_thread(void *unused)
{
	long pause;

	set_freezable();
	while (!kthread_should_stop()) {
		WRITE_ONCE(called, false);
		pause = look_at_guests();
		WRITE_ONCE(cpu_ns, current->se.sum_exec_runtime);
		if (pause == IDLE_LOOK)
			wait_event_freezable_timeout(pager_wait, has_reason(),
						     pause);
		else if (pause)
			schedule_timeout_interruptible(pause);
		try_to_freeze();
	}
	return 0;
}

/**
 * dr_pager_fill() - describe the pager
 * @s: its part is filled in
 */
void dr_pager_fill(struct dr_swap_status *s)
{
	s->stop = READ_ONCE(stop);
	s->cpu_ns = READ_ONCE(cpu_ns);
}

int dr_pager_init(void)
{
	pager = kthread_run(pager_thread, NULL, "denseram_pager");
	return PTR_ERR_OR_ZERO(pager);
}

void dr_pager_exit(void)
{
	kthread_stop(pager);
}
