// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest needs its memory: give pages back before the OOM killer chooses.
 */
#include "denseram_balloon.h"

#include <linux/oom.h>
#include <linux/virtio_config.h>
#include <uapi/linux/virtio_balloon.h>

/* 1 MiB, one message: the allocation that failed fits, and others soon. */
#define OOM_PAGES	DR_MESSAGE_FRAMES

static int oom_notify(struct notifier_block *nb, unsigned long unused,
		      void *freed)
{
	struct dr_balloon *b = container_of(nb, struct dr_balloon, oom);

	*(unsigned long *)freed += dr_resize_yield(b, OOM_PAGES);
	return NOTIFY_OK;
}

/* Without DEFLATE_ON_OOM the host forbids to take pages back unasked. */
static bool may_yield(struct dr_balloon *b)
{
	return virtio_has_feature(b->vdev, VIRTIO_BALLOON_F_DEFLATE_ON_OOM);
}

/**
 * dr_pressure_init - listen to the guest's needs
 * @b: the balloon, ready to deflate
 *
 * Return: 0 or a negative errno.
 */
int dr_pressure_init(struct dr_balloon *b)
{
	if (!may_yield(b))
		return 0;
	b->oom.notifier_call = oom_notify;
	return register_oom_notifier(&b->oom);
}

/**
 * dr_pressure_exit - stop listening
 * @b: the balloon; no notifier runs afterwards
 */
void dr_pressure_exit(struct dr_balloon *b)
{
	if (may_yield(b))
		unregister_oom_notifier(&b->oom);
}
