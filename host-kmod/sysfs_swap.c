// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/denseram/swap: the knobs of paging, and what struct
 * dr_swap_status says. guests/NAME/swap: struct dr_guest_swap.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "guest.h"
#include "info.h"
#include "swap.h"
#include "sysfs_knob.h"
#include "sysfs_swap.h"
#include "units.h"

static const char *const stop_names[DR_SWAP_NR_STOPS] = {
	[DR_SWAP_STOP_NONE]	= "none",
	[DR_SWAP_STOP_POOL]	= "pool full",
	[DR_SWAP_STOP_MEMORY]	= "no memory",
	[DR_SWAP_STOP_AREAS]	= "areas full",
};

/* A line a bucket: the microseconds it ends below, and its count. */
static ssize_t emit_latency(const u64 latency[DR_LATENCY_BUCKETS], char *buf)
{
	ssize_t len = 0;
	int i;

	for (i = 0; i < DR_LATENCY_BUCKETS - 1; i++)
		len += sysfs_emit_at(buf, len, "%lu %llu\n", BIT(i),
				     latency[i]);
	return len + sysfs_emit_at(buf, len, "inf %llu\n", latency[i]);
}

/**
 * struct figure_attr - the file of a field of struct dr_swap_status
 * @attr: what sysfs knows
 * @show: print it
 */
struct figure_attr {
	struct kobj_attribute attr;
	ssize_t (*show)(const struct dr_swap_status *s, char *buf);
};

static ssize_t figure_show(struct kobject *kobj, struct kobj_attribute *attr,
			   char *buf)
{
	struct figure_attr *a = container_of(attr, struct figure_attr, attr);
	struct dr_swap_status *s = kmalloc(sizeof(*s), GFP_KERNEL);
	ssize_t len;

	if (!s)
		return -ENOMEM;
	dr_info_swap(s);
	len = a->show(s, buf);
	kfree(s);
	return len;
}

#define FIGURE_RW(_name, _mode, _store, _emit)				\
static ssize_t show_##_name(const struct dr_swap_status *s, char *buf)	\
{									\
	return _emit;							\
}									\
static struct figure_attr _name##_attr = {				\
	.attr = __ATTR(_name, _mode, figure_show, _store),		\
	.show = show_##_name,						\
}

#define FIGURE(_name, _format, _value)					\
	FIGURE_RW(_name, 0444, NULL, sysfs_emit(buf, _format "\n", _value))

/* All names, the chosen one in brackets. */
static ssize_t emit_compressors(const char *chosen, char *buf)
{
	const char *name;
	ssize_t len = 0;
	int i;

	for (i = 0; (name = dr_comp_name(i)); i++)
		len += sysfs_emit_at(buf, len,
				     strcmp(name, chosen) ? "%s%s" : "%s[%s]",
				     i ? " " : "", name);
	return len + sysfs_emit_at(buf, len, "\n");
}

static ssize_t store_compressor(struct kobject *kobj,
				struct kobj_attribute *attr, const char *buf,
				size_t count)
{
	int err = dr_comp_select(buf);

	return err ? err : count;
}

static ssize_t store_pool_limit(struct kobject *kobj,
				struct kobj_attribute *attr, const char *buf,
				size_t count)
{
	u64 bytes;
	int err = dr_parse_bytes(buf, &bytes);

	if (err)
		return err;
	dr_pool_set_limit(bytes);
	return count;
}

FIGURE_RW(compressor, 0644, store_compressor,
	  emit_compressors(s->compressor, buf));
FIGURE_RW(pool_limit, 0644, store_pool_limit,
	  sysfs_emit(buf, "%llu\n", s->pool_limit));
FIGURE(pool_memory, "%llu", s->pool_memory);
FIGURE(pool_bytes, "%llu", s->tiers.pool_bytes);
FIGURE(pool, "%llu", s->tiers.pool);
FIGURE(same, "%llu", s->tiers.same);
FIGURE(disk, "%llu", s->tiers.disk);
FIGURE(clean, "%llu", s->tiers.clean);
FIGURE(areas, "%u", s->nr_areas);
FIGURE(areas_size, "%llu", s->areas_size);
FIGURE(areas_used, "%llu", s->areas_used);
FIGURE(stop, "%s", stop_names[s->stop]);
FIGURE(cpu_ns, "%llu", s->cpu_ns);
FIGURE_RW(latency, 0444, NULL, emit_latency(s->latency, buf));

static ssize_t read_us_show(struct kobject *kobj, struct kobj_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%llu\n", dr_swap_read_us());
}

static struct kobj_attribute read_us_attr = __ATTR_RO(read_us);

DR_SYSFS_KNOB(async_us, dr_swap_async_us, dr_swap_set_async_us);

static struct attribute *swap_attrs[] = {
	&compressor_attr.attr.attr,
	&pool_limit_attr.attr.attr,
	&pool_memory_attr.attr.attr,
	&pool_bytes_attr.attr.attr,
	&pool_attr.attr.attr,
	&same_attr.attr.attr,
	&disk_attr.attr.attr,
	&clean_attr.attr.attr,
	&areas_attr.attr.attr,
	&areas_size_attr.attr.attr,
	&areas_used_attr.attr.attr,
	&stop_attr.attr.attr,
	&cpu_ns_attr.attr.attr,
	&latency_attr.attr.attr,
	&async_us_attr.attr.attr,
	&read_us_attr.attr,
	NULL,
};

const struct attribute_group dr_sysfs_swap = {
	.name = "swap",
	.attrs = swap_attrs,
};

/**
 * struct guest_attr - the file of a field of struct dr_guest_swap
 * @attr: what sysfs knows
 * @show: print it
 */
struct guest_attr {
	struct kobj_attribute attr;
	ssize_t (*show)(const struct dr_guest_swap *s, char *buf);
};

static ssize_t guest_show(struct kobject *kobj, struct kobj_attribute *attr,
			  char *buf)
{
	struct guest_attr *a = container_of(attr, struct guest_attr, attr);
	struct dr_guest *guest = container_of(kobj, struct dr_guest, kobj);
	struct dr_guest_swap *s = kzalloc(sizeof(*s), GFP_KERNEL);
	ssize_t len;

	if (!s)
		return -ENOMEM;
	dr_info_guest_swap(guest, s);
	len = a->show(s, buf);
	kfree(s);
	return len;
}

#define GUEST_FIGURE(_name, _emit)					\
static ssize_t show_guest_##_name(const struct dr_guest_swap *s,	\
				  char *buf)				\
{									\
	return _emit;							\
}									\
static struct guest_attr guest_##_name##_attr = {			\
	.attr = __ATTR(_name, 0444, guest_show, NULL),			\
	.show = show_guest_##_name,					\
}

GUEST_FIGURE(same, sysfs_emit(buf, "%llu\n", s->tiers.same));
GUEST_FIGURE(pool, sysfs_emit(buf, "%llu\n", s->tiers.pool));
GUEST_FIGURE(pool_bytes, sysfs_emit(buf, "%llu\n", s->tiers.pool_bytes));
GUEST_FIGURE(disk, sysfs_emit(buf, "%llu\n", s->tiers.disk));
GUEST_FIGURE(clean, sysfs_emit(buf, "%llu\n", s->tiers.clean));
GUEST_FIGURE(latency, emit_latency(s->latency, buf));

static struct attribute *guest_attrs[] = {
	&guest_same_attr.attr.attr,
	&guest_pool_attr.attr.attr,
	&guest_pool_bytes_attr.attr.attr,
	&guest_disk_attr.attr.attr,
	&guest_clean_attr.attr.attr,
	&guest_latency_attr.attr.attr,
	NULL,
};

const struct attribute_group dr_sysfs_guest_swap = {
	.name = "swap",
	.attrs = guest_attrs,
};
