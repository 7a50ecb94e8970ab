// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Sampling working sets
 *
 * One thread samples all guests. Time is divided into periods of ten parts. In
 * each part those guests begin a period whose turn it is by their number, so
 * that all guests together make an even load.
 *
 * At the begin of its period some hundred pages of a guest are picked by chance
 * and unmapped, and as the estimate demands more or less the next time. Each
 * resident page is as likely as any other. Shared pages are not the guest's
 * alone and are left out, as is what is paged out.
 *
 * - A 4 KiB page is unmapped alone. It is back when a fault hits it, or when it
 *   is mapped at the end of the period.
 * - Of a block the mapping of 2 MiB is unmapped as a whole: to unmap a page of it
 *   would make the core drop all of the mapping as well, or split it. So what
 *   comes back is the block, and that tells nothing of how much of it is in use.
 * - Therefore a few blocks are looked into, chosen by chance: for the period they
 *   are mapped page by page, and all pages that are touched fault once. See DOC:
 *   Looking into blocks. Their mean is the part of a block that counts as in use
 *   where a block came back.
 * - A block that is mapped by 4 KiB entries for good is sampled by its pages, of
 *   which only a fault tells.
 *
 * What is taken from the guest before the end of the period is not counted.
 *
 * Others unmap pages, too. The pager does so to see what is cold, and a sample
 * that came back before that has been seen by its fault. What the sampler
 * unmaps looks cold to the pager, if it has come to look at that span just then:
 * so its second chance for the span begins anew, and a page in use has the tenth
 * of a second it always has. That delays the pager by no more than that, in a few
 * spans.
 *
 * Left alone are guests that hold less than a MiB, for there is nothing to be had
 * from them; guests that are being parked, because their pages are on their way
 * out, and those that migrate, because all of their memory is being read: it
 * would all seem to be in use. The estimate of these stays as it is. A guest that
 * stands still is sampled: it uses nothing.
 */
#include <linux/freezer.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "files.h"
#include "guest.h"
#include "trace.h"
#include "wss.h"

/* Parts of a period. */
#define PARTS		10

/* Sample no guest that holds fewer pages. */
#define LEAST_PAGES	256

/* What has to run runs first: a late end of a period does no harm. */
#define NICE		5

static DECLARE_WAIT_QUEUE_HEAD(wss_wait);
static struct task_struct *sampler;

/* Held while guests are sampled, and to forget them. Outermost. */
static DEFINE_MUTEX(wss_lock);
static bool enabled = true;
static unsigned int period_ms = DR_WSS_PERIOD_DEFAULT;

/* A knob has been turned. */
static bool called;

void dr_wss_init_guest(struct dr_guest *guest)
{
	spin_lock_init(&guest->wss.lock);
	dr_estimate_init(&guest->wss.estimate, 0);
}

void dr_wss_free_guest(struct dr_guest *guest)
{
	kvfree(guest->wss.spots);
}

static bool may_be_sampled(const struct dr_guest *guest)
{
	return !READ_ONCE(guest->paging.parking) &&
	       !READ_ONCE(guest->migrating);
}

static void drop_period(struct dr_guest *guest)
{
	struct dr_wss *w = &guest->wss;

	spin_lock(&w->lock);
	w->running = false;
	spin_unlock(&w->lock);
	dr_spots_drop(guest);
	spin_lock(&w->lock);
	memset(&w->sample, 0, sizeof(w->sample));
	spin_unlock(&w->lock);
}

/* Have room for spots. Without memory the guest is sampled some other time. */
static bool make_room(struct dr_wss *w)
{
	struct dr_spots *spots;

	if (w->spots)
		return true;
	spots = kvzalloc(sizeof(*spots), GFP_KERNEL | __GFP_NOWARN);
	spin_lock(&w->lock);
	w->spots = spots;
	spin_unlock(&w->lock);
	return spots;
}

/*
 * What has come back already is no answer while the rest is still picked: it is
 * published when all is.
 */
static void begin_period(struct dr_guest *guest)
{
	u64 resident = dr_files_resident(guest);
	struct dr_wss *w = &guest->wss;
	u32 want = READ_ONCE(w->estimate.samples);

	if (resident < LEAST_PAGES || !make_room(w))
		return;
	dr_spots_pick(guest, resident, min(want, DR_SPOTS_MOST));
	spin_lock(&w->lock);
	w->begun = resident;
	w->running = true;
	spin_unlock(&w->lock);
}

static void end_period(struct dr_guest *guest)
{
	struct dr_wss *w = &guest->wss;
	struct dr_active active;
	struct dr_sample sample;

	if (!w->running)
		return;
	dr_spots_collect(guest);
	spin_lock(&w->lock);
	sample = w->sample;
	sample.held = min_t(u64, w->begun / DR_SPAN_PAGES, U32_MAX);
	dr_estimate_period(&w->estimate, &sample);
	dr_estimate_now(&w->estimate, NULL, &active);
	w->whole = w->begun;
	w->used += sample.looks;
	spin_unlock(&w->lock);
	drop_period(guest);
	trace_dr_wss(guest, &sample, &active);
}

static unsigned long part_jiffies(void)
{
	return max(msecs_to_jiffies(READ_ONCE(period_ms) / PARTS), 1UL);
}

static void sample_guest(struct dr_guest *guest, u64 part)
{
	if (!may_be_sampled(guest)) {
		drop_period(guest);
	} else if (!((guest->id + part) % PARTS)) {
		end_period(guest);
		begin_period(guest);
	}
}

static void sample_guests(u64 part)
{
	struct dr_guest *guest;
	u64 id = 0;

	mutex_lock(&wss_lock);
	while (enabled && !kthread_should_stop() &&
	       (guest = dr_guest_next(id))) {
		id = guest->id;
		sample_guest(guest, part);
		dr_guest_put(guest);
		cond_resched();
	}
	mutex_unlock(&wss_lock);
}

static bool has_reason(void)
{
	return READ_ONCE(called) || kthread_should_stop();
}

/* Until the next part, which begins in time if the last one did. */
static void wait_until(unsigned long *next)
{
	long left;

	*next += part_jiffies();
	left = *next - jiffies;
	if (left < 0) {
		left = 0;
		*next = jiffies;
	}
	wait_event_freezable_timeout(wss_wait, has_reason(), left);
	if (!READ_ONCE(called))
		return;
	WRITE_ONCE(called, false);
	*next = jiffies;
}

static int sampler_thread(void *unused)
{
	unsigned long next = jiffies;
	u64 part = 0;

	set_user_nice(current, NICE);
	set_freezable();
	while (!kthread_should_stop()) {
		sample_guests(part++);
		wait_until(&next);
		try_to_freeze();
	}
	return 0;
}

/**
 * dr_wss_now() - how much of its memory does a guest use?
 * @guest: the guest
 * @active: out: the answer, of what is resident; all of it may be in use where
 *	no period is over yet, or nobody samples
 *
 * Context: any process context; does not sleep.
 */
void dr_wss_now(struct dr_guest *guest, struct dr_active *active)
{
	struct dr_wss *w = &guest->wss;

	spin_lock(&w->lock);
	dr_estimate_now(&w->estimate, w->running ? &w->sample : NULL, active);
	spin_unlock(&w->lock);
}

/**
 * dr_wss_fresh() - what no whole period has sampled
 * @guest: the guest
 *
 * By how much it has grown since the last whole period began, or since the
 * running one did if it has shrunk in between. Not what was faulted in and given
 * back again at once, as guests do on the way into their balloon.
 *
 * Context: may sleep.
 * Return: bytes; all it holds if no period is over yet.
 */
u64 dr_wss_fresh(struct dr_guest *guest)
{
	u64 resident = dr_files_resident(guest), seen = 0;
	struct dr_wss *w = &guest->wss;

	spin_lock(&w->lock);
	if (w->estimate.periods)
		seen = w->running ? min(w->whole, w->begun) : w->whole;
	spin_unlock(&w->lock);
	return resident > seen ? (resident - seen) << PAGE_SHIFT : 0;
}

/**
 * dr_wss_size() - how much is sampled of a guest?
 * @guest: the guest
 * @samples: out: how many pages the next period picks
 * @periods: out: how many periods there have been
 */
void dr_wss_size(struct dr_guest *guest, u32 *samples, u32 *periods)
{
	struct dr_wss *w = &guest->wss;

	spin_lock(&w->lock);
	*samples = min(w->estimate.samples, DR_SPOTS_MOST);
	*periods = w->estimate.periods;
	spin_unlock(&w->lock);
}

static void forget_guest(struct dr_guest *guest)
{
	struct dr_wss *w = &guest->wss;

	drop_period(guest);
	spin_lock(&w->lock);
	dr_estimate_init(&w->estimate, 0);
	spin_unlock(&w->lock);
}

static void forget_guests(void)
{
	struct dr_guest *guest;
	u64 id = 0;

	while ((guest = dr_guest_next(id))) {
		id = guest->id;
		forget_guest(guest);
		dr_guest_put(guest);
		cond_resched();
	}
}

static void wake_sampler(void)
{
	WRITE_ONCE(called, true);
	wake_up_interruptible(&wss_wait);
}

bool dr_wss_enabled(void)
{
	return READ_ONCE(enabled);
}

/**
 * dr_wss_enable() - sample guests, or stop it
 * @enable: sample them
 *
 * What was known of them is forgotten when it stops: it would not stay true.
 * Nothing is unmapped any more by the time this returns.
 *
 * Context: may sleep.
 * Return: 0 or -EINTR.
 */
int dr_wss_enable(bool enable)
{
	if (mutex_lock_interruptible(&wss_lock))
		return -EINTR;
	if (enabled && !enable)
		forget_guests();
	WRITE_ONCE(enabled, enable);
	mutex_unlock(&wss_lock);
	wake_sampler();
	return 0;
}

unsigned int dr_wss_period(void)
{
	return READ_ONCE(period_ms);
}

/**
 * dr_wss_set_period() - set the length of a period
 * @ms: milliseconds; holds for the rest of the running ones, too
 *
 * Return: 0 or -ERANGE.
 */
int dr_wss_set_period(unsigned int ms)
{
	if (ms < DR_WSS_PERIOD_MIN || ms > DR_WSS_PERIOD_MAX)
		return -ERANGE;
	WRITE_ONCE(period_ms, ms);
	wake_sampler();
	return 0;
}

int dr_wss_init(void)
{
	sampler = kthread_run(sampler_thread, NULL, "denseram_wss");
	return PTR_ERR_OR_ZERO(sampler);
}

void dr_wss_exit(void)
{
	kthread_stop(sampler);
}
