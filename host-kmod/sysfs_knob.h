/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of knobs that are one number for the whole host. */
#ifndef _DR_SYSFS_KNOB_H
#define _DR_SYSFS_KNOB_H

#include <linux/kobject.h>
#include <linux/sysfs.h>

/**
 * struct dr_sysfs_knob - the file of a knob
 * @attr: what sysfs knows
 * @get: its value
 * @set: give it another; 0, or why it cannot be
 */
struct dr_sysfs_knob {
	struct kobj_attribute attr;
	unsigned int (*get)(void);
	int (*set)(unsigned int value);
};

ssize_t dr_sysfs_knob_show(struct kobject *kobj, struct kobj_attribute *attr,
			   char *buf);
ssize_t dr_sysfs_knob_store(struct kobject *kobj, struct kobj_attribute *attr,
			    const char *buf, size_t count);

#define DR_SYSFS_KNOB(_name, _get, _set)				\
static struct dr_sysfs_knob _name##_attr = {				\
	.attr = __ATTR(_name, 0644, dr_sysfs_knob_show,			\
		       dr_sysfs_knob_store),				\
	.get = _get,							\
	.set = _set,							\
}

#endif /* _DR_SYSFS_KNOB_H */
