/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What sharing asks of the bytes of a page, eight words at a time: a branch for
 * each word would cost more than the word. Pure.
 */
#ifndef _DR_BYTES_H
#define _DR_BYTES_H

#include "pure.h"

#define DR_BYTES_WORDS	(4096 / sizeof(u64))
#define DR_BYTES_STEP	8

/**
 * dr_bytes_zero() - is a page full of zeros?
 * @page: its 4096 bytes
 *
 * Return: true if it is. Of a page that somebody writes to, a guess.
 */
static inline bool dr_bytes_zero(const void *page)
{
	const u64 *w = page, *end = w + DR_BYTES_WORDS;

	for (; w < end; w += DR_BYTES_STEP)
		if (w[0] | w[1] | w[2] | w[3] | w[4] | w[5] | w[6] | w[7])
			return false;
	return true;
}

/**
 * dr_bytes_same() - have two pages the same bytes?
 * @page: 4096 bytes
 * @other: 4096 bytes
 *
 * Return: true if they have. Of pages that somebody writes to, a guess.
 */
static inline bool dr_bytes_same(const void *page, const void *other)
{
	const u64 *a = page, *b = other, *end = a + DR_BYTES_WORDS;

	for (; a < end; a += DR_BYTES_STEP, b += DR_BYTES_STEP)
		if ((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) |
		    (a[3] ^ b[3]) | (a[4] ^ b[4]) | (a[5] ^ b[5]) |
		    (a[6] ^ b[6]) | (a[7] ^ b[7]))
			return false;
	return true;
}

#endif /* _DR_BYTES_H */
