/* SPDX-License-Identifier: GPL-2.0-only */
/* Words of commands that somebody may paste into a shell. Pure. */
#ifndef DR_QUOTE_H
#define DR_QUOTE_H

#include <stddef.h>

/**
 * dr_quote - a word as a shell takes it for itself
 * @word: any bytes
 * @text: where to, @size bytes
 *
 * In quotes where it has more than letters, digits and what paths are made of.
 *
 * Returns @text, or NULL for a word that does not stand for itself in a terminal
 * either: with control characters, quotes, or more bytes than there is room for.
 */
const char *dr_quote(const char *word, char *text, size_t size);

#endif /* DR_QUOTE_H */
