/* SPDX-License-Identifier: GPL-2.0-only */
/* What tests of content-based sharing read and turn. */
#ifndef SELFTESTS_SHARE_H
#define SELFTESTS_SHARE_H

#include <stdbool.h>
#include <linux/types.h>

/* A figure or a knob of the host, in /sys/kernel/denseram/sharing. */
__u64 share_figure(const char *name);
void share_set(const char *knob, const char *value);
/*
 * Turn all knobs back to where the program found them. Done at its end as
 * well, whatever has become of the tests.
 */
void share_usual(void);
/* A counter of the host. */
__u64 share_event(const char *name);
/* A guest's mode, as write(2) answers: 0 or a negative errno. */
int share_mode(const char *guest, const char *mode);
/*
 * Numbers of all the pages a guest shares, in an array that the caller frees;
 * NULL when the guest is gone.
 */
__u64 *share_list(__u64 guest, unsigned int *count);
/* Wait for the end of all sharing; false when some stays. */
bool share_ends(void);

#endif /* SELFTESTS_SHARE_H */
