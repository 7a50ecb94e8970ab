// SPDX-License-Identifier: GPL-2.0-only
/* How short of memory the host is. */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/mmzone.h>

#include "host.h"
#include "policy.h"
#include "strain.h"

static enum dr_level level;

/* By what is free alone; the policy's thread's, as what follows. */
static enum dr_level by_free;
static struct dr_strain strain;

static unsigned int stall_limit = DR_STRAIN_LIMIT;

/**
 * dr_host_level() - how short of memory the host was at the last look
 *
 * Context: any.
 * Return: the level.
 */
enum dr_level dr_host_level(void)
{
	return READ_ONCE(level);
}

/*
 * How often an allocation had to reclaim for itself, in any zone. None on a
 * kernel that does not count.
 */
static u64 count_stalls(void)
{
	/* Too large for a stack; there is one thread that looks. */
	static unsigned long events[NR_VM_EVENT_ITEMS];
	u64 sum = 0;
	int zone;

	all_vm_events(events);
	for (zone = 0; zone <= ZONE_MOVABLE; zone++)
		sum += events[ALLOCSTALL_NORMAL - ZONE_NORMAL + zone];
	return sum;
}

/*
 * Free pages of a zone on lists of CPUs. They change meanwhile; /proc/zoneinfo is
 * no better.
 */
static u64 listed_in(struct zone *zone)
{
	u64 sum = 0;
	int cpu;

	for_each_online_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(zone->per_cpu_pageset,
					     cpu)->count);
	return sum;
}

/* Bytes on lists of CPUs. Takes time in proportion to CPUs and nodes. */
static u64 count_listed(void)
{
	u64 sum = 0;
	int node, i;

	for_each_online_node(node) {
		struct zone *zones = NODE_DATA(node)->node_zones;

		for (i = 0; i < MAX_NR_ZONES; i++)
			if (populated_zone(&zones[i]))
				sum += listed_in(&zones[i]);
	}
	return sum << PAGE_SHIFT;
}

/**
 * dr_host_look() - see how short of memory the host is
 * @host: its memory, its stalls and its level are set
 *
 * Context: the policy's thread, which looks once a second and whenever the
 * kernel reclaims memory; may sleep.
 */
void dr_host_look(struct dr_policy_host *host)
{
	u64 available = dr_host_available();
	u64 listed = count_listed();

	host->total = dr_host_total();
	host->available = available;
	host->free = available + listed;
	by_free = dr_level_of(dr_level_free(available, listed), host->total,
			      by_free);
	dr_strain_look(&strain, count_stalls(), READ_ONCE(stall_limit),
		       ktime_get_ns());
	host->stalls = strain.average;
	host->level = dr_level_strained(by_free, strain.over);
	host->strained = host->level - by_free;
	WRITE_ONCE(level, host->level);
}

/* Stalls of the host since the module was loaded. */
u64 dr_host_stalled(void)
{
	return READ_ONCE(strain.stalled);
}

unsigned int dr_host_stall_limit(void)
{
	return READ_ONCE(stall_limit);
}

/**
 * dr_host_set_stall_limit() - how many stalls make a level worse
 * @limit: a second; 0 for none
 */
void dr_host_set_stall_limit(unsigned int limit)
{
	WRITE_ONCE(stall_limit, limit);
}
