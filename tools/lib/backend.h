/* SPDX-License-Identifier: GPL-2.0-only */
/* What QEMU is told of a guest's memory: the value of its -object. Pure. */
#ifndef DR_BACKEND_H
#define DR_BACKEND_H

#include <stdbool.h>

/**
 * dr_backend_align - give a memory backend the alignment that it lacks
 * @object: what stands behind -object, KEY=VALUE,... or JSON
 * @align: bytes, a power of two
 * @wants: whether the memory at a path, which need not be there yet, shall have it
 * @aligned: the new text, to be freed; NULL when nothing is to be changed
 *
 * Only a memory-backend-file without "align" is changed. What makes no sense is left
 * as it is: QEMU will say what is wrong with it.
 *
 * Returns 0 or -ENOMEM.
 */
int dr_backend_align(const char *object, unsigned long align,
		     bool (*wants)(const char *path), char **aligned);

#endif /* DR_BACKEND_H */
