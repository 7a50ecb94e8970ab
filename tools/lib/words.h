/* SPDX-License-Identifier: GPL-2.0-only */
/* Words for states, as in sysfs and JSON. Pure. */
#ifndef DR_WORDS_H
#define DR_WORDS_H

#include <linux/denseram.h>

/* Words of DR_RUN_*, DR_LEVEL_* and DR_SWAP_STOP_*. */
const char *dr_run_state_name(unsigned int state);
const char *dr_level_word(unsigned int level);
const char *dr_swap_stop_name(unsigned int stop);

/* What the daemon says of a guest, or else what its mappings tell. */
const char *dr_guest_state_name(const struct dr_guest_info *guest);

/* ok, failed or leaving */
const char *dr_area_state_name(const struct dr_swap_area *area);

#endif /* DR_WORDS_H */
