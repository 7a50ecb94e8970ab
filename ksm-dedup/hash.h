/* SPDX-License-Identifier: GPL-2.0-only */
/* The hash that stands for the content of a page. Pure. */
#ifndef _DR_HASH_H
#define _DR_HASH_H

#include <linux/xxhash.h>

#include "pure.h"

/**
 * dr_page_key() - the key of a page in the content index
 * @page: its 4096 bytes
 * @seed: pages are found only by the seed they were put with. A secret one
 *	keeps guests from making keys that collide
 *
 * Return: the key. Equal pages have equal keys; the reverse is to be checked.
 */
static inline u64 dr_page_key(const void *page, u64 seed)
{
	return xxh64(page, 4096, seed);
}

#endif /* _DR_HASH_H */
