// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: The policy's loop
 *
 * One thread runs the policy: each second, ten times a second from level hard
 * on, and at once, though not more often than that, when something happens that
 * cannot wait: a guest comes or goes or takes memory back, a limit changes, the
 * kernel reclaims memory. It looks at the host and at all guests, has
 * dr_policy_run() decide, and does what was decided.
 *
 * Each run begins with nothing but what it sees and what the run before has
 * decided, so nothing is lost when a guest does not do as told: the next run
 * finds what is left. And what a run saw can be recorded, and run again.
 *
 * The shrinker is how the kernel tells that it reclaims memory. It only
 * wakes the thread: reclaim may have been entered with any lock held, and to take
 * memory from a guest needs some.
 */
#include <linux/freezer.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "files.h"
#include "guest.h"
#include "host.h"
#include "steer.h"
#include "strain.h"
#include "swap.h"
#include "trace.h"

#define RUN_EVERY	HZ
#define RUN_IN_NEED	(HZ / 10)

static DECLARE_WAIT_QUEUE_HEAD(steer_wait);
static struct task_struct *thread;
static struct shrinker *shrinker;
static bool called;
static bool enabled = true;
static unsigned int tax = DR_POLICY_TAX;

/**
 * struct run - a run of the policy, and its scratch memory
 * @nr: its number
 * @time: when it was, in nanoseconds
 * @took: nanoseconds that deciding took
 * @longest: likewise, of all runs
 * @host: see there
 * @result: see there
 * @count: guests
 * @room: for so many guests
 * @guests: what was known and decided; by the thread alone, or under the lock
 * @views: likewise
 * @claims: likewise
 */
struct run {
	u64 nr;
	u64 time;
	u64 took;
	u64 longest;
	struct dr_policy_host host;
	struct dr_policy_result result;
	u32 count;
	u32 room;
	struct dr_policy_guest *guests;
	struct dr_view *views;
	struct dr_claim *claims;
};

/* Written by the thread, under the lock; read by others under it. */
static DEFINE_MUTEX(run_lock);
static struct run last;

/**
 * dr_steer_wake() - something happened that the policy should know at once
 *
 * Context: any that may wake somebody.
 */
void dr_steer_wake(void)
{
	if (READ_ONCE(called))
		return;
	WRITE_ONCE(called, true);
	wake_up_interruptible(&steer_wait);
}

void dr_steer_init_guest(struct dr_steer *steer)
{
	mutex_init(&steer->lock);
}

/* ---- a run */

static bool grow(struct run *run)
{
	u32 room = max(2 * run->room, 16U);
	struct dr_policy_guest *guests;
	struct dr_claim *claims;
	struct dr_view *views;

	guests = kvmalloc_array(room, sizeof(*guests), GFP_KERNEL);
	claims = kvmalloc_array(room, sizeof(*claims), GFP_KERNEL);
	views = kvcalloc(room, sizeof(*views), GFP_KERNEL);
	if (!guests || !claims || !views) {
		kvfree(guests);
		kvfree(claims);
		kvfree(views);
		return false;
	}
	if (run->count) {
		memcpy(guests, run->guests, run->count * sizeof(*guests));
		memcpy(views, run->views, run->count * sizeof(*views));
	}
	kvfree(run->guests);
	kvfree(run->claims);
	kvfree(run->views);
	run->guests = guests;
	run->claims = claims;
	run->views = views;
	run->room = room;
	return true;
}

static void look_at_host(struct run *run)
{
	run->host = (struct dr_policy_host){
		.tax = READ_ONCE(tax),
		.band = DR_POLICY_BAND,
	};
	dr_host_look(&run->host);
}

/* The compressed pool takes so much of what is in it beyond that, at most. */
#define POOL_SPARE	4

/*
 * What a page that was paged out takes, from what all of them do. The pool may take
 * less than is reckoned: what it does not have yet lacks, for it is late to give
 * memory back after pages have left it, and would seem to grow and shrink by that.
 * What it takes beyond does not count as free, or the host would never be at level
 * high with it.
 */
static void look_at_pool(struct dr_policy_host *host, const struct dr_tiers *t)
{
	u64 out = (t->same + t->pool + t->disk) << PAGE_SHIFT;
	u64 bytes = t->pool_bytes + t->pool_bytes / POOL_SPARE;
	u64 memory = dr_pool_memory();
	u64 lacks = bytes > memory ? bytes - memory : 0;

	host->packed = out ? mul_u64_u64_div_u64(bytes, DR_POLICY_ONE, out) : 0;
	host->free -= min(host->free, lacks);
}

/*
 * Without memory for all guests, the run is about those that fit, and what was
 * decided about the others is over.
 */
static void look_at_guests(struct run *run)
{
	u64 id = 0, swap_room = dr_swap_room();
	struct dr_tiers tiers = {};
	struct dr_guest *guest;

	run->count = 0;
	while ((guest = dr_guest_next(id))) {
		id = guest->id;
		if (run->count == run->room && !grow(run)) {
			dr_view_leave(guest);
			dr_guest_put(guest);
			continue;
		}
		run->views[run->count].guest = guest;
		dr_view_fill(&run->views[run->count],
			     &run->guests[run->count].in, swap_room);
		dr_files_tiers(guest, &tiers);
		run->count++;
		cond_resched();
	}
	look_at_pool(&run->host, &tiers);
}

static void decide(struct run *run)
{
	u64 start = ktime_get_ns();

	dr_policy_run(&run->host, run->guests, run->claims, run->count,
		      &run->result);
	run->time = ktime_get_ns();
	run->took = run->time - start;
	run->longest = max(run->longest, run->took);
	run->nr++;
}

static void note(struct dr_guest *guest, const struct run *run,
		 const struct dr_policy_guest *p)
{
	struct dr_steer *steer = &guest->steer;
	bool is_new;

	mutex_lock(&steer->lock);
	steer->host = run->host;
	steer->last = *p;
	is_new = dr_history_note(&steer->history, run->time, &run->host, p);
	mutex_unlock(&steer->lock);
	if (is_new)
		trace_dr_policy(guest, &run->host, p);
}

static void apply(struct run *run)
{
	bool page = false;
	u32 i;

	for (i = 0; i < run->count; i++) {
		struct dr_guest *guest = run->views[i].guest;

		note(guest, run, &run->guests[i]);
		dr_view_apply(&run->views[i], &run->host, &run->guests[i],
			      !READ_ONCE(enabled));
		page |= run->guests[i].out.page;
		run->views[i].guest = NULL;
		dr_guest_put(guest);
		cond_resched();
	}
	if (page)
		dr_swap_wake();
}

static void run_once(void)
{
	mutex_lock(&run_lock);
	look_at_host(&last);
	look_at_guests(&last);
	decide(&last);
	apply(&last);
	mutex_unlock(&run_lock);
}

static bool has_reason(void)
{
	return READ_ONCE(called) || kthread_should_stop();
}

static int steer_thread(void *unused)
{
	set_freezable();
	while (!kthread_should_stop()) {
		WRITE_ONCE(called, false);
		run_once();
		/* However often it is called, it leaves the CPU to others. */
		schedule_timeout_interruptible(RUN_IN_NEED);
		if (dr_host_level() < DR_LEVEL_HARD)
			wait_event_freezable_timeout(steer_wait, has_reason(),
						     RUN_EVERY - RUN_IN_NEED);
		try_to_freeze();
	}
	return 0;
}

/* ---- what others ask */

/**
 * dr_steer_set_tax() - the tax on idle memory
 * @percent: 0 to 99
 *
 * Return: 0, or -ERANGE.
 */
int dr_steer_set_tax(unsigned int percent)
{
	if (percent > DR_FILL_TAX_MAX)
		return -ERANGE;
	WRITE_ONCE(tax, percent);
	dr_steer_wake();
	return 0;
}

/* The tax on idle memory, in percent. */
unsigned int dr_steer_tax(void)
{
	return READ_ONCE(tax);
}

/**
 * dr_steer_set_enabled() - may the policy take from guests before level hard?
 * @on: whether it may
 */
void dr_steer_set_enabled(bool on)
{
	WRITE_ONCE(enabled, on);
	dr_steer_wake();
}

/**
 * dr_steer_set_stall_limit() - how many stalls of the host make its level worse
 * @limit: a second, up to %DR_STRAIN_LIMIT_MAX; 0 for none
 *
 * Return: 0, or -ERANGE.
 */
int dr_steer_set_stall_limit(unsigned int limit)
{
	if (limit > DR_STRAIN_LIMIT_MAX)
		return -ERANGE;
	dr_host_set_stall_limit(limit);
	dr_steer_wake();
	return 0;
}

/**
 * dr_steer_fill() - describe the last run
 * @s: filled in
 *
 * Context: may sleep.
 */
void dr_steer_fill(struct dr_policy_status *s)
{
	mutex_lock(&run_lock);
	*s = (struct dr_policy_status){
		.enabled = READ_ONCE(enabled),
		.level = last.host.level,
		.tax = READ_ONCE(tax),
		.nr_guests = last.count,
		.strained = last.host.strained,
		.runs = last.nr,
		.run_ns = last.took,
		.run_ns_max = last.longest,
		.total = last.host.total,
		.free = last.host.free,
		.pool = last.result.pool,
		.granted = last.result.granted,
		.missing = last.result.missing,
		.wanted = last.result.wanted,
		.taken = last.result.taken,
		.held = last.result.held,
		.changed = last.result.changed,
		.stalled = dr_host_stalled(),
		.stalls = last.host.stalls,
		.stall_limit = dr_host_stall_limit(),
	};
	mutex_unlock(&run_lock);
}

/**
 * dr_steer_copy() - all numbers of the last run
 * @run: in: the one the caller knows, and the room it has; out: filled in,
 *	unless it is the same
 * @to: as many guests as there is room for; out
 *
 * Context: may sleep.
 * Return: how many guests were written.
 */
int dr_steer_copy(struct dr_policy_run *run, struct dr_policy_numbers *to)
{
	u32 nr, i;

	BUILD_BUG_ON(sizeof(struct dr_policy_in) != sizeof(to->in));
	BUILD_BUG_ON(sizeof(struct dr_policy_out) != sizeof(to->out));
	BUILD_BUG_ON(sizeof(struct dr_policy_host) != sizeof(run->host));
	BUILD_BUG_ON(sizeof(struct dr_policy_result) != sizeof(run->result));
	mutex_lock(&run_lock);
	nr = run->run == last.nr ? 0 : min(run->count, last.count);
	if (run->run != last.nr) {
		run->count = last.count;
		run->time = last.time;
		memcpy(run->host, &last.host, sizeof(run->host));
		memcpy(run->result, &last.result, sizeof(run->result));
		run->run = last.nr;
	}
	for (i = 0; i < nr; i++) {
		memcpy(to[i].in, &last.guests[i].in, sizeof(to[i].in));
		memcpy(to[i].out, &last.guests[i].out, sizeof(to[i].out));
	}
	mutex_unlock(&run_lock);
	return nr;
}

/* What a guest may have without asking, in bytes; 0 before the first run. */
u64 dr_steer_target(struct dr_guest *guest)
{
	u64 target;

	mutex_lock(&guest->steer.lock);
	target = guest->steer.last.out.target;
	mutex_unlock(&guest->steer.lock);
	return target;
}

/**
 * dr_steer_explain() - why a guest has what it has
 * @guest: the guest
 * @text: room for DR_EXPLAIN_TEXT bytes
 * @len: the room
 *
 * Context: may sleep.
 * Return: length of the text.
 */
int dr_steer_explain(struct dr_guest *guest, char *text, size_t len)
{
	struct dr_steer *steer = &guest->steer;
	int written;

	mutex_lock(&steer->lock);
	written = dr_explain_text(text, len, ktime_get_ns(), &steer->host,
				  &steer->last, &steer->history);
	mutex_unlock(&steer->lock);
	return written;
}

/* ---- the kernel reclaims memory */

static unsigned long shrink_count(struct shrinker *s,
				  struct shrink_control *sc)
{
	u64 below = dr_level_below(DR_LEVEL_SOFT, dr_host_total());

	return dr_host_available() < below ? DR_SPAN_PAGES : 0;
}

static unsigned long shrink_scan(struct shrinker *s,
				 struct shrink_control *sc)
{
	dr_steer_wake();
	/* It takes a moment; there is no use in asking again now. */
	return SHRINK_STOP;
}

static int shrinker_init(void)
{
	shrinker = shrinker_alloc(0, "denseram");
	if (!shrinker)
		return -ENOMEM;
	shrinker->count_objects = shrink_count;
	shrinker->scan_objects = shrink_scan;
	shrinker_register(shrinker);
	return 0;
}

int dr_steer_init(void)
{
	int err = shrinker_init();

	if (err)
		return err;
	thread = kthread_run(steer_thread, NULL, "denseram_policy");
	if (!IS_ERR(thread))
		return 0;
	shrinker_free(shrinker);
	return PTR_ERR(thread);
}

void dr_steer_exit(void)
{
	kthread_stop(thread);
	shrinker_free(shrinker);
	kvfree(last.guests);
	kvfree(last.claims);
	kvfree(last.views);
}
