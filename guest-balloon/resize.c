// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Resizing
 *
 * The host writes the number of pages it wants into the device's config space
 * and raises an interrupt. A work item compares that with the pages held and
 * moves one round in the right direction; then it reports the new size and
 * queues itself again until both agree. Rounds keep the work item freezable, and
 * let a new target count at once.
 *
 * Memory goes to the host in blocks of 2 MiB where that is possible: up to 64 of
 * them in one message on the queue for free page reporting, which names runs of
 * blocks side by side. To the host they are free memory that the guest does not
 * use, dropped run by run; that the guest keeps them is the guest's affair, and
 * the size it reports. What
 * is left, and a guest in fragments, goes in messages of 256 frame numbers on
 * the inflate queue, for which QEMU makes two system calls a page.
 *
 * A round takes no more than the guest can spare at that moment, and none when
 * it is under pressure, so that an absurd target, or one that changes all the
 * time, costs the guest nothing but the round. A change of direction waits for a
 * moment. A guest whose processors are busy inflates in what they leave, about a
 * thirtieth; taking memory back is as urgent as all else.
 */
#include "denseram_balloon.h"

#include <linux/jiffies.h>
#include <linux/list_sort.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/virtio_config.h>

static_assert(PAGE_SHIFT == VIRTIO_BALLOON_PFN_SHIFT);

#define RETRY_MSECS	200
#define TURN_MSECS	100
/* Single pages a round moves: 2 MiB. */
#define ROUND_PAGES	512U
/* Blocks: 128 MiB, or what there is time for. They are nobody's meanwhile. */
#define ROUND_BLOCKS	64U
#define ROUND_MSECS	1000
/* Who inflates gets 3 % of a processor that a process wants as well. */
#define INFLATE_NICE	15

static unsigned int wanted_pages(struct dr_balloon *b)
{
	u32 nr;

	virtio_cread_le(b->vdev, struct virtio_balloon_config, num_pages, &nr);
	return nr;
}

static void report_size(struct dr_balloon *b)
{
	u32 nr = dr_pages_held(b);

	virtio_cwrite_le(b->vdev, struct virtio_balloon_config, actual, &nr);
}

/* Pages on their way: who is out of memory waits for them. */
static void fly(struct dr_balloon *b, unsigned int nr)
{
	spin_lock(&b->lock);
	b->nr_flying = nr;
	spin_unlock(&b->lock);
}

static void land(struct dr_balloon *b)
{
	fly(b, 0);
	wake_up_all(&b->acked);
}

static void free_blocks(struct list_head *list)
{
	struct page *block, *next;

	list_for_each_entry_safe(block, next, list, lru) {
		list_del(&block->lru);
		dr_pages_free_block(block);
	}
}

/* ---- inflating by blocks */

static int by_address(void *unused, const struct list_head *a,
		      const struct list_head *b)
{
	return page_to_pfn(list_entry(a, struct page, lru)) >
	       page_to_pfn(list_entry(b, struct page, lru));
}

static unsigned int message_runs(struct dr_balloon *b)
{
	return min(DR_MESSAGE_RUNS, virtqueue_get_vring_size(b->report.vq));
}

/*
 * Make a message of blocks in the order of their addresses: those side by side
 * are one run, which the host drops at one go. They move from @list to @sent.
 */
static unsigned int take_runs(struct dr_balloon *b, struct list_head *list,
			      struct list_head *sent)
{
	unsigned int runs = 0, most = message_runs(b);
	struct scatterlist *sg = b->report.sg;
	struct page *block, *next;
	unsigned long end = 0;

	sg_init_table(sg, most);
	list_for_each_entry_safe(block, next, list, lru) {
		if (runs && page_to_pfn(block) == end)
			sg[runs - 1].length += DR_BLOCK_PAGES << PAGE_SHIFT;
		else if (runs < most)
			sg_set_page(&sg[runs++], block,
				    DR_BLOCK_PAGES << PAGE_SHIFT, 0);
		else
			break;
		end = page_to_pfn(block) + DR_BLOCK_PAGES;
		list_move_tail(&block->lru, sent);
	}
	sg_mark_end(&sg[runs - 1]);
	return runs;
}

/*
 * When there is no answer the host has forgotten the message, or is gone: the
 * blocks are the guest's. They are, too, when the guest has run short meanwhile.
 */
static int send_runs(struct dr_balloon *b, struct list_head *list)
{
	LIST_HEAD(sent);
	int err;

	mutex_lock(&b->report.lock);
	err = dr_wire_blocks(b, b->report.sg, take_runs(b, list, &sent));
	mutex_unlock(&b->report.lock);
	if (!err && READ_ONCE(b->yielded))
		err = -EAGAIN;
	if (err)
		free_blocks(&sent);
	else
		dr_pages_hold_blocks(b, &sent);
	return err;
}

/* Return: how many pages, or a negative errno. */
static int inflate_blocks(struct dr_balloon *b, unsigned int nr)
{
	LIST_HEAD(list);
	unsigned int got;
	int err = 0;

	nr = min(nr / DR_BLOCK_PAGES, ROUND_BLOCKS);
	if (!nr)
		return 0;
	/* From the first on they are nobody's, and zeroing takes its time. */
	fly(b, nr * DR_BLOCK_PAGES);
	got = dr_pages_alloc_blocks(b, &list, nr, ROUND_MSECS);
	list_sort(NULL, &list, by_address);
	while (!err && !list_empty(&list))
		err = READ_ONCE(b->yielded) ? -EAGAIN : send_runs(b, &list);
	/* Allocating may have been what ran the guest short. */
	free_blocks(&list);
	land(b);
	return err ? err : got * DR_BLOCK_PAGES;
}

/* ---- inflating by single pages */

static int send_pages(struct dr_balloon *b, struct list_head *list,
		      unsigned int nr)
{
	struct page *page;
	unsigned int i = 0;
	int err;

	mutex_lock(&b->inflate.lock);
	list_for_each_entry(page, list, lru)
		b->inflate.frames[i++] = dr_pages_frame(b, page);
	err = dr_wire_frames(b, &b->inflate, nr);
	mutex_unlock(&b->inflate.lock);
	return err;
}

/* Return: how many, or a negative errno. */
static int inflate_message(struct dr_balloon *b, unsigned int nr)
{
	LIST_HEAD(list);
	unsigned int got;
	int err;

	got = dr_pages_alloc(b, &list, min(nr, DR_MESSAGE_FRAMES));
	if (!got)
		return -ENOMEM;
	fly(b, got);
	err = READ_ONCE(b->yielded) ? -EAGAIN : send_pages(b, &list, got);
	if (err)
		dr_pages_free(&list);
	else
		dr_pages_hold(b, &list, got);
	land(b);
	return err ? err : got;
}

static int inflate_pages(struct dr_balloon *b, unsigned int nr)
{
	unsigned int done = 0;
	int got;

	for (nr = min(nr, ROUND_PAGES); done < nr; done += got) {
		got = inflate_message(b, nr - done);
		if (got < 0)
			return got;
	}
	return 0;
}

static int inflate(struct dr_balloon *b, unsigned int nr)
{
	unsigned long spare = dr_pressure_spare();
	int got = 0;

	if (READ_ONCE(b->yielded))
		return -EAGAIN;
	if (!dr_pressure_calm(b))
		return -EBUSY;
	nr = min_t(unsigned long, nr, spare);
	if (!nr)
		return -ENOMEM;
	if (dr_pages_use_blocks(b))
		got = inflate_blocks(b, nr);
	if (!got)
		got = inflate_pages(b, nr);
	return min(got, 0);
}

/*
 * Most of inflating is zeroing, in a guest that zeroes what is allocated, and
 * takes all of a processor for as long as it lasts: processes come first.
 */
static int inflate_gently(struct dr_balloon *b, unsigned int nr)
{
	int nice = task_nice(current), err;

	set_user_nice(current, INFLATE_NICE);
	err = inflate(b, nr);
	set_user_nice(current, nice);
	return err;
}

/* ---- deflating */

/*
 * Take back up to one message of single pages. They are the guest's again even
 * if the host is gone: their content is of no value, and nobody else has them.
 */
static int deflate_message(struct dr_balloon *b, unsigned int nr)
{
	struct page *page;
	LIST_HEAD(list);
	unsigned int i = 0;
	int err = 0;

	mutex_lock(&b->deflate.lock);
	nr = dr_pages_release(b, &list, min(nr, DR_MESSAGE_FRAMES));
	list_for_each_entry(page, &list, lru)
		b->deflate.frames[i++] = dr_pages_frame(b, page);
	if (nr)
		err = dr_wire_frames(b, &b->deflate, nr);
	mutex_unlock(&b->deflate.lock);
	dr_pages_free(&list);
	/* All that is left is with compaction: it will be back. */
	return err || nr ? err : -EBUSY;
}

/* Tell the host of pages that were taken back in a hurry. */
static int tell_untold(struct dr_balloon *b)
{
	unsigned int nr;
	int err = 0;

	mutex_lock(&b->deflate.lock);
	spin_lock(&b->lock);
	nr = b->nr_untold;
	memcpy(b->deflate.frames, b->untold, nr * sizeof(b->untold[0]));
	b->nr_untold = 0;
	spin_unlock(&b->lock);
	if (nr) {
		/* There is room again: who is out of memory waits for it. */
		wake_up_all(&b->acked);
		err = dr_wire_frames(b, &b->deflate, nr);
	}
	mutex_unlock(&b->deflate.lock);
	return err;
}

/* The host takes back blocks without a message: all that are too many. */
static unsigned int deflate_blocks(struct dr_balloon *b, unsigned int nr)
{
	struct page *block;

	while (nr >= DR_BLOCK_PAGES) {
		block = dr_pages_release_block(b);
		if (!block)
			break;
		dr_pages_free_block(block);
		nr -= DR_BLOCK_PAGES;
		cond_resched();
	}
	return nr;
}

static int deflate(struct dr_balloon *b, unsigned int nr)
{
	int err = 0;

	nr = min(deflate_blocks(b, nr), ROUND_PAGES);
	if (nr && !READ_ONCE(b->nr_pages))
		dr_pages_split_block(b);
	for (; nr && !err; nr -= min(nr, DR_MESSAGE_FRAMES))
		err = deflate_message(b, nr);
	return err;
}

/* ---- rounds */

/* A target that goes up and down all the time is followed at leisure. */
static bool turns(struct dr_balloon *b, bool up)
{
	bool turned = up != b->was_up &&
		      time_before(jiffies, b->moved_at +
				  msecs_to_jiffies(TURN_MSECS));

	if (!turned) {
		b->was_up = up;
		b->moved_at = jiffies;
	}
	return turned;
}

/* The host asked: what the guest took back it may want again. */
static void note_request(struct dr_balloon *b)
{
	if (!xchg(&b->asked, false))
		return;
	spin_lock(&b->lock);
	b->yielded = false;
	b->nr_yielded = 0;
	spin_unlock(&b->lock);
}

/* Move one round towards the target; 0 when there or closer. */
static int resize(struct dr_balloon *b, bool *there)
{
	unsigned int wanted, held;
	int err = tell_untold(b);

	if (err)
		return err;
	wanted = wanted_pages(b);
	held = dr_pages_held(b);
	*there = wanted == held;
	if (*there)
		return 0;
	if (turns(b, wanted > held))
		return -EINPROGRESS;
	return wanted > held ? inflate_gently(b, wanted - held) :
			       deflate(b, held - wanted);
}

static void again(struct dr_balloon *b, unsigned int msecs)
{
	if (!READ_ONCE(b->stopping))
		queue_delayed_work(b->wq, &b->resize, msecs_to_jiffies(msecs));
}

static void follow_up(struct dr_balloon *b, int err, bool there)
{
	switch (err) {
	case 0:
		if (!there)
			again(b, 0);
		break;
	case -ENOMEM:
	case -EBUSY:
		/* Nothing to spare now, or under pressure: ask again soon. */
		again(b, RETRY_MSECS);
		break;
	case -EINPROGRESS:
		again(b, TURN_MSECS);
		break;
	case -EAGAIN:
		/* The guest took pages back: the host decides what follows. */
	case -ENODEV:
		/* The device is being stopped. */
		break;
	default:
		/* The device is broken: remove or a reset comes next. */
		if (!READ_ONCE(b->stopping))
			dev_warn_ratelimited(&b->vdev->dev,
					     "resizing failed: %d\n", err);
	}
}

/**
 * dr_resize_work() - one round, and when to go on
 * @work: &dr_balloon.resize
 */
void dr_resize_work(struct work_struct *work)
{
	struct dr_balloon *b = container_of(to_delayed_work(work),
					    struct dr_balloon, resize);
	bool there = false;
	int err;

	if (READ_ONCE(b->stopping))
		return;
	note_request(b);
	err = resize(b, &there);
	report_size(b);
	follow_up(b, err, there);
	if (dr_pages_held(b))
		queue_delayed_work(b->wq, &b->watch, HZ / 4);
}

/**
 * dr_resize_kick() - a round is due
 * @b: the balloon
 *
 * Context: any.
 */
void dr_resize_kick(struct dr_balloon *b)
{
	if (!READ_ONCE(b->stopping))
		mod_delayed_work(b->wq, &b->resize, 0);
}

/**
 * dr_resize_wake() - the host asks for a size, a new one or the same again
 * @b: the balloon
 *
 * Context: any.
 */
void dr_resize_wake(struct dr_balloon *b)
{
	WRITE_ONCE(b->asked, true);
	dr_resize_kick(b);
}
