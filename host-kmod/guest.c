// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Guests
 *
 * A guest is the directory that holds the RAM files of one virtual machine, or
 * a single file in the root of the mount. It is registered under a name, the
 * directory's, and a number, and lives as long as the directory or one of the
 * files does: files that were unlinked count while somebody has them open or
 * mapped, so that a crashed VMM, an unlink and a lazy unmount may come in any
 * order.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "dedup.h"
#include "guest.h"
#include "latency.h"
#include "swap.h"

/* Guests of one user who is no administrator: far more than anybody runs. */
#define DR_GUESTS_OF_USER	1024

/* Guards the registry: names, numbers, holders. */
static DEFINE_MUTEX(registry_lock);
static DEFINE_XARRAY(registry);
static u64 next_id = 1;

/* The directory of all guests in sysfs. */
static struct kobject *guests_kobj;

static struct dr_guest *guest_of(struct kobject *kobj)
{
	return container_of(kobj, struct dr_guest, kobj);
}

static void guest_release(struct kobject *kobj)
{
	struct dr_guest *guest = guest_of(kobj);

	mutex_destroy(&guest->steer.lock);
	mutex_destroy(&guest->trust_lock);
	mutex_destroy(&guest->lock);
	dr_wss_free_guest(guest);
	kvfree(guest->regions);
	kfree(guest);
}

/* The files of a guest in sysfs are filled in by dr_guest_init(). */
static struct kobj_type guest_ktype = {
	.release = guest_release,
	.sysfs_ops = &kobj_sysfs_ops,
};

/* Note what sysfs calls a guest; the one writer of that copy. */
static void note_name(struct dr_guest *guest)
{
	lockdep_assert_held(&registry_lock);
	spin_lock(&guest->name_lock);
	strscpy(guest->name, kobject_name(&guest->kobj));
	spin_unlock(&guest->name_lock);
}

static struct dr_guest *find_name(const char *name)
{
	struct dr_guest *guest;
	unsigned long id;

	lockdep_assert_held(&registry_lock);
	xa_for_each(&registry, id, guest)
		if (!strcmp(kobject_name(&guest->kobj), name))
			return guest;
	return NULL;
}

/*
 * The name a guest goes by: the one it asks for, with its number behind when
 * another guest has that. The caller frees it.
 */
static char *pick_name(const struct dr_guest *guest, const char *name)
{
	char *pick = kstrdup(name, GFP_KERNEL);
	const struct dr_guest *other;
	u64 suffix = guest->id;

	while (pick && (other = find_name(pick)) && other != guest) {
		kfree(pick);
		pick = kasprintf(GFP_KERNEL, "%.*s.%llu", DR_NAME_LEN - 24,
				 name, suffix);
		/* Somebody may have named a guest like that on purpose. */
		suffix++;
	}
	return pick;
}

/*
 * The files of a guest in sysfs are memory that no cgroup pays for, and each guest is
 * looked at by the policy, and by whoever seeks a name: nobody but an administrator
 * makes any number of them.
 */
static bool has_too_many(kuid_t owner)
{
	struct dr_guest *guest;
	unsigned int nr = 0;
	unsigned long id;

	lockdep_assert_held(&registry_lock);
	if (capable(CAP_SYS_RESOURCE))
		return false;
	xa_for_each(&registry, id, guest)
		nr += uid_eq(guest->owner, owner);
	return nr >= DR_GUESTS_OF_USER;
}

static int guest_register(struct dr_guest *guest, const char *name)
{
	char *unique;
	int err;

	if (has_too_many(guest->owner)) {
		pr_warn_ratelimited("user %u has %u guests, and can have no more\n",
				    from_kuid(&init_user_ns, guest->owner),
				    DR_GUESTS_OF_USER);
		return -EDQUOT;
	}
	guest->id = next_id;
	unique = pick_name(guest, name);
	if (!unique)
		return -ENOMEM;
	err = kobject_add(&guest->kobj, guests_kobj, "%s", unique);
	kfree(unique);
	if (err)
		return err;
	note_name(guest);
	err = xa_insert(&registry, guest->id, guest, GFP_KERNEL);
	if (err) {
		kobject_del(&guest->kobj);
		return err;
	}
	next_id++;
	return 0;
}

/**
 * dr_guest_create() - register a guest
 * @name: the name it asks for
 * @owner: who it belongs to
 * @share: with whom it shares pages
 *
 * Context: may sleep; in the name of who asks for it.
 * Return: the guest, with one holder: the caller; or an error pointer, -EDQUOT when
 * its owner has too many.
 */
struct dr_guest *dr_guest_create(const char *name, kuid_t owner,
				 enum dr_share_mode share)
{
	struct dr_guest *guest = kzalloc(sizeof(*guest), GFP_KERNEL_ACCOUNT);
	int err;

	if (!guest)
		return ERR_PTR(-ENOMEM);
	kobject_init(&guest->kobj, &guest_ktype);
	spin_lock_init(&guest->name_lock);
	mutex_init(&guest->lock);
	mutex_init(&guest->trust_lock);
	INIT_LIST_HEAD(&guest->files);
	init_waitqueue_head(&guest->paging.wait);
	guest->owner = owner;
	guest->holders = 1;
	guest->limits.shares = DR_SHARES_DEFAULT;
	guest->share = share;
	guest->scanned = true;
	guest->paging.goal = ULONG_MAX;
	dr_balloon_init(&guest->balloon);
	dr_steer_init_guest(&guest->steer);
	dr_wss_init_guest(guest);
	mutex_lock(&registry_lock);
	err = guest_register(guest, name);
	mutex_unlock(&registry_lock);
	if (!err) {
		dr_notice_list();
		dr_steer_wake();
		return guest;
	}
	kobject_put(&guest->kobj);
	return ERR_PTR(err);
}

/**
 * dr_guest_hold() - add a holder
 * @guest: a guest that has a holder
 */
void dr_guest_hold(struct dr_guest *guest)
{
	mutex_lock(&registry_lock);
	guest->holders++;
	mutex_unlock(&registry_lock);
}

/**
 * dr_guest_leave() - remove a holder; the last one ends the guest
 * @guest: the guest
 *
 * Context: may sleep, until readers of its files in sysfs are done.
 */
void dr_guest_leave(struct dr_guest *guest)
{
	bool last;

	mutex_lock(&registry_lock);
	last = !--guest->holders;
	if (last) {
		xa_erase(&registry, guest->id);
		dr_events_retire(&guest->events);
		dr_latency_retire(guest);
		kobject_del(&guest->kobj);
	}
	mutex_unlock(&registry_lock);
	if (!last)
		return;
	kobject_put(&guest->kobj);
	dr_notice_list();
	dr_steer_wake();
}

/**
 * dr_guest_rename() - give a guest another name
 * @guest: the guest
 * @name: the name it asks for
 *
 * Return: 0 or an error; the name is then the old one.
 */
int dr_guest_rename(struct dr_guest *guest, const char *name)
{
	char *unique;
	int err = 0;

	mutex_lock(&registry_lock);
	unique = pick_name(guest, name);
	if (!unique)
		err = -ENOMEM;
	else if (strcmp(unique, kobject_name(&guest->kobj)))
		err = kobject_rename(&guest->kobj, unique);
	note_name(guest);
	mutex_unlock(&registry_lock);
	kfree(unique);
	if (!err)
		dr_notice_list();
	return err;
}

/**
 * dr_guest_name() - what a guest goes by
 * @guest: the guest
 *
 * The name in sysfs is freed when it changes, and whoever owns the directory
 * may change it at any time: so there is a copy, and this copies it once more.
 *
 * Context: any process context; does not sleep.
 * Return: the name as it is now.
 */
struct dr_name dr_guest_name(struct dr_guest *guest)
{
	struct dr_name name;

	spin_lock(&guest->name_lock);
	strscpy(name.text, guest->name);
	spin_unlock(&guest->name_lock);
	return name;
}

/**
 * struct trust - what decides about the trust domain of a guest
 * @owner: its owner
 * @share: its mode of sharing
 */
struct trust {
	kuid_t owner;
	enum dr_share_mode share;
};

static struct dr_domain trust_domain(const struct dr_guest *guest,
				     struct trust t)
{
	return dr_domain_make(t.share, guest->id, __kuid_val(t.owner));
}

static void set_trust(struct dr_guest *guest, struct trust to)
{
	lockdep_assert_held(&guest->trust_lock);
	WRITE_ONCE(guest->owner, to.owner);
	WRITE_ONCE(guest->share, to.share);
	/*
	 * A merge locks a word, then looks at the domain. Who unshares has set
	 * the domain, and looks at the words from here on: one sees the other.
	 */
	smp_mb();
}

/*
 * Move a guest to another trust domain, and end what it shared in the old. It
 * shares with nobody meanwhile: if it has to stay where it was, it must not
 * have shared anything in the new domain.
 */
static int change_trust(struct dr_guest *guest, struct trust to)
{
	struct trust was = { guest->owner, guest->share };
	struct dr_domain from = dr_guest_domain(guest);
	int err = 0;

	if (!dr_domain_none(from) &&
	    !dr_domain_same(from, trust_domain(guest, to))) {
		set_trust(guest, (struct trust){ was.owner, DR_SHARE_OFF });
		err = dr_guest_unshare(guest);
	}
	set_trust(guest, err ? was : to);
	dr_guest_rescan(guest);
	return err;
}

/**
 * dr_guest_set_owner() - hand a guest over to somebody else
 * @guest: the guest
 * @owner: who owns it from now on
 *
 * Context: may sleep, for as long as it takes to copy what it shares.
 * Return: 0, -ENOMEM when there is no room for the copies, or -EINTR; the
 * owner is then the old one.
 */
int dr_guest_set_owner(struct dr_guest *guest, kuid_t owner)
{
	int err;

	mutex_lock(&guest->trust_lock);
	err = change_trust(guest, (struct trust){ owner, guest->share });
	mutex_unlock(&guest->trust_lock);
	return err;
}

/**
 * dr_guest_set_share() - choose with whom a guest shares pages
 * @guest: the guest
 * @share: the mode
 *
 * Context: may sleep, for as long as it takes to copy what it shares.
 * Return: 0, -ENOMEM when there is no room for the copies, or -EINTR; the
 * mode is then the old one.
 */
int dr_guest_set_share(struct dr_guest *guest, enum dr_share_mode share)
{
	int err;

	mutex_lock(&guest->trust_lock);
	err = change_trust(guest, (struct trust){ guest->owner, share });
	mutex_unlock(&guest->trust_lock);
	return err;
}

/* Under the registry's lock a registered guest has at least one reference. */
static struct dr_guest *guest_get(struct dr_guest *guest)
{
	if (guest)
		kobject_get(&guest->kobj);
	return guest;
}

/**
 * dr_guest_find() - look up a guest by its number
 * @id: the number
 *
 * Return: the guest with a reference, for dr_guest_put(), or NULL.
 */
struct dr_guest *dr_guest_find(u64 id)
{
	struct dr_guest *guest;

	mutex_lock(&registry_lock);
	guest = guest_get(xa_load(&registry, id));
	mutex_unlock(&registry_lock);
	return guest;
}

/**
 * dr_guest_find_name() - look up a guest by its name
 * @name: the name
 *
 * Return: the guest with a reference, for dr_guest_put(), or NULL.
 */
struct dr_guest *dr_guest_find_name(const char *name)
{
	struct dr_guest *guest;

	mutex_lock(&registry_lock);
	guest = guest_get(find_name(name));
	mutex_unlock(&registry_lock);
	return guest;
}

/**
 * dr_guest_next() - walk the guests by rising number
 * @after: number of the one before; 0 for the first
 *
 * Return: the guest with a reference, for dr_guest_put(), or NULL at the end.
 */
struct dr_guest *dr_guest_next(u64 after)
{
	unsigned long id = after;
	struct dr_guest *guest;

	mutex_lock(&registry_lock);
	guest = guest_get(xa_find_after(&registry, &id, ULONG_MAX,
					XA_PRESENT));
	mutex_unlock(&registry_lock);
	return guest;
}

void dr_guest_put(struct dr_guest *guest)
{
	kobject_put(&guest->kobj);
}

/**
 * dr_guest_set_limits() - change some limits, or none of them
 * @guest: the guest
 * @which: DR_SET_*
 * @limits: the new values
 *
 * Return: 0, -ERANGE when they make no sense, or -ENOSPC when the host cannot
 * promise that much.
 */
int dr_guest_set_limits(struct dr_guest *guest, u32 which,
			const struct dr_limits *limits)
{
	struct dr_limits l;
	int err;

	mutex_lock(&guest->lock);
	l = guest->limits;
	err = dr_limits_merge(&l, which, limits);
	if (!err)
		err = dr_promise_limits(guest, &l);
	if (!err)
		guest->limits = l;
	WRITE_ONCE(guest->paging.limit,
		   DIV_ROUND_UP_ULL(guest->limits.limit, PAGE_SIZE));
	mutex_unlock(&guest->lock);
	/* It may have got what it waits for. */
	wake_up_all(&guest->paging.wait);
	dr_swap_wake();
	dr_steer_wake();
	return err;
}

/**
 * dr_guest_set_vmm() - take over what the daemon knows of the VMM
 * @guest: the guest
 * @vmm: checked by the caller; @vmm->flags says what to take
 * @regions: the layout, owned by the guest from now on, if the flags name it
 */
void dr_guest_set_vmm(struct dr_guest *guest, const struct dr_guest_vmm *vmm,
		      struct dr_region *regions)
{
	struct dr_region *old = NULL;

	mutex_lock(&guest->lock);
	if (vmm->flags & DR_VMM_RUN_STATE)
		guest->run_state = vmm->run_state;
	if (vmm->flags & DR_VMM_MIGRATING)
		WRITE_ONCE(guest->migrating, vmm->migrating);
	if (vmm->flags & DR_VMM_REGIONS) {
		old = guest->regions;
		guest->regions = regions;
		guest->nr_regions = vmm->nr_regions;
	}
	mutex_unlock(&guest->lock);
	kvfree(old);
}

/**
 * dr_guest_init() - set up the registry
 * @parent: where guests appear in sysfs
 * @groups: the files each of them has there
 */
void dr_guest_init(struct kobject *parent,
		   const struct attribute_group **groups)
{
	guests_kobj = parent;
	guest_ktype.default_groups = groups;
}

void dr_guest_exit(void)
{
	WARN_ON_ONCE(!xa_empty(&registry));
}
