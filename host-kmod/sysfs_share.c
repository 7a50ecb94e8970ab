// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/denseram/sharing: the knobs of content-based sharing, and what
 * struct dr_share_status says. guests/NAME/share and scan: who takes part.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "dedup.h"
#include "explain.h"
#include "guest.h"
#include "info.h"
#include "sysfs_share.h"

static const char *const mode_names[DR_NR_SHARE_MODES] = {
	[DR_SHARE_OFF]		= "off",
	[DR_SHARE_GUEST]	= "guest",
	[DR_SHARE_DOMAIN]	= "domain",
	[DR_SHARE_ALL]		= "all",
};

static struct dr_guest *guest_of(struct kobject *kobj)
{
	return container_of(kobj, struct dr_guest, kobj);
}

static ssize_t share_show(struct kobject *kobj, struct kobj_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  mode_names[READ_ONCE(guest_of(kobj)->share)]);
}

static ssize_t share_store(struct kobject *kobj, struct kobj_attribute *attr,
			   const char *buf, size_t count)
{
	int mode = sysfs_match_string(mode_names, buf);

	if (mode >= 0)
		mode = dr_guest_set_share(guest_of(kobj), mode);
	return mode < 0 ? mode : count;
}

static ssize_t scan_show(struct kobject *kobj, struct kobj_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(guest_of(kobj)->scanned));
}

static ssize_t scan_store(struct kobject *kobj, struct kobj_attribute *attr,
			  const char *buf, size_t count)
{
	static const char *const values[] = { "0", "1" };
	int scan = sysfs_match_string(values, buf);

	if (scan < 0)
		return scan;
	WRITE_ONCE(guest_of(kobj)->scanned, scan);
	return count;
}

static struct kobj_attribute share_attr = __ATTR_RW(share);
static struct kobj_attribute scan_attr = __ATTR_RW(scan);

static struct attribute *guest_attrs[] = {
	&share_attr.attr,
	&scan_attr.attr,
	NULL,
};

const struct attribute_group dr_sysfs_guest_share = {
	.attrs = guest_attrs,
};

/**
 * struct knob_attr - the file of a knob
 * @attr: what sysfs knows
 * @knob: which
 */
struct knob_attr {
	struct kobj_attribute attr;
	enum dr_share_knob knob;
};

static ssize_t knob_show(struct kobject *kobj, struct kobj_attribute *attr,
			 char *buf)
{
	struct knob_attr *a = container_of(attr, struct knob_attr, attr);

	return sysfs_emit(buf, "%u\n", dr_knob(a->knob));
}

static ssize_t knob_store(struct kobject *kobj, struct kobj_attribute *attr,
			  const char *buf, size_t count)
{
	struct knob_attr *a = container_of(attr, struct knob_attr, attr);
	unsigned int value;
	int err = kstrtouint(buf, 10, &value);

	if (!err)
		err = dr_knob_set(a->knob, value);
	return err ? err : count;
}

/**
 * struct figure_attr - the file of a field of struct dr_share_status
 * @attr: what sysfs knows
 * @show: print it
 */
struct figure_attr {
	struct kobj_attribute attr;
	int (*show)(const struct dr_share_status *s, char *buf);
};

static ssize_t figure_show(struct kobject *kobj, struct kobj_attribute *attr,
			   char *buf)
{
	struct figure_attr *a = container_of(attr, struct figure_attr, attr);
	struct dr_share_status s;

	dr_info_share(&s);
	return a->show(&s, buf);
}

#define FIGURE(_name, _format, _value)					\
static int show_##_name(const struct dr_share_status *s, char *buf)	\
{									\
	return sysfs_emit(buf, _format "\n", _value);			\
}									\
static struct figure_attr _name##_attr = {				\
	.attr = __ATTR(_name, 0444, figure_show, NULL),			\
	.show = show_##_name,						\
}

FIGURE(shared, "%llu", s->shared);
FIGURE(kept, "%llu", s->kept);
FIGURE(saved, "%llu", s->shared > s->kept ? s->shared - s->kept : 0);
FIGURE(table_bytes, "%llu", s->table_bytes);
FIGURE(table_slots, "%llu", s->table_slots);
FIGURE(table_hints, "%llu", s->table_hints);
FIGURE(table_shares, "%llu", s->table_shares);
FIGURE(cpu_ns, "%llu", s->cpu_ns);
FIGURE(passes, "%llu", s->passes);
FIGURE(scan_rate, "%u", s->scan_rate);
FIGURE(scanners, "%u", s->nr_scanners);
FIGURE(level, "%s", dr_level_name(s->level));

#define KNOB(_name, _knob)						\
static struct knob_attr _name##_attr = {				\
	.attr = __ATTR(_name, 0644, knob_show, knob_store),		\
	.knob = _knob,							\
}

KNOB(enabled, DR_KNOB_ENABLED);
KNOB(budget, DR_KNOB_BUDGET);
KNOB(budget_fast, DR_KNOB_BUDGET_FAST);
KNOB(interval, DR_KNOB_INTERVAL);
KNOB(rate_max, DR_KNOB_RATE_MAX);
KNOB(block_gain, DR_KNOB_BLOCK_GAIN);

static struct attribute *sharing_attrs[] = {
	&enabled_attr.attr.attr,
	&budget_attr.attr.attr,
	&budget_fast_attr.attr.attr,
	&interval_attr.attr.attr,
	&rate_max_attr.attr.attr,
	&block_gain_attr.attr.attr,
	&shared_attr.attr.attr,
	&kept_attr.attr.attr,
	&saved_attr.attr.attr,
	&table_bytes_attr.attr.attr,
	&table_slots_attr.attr.attr,
	&table_hints_attr.attr.attr,
	&table_shares_attr.attr.attr,
	&cpu_ns_attr.attr.attr,
	&passes_attr.attr.attr,
	&scan_rate_attr.attr.attr,
	&scanners_attr.attr.attr,
	&level_attr.attr.attr,
	NULL,
};

const struct attribute_group dr_sysfs_sharing = {
	.name = "sharing",
	.attrs = sharing_attrs,
};
