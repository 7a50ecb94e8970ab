/* SPDX-License-Identifier: GPL-2.0-only */
/* The host's memory, and how short of it the host is. */
#ifndef _DR_HOST_H
#define _DR_HOST_H

#include <linux/mm.h>

#include "level.h"

struct dr_policy_host;

/*
 * Memory that any CPU can have without hurting anybody, in bytes (MemAvailable). There
 * is more on the allocator's lists; see level.h.
 */
static inline u64 dr_host_available(void)
{
	return (u64)max(si_mem_available(), 0L) << PAGE_SHIFT;
}

/* All there is, in bytes. */
static inline u64 dr_host_total(void)
{
	return (u64)totalram_pages() << PAGE_SHIFT;
}

enum dr_level dr_host_level(void);
void dr_host_look(struct dr_policy_host *host);
u64 dr_host_stalled(void);
unsigned int dr_host_stall_limit(void);
void dr_host_set_stall_limit(unsigned int limit);

#endif /* _DR_HOST_H */
