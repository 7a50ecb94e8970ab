/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_MOUNT_H
#define _DR_MOUNT_H

#include <linux/fs.h>
#include <linux/percpu_counter.h>
#include <linux/uidgid.h>

#include "denseram.h"

/**
 * struct dr_mount_opts - options of one mount(2) call
 * @given: bits of those that were named
 * @mode: see struct dr_mount, as the rest
 * @uid: owner
 * @gid: group
 * @max_pages: size limit
 * @huge: blocks
 * @share: sharing
 */
struct dr_mount_opts {
	unsigned int given;
	umode_t mode;
	kuid_t uid;
	kgid_t gid;
	unsigned long max_pages;
	bool huge;
	enum dr_share_mode share;
};

/**
 * struct dr_mount - a mounted file system: its options and its charge
 * @max_pages: most pages its files may hold, in a page or in a store; 0 for
 *	no limit. Written by a remount while others read it
 * @charged: pages its files hold now. Per CPU: every fault that allocates
 *	counts here
 * @huge: allocate 2 MiB blocks
 * @share: with whom a new guest shares pages
 * @mode: permissions of the root directory
 * @uid: owner of the root directory
 * @gid: group of the root directory
 *
 * One for each super block, in s_fs_info, freed with it.
 */
struct dr_mount {
	unsigned long max_pages;
	struct percpu_counter charged;
	bool huge;
	enum dr_share_mode share;
	umode_t mode;
	kuid_t uid;
	kgid_t gid;
};

static inline struct dr_mount *dr_mount_of(const struct super_block *sb)
{
	return sb->s_fs_info;
}

static inline void dr_mount_uncharge(struct dr_mount *m, long nr)
{
	percpu_counter_sub(&m->charged, nr);
}

/* Charge @nr pages to the mount's limit. Return 0 or -ENOSPC. */
static inline int dr_mount_charge(struct dr_mount *m, long nr)
{
	unsigned long max = READ_ONCE(m->max_pages);

	percpu_counter_add(&m->charged, nr);
	if (!max || percpu_counter_compare(&m->charged, max) <= 0)
		return 0;
	dr_mount_uncharge(m, nr);
	return -ENOSPC;
}

struct dr_mount *dr_mount_create(const struct dr_mount_opts *o);
void dr_mount_destroy(struct dr_mount *m);

/* Mounts alive, for the status. */
unsigned int dr_mount_count(void);

#endif /* _DR_MOUNT_H */
