/* SPDX-License-Identifier: GPL-2.0-only */
/* Guest-physical layout, from what QEMU's monitor prints. Pure. */
#ifndef DRD_LAYOUT_H
#define DRD_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#define LAYOUT_MAX	256
#define LAYOUT_NAME	64

/**
 * struct piece - a range of guest-physical memory
 * @gpa: where it begins
 * @size: bytes
 * @offset: where it is in its memory backend
 * @name: of the backend
 */
struct piece {
	uint64_t gpa;
	uint64_t size;
	uint64_t offset;
	char name[LAYOUT_NAME];
};

/**
 * layout_parse - read "info mtree -f"
 * @text: its output
 * @pieces: room for LAYOUT_MAX; by rising address, neighbours joined
 *
 * Takes the RAM and ROM of the address space "memory", of whatever name, and
 * leaves out lines that it does not understand.
 *
 * Returns how many.
 */
size_t layout_parse(const char *text, struct piece *pieces);

#endif /* DRD_LAYOUT_H */
