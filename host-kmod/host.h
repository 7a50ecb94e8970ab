/* SPDX-License-Identifier: GPL-2.0-only */
/* The host's memory, and how short of it the host is. */
#ifndef _DR_HOST_H
#define _DR_HOST_H

#include <linux/mm.h>

#include "level.h"

/* Memory that can be had without hurting anybody, in bytes. */
static inline u64 dr_host_free(void)
{
	return (u64)max(si_mem_available(), 0L) << PAGE_SHIFT;
}

/* All there is, in bytes. */
static inline u64 dr_host_total(void)
{
	return (u64)totalram_pages() << PAGE_SHIFT;
}

enum dr_level dr_host_level(void);
enum dr_level dr_host_look(void);

#endif /* _DR_HOST_H */
