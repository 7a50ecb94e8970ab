// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Talking to the host
 *
 * A message is put into a queue, and whoever sent it waits until the host
 * returns it; only then may its buffer be used again, and are the pages it
 * names the host's, or the guest's. The host may take its time for that, or for
 * ever: so who waits holds no lock that reclaim needs, and sleeps.
 *
 * What ends the waiting besides an answer is a device that is gone, or a reset:
 * after that the host has nothing of ours. To stop, the driver forbids new
 * messages, resets the device, and then wakes all who wait. In this order no
 * page that the host might still take is ever given back.
 */
#include "denseram_balloon.h"

#include <linux/virtio_config.h>

static void message_acked(struct virtqueue *vq)
{
	struct dr_balloon *b = vq->vdev->priv;

	wake_up(&b->acked);
}

/**
 * dr_wire_init() - find the queues of the device
 * @b: the balloon
 *
 * Return: 0 or a negative errno.
 */
int dr_wire_init(struct dr_balloon *b)
{
	struct virtqueue_info infos[5] = {
		{ "inflate", message_acked },
		{ "deflate", message_acked },
	};
	struct virtqueue *vqs[ARRAY_SIZE(infos)] = {};
	int nr = 2, stats = 0, hint = 0, report = 0, err;

	/* In the order of the specification; those without a name are left out. */
	if (virtio_has_feature(b->vdev, VIRTIO_BALLOON_F_STATS_VQ)) {
		infos[nr] = (struct virtqueue_info){ "stats", dr_stats_asked };
		stats = nr++;
	}
	if (virtio_has_feature(b->vdev, VIRTIO_BALLOON_F_FREE_PAGE_HINT)) {
		infos[nr] = (struct virtqueue_info){ "hint", message_acked };
		hint = nr++;
	}
	if (virtio_has_feature(b->vdev, VIRTIO_BALLOON_F_REPORTING)) {
		infos[nr] = (struct virtqueue_info){ "report", message_acked };
		report = nr++;
	}
	err = virtio_find_vqs(b->vdev, nr, vqs, infos, NULL);
	if (err)
		return err;
	b->inflate.vq = vqs[0];
	b->deflate.vq = vqs[1];
	b->report.vq = report ? vqs[report] : NULL;
	b->stats_vq = stats ? vqs[stats] : NULL;
	b->hint_vq = hint ? vqs[hint] : NULL;
	WRITE_ONCE(b->forgotten, false);
	return 0;
}

/**
 * dr_wire_forget() - have the host forget all messages
 * @b: the balloon; no new ones are sent from here on
 */
void dr_wire_forget(struct dr_balloon *b)
{
	WRITE_ONCE(b->stopping, true);
	virtio_reset_device(b->vdev);
	WRITE_ONCE(b->forgotten, true);
	wake_up_all(&b->acked);
}

/**
 * dr_wire_exit() - give the queues up
 * @b: the balloon, after dr_wire_forget(), empty
 *
 * Of all who send, compaction alone may still be at it: the new page it has put
 * into the balloon was there to be given back before it is done with the old one.
 */
void dr_wire_exit(struct dr_balloon *b)
{
	mutex_lock(&b->inflate.lock);
	mutex_unlock(&b->inflate.lock);
	mutex_lock(&b->deflate.lock);
	mutex_unlock(&b->deflate.lock);
	b->vdev->config->del_vqs(b->vdev);
}

static bool is_over(struct dr_balloon *b, struct virtqueue *vq, bool *answered)
{
	unsigned int len;

	*answered = virtqueue_get_buf(vq, &len);
	return *answered || virtqueue_is_broken(vq) ||
	       READ_ONCE(b->forgotten);
}

/**
 * dr_wire_wait() - wait until the host returns a message
 * @b: the balloon
 * @vq: a queue with one message in it; the caller alone uses it
 *
 * Looks for a broken queue from time to time: an unplugged device wakes nobody.
 *
 * Return: whether it did; otherwise it never will.
 */
bool dr_wire_wait(struct dr_balloon *b, struct virtqueue *vq)
{
	bool answered;

	while (!wait_event_timeout(b->acked, is_over(b, vq, &answered), HZ))
		;
	return answered;
}

/**
 * dr_wire_frames() - send frames and wait until the host has dealt with them
 * @b: the balloon
 * @wire: inflate or deflate, locked; its first @nr frames are sent
 * @nr: how many
 *
 * Return: 0 or a negative errno; no answer will come then.
 */
int dr_wire_frames(struct dr_balloon *b, struct dr_wire *wire,
		   unsigned int nr)
{
	struct scatterlist sg;
	int err;

	lockdep_assert_held(&wire->lock);
	if (READ_ONCE(b->stopping))
		return -ENODEV;
	sg_init_one(&sg, wire->frames, nr * sizeof(wire->frames[0]));
	err = virtqueue_add_outbuf(wire->vq, &sg, 1, b, GFP_NOWAIT);
	if (err)
		return err;
	dr_count(b, DR_COUNT_MESSAGES, 1);
	virtqueue_kick(wire->vq);
	return dr_wire_wait(b, wire->vq) ? 0 : -EIO;
}

/**
 * dr_wire_blocks() - let the host drop memory, and wait until it has
 * @b: the balloon, its report wire locked
 * @sg: what to drop; the guest does not use it meanwhile
 * @nr: entries, no more than the queue has; the last is marked as such
 *
 * Return: 0 or a negative errno; no answer will come then.
 */
int dr_wire_blocks(struct dr_balloon *b, struct scatterlist *sg,
		   unsigned int nr)
{
	int err;

	lockdep_assert_held(&b->report.lock);
	if (READ_ONCE(b->stopping))
		return -ENODEV;
	err = virtqueue_add_inbuf(b->report.vq, sg, nr, b,
				  GFP_NOWAIT | __GFP_NOWARN);
	if (err)
		return err;
	dr_count(b, DR_COUNT_MESSAGES, 1);
	virtqueue_kick(b->report.vq);
	return dr_wire_wait(b, b->report.vq) ? 0 : -EIO;
}
