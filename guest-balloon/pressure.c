// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Pressure
 *
 * The balloon takes what the guest can spare, and no more. Four things tell that
 * it needs its memory itself:
 *
 * - what is available falls below a floor: nothing is inflated any more, and the
 *   shrinker, which reclaim calls, gives back what is missing. Page cache that
 *   is easily dropped counts as available: the balloon is meant to replace it.
 * - allocations stall, pages come back that were just dropped: inflating pauses.
 *   The balloon's own allocations never reclaim, so all stalls are of others.
 * - pages are swapped out, or allocations stall with little available: pages are
 *   given back before more of that happens.
 * - the guest is about to kill a process: it gets pages instead.
 */
#include "denseram_balloon.h"

#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/oom.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/virtio_config.h>
#include <linux/vmstat.h>

/* How often to look for stalls while the balloon holds something. */
#define WATCH_MSECS	250
#define PAUSE_MIN	msecs_to_jiffies(500)
#define PAUSE_MAX	msecs_to_jiffies(8000)
/* Pages that came back within a round: more is thrashing, less is life. */
#define REFAULTS_MAX	256U
/* 1/64 of the guest, from 8 to 256 MiB. */
#define FLOOR_MIN	2048UL
#define FLOOR_MAX	65536UL

static unsigned int floor_mib;
module_param(floor_mib, uint, 0644);
MODULE_PARM_DESC(floor_mib,
		 "memory the guest is to have available always (default: 1/64 of it)");

static unsigned long floor_pages(void)
{
	unsigned long mib = READ_ONCE(floor_mib);

	return mib ? mib << (20 - PAGE_SHIFT) :
		     clamp(totalram_pages() / 64, FLOOR_MIN, FLOOR_MAX);
}

static unsigned long available(void)
{
	return max(si_mem_available(), 0L);
}

/**
 * dr_pressure_spare() - what the guest can give now
 *
 * Twice the floor stays with it: what was given is not to be taken back at the
 * next moment.
 *
 * Return: in pages.
 */
unsigned long dr_pressure_spare(void)
{
	unsigned long have = available(), keep = 2 * floor_pages();

	return have > keep ? have - keep : 0;
}

/* What is missing to the floor, in pages. */
static unsigned long missing(void)
{
	unsigned long have = available(), keep = floor_pages();

	return have < keep ? keep - have : 0;
}

/* ---- reclaim and the OOM killer */

static unsigned long shrinker_count(struct shrinker *shrinker,
				    struct shrink_control *sc)
{
	struct dr_balloon *b = shrinker->private_data;

	if (!dr_yield_allowed(b) || !missing())
		return 0;
	return dr_pages_held(b) ?: SHRINK_EMPTY;
}

static unsigned long shrinker_scan(struct shrinker *shrinker,
				   struct shrink_control *sc)
{
	struct dr_balloon *b = shrinker->private_data;
	unsigned long need = missing();
	unsigned int given;

	if (!need)
		return SHRINK_STOP;
	given = dr_yield(b, max_t(unsigned long, need, dr_yield_step(b)),
			 DR_COUNT_YIELD_SHRINKER);
	sc->nr_scanned = given;
	return given ?: SHRINK_STOP;
}

static bool waits_for_host(struct dr_balloon *b)
{
	return (READ_ONCE(b->nr_flying) || dr_yield_is_full(b)) &&
	       !READ_ONCE(b->forgotten);
}

/*
 * Pages on their way to the host are nobody's, and no more single pages can be
 * given back than it can be told of at one go. Both end when it answers: wait for
 * that, rather than have a process killed.
 */
static int oom_notify(struct notifier_block *nb, unsigned long unused,
		      void *freed)
{
	struct dr_balloon *b = container_of(nb, struct dr_balloon, oom);
	unsigned int step = dr_yield_step(b), given;

	given = dr_yield(b, step, DR_COUNT_YIELD_OOM);
	if (!given && waits_for_host(b)) {
		wait_event_timeout(b->acked, !waits_for_host(b), HZ);
		given = dr_yield(b, step, DR_COUNT_YIELD_OOM) ?: 1;
	}
	*(unsigned long *)freed += given;
	return NOTIFY_OK;
}

/* ---- stalls and swapping */

static unsigned long sum_stalls(const unsigned long *events)
{
	unsigned long sum = 0;
	int zone;

	for (zone = 0; zone < MAX_NR_ZONES; zone++)
		sum += events[ALLOCSTALL_NORMAL - ZONE_NORMAL + zone];
	return sum;
}

/**
 * struct change - what has happened since the last look
 * @stalls: allocations that had to reclaim
 * @swapped: pages swapped out
 * @refaults: pages that came back soon after they were dropped
 */
struct change {
	unsigned long stalls;
	unsigned long swapped;
	unsigned long refaults;
};

static unsigned long advance(unsigned long *last, unsigned long now)
{
	unsigned long by = now - *last;

	*last = now;
	return by;
}

static struct change look(struct dr_pressure *p)
{
	unsigned long refaults;

	all_vm_events(p->events);
	refaults = global_node_page_state(WORKINGSET_REFAULT_ANON) +
		   global_node_page_state(WORKINGSET_REFAULT_FILE);
	return (struct change){
		.stalls = advance(&p->stalls, sum_stalls(p->events)),
		.swapped = advance(&p->swapped, p->events[PSWPOUT]),
		.refaults = advance(&p->refaults, refaults),
	};
}

static void pause_inflating(struct dr_balloon *b)
{
	struct dr_pressure *p = &b->pressure;

	p->calm_at = jiffies + p->pause;
	p->pause = min(p->pause * 2, PAUSE_MAX);
	dr_count(b, DR_COUNT_PAUSES, 1);
}

static void look_and_react(struct dr_balloon *b)
{
	struct change c = look(&b->pressure);
	unsigned int nr = 0;

	if (!c.stalls && !c.swapped && c.refaults <= REFAULTS_MAX)
		return;
	pause_inflating(b);
	if (c.swapped)
		nr = min_t(unsigned long, 2 * c.swapped, UINT_MAX / 2);
	else if (c.stalls && available() < 4 * floor_pages())
		nr = 1;
	if (nr)
		dr_yield(b, max(nr, dr_yield_step(b)), DR_COUNT_YIELD_STALL);
}

/* Look at the guest, and do something about what is seen. */
static void react(struct dr_balloon *b)
{
	if (!mutex_trylock(&b->pressure.lock))
		return;
	look_and_react(b);
	mutex_unlock(&b->pressure.lock);
}

/**
 * dr_pressure_calm() - may the balloon inflate now?
 * @b: the balloon
 *
 * Context: the resize work.
 * Return: whether it may.
 */
bool dr_pressure_calm(struct dr_balloon *b)
{
	struct dr_pressure *p = &b->pressure;

	react(b);
	if (time_before(jiffies, p->calm_at))
		return false;
	/* It was calm for as long as the last pause: begin anew. */
	if (time_after(jiffies, p->calm_at + p->pause))
		p->pause = PAUSE_MIN;
	return true;
}

/**
 * dr_pressure_watch() - look at the guest while the balloon holds something
 * @work: &dr_balloon.watch, which wakes no processor that sleeps
 */
void dr_pressure_watch(struct work_struct *work)
{
	struct dr_balloon *b = container_of(to_delayed_work(work),
					    struct dr_balloon, watch);

	if (READ_ONCE(b->stopping) || !dr_pages_held(b))
		return;
	react(b);
	queue_delayed_work(b->wq, &b->watch, msecs_to_jiffies(WATCH_MSECS));
}

static int shrinker_init(struct dr_balloon *b)
{
	b->shrinker = shrinker_alloc(0, "denseram_balloon");
	if (!b->shrinker)
		return -ENOMEM;
	b->shrinker->count_objects = shrinker_count;
	b->shrinker->scan_objects = shrinker_scan;
	b->shrinker->private_data = b;
	/* What it gives costs no I/O: ask it first. */
	b->shrinker->seeks = 0;
	shrinker_register(b->shrinker);
	return 0;
}

/**
 * dr_pressure_init() - listen to the guest's needs
 * @b: the balloon
 *
 * Return: 0 or a negative errno.
 */
int dr_pressure_init(struct dr_balloon *b)
{
	struct dr_pressure *p = &b->pressure;
	int err;

	p->events = kcalloc(NR_VM_EVENT_ITEMS, sizeof(*p->events), GFP_KERNEL);
	if (!p->events)
		return -ENOMEM;
	mutex_init(&p->lock);
	p->pause = PAUSE_MIN;
	p->calm_at = jiffies;
	p->last = jiffies - 2 * HZ;
	look(p);
	if (!virtio_has_feature(b->vdev, VIRTIO_BALLOON_F_DEFLATE_ON_OOM))
		return 0;
	err = shrinker_init(b);
	if (err)
		goto free_events;
	b->oom.notifier_call = oom_notify;
	err = register_oom_notifier(&b->oom);
	if (err)
		goto free_shrinker;
	return 0;

free_shrinker:
	shrinker_free(b->shrinker);
free_events:
	kfree(p->events);
	return err;
}

/**
 * dr_pressure_exit() - stop listening
 * @b: the balloon; nobody asks it for pages afterwards, and no work of it runs
 */
void dr_pressure_exit(struct dr_balloon *b)
{
	if (b->shrinker) {
		unregister_oom_notifier(&b->oom);
		shrinker_free(b->shrinker);
	}
	kfree(b->pressure.events);
}
