// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Content-based sharing
 *
 * Guests with the same operating system hold the same pages. The scanner
 * finds them: it hashes a page and looks the hash up in one table. What it
 * finds there is a *hint* (another page had this hash when it was visited) or
 * a *share* (a page that several entries point to, and that never changes).
 * Either is only a hint: bytes are compared while both pages are held, then
 * the entries are pointed to one page. The first write makes a copy. Pages of
 * zeros become absent at once. (Waldspurger, OSDI 2002, section 4.)
 *
 * Why not as KSM does it, two trees and a full scan in order, again and again?
 * The module owns the memory: it knows which pages are new since it last
 * looked, and it does not pay for a reverse mapping of each. So:
 *
 * - a *fresh* pass visits only spans that got new memory, soon after they did:
 *   a guest that has just started is through within seconds;
 * - a *routine* pass visits the rest, for pages that were rewritten in place,
 *   and of these only those that are due: pages at rest and pages that change
 *   all the time are visited ever less (note.h). While such passes find
 *   little, they come ever less often too;
 * - spans are visited in an order that looks like chance, files in proportion
 *   to what is left to do in them, so that two copies of an operating system
 *   meet early and no guest waits for another.
 *
 * A block of 2 MiB is sampled, and where it pays it is broken up. Each of its pages
 * is looked up on the way into 4 KiB pages: one that somebody else has is not
 * even copied, and the others leave their hint, so that all are hashed once.
 *
 * Each NUMA node has a scanner thread, or several. Any of them takes any file,
 * one at a time. A budget bounds the share of a CPU that each may use, a larger
 * one while there is something new or the host is short of memory.
 *
 * Where memory is plentiful, ranges whose pages were found unlike all others
 * visit after visit are made blocks again.
 */
#include <linux/freezer.h>
#include <linux/highmem.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/nodemask.h>
#include <linux/random.h>
#include <linux/rwsem.h>
#include <linux/sched/cputime.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>

#include "dedup.h"
#include "guest.h"
#include "hash.h"
#include "host.h"
#include "passes.h"
#include "scan.h"
#include "share.h"
#include "table.h"

/* A scanner without work looks for some this often. */
#define IDLE_LOOK	(HZ / 2)

/* Work that long, then sleep as the budget asks for. */
#define SLICE_NS	(5 * NSEC_PER_MSEC)

/* Pages older than this are visited as if they were that old, by level. */
static const unsigned int age_max[DR_NR_LEVELS] = {
	[DR_LEVEL_HIGH] = 7, [DR_LEVEL_SOFT] = 3,
	[DR_LEVEL_HARD] = 2, [DR_LEVEL_LOW] = 1,
};

/*
 * Percent of a block that must be saved to break it up, at most, by level. As
 * the host gets short of memory, 4 KiB pages are the lesser evil. 0: one page.
 */
static const unsigned int gain_max[DR_NR_LEVELS] = {
	[DR_LEVEL_HIGH] = 100, [DR_LEVEL_SOFT] = 25,
	[DR_LEVEL_HARD] = 6, [DR_LEVEL_LOW] = 0,
};

/* How long a block of zeros is left to its guest while there is memory. */
#define ZERO_REST	(15 * HZ)

static DECLARE_WAIT_QUEUE_HEAD(scan_wait);

/* Scanners read it while they work on a span. */
static DECLARE_RWSEM(scan_work);

/**
 * struct scanner - a scanner thread
 * @task: the thread
 * @cpu_ns: CPU time it has used up to its last slice, and has rested for
 * @fast: it works on something new, or the host is short of memory
 * @worked_ns: how long it has worked since it last slept, by the clock
 * @hashed: pages it has hashed since then
 */
struct scanner {
	struct task_struct *task;
	u64 cpu_ns;
	bool fast;
	u64 worked_ns;
	u64 hashed;
};

static struct scanner *scanners;
static unsigned int nr_scanners;

#define SCANNERS_PER_NODE_MAX	64U

static unsigned int scanners_per_node = 1;
module_param(scanners_per_node, uint, 0444);
MODULE_PARM_DESC(scanners_per_node, "scanner threads a NUMA node, 1 to 64 (1)");

/* No guest can tell which pages have one hash. */
static u64 secret;

/* There is so much free memory that some may go into making blocks again. */
static bool plenty;

/* Have the scanners look for work now. */
void dr_scan_wake(void)
{
	wake_up_interruptible(&scan_wait);
}

u64 dr_scan_hash(struct page *page)
{
	void *bytes = kmap_local_page(page);
	u64 hash = dr_page_key(bytes, secret);

	kunmap_local(bytes);
	return hash;
}

/* Pages that must be saved to break up a block, now. */
static unsigned int block_gain(void)
{
	unsigned int percent = min(dr_knob(DR_KNOB_BLOCK_GAIN),
				   gain_max[dr_host_level()]);

	return max(DIV_ROUND_UP(DR_SPAN_PAGES * percent, 100), 1UL);
}

/*
 * A block that is zeros for the most part belongs to a guest that has just
 * started, and is about to be filled: 4 KiB pages would cost it a fault each.
 * While there is memory, it is given time.
 */
static unsigned long zero_rest(void)
{
	return dr_host_level() == DR_LEVEL_HIGH ? ZERO_REST : HZ;
}

static void visit_init(struct dr_visit *v, struct dr_gmem *gm)
{
	bool thorough = gm->scan.thorough && !gm->scan.fresh_only;

	*v = (struct dr_visit){
		.gm = gm,
		.domain = dr_guest_domain(gm->guest),
		.pass = gm->scan.pass,
		.age_max = thorough ? 0 : age_max[dr_host_level()],
		.unseen_only = gm->scan.fresh_only,
		.block_gain = block_gain(),
		.zero_rest = zero_rest(),
		.collapse = READ_ONCE(plenty) && !gm->scan.fresh_only,
	};
}

/* Visit one span of a file. */
static void scan_file(struct scanner *me, struct dr_gmem *gm)
{
	struct dr_span *span = dr_pass_next(gm);
	struct dr_visit v;

	visit_init(&v, gm);
	me->fast = gm->scan.fast || dr_host_level() > DR_LEVEL_HIGH;
	if (span)
		dr_visit_span(&v, span);
	if (v.again)
		WRITE_ONCE(span->fresh, true);
	dr_pass_leave(gm, &v);
	me->hashed += v.visited;
}

/* Has the host much memory, and how large may the table be? */
static void look_at_host(void)
{
	static DEFINE_MUTEX(look_lock);
	static unsigned long looked;
	u64 plenty_at = 2 * dr_level_below(DR_LEVEL_SOFT, dr_host_total());

	/* One scanner is enough. */
	if (!mutex_trylock(&look_lock))
		return;
	if (!looked || time_after_eq(jiffies, looked + IDLE_LOOK)) {
		looked = jiffies;
		WRITE_ONCE(plenty, dr_host_available() > plenty_at);
		dr_table_set_target(dr_pass_pages());
	}
	mutex_unlock(&look_lock);
}

/*
 * How long to sleep for the sake of the CPU: after what was used of it, not
 * after the time it took while others had it. Known to a tick; what is left out
 * now counts the next time.
 */
static u64 rest_by_budget(struct scanner *me)
{
	unsigned int budget = dr_knob(me->fast ? DR_KNOB_BUDGET_FAST :
				      DR_KNOB_BUDGET);
	u64 used_ns = current->se.sum_exec_runtime - me->cpu_ns;

	WRITE_ONCE(me->cpu_ns, me->cpu_ns + used_ns);
	return div_u64(used_ns * (100 - budget), budget);
}

/* The same for the sake of the rate. */
static u64 rest_by_rate(const struct scanner *me)
{
	unsigned int rate = dr_knob(DR_KNOB_RATE_MAX);
	u64 due_ns = rate ? div_u64(me->hashed * NSEC_PER_SEC, rate) : 0;

	return due_ns > me->worked_ns ? due_ns - me->worked_ns : 0;
}

/* Not by jiffies: the rest of a busy scanner is shorter than one. */
static void sleep_for(u64 ns)
{
	ktime_t kt = ns_to_ktime(ns);

	set_current_state(TASK_INTERRUPTIBLE);
	if (!kthread_should_stop())
		schedule_hrtimeout_range(&kt, ns / 8, HRTIMER_MODE_REL);
	__set_current_state(TASK_RUNNING);
}

/* Sleep as long as budget and rate ask for. */
static void rest(struct scanner *me)
{
	u64 sleep_ns = rest_by_rate(me);

	if (me->worked_ns < SLICE_NS && sleep_ns < SLICE_NS)
		return;
	look_at_host();
	sleep_ns = max(sleep_ns, rest_by_budget(me));
	me->worked_ns = 0;
	me->hashed = 0;
	if (sleep_ns)
		sleep_for(sleep_ns);
}

/* One span's worth of work. Return false when there is nothing to do. */
static bool scan_next(struct scanner *me)
{
	struct dr_gmem *gm = dr_pass_take();
	u64 start;

	if (!gm)
		return false;
	start = ktime_get_ns();
	scan_file(me, gm);
	me->worked_ns += ktime_get_ns() - start;
	return true;
}

static bool scan_once(struct scanner *me)
{
	bool worked;

	down_read(&scan_work);
	worked = dr_knob(DR_KNOB_ENABLED) && scan_next(me);
	up_read(&scan_work);
	return worked;
}

/**
 * dr_scan_settle() - wait until the scanners have seen how knobs are set
 *
 * Context: may sleep, for as long as the visit of a span takes.
 */
void dr_scan_settle(void)
{
	down_write(&scan_work);
	up_write(&scan_work);
}

/* Until there may be something to do: somebody wakes us, or time passes. */
static void idle(void)
{
	DEFINE_WAIT(wait);

	prepare_to_wait(&scan_wait, &wait, TASK_INTERRUPTIBLE);
	if (!kthread_should_stop())
		schedule_timeout(IDLE_LOOK);
	finish_wait(&scan_wait, &wait);
}

static int scanner_thread(void *arg)
{
	struct scanner *me = arg;

	set_freezable();
	set_user_nice(current, 5);
	look_at_host();
	while (!kthread_should_stop()) {
		if (scan_once(me)) {
			rest(me);
		} else {
			look_at_host();
			/* To be idle is rest enough. */
			rest_by_budget(me);
			idle();
		}
		try_to_freeze();
	}
	return 0;
}

static int scanner_start(int node, unsigned int nr)
{
	struct scanner *me = &scanners[nr_scanners];

	me->task = kthread_create_on_node(scanner_thread, me, node,
					  "denseram_scan%d/%u", node, nr);
	if (IS_ERR(me->task))
		return PTR_ERR(me->task);
	if (!cpumask_empty(cpumask_of_node(node)))
		set_cpus_allowed_ptr(me->task, cpumask_of_node(node));
	wake_up_process(me->task);
	nr_scanners++;
	return 0;
}

static void scanners_stop(void)
{
	while (nr_scanners)
		kthread_stop(scanners[--nr_scanners].task);
	kfree(scanners);
	scanners = NULL;
}

static int scanners_start(void)
{
	unsigned int nr, per_node = clamp(scanners_per_node, 1U,
					  SCANNERS_PER_NODE_MAX);
	int node, err = 0;

	scanners = kcalloc(num_node_state(N_MEMORY) * per_node,
			   sizeof(*scanners), GFP_KERNEL);
	if (!scanners)
		return -ENOMEM;
	for_each_node_state(node, N_MEMORY)
		for (nr = 0; nr < per_node && !err; nr++)
			err = scanner_start(node, nr);
	if (err)
		scanners_stop();
	return err;
}

static u64 cpu_time(void)
{
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < nr_scanners; i++)
		sum += READ_ONCE(scanners[i].cpu_ns);
	return sum;
}

/**
 * dr_scan_fill() - describe the scanners
 * @s: filled in, but for what is shared
 */
void dr_scan_fill(struct dr_share_status *s)
{
	s->enabled = dr_knob(DR_KNOB_ENABLED);
	s->nr_scanners = nr_scanners;
	s->level = dr_host_level();
	s->cpu_ns = cpu_time();
	dr_pass_fill(s);
}

int dr_scan_init(void)
{
	secret = get_random_u64();
	return scanners_start();
}

void dr_scan_exit(void)
{
	scanners_stop();
}
