/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_GUEST_H
#define _DR_GUEST_H

#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/uidgid.h>

#include "balloon.h"
#include "denseram.h"
#include "domain.h"
#include "event.h"
#include "limits.h"
#include "notice.h"
#include "paging.h"
#include "promise.h"
#include "steer.h"
#include "wss.h"

/**
 * struct dr_guest - a guest: the RAM files that make up one virtual machine
 * @kobj: its directory in sysfs; counts the references to the structure
 * @name_lock: guards @name; innermost
 * @name: what it goes by, as in sysfs
 * @id: number that no other guest has had since the module was loaded
 * @owner: who the directory or file belongs to
 * @share: with whom it shares pages, enum dr_share_mode
 * @trust_lock: guards changes of @owner and @share, which are read without,
 *	until what was shared under the old ones is copied. Outside @lock
 * @scanned: the sharing scanner visits it; read without a lock
 * @holders: directory and files that belong to it; it is registered while
 *	there are any. Under the registry's lock
 * @lock: guards what follows, but for @events
 * @files: struct dr_gmem by @node
 * @nr_files: how many there are
 * @limits: what the administrator grants
 * @promise: what the host has promised it; see there
 * @run_state: what the daemon says of the VMM, enum dr_run_state
 * @migrating: the daemon says that the guest is on its way elsewhere
 * @regions: guest-physical layout as the daemon told it
 * @nr_regions: entries in @regions
 * @events: what has happened to it
 * @paging: see there
 * @wss: its working set, with a lock of its own
 * @balloon: its balloon, with a lock of its own
 * @steer: what the policy knows of it, likewise
 * @notices: what of it has changed, for readers of the device
 *
 * Made by mkdir, or by the creation of a file in the root of the mount. The
 * last holder to leave takes it out of the registry and of sysfs.
 *
 * Lock order: inode, registry, @lock, promises. No lock of memory management
 * is taken under the registry's.
 */
struct dr_guest {
	struct kobject kobj;
	spinlock_t name_lock;	/* @name */
	char name[DR_NAME_LEN];
	u64 id;
	kuid_t owner;
	u32 share;
	struct mutex trust_lock;	/* changes of owner and share */
	bool scanned;
	unsigned int holders;

	/* Guards the fields from here to @events. */
	struct mutex lock;
	struct list_head files;
	unsigned int nr_files;
	struct dr_limits limits;
	struct dr_promise promise;
	u32 run_state;
	bool migrating;
	struct dr_region *regions;
	u32 nr_regions;

	struct dr_events events;
	struct dr_paging paging;
	struct dr_wss wss;
	struct dr_balloon balloon;
	struct dr_steer steer;
	struct dr_notices notices;
};

/**
 * struct dr_name - a copy of a guest's name, which may change at any time
 * @text: the name
 */
struct dr_name {
	char text[DR_NAME_LEN];
};

struct dr_guest *dr_guest_create(const char *name, kuid_t owner,
				 enum dr_share_mode share);
void dr_guest_hold(struct dr_guest *guest);
void dr_guest_leave(struct dr_guest *guest);
int dr_guest_rename(struct dr_guest *guest, const char *name);
struct dr_name dr_guest_name(struct dr_guest *guest);
int dr_guest_set_owner(struct dr_guest *guest, kuid_t owner);
int dr_guest_set_share(struct dr_guest *guest, enum dr_share_mode share);

struct dr_guest *dr_guest_find(u64 id);
struct dr_guest *dr_guest_find_name(const char *name);
struct dr_guest *dr_guest_next(u64 after);
void dr_guest_put(struct dr_guest *guest);

int dr_guest_set_limits(struct dr_guest *guest, u32 which,
			const struct dr_limits *limits);
void dr_guest_set_vmm(struct dr_guest *guest, const struct dr_guest_vmm *vmm,
		      struct dr_region *regions);

void dr_guest_init(struct kobject *parent,
		   const struct attribute_group **groups);
void dr_guest_exit(void);

static inline void dr_count_add(struct dr_guest *guest, enum dr_event event,
				u64 nr)
{
	atomic64_add(nr, &guest->events.nr[event]);
}

static inline void dr_count(struct dr_guest *guest, enum dr_event event)
{
	dr_count_add(guest, event, 1);
}

/* The trust domain of a guest, as it is now. */
static inline struct dr_domain dr_guest_domain(const struct dr_guest *guest)
{
	return dr_domain_make(READ_ONCE(guest->share), guest->id,
			      __kuid_val(READ_ONCE(guest->owner)));
}

static inline bool dr_guest_has_files(const struct dr_guest *guest)
{
	return READ_ONCE(guest->nr_files);
}

#endif /* _DR_GUEST_H */
