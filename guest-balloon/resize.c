// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Resizing
 *
 * The host writes the number of pages it wants into the device's config space
 * and raises an interrupt. A work item compares that with the pages held and
 * moves one round, 2 MiB or less, in the right direction; then it reports the
 * new size and queues itself again until both agree. One round at a time keeps
 * the lock free for the OOM notifier and the work item freezable.
 *
 * A message carries 256 frame numbers. The host is done with it when it
 * returns the buffer, and only then are pages reused: this is what
 * VIRTIO_BALLOON_F_MUST_TELL_HOST asks for, and costs nothing when the host
 * does not.
 */
#include "denseram_balloon.h"

#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/virtio_config.h>
#include <uapi/linux/virtio_balloon.h>

static_assert(PAGE_SHIFT == VIRTIO_BALLOON_PFN_SHIFT);

#define RETRY_MSECS	200

static unsigned int wanted_pages(struct dr_balloon *b)
{
	u32 nr;

	virtio_cread_le(b->vdev, struct virtio_balloon_config, num_pages, &nr);
	return nr;
}

static void report_size(struct dr_balloon *b)
{
	u32 nr = b->held;

	virtio_cwrite_le(b->vdev, struct virtio_balloon_config, actual, &nr);
}

/* The host returned the message, or never will. */
static bool message_done(struct virtqueue *vq)
{
	unsigned int len;

	return virtqueue_get_buf(vq, &len) || virtqueue_is_broken(vq);
}

/*
 * Send the first @nr frames and wait until the host has dealt with them.
 * Look for a broken queue from time to time: an unplugged device wakes nobody.
 */
static int send_frames(struct dr_balloon *b, struct virtqueue *vq,
		       unsigned int nr)
{
	struct scatterlist sg;
	int err;

	lockdep_assert_held(&b->lock);
	sg_init_one(&sg, b->frames, nr * sizeof(b->frames[0]));
	err = virtqueue_add_outbuf(vq, &sg, 1, b, GFP_NOWAIT);
	if (err)
		return err;
	virtqueue_kick(vq);
	while (!wait_event_timeout(b->acked, message_done(vq), HZ))
		;
	return virtqueue_is_broken(vq) ? -EIO : 0;
}

static __virtio32 frame_of(struct dr_balloon *b, struct page *page)
{
	return cpu_to_virtio32(b->vdev, page_to_pfn(page));
}

/* Hand over up to one message of @pages. */
static int inflate_message(struct dr_balloon *b, struct list_head *pages)
{
	struct page *page, *next;
	unsigned int nr = 0;

	list_for_each_entry_safe(page, next, pages, lru) {
		if (nr == DR_MESSAGE_FRAMES)
			break;
		list_del(&page->lru);
		dr_pages_hold(b, page);
		b->frames[nr++] = frame_of(b, page);
	}
	return send_frames(b, b->inflate_vq, nr);
}

static int inflate(struct dr_balloon *b, unsigned int nr)
{
	LIST_HEAD(pages);
	int err = 0;

	if (READ_ONCE(b->yielded))
		return -EAGAIN;
	if (!dr_pages_alloc(&pages, min(nr, DR_ROUND_PAGES)))
		return -ENOMEM;
	mutex_lock(&b->lock);
	/* Allocating may have been what ran the guest out of memory. */
	if (b->yielded)
		err = -EAGAIN;
	while (!err && !list_empty(&pages))
		err = inflate_message(b, &pages);
	report_size(b);
	mutex_unlock(&b->lock);
	dr_pages_free(&pages);
	return err;
}

/*
 * Take back up to one message of pages. They are the guest's again even if
 * the host is gone: their content is of no value, and nobody else has them.
 */
static int deflate_message(struct dr_balloon *b, unsigned int nr)
{
	unsigned int n = 0;
	struct page *page;
	LIST_HEAD(pages);
	int err;

	while (n < min(nr, DR_MESSAGE_FRAMES)) {
		page = dr_pages_release(b);
		if (!page)
			break;
		list_add_tail(&page->lru, &pages);
		b->frames[n++] = frame_of(b, page);
	}
	err = n ? send_frames(b, b->deflate_vq, n) : 0;
	dr_pages_free(&pages);
	return err;
}

static int deflate(struct dr_balloon *b, unsigned int nr)
{
	unsigned int left = min(nr, DR_ROUND_PAGES);
	int err = 0;

	mutex_lock(&b->lock);
	for (; left && !err; left -= min(left, DR_MESSAGE_FRAMES))
		err = deflate_message(b, left);
	report_size(b);
	mutex_unlock(&b->lock);
	return err;
}

/* Move one round towards the target; 0 when there or closer. */
static int resize(struct dr_balloon *b, bool *there)
{
	unsigned int wanted = wanted_pages(b), held = READ_ONCE(b->held);

	*there = wanted == held;
	if (wanted > held)
		return inflate(b, wanted - held);
	if (wanted < held)
		return deflate(b, held - wanted);
	return 0;
}

/**
 * dr_resize_work - one round, and when to go on
 * @work: &dr_balloon.resize
 */
void dr_resize_work(struct work_struct *work)
{
	struct dr_balloon *b = container_of(to_delayed_work(work),
					    struct dr_balloon, resize);
	bool there;
	int err = resize(b, &there);

	switch (err) {
	case 0:
		if (!there)
			queue_delayed_work(b->resize_wq, &b->resize, 0);
		break;
	case -ENOMEM:
		/* The guest has nothing to spare now: ask again soon. */
		queue_delayed_work(b->resize_wq, &b->resize,
				   msecs_to_jiffies(RETRY_MSECS));
		break;
	case -EAGAIN:
		/* The guest took pages back: the host decides what follows. */
		break;
	default:
		/* The device is broken: remove or a reset comes next. */
		dev_warn_ratelimited(&b->vdev->dev, "resizing failed: %d\n",
				     err);
	}
}

/**
 * dr_resize_wake - the target may be new
 * @b: the balloon
 *
 * Any context.
 */
void dr_resize_wake(struct dr_balloon *b)
{
	WRITE_ONCE(b->yielded, false);
	mod_delayed_work(b->resize_wq, &b->resize, 0);
}

/**
 * dr_resize_yield - give pages back because the guest needs them
 * @b: the balloon
 * @nr: how many at most
 *
 * The host sees the new size, and takes it as a request. An empty balloon
 * touches no device: it may be asleep.
 *
 * Return: how many.
 */
unsigned int dr_resize_yield(struct dr_balloon *b, unsigned int nr)
{
	unsigned int before, given;

	mutex_lock(&b->lock);
	before = b->held;
	WRITE_ONCE(b->yielded, true);
	deflate_message(b, nr);
	given = before - b->held;
	if (given)
		report_size(b);
	mutex_unlock(&b->lock);
	return given;
}

/**
 * dr_resize_empty - give all pages back, before the device goes
 * @b: the balloon; nothing resizes it any more
 */
void dr_resize_empty(struct dr_balloon *b)
{
	mutex_lock(&b->lock);
	while (b->held)
		deflate_message(b, b->held);
	report_size(b);
	mutex_unlock(&b->lock);
}
