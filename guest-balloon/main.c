// SPDX-License-Identifier: GPL-2.0-only
/*
 * denseram_balloon - the guest's side of memory overcommit: a driver for the
 * standard virtio memory balloon.
 */
#include "denseram_balloon.h"
#include "version.h"

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poison.h>
#include <linux/slab.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>

static void works_init(struct dr_balloon *b)
{
	INIT_DELAYED_WORK(&b->resize, dr_resize_work);
	INIT_DELAYED_WORK(&b->stats_work, dr_stats_work);
	INIT_DELAYED_WORK(&b->hint_work, dr_hint_work);
	INIT_DEFERRABLE_WORK(&b->watch, dr_pressure_watch);
}

static void works_cancel(struct dr_balloon *b)
{
	cancel_delayed_work_sync(&b->resize);
	cancel_delayed_work_sync(&b->watch);
	cancel_delayed_work_sync(&b->stats_work);
	cancel_delayed_work_sync(&b->hint_work);
}

static struct dr_balloon *balloon_create(struct virtio_device *vdev)
{
	struct dr_balloon *b = kzalloc(sizeof(*b), GFP_KERNEL);

	if (!b)
		return NULL;
	/*
	 * One blocked by the host keeps no other from running, and who is out
	 * of memory waits for one.
	 */
	b->wq = alloc_workqueue("denseram_balloon", WQ_UNBOUND | WQ_FREEZABLE |
				WQ_MEM_RECLAIM, 4);
	if (!b->wq) {
		kfree(b);
		return NULL;
	}
	b->vdev = vdev;
	b->stopping = true;
	init_waitqueue_head(&b->acked);
	works_init(b);
	mutex_init(&b->inflate.lock);
	mutex_init(&b->deflate.lock);
	mutex_init(&b->report.lock);
	spin_lock_init(&b->lock);
	INIT_LIST_HEAD(&b->blocks);
	INIT_LIST_HEAD(&b->hints);
	dr_migrate_init(b);
	return b;
}

static void balloon_destroy(struct dr_balloon *b)
{
	destroy_workqueue(b->wq);
	kfree(b);
}

static bool has_poison(void)
{
	return want_init_on_free() || page_poisoning_enabled_static();
}

/*
 * The balloon speaks of guest-physical frames: an IOMMU between the guest and
 * the host changes nothing about them.
 *
 * A guest whose free pages have a content must say so, or reporting them would
 * lose it.
 */
static int balloon_validate(struct virtio_device *vdev)
{
	if (!vdev->config->get)
		return -EINVAL;
	if (!has_poison())
		__virtio_clear_bit(vdev, VIRTIO_BALLOON_F_PAGE_POISON);
	else if (!virtio_has_feature(vdev, VIRTIO_BALLOON_F_PAGE_POISON))
		__virtio_clear_bit(vdev, VIRTIO_BALLOON_F_REPORTING);
	__virtio_clear_bit(vdev, VIRTIO_F_ACCESS_PLATFORM);
	return 0;
}

/* Tell the host what free pages contain. */
static void poison_init(struct dr_balloon *b)
{
	u32 value = 0;

	b->poisoned = false;
	if (!virtio_has_feature(b->vdev, VIRTIO_BALLOON_F_PAGE_POISON))
		return;
	/* Pages that are zeroed when freed are what the host makes of them. */
	if (!want_init_on_free())
		memset(&value, PAGE_POISON, sizeof(value));
	b->poisoned = value;
	virtio_cwrite_le(b->vdev, struct virtio_balloon_config, poison_val,
			 &value);
}

/* From here on the host may ask for anything. */
static int balloon_start(struct dr_balloon *b)
{
	int err = dr_wire_init(b);

	if (err)
		return err;
	b->hint_asked = VIRTIO_BALLOON_CMD_ID_STOP;
	poison_init(b);
	virtio_device_ready(b->vdev);
	WRITE_ONCE(b->stopping, false);
	dr_stats_start(b);
	dr_report_init(b);
	dr_hint_wake(b);
	dr_resize_wake(b);
	return 0;
}

/*
 * The host may not answer any more, and may not be asked: have it forget all,
 * which ends all waiting, and give the pages back then.
 *
 * The core lets no config_changed run meanwhile. Whoever gives pages back
 * unasked may still queue a work, which then finds that we are stopping.
 */
static void balloon_stop(struct dr_balloon *b)
{
	u32 nr = 0;

	virtio_cwrite_le(b->vdev, struct virtio_balloon_config, actual, &nr);
	dr_wire_forget(b);
	dr_report_exit(b);
	works_cancel(b);
	dr_hint_drop(b);
	dr_pages_empty(b);
	dr_wire_exit(b);
}

static int balloon_probe(struct virtio_device *vdev)
{
	struct dr_balloon *b = balloon_create(vdev);
	int err;

	if (!b)
		return -ENOMEM;
	vdev->priv = b;
	err = dr_pressure_init(b);
	if (err)
		goto err_destroy;
	err = balloon_start(b);
	if (err)
		goto err_pressure;
	dr_counters_add(b);
	return 0;

err_pressure:
	dr_pressure_exit(b);
err_destroy:
	balloon_destroy(b);
	return err;
}

static void balloon_remove(struct virtio_device *vdev)
{
	struct dr_balloon *b = vdev->priv;

	dr_counters_del(b);
	balloon_stop(b);
	dr_pressure_exit(b);
	/* Who gave pages back meanwhile may have held some of them again. */
	dr_pages_empty(b);
	balloon_destroy(b);
}

static void balloon_config_changed(struct virtio_device *vdev)
{
	struct dr_balloon *b = vdev->priv;

	dr_resize_wake(b);
	dr_hint_wake(b);
}

/*
 * The host may forget the balloon while the guest sleeps, or is reset: empty it
 * first.
 */
static int __maybe_unused balloon_freeze(struct virtio_device *vdev)
{
	balloon_stop(vdev->priv);
	return 0;
}

static int __maybe_unused balloon_restore(struct virtio_device *vdev)
{
	return balloon_start(vdev->priv);
}

/* A machine that ends needs no pages back; but nothing of ours may run on. */
static void __maybe_unused balloon_shutdown(struct virtio_device *vdev)
{
	struct dr_balloon *b = vdev->priv;

	dr_wire_forget(b);
	works_cancel(b);
}

static const struct virtio_device_id balloon_ids[] = {
	{ VIRTIO_ID_BALLOON, VIRTIO_DEV_ANY_ID },
	{},
};
MODULE_DEVICE_TABLE(virtio, balloon_ids);

static const unsigned int balloon_features[] = {
	VIRTIO_BALLOON_F_MUST_TELL_HOST,
	VIRTIO_BALLOON_F_STATS_VQ,
	VIRTIO_BALLOON_F_DEFLATE_ON_OOM,
	VIRTIO_BALLOON_F_FREE_PAGE_HINT,
	VIRTIO_BALLOON_F_PAGE_POISON,
	VIRTIO_BALLOON_F_REPORTING,
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
#ifdef DR_HAVE_VIRTIO_SHUTDOWN
	.shutdown = balloon_shutdown,
#endif
#ifdef DR_HAVE_VIRTIO_RESET
	.reset_prepare = balloon_freeze,
	.reset_done = balloon_restore,
#endif
#ifdef CONFIG_PM_SLEEP
	.freeze = balloon_freeze,
	.restore = balloon_restore,
#endif
};

static int __init balloon_init(void)
{
	int err;

	dr_counters_init();
	err = register_virtio_driver(&balloon_driver);
	if (err)
		dr_counters_exit();
	return err;
}

static void __exit balloon_exit(void)
{
	unregister_virtio_driver(&balloon_driver);
	dr_counters_exit();
}

module_init(balloon_init);
module_exit(balloon_exit);

MODULE_DESCRIPTION("denseram: memory balloon of the guest");
MODULE_LICENSE("GPL");
MODULE_VERSION(DR_VERSION);
