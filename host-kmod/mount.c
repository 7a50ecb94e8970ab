// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the files of one mount have in common.
 */
#include <linux/slab.h>

#include "mount.h"

static atomic_t nr_mounts = ATOMIC_INIT(0);

unsigned int dr_mount_count(void)
{
	return atomic_read(&nr_mounts);
}

/**
 * dr_mount_create() - set up a mount
 * @o: its options
 *
 * Return: the mount, or NULL when there is no memory.
 */
struct dr_mount *dr_mount_create(const struct dr_mount_opts *o)
{
	struct dr_mount *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return NULL;
	if (percpu_counter_init(&m->charged, 0, GFP_KERNEL)) {
		kfree(m);
		return NULL;
	}
	m->max_pages = o->max_pages;
	m->huge = o->huge;
	m->share = o->share;
	m->mode = o->mode;
	m->uid = o->uid;
	m->gid = o->gid;
	atomic_inc(&nr_mounts);
	return m;
}

/**
 * dr_mount_destroy() - free a mount
 * @m: the mount; its files are gone
 */
void dr_mount_destroy(struct dr_mount *m)
{
	WARN_ON_ONCE(percpu_counter_sum(&m->charged));
	percpu_counter_destroy(&m->charged);
	kfree(m);
	atomic_dec(&nr_mounts);
}
