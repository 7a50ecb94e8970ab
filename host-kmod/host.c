// SPDX-License-Identifier: GPL-2.0-only
/* How short of memory the host is. */
#include "host.h"

static enum dr_level level;

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

/**
 * dr_host_look() - see how much memory is free
 *
 * Context: the policy's thread, which looks once a second and whenever the
 * kernel reclaims memory.
 * Return: the level.
 */
enum dr_level dr_host_look(void)
{
	enum dr_level now = dr_level_of(dr_host_free(), dr_host_total(),
					level);

	WRITE_ONCE(level, now);
	return now;
}
