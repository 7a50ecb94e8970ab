/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DENSERAM_BALLOON_H
#define _DENSERAM_BALLOON_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/types.h>
#include <linux/virtio.h>
#include <uapi/linux/virtio_types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

/* Frames in one message; QEMU and the in-tree driver know no more. */
#define DR_MESSAGE_FRAMES	256U

/* Pages a round moves: 2 MiB, so that the host gets whole blocks back. */
#define DR_ROUND_ORDER		9
#define DR_ROUND_PAGES		512U

/**
 * struct dr_balloon - the balloon of this guest
 * @vdev: the virtio device, which owns this
 * @inflate_vq: frames that the host may take
 * @deflate_vq: frames that the guest wants back
 * @acked: woken when the host is done with a message
 * @resize_wq: runs @resize; frozen during suspend
 * @resize: moves @held towards the target, a round at a time
 * @oom: gives pages back when the guest runs out of memory
 * @lock: protects all below and the use of both queues; taken by the OOM
 *	notifier, so nobody allocates memory under it
 * @pages: the pages the host may have taken, through page->lru
 * @held: how many
 * @frames: the message under way
 * @yielded: the guest took pages back on its own; no inflating until the
 *	host asks again
 *
 * One for each device, made by probe, freed by remove.
 */
struct dr_balloon {
	struct virtio_device *vdev;
	struct virtqueue *inflate_vq;
	struct virtqueue *deflate_vq;
	wait_queue_head_t acked;
	struct workqueue_struct *resize_wq;
	struct delayed_work resize;
	struct notifier_block oom;

	struct mutex lock;	/* all below, and both queues */
	struct list_head pages;
	unsigned int held;
	__virtio32 frames[DR_MESSAGE_FRAMES];
	bool yielded;
};

/* resize.c: how many pages the host gets */
void dr_resize_work(struct work_struct *work);
void dr_resize_wake(struct dr_balloon *b);
unsigned int dr_resize_yield(struct dr_balloon *b, unsigned int nr);
void dr_resize_empty(struct dr_balloon *b);

/* pages.c: which pages */
unsigned int dr_pages_alloc(struct list_head *pages, unsigned int nr);
void dr_pages_free(struct list_head *pages);
void dr_pages_hold(struct dr_balloon *b, struct page *page);
struct page *dr_pages_release(struct dr_balloon *b);

/* pressure.c: when the guest needs them itself */
int dr_pressure_init(struct dr_balloon *b);
void dr_pressure_exit(struct dr_balloon *b);

#endif /* _DENSERAM_BALLOON_H */
