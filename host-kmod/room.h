/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_ROOM_H
#define _DR_ROOM_H

#include <linux/mm.h>
#include <linux/sched/signal.h>

/* Free memory that is not used to bring pages back, in percent of the host's. */
#define DR_ROOM_KEEP_PERCENT	2

/* May pages be brought back that nobody needs at once? */
static inline bool dr_host_has_room(void)
{
	u64 keep = (u64)totalram_pages() * DR_ROOM_KEEP_PERCENT / 100;

	return si_mem_available() > (long)keep;
}

/* Is there another page to be brought back? 0; or @err of this one, or why not. */
static inline int dr_bring_next(int err)
{
	if (err)
		return err;
	if (signal_pending(current))
		return -EINTR;
	return dr_host_has_room() ? 0 : -ENOMEM;
}

#endif /* _DR_ROOM_H */
