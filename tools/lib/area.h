/* SPDX-License-Identifier: GPL-2.0-only */
/* Swap areas, seen from outside the module. */
#ifndef DR_AREA_H
#define DR_AREA_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/denseram.h>

/* Are these bytes all zero? */
bool dr_is_zero(const char *bytes, size_t len);

/**
 * dr_area_inspect - is there something on a file or device that would be lost?
 * @fd: open for reading
 *
 * Looks where file systems, partition tables and volume managers put their
 * marks. What was a swap area, of denseram's or of the kernel's, holds nothing.
 *
 * Returns 0 if not, -ENOTEMPTY if so, or another negative errno.
 */
int dr_area_inspect(int fd);

/**
 * dr_area_by_path - find the area that a path stands for
 * @areas: all of them
 * @nr: how many
 * @path: as it was added, or another name of the same file
 *
 * Returns the area, or NULL.
 */
const struct dr_swap_area *dr_area_by_path(const struct dr_swap_area *areas,
					   size_t nr, const char *path);

/* Returns 0, or -EINVAL for what is no number from -32768 to 32767. */
int dr_area_parse_prio(const char *text, int *prio);

#endif /* DR_AREA_H */
