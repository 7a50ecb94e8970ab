/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DENSERAM_BALLOON_H
#define _DENSERAM_BALLOON_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/page_reporting.h>
#include <linux/scatterlist.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/virtio.h>
#include <uapi/linux/virtio_balloon.h>
#include <uapi/linux/virtio_types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "balloon_core.h"

/* Frames in one message; QEMU and the in-tree driver know no more. */
#define DR_MESSAGE_FRAMES	256U

/* A block is what the host can give and take at one go. */
#define DR_BLOCK_ORDER		9
#define DR_BLOCK_PAGES		512U

/* Runs of blocks in one message: no chain may be longer than the queue. */
#define DR_MESSAGE_RUNS		32U

struct dentry;
struct dr_balloon;
struct shrinker;

/**
 * enum dr_count - what a balloon counts; names are in counters.c
 * @DR_COUNT_MESSAGES: messages sent to the host
 * @DR_COUNT_BLOCKS_IN: blocks given to the host
 * @DR_COUNT_PAGES_IN: single pages given to the host
 * @DR_COUNT_BLOCKS_OUT: blocks taken back
 * @DR_COUNT_PAGES_OUT: single pages taken back
 * @DR_COUNT_BLOCK_FAILS: rounds for which not enough blocks were free
 * @DR_COUNT_PAGE_FAILS: messages for which not enough pages were free
 * @DR_COUNT_PAUSES: inflation stopped for the guest's sake
 * @DR_COUNT_YIELD_SHRINKER: pages given back to reclaim
 * @DR_COUNT_YIELD_OOM: pages given back instead of a kill
 * @DR_COUNT_YIELD_STALL: pages given back because of stalls and swapping
 * @DR_COUNT_MIGRATIONS: pages moved by compaction
 * @DR_COUNT_REPORTED: free pages reported
 * @DR_COUNT_HINTED: free pages named to a migration
 * @DR_COUNT_STATS: statistics sent
 * @DR_NR_COUNTS: how many there are
 */
enum dr_count {
	DR_COUNT_MESSAGES,
	DR_COUNT_BLOCKS_IN,
	DR_COUNT_PAGES_IN,
	DR_COUNT_BLOCKS_OUT,
	DR_COUNT_PAGES_OUT,
	DR_COUNT_BLOCK_FAILS,
	DR_COUNT_PAGE_FAILS,
	DR_COUNT_PAUSES,
	DR_COUNT_YIELD_SHRINKER,
	DR_COUNT_YIELD_OOM,
	DR_COUNT_YIELD_STALL,
	DR_COUNT_MIGRATIONS,
	DR_COUNT_REPORTED,
	DR_COUNT_HINTED,
	DR_COUNT_STATS,
	DR_NR_COUNTS,
};

/**
 * struct dr_wire - one direction of talk with the host
 * @vq: its queue; NULL when the host has none
 * @lock: one message at a time; held while the host works on it, so nothing
 *	that must make progress waits for it
 * @frames: the message under way
 * @sg: likewise, for blocks
 */
struct dr_wire {
	struct virtqueue *vq;
	struct mutex lock;	/* the message under way */
	__virtio32 frames[DR_MESSAGE_FRAMES];
	struct scatterlist sg[DR_MESSAGE_RUNS];
};

/**
 * struct dr_pressure - how the guest is doing
 * @lock: one look at a time; who comes second need not look
 * @stalls: allocations that had to reclaim, when last looked at
 * @swapped: pages swapped out, likewise
 * @refaults: pages that came back soon after they were dropped, likewise
 * @events: room for the kernel's event counters
 * @calm_at: jiffies from which on inflating may go on
 * @pause: jiffies to pause the next time
 * @step: pages to give back the next time; doubles while calls keep coming
 * @last: jiffies of the last call
 *
 * @step and @last are under dr_balloon.lock.
 */
struct dr_pressure {
	struct mutex lock;	/* all but @step and @last */
	unsigned long stalls;
	unsigned long swapped;
	unsigned long refaults;
	unsigned long *events;
	unsigned long calm_at;
	unsigned long pause;
	unsigned int step;
	unsigned long last;
};

/**
 * struct dr_balloon - the balloon of this guest
 * @vdev: the virtio device, which owns this
 * @inflate: frames that the host may take
 * @deflate: frames that the guest wants back
 * @report: blocks that the host may take: ours, and free ones of the guest
 * @stats_vq: what the guest tells of its memory
 * @hint_vq: free pages that a migration may leave out
 * @acked: woken when the host is done with a message, or never will be, and when
 *	there is room in @untold again
 * @stopping: no message is sent any more
 * @forgotten: the device was reset: the host has no message of ours
 * @wq: runs all works below; frozen during suspend
 * @resize: moves the balloon towards its target, a round at a time
 * @stats_work: answers the host's question for statistics
 * @hint_work: answers its question for free pages
 * @watch: looks whether the guest stalls
 * @oom: gives pages back when the guest runs out of memory
 * @shrinker: gives pages back when it is about to
 * @reporting: reports free blocks
 * @is_reporting: it is registered
 * @poisoned: free pages have a content, so that reported ones are not dropped
 * @stats: the answer under way
 * @stats_at: jiffies of the last answer
 * @hints: blocks that a migration leaves out, until it is over
 * @hint_id: number of the host's question, as it goes into the answer
 * @hint_asked: the last question, in the CPU's order
 * @pressure: how the guest is doing
 * @migratable: single pages, known to compaction
 * @lock: guards what follows; taken by shrinker and OOM notifier, so nobody
 *	sleeps or allocates under it
 * @blocks: the blocks the host may have taken, through page->lru
 * @nr_blocks: how many
 * @nr_lent: blocks that are held, but not in @blocks for a moment
 * @nr_pages: single pages in @migratable, those that compaction has taken out
 *	for a moment included
 * @nr_flying: pages on their way to the host: nobody's for a moment
 * @untold: frames of pages that were taken back before the host was told
 * @nr_untold: how many
 * @asked: the host asks for a size, a new one or the same again
 * @was_up: the last round inflated; by the resize work alone
 * @moved_at: jiffies of the last round, likewise
 * @yielded: the guest took pages back on its own; no inflating until the
 *	host asks again
 * @nr_yielded: how many since the host last asked
 * @debugfs: its directory
 * @counts: by enum dr_count
 *
 * One for each device, made by probe, freed by remove.
 */
struct dr_balloon {
	struct virtio_device *vdev;
	struct dr_wire inflate;
	struct dr_wire deflate;
	struct dr_wire report;
	struct virtqueue *stats_vq;
	struct virtqueue *hint_vq;
	wait_queue_head_t acked;
	bool stopping;
	bool forgotten;

	struct workqueue_struct *wq;
	struct delayed_work resize;
	struct delayed_work stats_work;
	struct delayed_work hint_work;
	struct delayed_work watch;
	struct notifier_block oom;
	struct shrinker *shrinker;
	struct page_reporting_dev_info reporting;
	bool is_reporting;
	bool poisoned;

	struct virtio_balloon_stat stats[VIRTIO_BALLOON_S_NR];
	unsigned long stats_at;
	struct list_head hints;
	__virtio32 hint_id;
	u32 hint_asked;
	struct dr_pressure pressure;
	struct balloon_dev_info migratable;

	spinlock_t lock;	/* all below, but for the counters */
	struct list_head blocks;
	unsigned int nr_blocks;
	unsigned int nr_lent;
	unsigned int nr_pages;
	unsigned int nr_flying;
	__virtio32 untold[DR_MESSAGE_FRAMES];
	unsigned int nr_untold;
	bool yielded;
	unsigned int nr_yielded;
	bool asked;
	bool was_up;
	unsigned long moved_at;

	struct dentry *debugfs;
	atomic64_t counts[DR_NR_COUNTS];
};

static inline void dr_count(struct dr_balloon *b, enum dr_count what,
			    unsigned int nr)
{
	atomic64_add(nr, &b->counts[what]);
}

/* wire.c: talk to the host */
int dr_wire_init(struct dr_balloon *b);
void dr_wire_forget(struct dr_balloon *b);
void dr_wire_exit(struct dr_balloon *b);
int dr_wire_frames(struct dr_balloon *b, struct dr_wire *wire,
		   unsigned int nr);
int dr_wire_blocks(struct dr_balloon *b, struct scatterlist *sg,
		   unsigned int nr);
bool dr_wire_wait(struct dr_balloon *b, struct virtqueue *vq);

/* resize.c: how many pages the host gets */
void dr_resize_work(struct work_struct *work);
void dr_resize_wake(struct dr_balloon *b);
void dr_resize_kick(struct dr_balloon *b);

/* pages.c: which pages */
bool dr_pages_use_blocks(const struct dr_balloon *b);
unsigned int dr_pages_alloc_blocks(struct dr_balloon *b,
				   struct list_head *blocks, unsigned int nr,
				   unsigned int msecs);
unsigned int dr_pages_alloc(struct dr_balloon *b, struct list_head *pages,
			    unsigned int nr);
void dr_pages_free_block(struct page *block);
void dr_pages_free(struct list_head *pages);
void dr_pages_hold_blocks(struct dr_balloon *b, struct list_head *blocks);
void dr_pages_hold(struct dr_balloon *b, struct list_head *pages,
		   unsigned int nr);
struct page *dr_pages_release_block(struct dr_balloon *b);
struct page *dr_pages_lend_block(struct dr_balloon *b);
void dr_pages_return_blocks(struct dr_balloon *b, struct list_head *list);
unsigned int dr_pages_release(struct dr_balloon *b, struct list_head *pages,
			      unsigned int nr);
void dr_pages_split_block(struct dr_balloon *b);
unsigned int dr_pages_held(struct dr_balloon *b);
void dr_pages_empty(struct dr_balloon *b);
__virtio32 dr_pages_frame(struct dr_balloon *b, const struct page *page);

/* migrate.c: compaction moves single pages */
void dr_migrate_init(struct dr_balloon *b);

/* yield.c: give pages back without asking anybody */
unsigned int dr_yield(struct dr_balloon *b, unsigned int nr,
		      enum dr_count why);
unsigned int dr_yield_step(struct dr_balloon *b);
bool dr_yield_allowed(struct dr_balloon *b);
bool dr_yield_is_full(const struct dr_balloon *b);

/* pressure.c: when the guest needs them itself */
int dr_pressure_init(struct dr_balloon *b);
void dr_pressure_exit(struct dr_balloon *b);
void dr_pressure_watch(struct work_struct *work);
bool dr_pressure_calm(struct dr_balloon *b);
unsigned long dr_pressure_spare(void);

/* report.c: free blocks of the guest */
void dr_report_init(struct dr_balloon *b);
void dr_report_exit(struct dr_balloon *b);

/* stats.c: what the guest tells of its memory */
void dr_stats_work(struct work_struct *work);
void dr_stats_start(struct dr_balloon *b);
void dr_stats_asked(struct virtqueue *vq);

/* hint.c: free pages during a migration */
void dr_hint_work(struct work_struct *work);
void dr_hint_wake(struct dr_balloon *b);
void dr_hint_drop(struct dr_balloon *b);

/* counters.c: what can be seen in debugfs */
void dr_counters_init(void);
void dr_counters_exit(void);
void dr_counters_add(struct dr_balloon *b);
void dr_counters_del(struct dr_balloon *b);

#endif /* _DENSERAM_BALLOON_H */
