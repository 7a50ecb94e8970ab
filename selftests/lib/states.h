/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The test's own guest with a file in each state that guest memory can be in, to
 * see what becomes of all of them at once.
 */
#ifndef SELFTESTS_STATES_H
#define SELFTESTS_STATES_H

#include "gmem.h"

#define STATE_SIZE	(2 * BLOCK)	/* of each file */

/**
 * enum state - where the bytes of a file are
 * @STATE_DISK: in a swap area
 * @STATE_POOL: in the compressed pool
 * @STATE_SHARED: in pages that another file, @STATE_TWIN, has as well
 * @STATE_TWIN: that one
 * @STATE_PAGE: in 4 KiB pages of its own
 * @STATE_BLOCK: in 2 MiB blocks
 * @NR_STATES: how many there are
 */
enum state {
	STATE_DISK,
	STATE_POOL,
	STATE_SHARED,
	STATE_TWIN,
	STATE_PAGE,
	STATE_BLOCK,
	NR_STATES,
};

/* Make the only swap area; /mnt is a tmpfs of the test's own then. */
void states_begin(void);
/* Make, map and fill the files, in the test's directory. */
void states_make(void);
/* The bytes, by read(2), which leaves all where it is; and by mapping. */
void states_check_read(void);
void states_check_map(void);
const char *state_name(enum state state);
char *state_map(enum state state);
int state_fd(enum state state);
/* Give up the mappings, the descriptors, the names. */
void states_unmap(void);
void states_close(void);
void states_unlink(void);
/* The area goes, and all knobs are as they were. */
void states_end(void);
/* All of these, after a last look at all bytes. */
void states_finish(void);

#endif /* SELFTESTS_STATES_H */
