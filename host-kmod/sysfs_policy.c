// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/denseram/policy: its knobs, and what struct dr_policy_status says.
 * guests/NAME/target and explain: what it has decided about a guest, and why.
 */
#include <linux/kstrtox.h>
#include <linux/slab.h>

#include "guest.h"
#include "host.h"
#include "steer.h"
#include "strain.h"
#include "sysfs_knob.h"
#include "sysfs_policy.h"

/**
 * struct policy_attr - the file of a field of struct dr_policy_status
 * @attr: what sysfs knows
 * @offset: where the field is
 */
struct policy_attr {
	struct kobj_attribute attr;
	size_t offset;
};

static ssize_t figure_show(struct kobject *kobj, struct kobj_attribute *attr,
			   char *buf)
{
	struct policy_attr *a = container_of(attr, struct policy_attr, attr);
	struct dr_policy_status s;

	dr_steer_fill(&s);
	return sysfs_emit(buf, "%llu\n", *(u64 *)((void *)&s + a->offset));
}

#define FIGURE(_name, _field)						\
static struct policy_attr _name##_attr = {				\
	.attr = __ATTR(_name, 0444, figure_show, NULL),			\
	.offset = offsetof(struct dr_policy_status, _field),		\
}

FIGURE(runs, runs);
FIGURE(run_ns, run_ns);
FIGURE(run_ns_max, run_ns_max);
FIGURE(pool, pool);
FIGURE(granted, granted);
FIGURE(missing, missing);
FIGURE(wanted, wanted);
FIGURE(taken, taken);
FIGURE(stalled, stalled);

static ssize_t level_show(struct kobject *kobj, struct kobj_attribute *attr,
			  char *buf)
{
	struct dr_policy_status s;

	dr_steer_fill(&s);
	return sysfs_emit(buf, "%s\n", dr_level_name(s.level));
}

static ssize_t enabled_show(struct kobject *kobj, struct kobj_attribute *attr,
			    char *buf)
{
	struct dr_policy_status s;

	dr_steer_fill(&s);
	return sysfs_emit(buf, "%u\n", s.enabled);
}

static ssize_t enabled_store(struct kobject *kobj, struct kobj_attribute *attr,
			     const char *buf, size_t count)
{
	unsigned int value;
	int err = kstrtouint(buf, 10, &value);

	if (err)
		return err;
	if (value > 1)
		return -ERANGE;
	dr_steer_set_enabled(value);
	return count;
}

/* A second; the fraction is for those who ask by ioctl. */
static ssize_t stalls_show(struct kobject *kobj, struct kobj_attribute *attr,
			   char *buf)
{
	struct dr_policy_status s;

	dr_steer_fill(&s);
	return sysfs_emit(buf, "%llu\n", s.stalls / DR_STRAIN_ONE);
}

static ssize_t strained_show(struct kobject *kobj, struct kobj_attribute *attr,
			     char *buf)
{
	struct dr_policy_status s;

	dr_steer_fill(&s);
	return sysfs_emit(buf, "%u\n", s.strained);
}

static struct kobj_attribute level_attr = __ATTR_RO(level);
static struct kobj_attribute enabled_attr = __ATTR_RW(enabled);
static struct kobj_attribute stalls_attr = __ATTR_RO(stalls);
static struct kobj_attribute strained_attr = __ATTR_RO(strained);

DR_SYSFS_KNOB(tax, dr_steer_tax, dr_steer_set_tax);
DR_SYSFS_KNOB(stall_limit, dr_host_stall_limit, dr_steer_set_stall_limit);

static struct attribute *policy_attrs[] = {
	&enabled_attr.attr,
	&tax_attr.attr.attr,
	&level_attr.attr,
	&runs_attr.attr.attr,
	&run_ns_attr.attr.attr,
	&run_ns_max_attr.attr.attr,
	&pool_attr.attr.attr,
	&granted_attr.attr.attr,
	&missing_attr.attr.attr,
	&wanted_attr.attr.attr,
	&taken_attr.attr.attr,
	&stalled_attr.attr.attr,
	&stalls_attr.attr,
	&strained_attr.attr,
	&stall_limit_attr.attr.attr,
	NULL,
};

const struct attribute_group dr_sysfs_policy = {
	.name = "policy",
	.attrs = policy_attrs,
};

static struct dr_guest *guest_of(struct kobject *kobj)
{
	return container_of(kobj, struct dr_guest, kobj);
}

static ssize_t target_show(struct kobject *kobj, struct kobj_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "%llu\n", dr_steer_target(guest_of(kobj)));
}

/* More than one value: a table for people. */
static ssize_t explain_show(struct kobject *kobj, struct kobj_attribute *attr,
			    char *buf)
{
	BUILD_BUG_ON(DR_EXPLAIN_TEXT > PAGE_SIZE);
	return dr_steer_explain(guest_of(kobj), buf, DR_EXPLAIN_TEXT);
}

static struct kobj_attribute target_attr = __ATTR_RO(target);
static struct kobj_attribute explain_attr = __ATTR_RO(explain);

static struct attribute *guest_policy_attrs[] = {
	&target_attr.attr,
	&explain_attr.attr,
	NULL,
};

const struct attribute_group dr_sysfs_guest_policy = {
	.attrs = guest_policy_attrs,
};
