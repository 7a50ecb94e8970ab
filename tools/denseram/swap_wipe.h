/* SPDX-License-Identifier: GPL-2.0-only */
/* Nothing of guests is to be left where they were paged to. */
#ifndef DENSERAM_SWAP_WIPE_H
#define DENSERAM_SWAP_WIPE_H

#include <stdint.h>

/**
 * swap_wipe_open - find out, while it is an area, whether it could be wiped
 * @path: the file or device
 * @fd: open for that
 *
 * Returns %EXIT_OK, or what has been said of it.
 */
int swap_wipe_open(const char *path, int *fd);

/**
 * swap_wipe - write zeros over all that is not zero, the header last
 * @path: the file or device, which was an area until now
 * @fd: from swap_wipe_open(); closed by this
 * @size: bytes to wipe, the header included
 *
 * Returns %EXIT_OK, or what has been said of it.
 */
int swap_wipe(const char *path, int fd, uint64_t size);

#endif /* DENSERAM_SWAP_WIPE_H */
