// SPDX-License-Identifier: GPL-2.0-only
/*
 * denseram_balloon - the guest's side of memory overcommit: a driver for the
 * standard virtio memory balloon.
 */
#include "denseram_balloon.h"

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <uapi/linux/virtio_balloon.h>

static void message_acked(struct virtqueue *vq)
{
	struct dr_balloon *b = vq->vdev->priv;

	wake_up(&b->acked);
}

static int queues_init(struct dr_balloon *b)
{
	struct virtqueue_info infos[] = {
		{ "inflate", message_acked },
		{ "deflate", message_acked },
	};
	struct virtqueue *vqs[ARRAY_SIZE(infos)];
	int err;

	err = virtio_find_vqs(b->vdev, ARRAY_SIZE(infos), vqs, infos, NULL);
	if (err)
		return err;
	b->inflate_vq = vqs[0];
	b->deflate_vq = vqs[1];
	return 0;
}

static void queues_exit(struct dr_balloon *b)
{
	virtio_reset_device(b->vdev);
	b->vdev->config->del_vqs(b->vdev);
}

static struct dr_balloon *balloon_create(struct virtio_device *vdev)
{
	struct dr_balloon *b = kzalloc(sizeof(*b), GFP_KERNEL);

	if (!b)
		return NULL;
	b->resize_wq = alloc_workqueue("denseram_balloon",
				       WQ_UNBOUND | WQ_FREEZABLE, 1);
	if (!b->resize_wq) {
		kfree(b);
		return NULL;
	}
	b->vdev = vdev;
	init_waitqueue_head(&b->acked);
	INIT_DELAYED_WORK(&b->resize, dr_resize_work);
	mutex_init(&b->lock);
	INIT_LIST_HEAD(&b->pages);
	return b;
}

static void balloon_destroy(struct dr_balloon *b)
{
	destroy_workqueue(b->resize_wq);
	kfree(b);
}

/*
 * The balloon speaks of guest-physical frames: an IOMMU between the guest and
 * the host changes nothing about them.
 */
static int balloon_validate(struct virtio_device *vdev)
{
	if (!vdev->config->get)
		return -EINVAL;
	__virtio_clear_bit(vdev, VIRTIO_F_ACCESS_PLATFORM);
	return 0;
}

static int balloon_probe(struct virtio_device *vdev)
{
	struct dr_balloon *b = balloon_create(vdev);
	int err;

	if (!b)
		return -ENOMEM;
	vdev->priv = b;
	err = queues_init(b);
	if (err)
		goto err_destroy;
	err = dr_pressure_init(b);
	if (err)
		goto err_queues;
	virtio_device_ready(vdev);
	dr_resize_wake(b);
	return 0;

err_queues:
	queues_exit(b);
err_destroy:
	balloon_destroy(b);
	return err;
}

/*
 * The core lets no config_changed run meanwhile, so nothing queues the work
 * again once it is cancelled.
 */
static void balloon_stop(struct dr_balloon *b)
{
	cancel_delayed_work_sync(&b->resize);
	dr_resize_empty(b);
	queues_exit(b);
}

static void balloon_remove(struct virtio_device *vdev)
{
	struct dr_balloon *b = vdev->priv;

	dr_pressure_exit(b);
	balloon_stop(b);
	balloon_destroy(b);
}

static void balloon_config_changed(struct virtio_device *vdev)
{
	dr_resize_wake(vdev->priv);
}

#ifdef CONFIG_PM_SLEEP
/* The host may forget the balloon while the guest sleeps: empty it first. */
static int balloon_freeze(struct virtio_device *vdev)
{
	balloon_stop(vdev->priv);
	return 0;
}

static int balloon_restore(struct virtio_device *vdev)
{
	struct dr_balloon *b = vdev->priv;
	int err = queues_init(b);

	if (err)
		return err;
	virtio_device_ready(vdev);
	dr_resize_wake(b);
	return 0;
}
#endif

static const struct virtio_device_id balloon_ids[] = {
	{ VIRTIO_ID_BALLOON, VIRTIO_DEV_ANY_ID },
	{},
};
MODULE_DEVICE_TABLE(virtio, balloon_ids);

static const unsigned int balloon_features[] = {
	VIRTIO_BALLOON_F_MUST_TELL_HOST,
	VIRTIO_BALLOON_F_DEFLATE_ON_OOM,
};

static struct virtio_driver balloon_driver = {
	.driver.name = KBUILD_MODNAME,
	.feature_table = balloon_features,
	.feature_table_size = ARRAY_SIZE(balloon_features),
	.id_table = balloon_ids,
	.validate = balloon_validate,
	.probe = balloon_probe,
	.remove = balloon_remove,
	.config_changed = balloon_config_changed,
#ifdef CONFIG_PM_SLEEP
	.freeze = balloon_freeze,
	.restore = balloon_restore,
#endif
};
module_virtio_driver(balloon_driver);

MODULE_DESCRIPTION("denseram: memory balloon of the guest");
MODULE_LICENSE("GPL");
