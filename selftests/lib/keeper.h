/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads that write pages of a file and check that they find what they wrote
 * last, by mapping and by read(2), whatever happens to the memory meanwhile.
 */
#ifndef SELFTESTS_KEEPER_H
#define SELFTESTS_KEEPER_H

#include "crew.h"
#include "gmem.h"

/**
 * struct keeper - such a thread; pages @nr, @nr + @of, ... are its own
 * @crew: what it belongs to
 * @fd: the file, empty at first
 * @map: a mapping of it
 * @pages: of the file
 * @nr: its number
 * @of: how many there are
 * @rng: for chance
 * @visits: pages visited, by all of them
 */
struct keeper {
	struct crew *crew;
	int fd;
	char *map;
	__u64 pages;
	unsigned int nr;
	unsigned int of;
	struct rng rng;
	unsigned long *visits;
};

/*
 * Start @nr of them, all like @common but for what is their own; they stay in
 * @keepers until the crew has ended.
 */
void keepers_start(struct keeper keepers[], unsigned int nr,
		   const struct keeper *common);

#endif /* SELFTESTS_KEEPER_H */
