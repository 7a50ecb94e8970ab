/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DR_VERB_BALLOON_H
#define DR_VERB_BALLOON_H

#include <stddef.h>

#include <linux/denseram.h>

/*
 * Read the balloons of all @guests into an array to free. Returns 0 or a
 * negative errno; -ENOTTY: the module is older than balloons.
 */
int read_balloons(int fd, const struct dr_guest_info *guests, size_t nr,
		  struct dr_balloon_info **balloons);

#endif /* DR_VERB_BALLOON_H */
