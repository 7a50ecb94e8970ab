// SPDX-License-Identifier: GPL-2.0-only
/* See sysfs_knob.h. */
#include <linux/container_of.h>
#include <linux/kstrtox.h>

#include "sysfs_knob.h"

ssize_t dr_sysfs_knob_show(struct kobject *kobj, struct kobj_attribute *attr,
			   char *buf)
{
	struct dr_sysfs_knob *knob = container_of(attr, struct dr_sysfs_knob,
						  attr);

	return sysfs_emit(buf, "%u\n", knob->get());
}

ssize_t dr_sysfs_knob_store(struct kobject *kobj, struct kobj_attribute *attr,
			    const char *buf, size_t count)
{
	struct dr_sysfs_knob *knob = container_of(attr, struct dr_sysfs_knob,
						  attr);
	unsigned int value;
	int err = kstrtouint(buf, 10, &value);

	if (!err)
		err = knob->set(value);
	return err ? err : count;
}
