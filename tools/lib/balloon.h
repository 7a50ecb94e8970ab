/* SPDX-License-Identifier: GPL-2.0-only */
/* Words for balloons, as in sysfs and JSON. Pure. */
#ifndef DR_BALLOON_H
#define DR_BALLOON_H

#include <stddef.h>
#include <stdint.h>

#include <linux/denseram.h>

/**
 * struct dr_balloon_sum - the balloons of all guests together
 * @wanted: bytes asked for
 * @actual: bytes the guests say they gave
 * @backed: bytes of that which the host can indeed not find in their files
 * @nr: how many are in each state
 */
struct dr_balloon_sum {
	uint64_t wanted;
	uint64_t actual;
	uint64_t backed;
	unsigned int nr[DR_NR_BALLOON_STATES];
};

/* Words of DR_BALLOON_* states and of DR_BSTAT_*. */
const char *dr_balloon_state_name(unsigned int state);
const char *dr_balloon_stat_name(unsigned int stat);

/* Is a statistic a number of bytes? */
int dr_balloon_stat_is_size(unsigned int stat);

void dr_balloon_sum(const struct dr_balloon_info *balloons, size_t nr,
		    struct dr_balloon_sum *sum);

#endif /* DR_BALLOON_H */
