// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/denseram/admission: who may come, and what struct
 * dr_admission_status says.
 */
#include <linux/kobject.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "promise.h"
#include "sysfs_admit.h"

/**
 * struct figure_attr - the file of a field of struct dr_admission_status
 * @attr: what sysfs knows
 * @show: print it
 */
struct figure_attr {
	struct kobj_attribute attr;
	int (*show)(const struct dr_admission_status *s, char *buf);
};

static ssize_t figure_show(struct kobject *kobj, struct kobj_attribute *attr,
			   char *buf)
{
	struct figure_attr *a = container_of(attr, struct figure_attr, attr);
	struct dr_admission_status s;

	dr_promise_fill(&s);
	return a->show(&s, buf);
}

static ssize_t store_strict(struct kobject *kobj, struct kobj_attribute *attr,
			    const char *buf, size_t count)
{
	static const char *const values[] = { "0", "1" };
	int strict = sysfs_match_string(values, buf);

	if (strict < 0)
		return strict;
	dr_promise_set_strict(strict);
	return count;
}

#define FIGURE_RW(_name, _mode, _store, _format, _value)		\
static int show_##_name(const struct dr_admission_status *s, char *buf)	\
{									\
	return sysfs_emit(buf, _format "\n", _value);			\
}									\
static struct figure_attr _name##_attr = {				\
	.attr = __ATTR(_name, _mode, figure_show, _store),		\
	.show = show_##_name,						\
}

#define FIGURE(_name, _value)						\
	FIGURE_RW(_name, 0444, NULL, "%llu", _value)

FIGURE_RW(strict, 0644, store_strict, "%u", s->strict);
FIGURE(promised, s->promised);
FIGURE(room, s->room);
FIGURE(swap_promised, s->swap_promised);
FIGURE(refused, s->refused);

static struct attribute *admission_attrs[] = {
	&strict_attr.attr.attr,
	&promised_attr.attr.attr,
	&room_attr.attr.attr,
	&swap_promised_attr.attr.attr,
	&refused_attr.attr.attr,
	NULL,
};

const struct attribute_group dr_sysfs_admission = {
	.name = "admission",
	.attrs = admission_attrs,
};
