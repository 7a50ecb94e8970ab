// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/denseram/wss: the knobs of sampling. guests/NAME/wss: what it has
 * found of a guest.
 */
#include <linux/kstrtox.h>
#include <linux/math64.h>
#include <linux/sysfs.h>

#include "files.h"
#include "guest.h"
#include "sysfs_knob.h"
#include "sysfs_wss.h"

static struct dr_guest *guest_of(struct kobject *kobj)
{
	return container_of(kobj, struct dr_guest, kobj);
}

static u32 permille(u32 part)
{
	return DIV_ROUND_CLOSEST(part * 1000, DR_ESTIMATE_ONE);
}

#define ACTIVE(_name, _field)						\
static ssize_t _name##_show(struct kobject *kobj,			\
			    struct kobj_attribute *attr, char *buf)	\
{									\
	struct dr_active active;					\
									\
	dr_wss_now(guest_of(kobj), &active);				\
	return sysfs_emit(buf, "%u\n", permille(active._field));	\
}									\
static struct kobj_attribute _name##_attr = __ATTR_RO(_name)

ACTIVE(active_permille, part);
ACTIVE(active_low, low);
ACTIVE(active_high, high);

static ssize_t working_set_show(struct kobject *kobj,
				struct kobj_attribute *attr, char *buf)
{
	u64 resident = dr_files_resident(guest_of(kobj)) << PAGE_SHIFT;
	struct dr_active active;

	dr_wss_now(guest_of(kobj), &active);
	return sysfs_emit(buf, "%llu\n",
			  mul_u64_u32_div(resident, active.part,
					  DR_ESTIMATE_ONE));
}

static ssize_t samples_show(struct kobject *kobj, struct kobj_attribute *attr,
			    char *buf)
{
	u32 samples, periods;

	dr_wss_size(guest_of(kobj), &samples, &periods);
	return sysfs_emit(buf, "%u\n", samples);
}

static ssize_t periods_show(struct kobject *kobj, struct kobj_attribute *attr,
			    char *buf)
{
	u32 samples, periods;

	dr_wss_size(guest_of(kobj), &samples, &periods);
	return sysfs_emit(buf, "%u\n", periods);
}

static struct kobj_attribute working_set_attr = __ATTR_RO(working_set);
static struct kobj_attribute samples_attr = __ATTR_RO(samples);
static struct kobj_attribute periods_attr = __ATTR_RO(periods);

static struct attribute *guest_attrs[] = {
	&active_permille_attr.attr,
	&active_low_attr.attr,
	&active_high_attr.attr,
	&working_set_attr.attr,
	&samples_attr.attr,
	&periods_attr.attr,
	NULL,
};

const struct attribute_group dr_sysfs_guest_wss = {
	.name = "wss",
	.attrs = guest_attrs,
};

static ssize_t enabled_show(struct kobject *kobj, struct kobj_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%d\n", dr_wss_enabled());
}

static ssize_t enabled_store(struct kobject *kobj, struct kobj_attribute *attr,
			     const char *buf, size_t count)
{
	unsigned int value;
	int err = kstrtouint(buf, 10, &value);

	if (!err && value > 1)
		err = -ERANGE;
	if (!err)
		err = dr_wss_enable(value);
	return err ? err : count;
}

static struct kobj_attribute enabled_attr = __ATTR_RW(enabled);

DR_SYSFS_KNOB(period_ms, dr_wss_period, dr_wss_set_period);

static struct attribute *wss_attrs[] = {
	&enabled_attr.attr,
	&period_ms_attr.attr.attr,
	NULL,
};

const struct attribute_group dr_sysfs_wss = {
	.name = "wss",
	.attrs = wss_attrs,
};
