// SPDX-License-Identifier: GPL-2.0-only
/*
 * All there is to tell about a guest and about the host, gathered in one place
 * for ioctl and sysfs alike.
 */
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/uidgid.h>

#include "dedup.h"
#include "files.h"
#include "guest.h"
#include "info.h"
#include "latency.h"
#include "mapper.h"
#include "mount.h"
#include "swap.h"

static void fill_limits(const struct dr_limits *l, struct dr_guest_limits *to)
{
	to->min = l->min;
	to->max = l->max;
	to->limit = l->limit;
	to->shares = l->shares;
	to->pinned = l->pinned;
}

/**
 * dr_info_fill() - describe a guest
 * @guest: the guest, with a reference
 * @info: filled in, for the current task's namespaces
 *
 * Context: may sleep.
 */
void dr_info_fill(struct dr_guest *guest, struct dr_guest_info *info)
{
	struct dr_mappers mappers;

	memset(info, 0, sizeof(*info));
	dr_guest_mappers(guest, &mappers);
	dr_files_usage(guest, &info->usage);
	info->id = guest->id;
	info->uid = from_kuid_munged(current_user_ns(), guest->owner);
	info->vmm_pid = mappers.pid;
	if (mappers.kvm)
		info->state |= DR_GUEST_KVM;
	if (mappers.unaligned)
		info->state |= DR_GUEST_UNALIGNED;
	dr_events_add(&guest->events, info->events);

	strscpy(info->name, dr_guest_name(guest).text);
	mutex_lock(&guest->lock);
	info->nr_files = guest->nr_files;
	info->run_state = guest->run_state;
	info->nr_regions = guest->nr_regions;
	info->share = READ_ONCE(guest->share);
	if (READ_ONCE(guest->paging.parking))
		info->state |= DR_GUEST_PARKING;
	if (guest->migrating)
		info->state |= DR_GUEST_MIGRATING;
	if (READ_ONCE(guest->scanned))
		info->state |= DR_GUEST_SCANNED;
	fill_limits(&guest->limits, &info->limits);
	mutex_unlock(&guest->lock);
}

/**
 * dr_info_event() - how often something has happened on this host
 * @event: what
 *
 * Context: may sleep.
 * Return: the sum over all guests, those that are gone included.
 */
u64 dr_info_event(enum dr_event event)
{
	u64 sums[DR_NR_EVENTS] = {};
	struct dr_guest *guest;
	u64 id = 0;

	dr_events_retired(sums);
	while ((guest = dr_guest_next(id))) {
		id = guest->id;
		sums[event] += dr_events_read(&guest->events, event);
		dr_guest_put(guest);
	}
	return sums[event];
}

/**
 * dr_info_share() - describe content-based sharing on this host
 * @s: filled in
 *
 * Context: may sleep.
 */
void dr_info_share(struct dr_share_status *s)
{
	struct dr_usage usage = {};
	struct dr_guest *guest;
	u64 id = 0;

	memset(s, 0, sizeof(*s));
	while ((guest = dr_guest_next(id))) {
		id = guest->id;
		dr_files_usage(guest, &usage);
		dr_guest_put(guest);
	}
	dr_dedup_fill(s);
	s->shared = usage.shared << PAGE_SHIFT;
}

/**
 * dr_info_swap() - describe paging on this host
 * @s: filled in
 *
 * Context: may sleep.
 */
void dr_info_swap(struct dr_swap_status *s)
{
	struct dr_guest *guest;
	u64 id = 0;

	memset(s, 0, sizeof(*s));
	dr_latency_retired(s->latency);
	while ((guest = dr_guest_next(id))) {
		id = guest->id;
		dr_files_tiers(guest, &s->tiers);
		dr_latency_add(guest, s->latency);
		dr_guest_put(guest);
	}
	dr_swap_fill(s);
}

/**
 * dr_info_guest_swap() - describe paging of a guest
 * @guest: the guest, with a reference
 * @s: filled in, but for the id
 *
 * Context: may sleep.
 */
void dr_info_guest_swap(struct dr_guest *guest, struct dr_guest_swap *s)
{
	memset(&s->tiers, 0, sizeof(s->tiers));
	memset(s->latency, 0, sizeof(s->latency));
	dr_files_tiers(guest, &s->tiers);
	dr_latency_add(guest, s->latency);
}

/**
 * dr_info_status() - describe the whole host
 * @s: filled in
 *
 * Guests that come or go meanwhile may be left out.
 *
 * Context: may sleep.
 */
void dr_info_status(struct dr_status *s)
{
	struct dr_guest *guest;
	u64 id = 0;

	memset(s, 0, sizeof(*s));
	s->nr_mounts = dr_mount_count();
	s->host_total = (u64)totalram_pages() << PAGE_SHIFT;
	s->host_available = (u64)si_mem_available() << PAGE_SHIFT;
	dr_events_retired(s->events);
	while ((guest = dr_guest_next(id))) {
		id = guest->id;
		s->nr_guests++;
		dr_files_usage(guest, &s->usage);
		dr_events_add(&guest->events, s->events);
		dr_guest_put(guest);
	}
}
