/* SPDX-License-Identifier: GPL-2.0-only */
/* A new file to page to. */
#ifndef DENSERAM_SWAP_MAKE_H
#define DENSERAM_SWAP_MAKE_H

#include <stdint.h>

/**
 * swap_make - make a file that can be a swap area
 * @path: where; there must be nothing
 * @size: its bytes, rounded up to whole pages
 * @fd: the open file
 *
 * It belongs to the caller alone (0600), and is written as a whole: what is promised
 * and not written is a hole to the module. When it cannot be finished, or a signal
 * asks to end, nothing is left of it.
 *
 * Returns %EXIT_OK, or what has been said of it.
 */
int swap_make(const char *path, uint64_t size, int *fd);

#endif /* DENSERAM_SWAP_MAKE_H */
