/* SPDX-License-Identifier: GPL-2.0-only */
/* Which guests use the same pages, from the numbers of those pages. Pure. */
#ifndef DR_SHARING_H
#define DR_SHARING_H

#include <stddef.h>
#include <stdint.h>

struct dr_sharing;

/**
 * dr_sharing_create - nobody shares anything yet
 * @nr_guests: guests are numbered from 0 to @nr_guests - 1
 *
 * Returns NULL without memory.
 */
struct dr_sharing *dr_sharing_create(size_t nr_guests);
void dr_sharing_destroy(struct dr_sharing *sharing);

/**
 * dr_sharing_add - note that a guest uses pages
 * @sharing: not counted yet
 * @guest: its number
 * @pages: numbers of pages; one that the guest uses twice comes twice
 * @nr: how many
 *
 * Returns 0 or -ENOMEM.
 */
int dr_sharing_add(struct dr_sharing *sharing, size_t guest,
		   const uint64_t *pages, size_t nr);

/* Count, once all pages are there. Takes O(n log n) of the pages noted. */
void dr_sharing_count(struct dr_sharing *sharing);

/**
 * dr_sharing_pair - pages that two guests have in common
 * @sharing: counted
 * @a: a guest
 * @b: another; or @a again
 *
 * Returns how many different pages both use. For a guest and itself: how many
 * pages it would use more if it shared nothing with itself.
 */
uint64_t dr_sharing_pair(const struct dr_sharing *sharing, size_t a, size_t b);

/* Pages as the guest uses them, those it uses twice counted twice. */
uint64_t dr_sharing_uses(const struct dr_sharing *sharing, size_t guest);

#endif /* DR_SHARING_H */
