// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which file to scan next, and when: passes over files begin, are picked by
 * the work left in them, and end.
 */
#include <linux/random.h>

#include "dedup.h"
#include "guest.h"
#include "passes.h"

/* A fresh pass starts when so many pages are new; fewer wait for a routine one. */
#define FRESH_ENOUGH	64

/* Spans skipped at a time, while others wait for the scanner's lock. */
#define SKIP_MAX	256

/* Routine passes that find little come ever less often, down to this. */
#define PAUSE_MAX	(120 * HZ)

/* A pass has found little when it gave back less than one page in these. */
#define LITTLE		64

/* Guards the list of files, and who works on which. */
static DEFINE_MUTEX(scan_lock);
static LIST_HEAD(scan_files);

static atomic64_t passes = ATOMIC64_INIT(0);

/* Pages hashed, and when: for the rate. Under scan_lock. */
static struct {
	unsigned long since;
	unsigned long hashed;
	unsigned int rate;
} meter;

/**
 * dr_scan_note_fresh() - pages of a span are new
 * @gm: the file
 * @span: the span
 * @nr: how many
 *
 * Context: any; the next pass looks at them.
 */
void dr_scan_note_fresh(struct dr_gmem *gm, struct dr_span *span, long nr)
{
	WRITE_ONCE(span->fresh, true);
	atomic_long_add(nr, &gm->scan.fresh);
}

/**
 * dr_scan_add() - have a file scanned from now on
 * @gm: a new file
 */
void dr_scan_add(struct dr_gmem *gm)
{
	struct dr_scan *s = &gm->scan;

	s->pause = dr_knob(DR_KNOB_INTERVAL) * HZ;
	s->due = jiffies + s->pause;
	mutex_lock(&scan_lock);
	list_add_tail(&s->node, &scan_files);
	mutex_unlock(&scan_lock);
}

/**
 * dr_scan_remove() - have a file scanned no more
 * @gm: a file whose inode is being evicted; scanners may still have it pinned
 */
void dr_scan_remove(struct dr_gmem *gm)
{
	mutex_lock(&scan_lock);
	list_del(&gm->scan.node);
	mutex_unlock(&scan_lock);
}

static struct dr_gmem *gmem_of(struct list_head *node)
{
	return container_of(node, struct dr_gmem, scan.node);
}

/**
 * dr_scan_restart() - start a routine pass now that visits every page
 * @guest: over its files; NULL for all files
 */
void dr_scan_restart(const struct dr_guest *guest)
{
	struct list_head *node;

	mutex_lock(&scan_lock);
	list_for_each(node, &scan_files) {
		struct dr_scan *s = &gmem_of(node)->scan;

		if (guest && gmem_of(node)->guest != guest)
			continue;
		s->pause = dr_knob(DR_KNOB_INTERVAL) * HZ;
		s->due = jiffies;
		s->everything = true;
	}
	mutex_unlock(&scan_lock);
}

/* Does the guest of a file take part, here and now? */
bool dr_scan_wanted(const struct dr_gmem *gm)
{
	const struct dr_guest *guest = gm->guest;

	return READ_ONCE(guest->scanned) && !READ_ONCE(guest->migrating);
}

/* Start a pass over a file if there is reason to. */
static void start_pass(struct dr_gmem *gm)
{
	struct dr_scan *s = &gm->scan;
	bool routine = time_after_eq(jiffies, s->due);
	long fresh = atomic_long_read(&s->fresh);

	/* What is put off is put off for a second at least. */
	if (!routine && (fresh < FRESH_ENOUGH ||
			 time_before(jiffies, s->begun + HZ)))
		return;
	s->begun = jiffies;
	atomic_long_sub(fresh, &s->fresh);
	s->fresh_only = !routine;
	s->fast = fresh >= FRESH_ENOUGH || s->everything;
	/* Fresh passes look at what was never seen: its due date is now. */
	if (routine) {
		s->pass++;
		s->thorough = s->everything;
		s->everything = false;
	}
	s->visited = 0;
	s->gained = 0;
	dr_stride_start(&s->walk, DIV_ROUND_UP(dr_gmem_pages(gm),
					       DR_SPAN_PAGES),
			get_random_u64());
}

static void end_pass(struct dr_gmem *gm)
{
	struct dr_scan *s = &gm->scan;
	unsigned long base = dr_knob(DR_KNOB_INTERVAL) * HZ;

	atomic64_inc(&passes);
	if (s->fresh_only)
		return;
	if (s->gained * LITTLE < s->visited || !s->visited)
		s->pause = min(s->pause * 2, max(base, PAUSE_MAX));
	else
		s->pause = base;
	/* Somebody may have asked for another one meanwhile. */
	s->due = s->everything ? jiffies : jiffies + s->pause;
}

/* Work left in a file, as the weight with which it is picked. */
static u64 weight_of(struct dr_gmem *gm)
{
	struct dr_scan *s = &gm->scan;

	if (s->busy || !dr_scan_wanted(gm))
		return 0;
	if (!s->walk.left)
		start_pass(gm);
	return s->walk.left;
}

/* A file with work to do, chosen by chance in proportion to it, or NULL. */
static struct dr_gmem *pick_file(void)
{
	struct list_head *node;
	u64 total = 0, pick;

	lockdep_assert_held(&scan_lock);
	list_for_each(node, &scan_files)
		total += weight_of(gmem_of(node));
	if (!total)
		return NULL;
	pick = get_random_u64() % total;
	list_for_each(node, &scan_files) {
		struct dr_gmem *gm = gmem_of(node);
		u64 weight = gm->scan.busy || !dr_scan_wanted(gm) ? 0 :
			     gm->scan.walk.left;

		if (pick < weight)
			return gm;
		pick -= weight;
	}
	return NULL;
}

/**
 * dr_pass_take() - take a file to visit a span of it
 *
 * Context: may sleep.
 * Return: the file, pinned and the caller's alone until dr_pass_leave(); or NULL
 * when there is nothing to do.
 */
struct dr_gmem *dr_pass_take(void)
{
	struct dr_gmem *gm;

	mutex_lock(&scan_lock);
	gm = pick_file();
	if (gm) {
		gm->scan.busy = true;
		dr_gmem_pin(gm);
	}
	mutex_unlock(&scan_lock);
	return gm;
}

static void meter_add(unsigned long hashed)
{
	unsigned long passed = jiffies - meter.since;

	lockdep_assert_held(&scan_lock);
	meter.hashed += hashed;
	if (passed < 2 * HZ)
		return;
	meter.rate = meter.hashed * HZ / passed;
	meter.hashed = 0;
	meter.since = jiffies;
}

/**
 * dr_pass_leave() - give a file back after a visit
 * @gm: the file, from dr_pass_take()
 * @v: what the visit was and found
 */
void dr_pass_leave(struct dr_gmem *gm, const struct dr_visit *v)
{
	struct dr_scan *s = &gm->scan;

	mutex_lock(&scan_lock);
	s->visited += v->visited;
	s->gained += v->gained;
	if (v->again)
		atomic_long_add(FRESH_ENOUGH, &s->fresh);
	if (!s->walk.left)
		end_pass(gm);
	s->busy = false;
	meter_add(v->visited);
	mutex_unlock(&scan_lock);
	dr_gmem_unpin(gm);
}

/**
 * dr_pass_next() - the next span that the pass over a file wants to see
 * @gm: the file, from dr_pass_take()
 *
 * Return: the span; or NULL: the pass is over, or others should have a turn.
 */
struct dr_span *dr_pass_next(struct dr_gmem *gm)
{
	struct dr_scan *s = &gm->scan;
	struct dr_span *span;
	int skip = SKIP_MAX;

	while (s->walk.left && skip--) {
		span = dr_span_find(gm, dr_stride_next(&s->walk) <<
					DR_SPAN_ORDER);
		if (span && (!s->fresh_only || READ_ONCE(span->fresh)))
			return span;
	}
	return NULL;
}

/* Pages the host holds for guests: the table of contents grows with them. */
unsigned long dr_pass_pages(void)
{
	unsigned long pages = 0;
	struct list_head *node;

	mutex_lock(&scan_lock);
	list_for_each(node, &scan_files)
		pages += dr_gmem_charged(gmem_of(node));
	mutex_unlock(&scan_lock);
	return pages;
}

/**
 * dr_pass_fill() - describe the passes
 * @s: number of passes and rate are filled in
 */
void dr_pass_fill(struct dr_share_status *s)
{
	s->passes = atomic64_read(&passes);
	mutex_lock(&scan_lock);
	meter_add(0);
	s->scan_rate = meter.rate;
	mutex_unlock(&scan_lock);
}
