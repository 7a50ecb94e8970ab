/* SPDX-License-Identifier: GPL-2.0-only */
/* Versions of kernels and of QEMU: "6.12.117-amd64". Pure. */
#ifndef DR_RELEASE_H
#define DR_RELEASE_H

#include <stdbool.h>
#include <stddef.h>

/* What a QEMU says of itself in front of its version. */
#define DR_QEMU_MARK	"QEMU emulator version "

struct dr_release {
	unsigned int major;
	unsigned int minor;
};

/* Returns 0, or -EINVAL for what does not begin with two numbers. */
int dr_release_parse(const char *text, struct dr_release *release);

/* Is it this one or a newer one? */
bool dr_release_since(const struct dr_release *release, unsigned int major,
		      unsigned int minor);

/**
 * dr_release_of_qemu - find the version in the text of a program
 * @bytes: of the program, or a part of them
 * @len: how many
 * @release: the result
 *
 * The words that "--version" prints are in the program as one text, so that it
 * need not run.
 *
 * Returns 0, or -ENOENT when they are not in this part.
 */
int dr_release_of_qemu(const char *bytes, size_t len,
		       struct dr_release *release);

#endif /* DR_RELEASE_H */
