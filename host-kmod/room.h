/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_ROOM_H
#define _DR_ROOM_H

#include <linux/mm.h>

/* Free memory that is not used to bring pages back, in percent of the host's. */
#define DR_ROOM_KEEP_PERCENT	2

/* May pages be brought back that nobody needs at once? */
static inline bool dr_host_has_room(void)
{
	u64 keep = (u64)totalram_pages() * DR_ROOM_KEEP_PERCENT / 100;

	return si_mem_available() > (long)keep;
}

#endif /* _DR_ROOM_H */
