/* SPDX-License-Identifier: GPL-2.0-only */
/* The only swap area, a file that takes as long as one likes, and no pool. */
#ifndef SELFTESTS_SLOW_H
#define SELFTESTS_SLOW_H

#include <linux/types.h>

/* Nothing of the test's own guest is shared then; may skip. */
void slow_begin(__u64 size);
/* How long a read takes, and a write. */
void slow_delay(unsigned int read_ms, unsigned int write_ms);
void slow_end(void);

#endif /* SELFTESTS_SLOW_H */
