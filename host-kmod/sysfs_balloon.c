// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/denseram/guests/NAME/balloon: what is wanted of the guest's
 * balloon, what it is, and what the guest tells of its memory.
 */
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "balloon.h"
#include "guest.h"
#include "sysfs_balloon.h"
#include "units.h"

/**
 * struct balloon_attr - a file of a balloon
 * @attr: what sysfs knows
 * @show: print from the description
 * @offset: where in struct dr_balloon_info, for show_u64
 * @bit: DR_BALLOON_*, for show_feature
 */
struct balloon_attr {
	struct kobj_attribute attr;
	int (*show)(const struct dr_balloon_info *info,
		    const struct balloon_attr *a, char *buf);
	size_t offset;
	u32 bit;
};

static struct dr_guest *guest_of(struct kobject *kobj)
{
	return container_of(kobj, struct dr_guest, kobj);
}

static ssize_t balloon_show(struct kobject *kobj, struct kobj_attribute *attr,
			    char *buf)
{
	struct balloon_attr *a = container_of(attr, struct balloon_attr, attr);
	struct dr_balloon_info *info = kmalloc(sizeof(*info), GFP_KERNEL);
	ssize_t len;

	if (!info)
		return -ENOMEM;
	dr_balloon_fill(guest_of(kobj), info);
	len = a->show(info, a, buf);
	kfree(info);
	return len;
}

static ssize_t wanted_store(struct kobject *kobj, struct kobj_attribute *attr,
			    const char *buf, size_t count)
{
	u64 wanted = DR_BALLOON_UNASKED;
	int err = 0;

	if (!sysfs_streq(buf, "none"))
		err = dr_parse_bytes(buf, &wanted);
	/* The number that stands for "none" is no size. */
	if (!err && wanted == DR_BALLOON_UNASKED && !sysfs_streq(buf, "none"))
		err = -ERANGE;
	if (!err)
		err = dr_balloon_ask(guest_of(kobj), wanted);
	return err ? err : count;
}

/* All ones stand for "nobody said" in sizes, ages and statistics alike. */
static int show_u64(const struct dr_balloon_info *info,
		    const struct balloon_attr *a, char *buf)
{
	const u64 *value = (const void *)info + a->offset;

	if (*value == DR_BALLOON_UNKNOWN)
		return sysfs_emit(buf, "none\n");
	return sysfs_emit(buf, "%llu\n", *value);
}

static int show_state(const struct dr_balloon_info *info,
		      const struct balloon_attr *a, char *buf)
{
	return sysfs_emit(buf, "%s\n", dr_balloon_state_names[info->state]);
}

static ssize_t by_hand_show(struct kobject *kobj, struct kobj_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%d\n", dr_balloon_by_hand(guest_of(kobj)));
}

static int show_feature(const struct dr_balloon_info *info,
			const struct balloon_attr *a, char *buf)
{
	return sysfs_emit(buf, "%d\n", !!(info->features & a->bit));
}

#define BALLOON_RO(_name, _show, _offset, _bit) {			\
	.attr = __ATTR(_name, 0444, balloon_show, NULL),		\
	.show = _show,							\
	.offset = _offset,						\
	.bit = _bit,							\
}

#define FIELD(_field)	offsetof(struct dr_balloon_info, _field)

static struct balloon_attr files[] = {
	{
		.attr = __ATTR(wanted, 0644, balloon_show, wanted_store),
		.show = show_u64,
		.offset = FIELD(wanted),
	},
	BALLOON_RO(actual, show_u64, FIELD(actual), 0),
	BALLOON_RO(backed, show_u64, FIELD(backed), 0),
	BALLOON_RO(state, show_state, 0, 0),
	{ .attr = __ATTR(by_hand, 0444, by_hand_show, NULL) },
	BALLOON_RO(report_ms, show_u64, FIELD(report_ms), 0),
	BALLOON_RO(stats_ms, show_u64, FIELD(stats_ms), 0),
	BALLOON_RO(device, show_feature, 0, DR_BALLOON_DEVICE),
	BALLOON_RO(driver, show_feature, 0, DR_BALLOON_DRIVER),
	BALLOON_RO(deflate_on_oom, show_feature, 0, DR_BALLOON_OOM),
	BALLOON_RO(reporting, show_feature, 0, DR_BALLOON_REPORTING),
};

static struct balloon_attr stat_files[DR_NR_BALLOON_STATS];
static char stat_file_names[DR_NR_BALLOON_STATS][32];

static struct attribute *attrs[ARRAY_SIZE(files) + DR_NR_BALLOON_STATS + 1];

struct attribute_group dr_sysfs_guest_balloon = {
	.name = "balloon",
	.attrs = attrs,
};

static struct attribute *stat_file_init(int i)
{
	struct balloon_attr *a = &stat_files[i];

	scnprintf(stat_file_names[i], sizeof(stat_file_names[i]), "guest_%s",
		  dr_balloon_stat_names[i]);
	sysfs_attr_init(&a->attr.attr);
	a->attr.attr.name = stat_file_names[i];
	a->attr.attr.mode = 0444;
	a->attr.show = balloon_show;
	a->show = show_u64;
	a->offset = FIELD(stats) + i * sizeof(u64);
	return &a->attr.attr;
}

/**
 * dr_sysfs_balloon_init() - fill in the files, before there are guests
 */
void dr_sysfs_balloon_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(files); i++)
		attrs[i] = &files[i].attr.attr;
	for (i = 0; i < DR_NR_BALLOON_STATS; i++)
		attrs[ARRAY_SIZE(files) + i] = stat_file_init(i);
}
