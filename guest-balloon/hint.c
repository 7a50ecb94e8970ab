// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Free page hints
 *
 * Before and during a live migration the host asks which memory is free, and
 * leaves that out. The question has a number, in the config space; the answer
 * begins with it, names blocks, and ends with a stop. The blocks are taken from
 * the guest's allocator and kept until the host says that the migration is
 * over, so that nobody uses them while the host believes them free.
 *
 * The blocks of the balloon itself go along. They are kept anyway.
 */
#include "denseram_balloon.h"

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/virtio_config.h>

#define HINT_GFP	((GFP_HIGHUSER & ~__GFP_RECLAIM) | \
			 __GFP_NOMEMALLOC | __GFP_NORETRY | __GFP_NOWARN)
/* Questions that follow each other faster are answered later. */
#define REST		(HZ / 50)

static u32 question(struct dr_balloon *b)
{
	u32 id;

	virtio_cread_le(b->vdev, struct virtio_balloon_config,
			free_page_hint_cmd_id, &id);
	return id;
}

static int send_and_wait(struct dr_balloon *b)
{
	virtqueue_kick(b->hint_vq);
	return dr_wire_wait(b, b->hint_vq) ? 0 : -EIO;
}

static int send_id(struct dr_balloon *b, u32 id)
{
	struct scatterlist sg;
	int err;

	if (READ_ONCE(b->stopping))
		return -ENODEV;
	b->hint_id = cpu_to_virtio32(b->vdev, id);
	sg_init_one(&sg, &b->hint_id, sizeof(b->hint_id));
	err = virtqueue_add_outbuf(b->hint_vq, &sg, 1, b, GFP_KERNEL);
	return err ? err : send_and_wait(b);
}

static int send_block(struct dr_balloon *b, struct page *block)
{
	struct scatterlist sg;
	int err;

	if (READ_ONCE(b->stopping))
		return -ENODEV;
	sg_init_table(&sg, 1);
	sg_set_page(&sg, block, DR_BLOCK_PAGES << PAGE_SHIFT, 0);
	err = virtqueue_add_inbuf(b->hint_vq, &sg, 1, b, GFP_KERNEL);
	if (!err)
		err = send_and_wait(b);
	if (!err)
		dr_count(b, DR_COUNT_HINTED, DR_BLOCK_PAGES);
	return err;
}

/* A part of what is free: the guest goes on working while it migrates. */
static int hint_free(struct dr_balloon *b, u32 id)
{
	unsigned long room = dr_pressure_spare() / DR_BLOCK_PAGES;
	struct page *block;
	int err = 0;

	while (!err && room-- && question(b) == id) {
		block = alloc_pages(HINT_GFP, DR_BLOCK_ORDER);
		if (!block)
			break;
		list_add(&block->lru, &b->hints);
		err = send_block(b, block);
	}
	return err;
}

/*
 * A block of the balloon is out of it while the host looks at it, so that it
 * cannot be given back to the guest in that moment.
 */
static int hint_held(struct dr_balloon *b, u32 id)
{
	unsigned int left = READ_ONCE(b->nr_blocks);
	struct page *block;
	LIST_HEAD(done);
	int err = 0;

	while (!err && left-- && question(b) == id) {
		block = dr_pages_lend_block(b);
		if (!block)
			break;
		list_add(&block->lru, &done);
		err = send_block(b, block);
	}
	dr_pages_return_blocks(b, &done);
	return err;
}

static void answer(struct dr_balloon *b, u32 id)
{
	int err = send_id(b, id);

	if (!err)
		err = hint_held(b, id);
	if (!err)
		err = hint_free(b, id);
	if (!err)
		send_id(b, VIRTIO_BALLOON_CMD_ID_STOP);
}

/**
 * dr_hint_drop() - give the guest its blocks back
 * @b: the balloon; the migration is over, or the host has forgotten
 */
void dr_hint_drop(struct dr_balloon *b)
{
	struct page *block, *next;

	list_for_each_entry_safe(block, next, &b->hints, lru) {
		list_del(&block->lru);
		dr_pages_free_block(block);
	}
}

/**
 * dr_hint_work() - answer the host's question
 * @work: &dr_balloon.hint_work
 */
void dr_hint_work(struct work_struct *work)
{
	struct dr_balloon *b = container_of(to_delayed_work(work),
					    struct dr_balloon, hint_work);
	u32 id;

	if (READ_ONCE(b->stopping))
		return;
	id = question(b);
	if (id == b->hint_asked)
		return;
	b->hint_asked = id;
	if (id == VIRTIO_BALLOON_CMD_ID_DONE)
		dr_hint_drop(b);
	else if (id != VIRTIO_BALLOON_CMD_ID_STOP)
		answer(b, id);
}

/**
 * dr_hint_wake() - the host may have a question
 * @b: the balloon
 *
 * Context: any.
 */
void dr_hint_wake(struct dr_balloon *b)
{
	if (b->hint_vq && !READ_ONCE(b->stopping))
		queue_delayed_work(b->wq, &b->hint_work, REST);
}
