/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random calls: valid ones, ones with a part that is wrong, and nonsense. Each
 * function makes one, and checks what came of it.
 */
#ifndef SELFTESTS_FUZZ_H
#define SELFTESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>

#include "util.h"

#define FUZZ_FILES	4
#define FUZZ_FILE_SIZE	(2 * BLOCK)

/* Room for a text: longer than sysfs and mount(2) take. */
#define FUZZ_TEXT	(2 * PAGE)

/* Errnos that a call may give; ended by 0. */
#define FUZZ_ERRNOS	20

/**
 * struct fuzz - a thread that makes random calls
 * @rng: decides everything
 * @alone: nobody else does: what is refused must have changed nothing
 * @calls: made
 * @refused: of these
 * @nr: which thread
 */
struct fuzz {
	struct rng rng;
	bool alone;
	unsigned long calls;
	unsigned long refused;
	unsigned int nr;
};

/* Files of the test's guest, the knobs as they are, mount points. */
void fuzz_begin(void);
/* The knobs as they were; no swap area is left. */
void fuzz_end(void);

/* A number that is at a border, or any. */
__u64 fuzz_number(struct rng *rng);
static inline bool fuzz_chance(struct rng *rng, unsigned int percent)
{
	return rng_below(rng, 100) < percent;
}

/**
 * fuzz_text - a text made of words, numbers and what else may come
 * @rng: decides
 * @words: that mean something here
 * @nr: how many
 * @text: where to, FUZZ_TEXT bytes; a zero byte follows, and may be in it
 *
 * Returns the length.
 */
size_t fuzz_text(struct rng *rng, const char *const *words, size_t nr,
		 char *text);

/*
 * Count a call. It must have given one of these errnos, or success; without a
 * list, any that user space may see. Returns true when it was refused.
 */
bool fuzz_note(struct fuzz *f, const char *what, long ret, const int *errnos);

/* /dev/denseram: calls, and reading it. */
void fuzz_call(struct fuzz *f);
/* Tell which calls have never been right. */
void fuzz_calls_report(void);
/* Files below /sys/kernel/denseram that can be written. */
void fuzz_knob(struct fuzz *f);
void fuzz_knobs_save(void);
void fuzz_knobs_restore(void);
/* Mounting, old way and new. */
void fuzz_mount(struct fuzz *f);
/* RAM files and directories. */
void fuzz_file(struct fuzz *f);

#endif /* SELFTESTS_FUZZ_H */
