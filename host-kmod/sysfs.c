// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/denseram: one value a file. The files of a guest print fields of
 * struct dr_guest_info, those in stat/ its counters, so that sysfs and ioctl
 * cannot tell different stories.
 */
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "event.h"
#include "guest.h"
#include "info.h"
#include "sysfs_admit.h"
#include "sysfs_balloon.h"
#include "sysfs_policy.h"
#include "sysfs_share.h"
#include "sysfs_swap.h"
#include "sysfs_wss.h"
#include "units.h"

static struct kobject *root_kobj;
static struct kobject *guests_kobj;

/**
 * struct guest_attr - a file of a guest
 * @attr: what sysfs knows
 * @show: print from the guest's description
 * @offset: where in struct dr_guest_info, for show_u64 and show_u32
 * @set: DR_SET_* of a limit that may be written
 */
struct guest_attr {
	struct kobj_attribute attr;
	int (*show)(const struct dr_guest_info *info, size_t offset,
		    char *buf);
	size_t offset;
	u32 set;
};

static struct dr_guest *guest_of(struct kobject *kobj)
{
	return container_of(kobj, struct dr_guest, kobj);
}

static ssize_t guest_show(struct kobject *kobj, struct kobj_attribute *attr,
			  char *buf)
{
	struct guest_attr *a = container_of(attr, struct guest_attr, attr);
	struct dr_guest_info *info;
	ssize_t len;

	info = kmalloc(sizeof(*info), GFP_KERNEL);
	if (!info)
		return -ENOMEM;
	dr_info_fill(guest_of(kobj), info);
	len = a->show(info, a->offset, buf);
	kfree(info);
	return len;
}

static ssize_t guest_store(struct kobject *kobj, struct kobj_attribute *attr,
			   const char *buf, size_t count)
{
	struct guest_attr *a = container_of(attr, struct guest_attr, attr);
	struct dr_limits l = {};
	u64 value;
	int err;

	err = dr_parse_bytes(buf, &value);
	if (err)
		return err;
	if (a->set & (DR_SET_SHARES | DR_SET_PINNED) && value > DR_SHARES_MAX)
		return -ERANGE;
	l.min = value;
	l.max = value;
	l.limit = value;
	l.shares = value;
	l.pinned = value;
	err = dr_guest_set_limits(guest_of(kobj), a->set, &l);
	return err ? err : count;
}

static int show_u64(const struct dr_guest_info *info, size_t offset, char *buf)
{
	const u64 *value = (const void *)info + offset;

	return sysfs_emit(buf, "%llu\n", *value);
}

static int show_u32(const struct dr_guest_info *info, size_t offset, char *buf)
{
	const u32 *value = (const void *)info + offset;

	return sysfs_emit(buf, "%u\n", *value);
}

static int show_name(const struct dr_guest_info *info, size_t offset,
		     char *buf)
{
	return sysfs_emit(buf, "%s\n", info->name);
}

static int show_max(const struct dr_guest_info *info, size_t offset, char *buf)
{
	u64 max = info->limits.max;

	return sysfs_emit(buf, "%llu\n", max ? max : info->usage.size);
}

static int show_kvm(const struct dr_guest_info *info, size_t offset, char *buf)
{
	return sysfs_emit(buf, "%d\n", !!(info->state & DR_GUEST_KVM));
}

static int show_migrating(const struct dr_guest_info *info, size_t offset,
			  char *buf)
{
	return sysfs_emit(buf, "%d\n", !!(info->state & DR_GUEST_MIGRATING));
}

static int show_unaligned(const struct dr_guest_info *info, size_t offset,
			  char *buf)
{
	return sysfs_emit(buf, "%d\n", !!(info->state & DR_GUEST_UNALIGNED));
}

static const char *const run_state_names[DR_NR_RUN_STATES] = {
	[DR_RUN_UNKNOWN]	= "unknown",
	[DR_RUN_RUNNING]	= "running",
	[DR_RUN_PAUSED]		= "paused",
	[DR_RUN_SHUTDOWN]	= "shutdown",
};

static int show_run_state(const struct dr_guest_info *info, size_t offset,
			  char *buf)
{
	return sysfs_emit(buf, "%s\n", run_state_names[info->run_state]);
}

#define GUEST_RO(_name, _show, _field) {				\
	.attr = __ATTR(_name, 0444, guest_show, NULL),			\
	.show = _show,							\
	.offset = offsetof(struct dr_guest_info, _field),		\
}

#define GUEST_RW(_name, _show, _field, _set) {				\
	.attr = __ATTR(_name, 0644, guest_show, guest_store),		\
	.show = _show,							\
	.offset = offsetof(struct dr_guest_info, _field),		\
	.set = _set,							\
}

static struct guest_attr guest_files[] = {
	GUEST_RO(id, show_u64, id),
	GUEST_RO(name, show_name, name),
	GUEST_RO(uid, show_u32, uid),
	GUEST_RO(vmm_pid, show_u32, vmm_pid),
	GUEST_RO(kvm, show_kvm, state),
	GUEST_RO(unaligned, show_unaligned, state),
	GUEST_RO(migrating, show_migrating, state),
	GUEST_RO(run_state, show_run_state, run_state),
	GUEST_RO(files, show_u32, nr_files),
	GUEST_RO(size, show_u64, usage.size),
	GUEST_RO(resident, show_u64, usage.resident),
	GUEST_RO(blocks, show_u64, usage.blocks),
	GUEST_RO(pages, show_u64, usage.pages),
	GUEST_RO(shared, show_u64, usage.shared),
	GUEST_RO(saved, show_u64, usage.saved),
	GUEST_RO(swapped, show_u64, usage.swapped),
	GUEST_RO(holes, show_u64, usage.holes),
	GUEST_RO(metadata, show_u64, usage.metadata),
	GUEST_RW(min, show_u64, limits.min, DR_SET_MIN),
	GUEST_RW(max, show_max, limits.max, DR_SET_MAX),
	GUEST_RW(limit, show_u64, limits.limit, DR_SET_LIMIT),
	GUEST_RW(shares, show_u32, limits.shares, DR_SET_SHARES),
	GUEST_RW(pinned, show_u32, limits.pinned, DR_SET_PINNED),
};

static struct attribute *guest_attrs[ARRAY_SIZE(guest_files) + 1];
static const struct attribute_group guest_group = {
	.attrs = guest_attrs,
};

/**
 * struct stat_attr - a counter's file, of a guest or of the host
 * @attr: what sysfs knows
 * @event: which counter
 */
struct stat_attr {
	struct kobj_attribute attr;
	enum dr_event event;
};

static struct stat_attr guest_stats[DR_NR_EVENTS];
static struct stat_attr host_stats[DR_NR_EVENTS];
static struct attribute *guest_stat_attrs[DR_NR_EVENTS + 1];
static struct attribute *host_stat_attrs[DR_NR_EVENTS + 1];

static const struct attribute_group guest_stat_group = {
	.name = "stat",
	.attrs = guest_stat_attrs,
};

static const struct attribute_group host_stat_group = {
	.name = "stat",
	.attrs = host_stat_attrs,
};

static const struct attribute_group *guest_groups[] = {
	&guest_group,
	&dr_sysfs_guest_share,
	&dr_sysfs_guest_swap,
	&dr_sysfs_guest_balloon,
	&dr_sysfs_guest_policy,
	&dr_sysfs_guest_wss,
	&guest_stat_group,
	NULL,
};

static ssize_t guest_stat_show(struct kobject *kobj,
			       struct kobj_attribute *attr, char *buf)
{
	struct stat_attr *a = container_of(attr, struct stat_attr, attr);

	return sysfs_emit(buf, "%llu\n",
			  dr_events_read(&guest_of(kobj)->events, a->event));
}

static ssize_t host_stat_show(struct kobject *kobj,
			      struct kobj_attribute *attr, char *buf)
{
	struct stat_attr *a = container_of(attr, struct stat_attr, attr);

	return sysfs_emit(buf, "%llu\n", dr_info_event(a->event));
}

static ssize_t version_show(struct kobject *kobj, struct kobj_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%s\n", DR_VERSION);
}

static struct kobj_attribute version_attr = __ATTR_RO(version);

static struct attribute *host_attrs[] = {
	&version_attr.attr,
	NULL,
};

static const struct attribute_group host_group = {
	.attrs = host_attrs,
};

static const struct attribute_group *host_groups[] = {
	&host_group,
	&dr_sysfs_sharing,
	&dr_sysfs_swap,
	&dr_sysfs_admission,
	&dr_sysfs_policy,
	&dr_sysfs_wss,
	&host_stat_group,
	NULL,
};

static void stat_attr_init(struct stat_attr *a, enum dr_event event,
			   ssize_t (*show)(struct kobject *kobj,
					   struct kobj_attribute *attr,
					   char *buf))
{
	a->attr.attr.name = dr_event_names[event];
	a->attr.attr.mode = 0444;
	a->attr.show = show;
	a->event = event;
}

static void attrs_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(guest_files); i++)
		guest_attrs[i] = &guest_files[i].attr.attr;
	for (i = 0; i < DR_NR_EVENTS; i++) {
		/*
		 * Two lockdep classes: reading the host's takes the registry's
		 * lock, under which the guest's are removed.
		 */
		sysfs_attr_init(&guest_stats[i].attr.attr);
		sysfs_attr_init(&host_stats[i].attr.attr);
		stat_attr_init(&guest_stats[i], i, guest_stat_show);
		stat_attr_init(&host_stats[i], i, host_stat_show);
		guest_stat_attrs[i] = &guest_stats[i].attr.attr;
		host_stat_attrs[i] = &host_stats[i].attr.attr;
	}
}

int dr_sysfs_init(void)
{
	int err = -ENOMEM;

	attrs_init();
	dr_sysfs_balloon_init();
	root_kobj = kobject_create_and_add("denseram", kernel_kobj);
	if (!root_kobj)
		return -ENOMEM;
	guests_kobj = kobject_create_and_add("guests", root_kobj);
	if (!guests_kobj)
		goto put_root;
	err = sysfs_create_groups(root_kobj, host_groups);
	if (err)
		goto put_guests;
	dr_guest_init(guests_kobj, guest_groups);
	return 0;

put_guests:
	kobject_put(guests_kobj);
put_root:
	kobject_put(root_kobj);
	return err;
}

void dr_sysfs_exit(void)
{
	dr_guest_exit();
	sysfs_remove_groups(root_kobj, host_groups);
	kobject_put(guests_kobj);
	kobject_put(root_kobj);
}
