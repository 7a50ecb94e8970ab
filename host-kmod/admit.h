/* SPDX-License-Identifier: GPL-2.0-only */
/* May a guest come: can what it is promised be kept? Pure. */
#ifndef _DR_ADMIT_H
#define _DR_ADMIT_H

#include <linux/denseram.h>

#include "level.h"
#include "pure.h"

/* The index costs a word of 8 bytes for each page of 4 KiB. */
#define DR_ADMIT_INDEX_PART	(DR_PAGE_SIZE / 8)

/**
 * struct dr_admit_guest - what is promised to a guest, in bytes
 * @size: configured
 * @min: never taken away
 * @max: most it may ever have; 0 stands for @size
 * @pinned: all its memory is pinned as soon as it starts (devices assigned to
 *	it): nothing can be taken, so its min is its max
 */
struct dr_admit_guest {
	u64 size;
	u64 min;
	u64 max;
	bool pinned;
};

/**
 * struct dr_admit_host - what a host has, and has promised, in bytes
 * @total: its memory
 * @promised: sum of dr_admit_memory() of the guests that are there
 * @swap: all swap space
 * @swap_promised: sum of dr_admit_swap() of the guests that are there
 * @strict: refuse guests whose memory beyond min has no swap space behind it
 */
struct dr_admit_host {
	u64 total;
	u64 promised;
	u64 swap;
	u64 swap_promised;
	bool strict;
};

/**
 * enum dr_admission - may a guest come?
 * @DR_ADMIT_YES: it may
 * @DR_ADMIT_MEMORY: its min does not fit beside those of the others
 * @DR_ADMIT_SWAP: what it may have beyond its min has no swap space behind it
 */
enum dr_admission {
	DR_ADMIT_YES,
	DR_ADMIT_MEMORY,
	DR_ADMIT_SWAP,
};

static inline u64 dr_admit_max(const struct dr_admit_guest *guest)
{
	return guest->max && guest->max < guest->size ? guest->max :
							 guest->size;
}

static inline u64 dr_admit_min(const struct dr_admit_guest *guest)
{
	u64 max = dr_admit_max(guest);

	return guest->pinned || guest->min > max ? max : guest->min;
}

/**
 * dr_admit_memory() - memory that is promised to a guest
 * @guest: the guest
 *
 * Return: its min and the index of all its pages, in bytes.
 */
static inline u64 dr_admit_memory(const struct dr_admit_guest *guest)
{
	return dr_admit_min(guest) + guest->size / DR_ADMIT_INDEX_PART;
}

/**
 * dr_admit_swap() - swap space that is promised to a guest by a strict host
 * @guest: the guest
 *
 * Return: bytes.
 */
static inline u64 dr_admit_swap(const struct dr_admit_guest *guest)
{
	return dr_admit_max(guest) - dr_admit_min(guest);
}

/**
 * dr_admit_room() - memory that can still be promised
 * @host: the host
 *
 * The reserve that keeps the host at level high is promised to nobody.
 *
 * Return: bytes.
 */
static inline u64 dr_admit_room(const struct dr_admit_host *host)
{
	u64 taken = dr_level_enough(DR_LEVEL_SOFT, host->total) +
		    host->promised;

	return host->total > taken ? host->total - taken : 0;
}

static inline u64 dr_admit_swap_room(const struct dr_admit_host *host)
{
	return host->swap > host->swap_promised ?
	       host->swap - host->swap_promised : 0;
}

/**
 * dr_admit_change() - may a guest change into what it is to be?
 * @host: without the guest
 * @memory: dr_admit_memory() of the guest as it is; 0 for one that comes
 * @swap: dr_admit_swap() of it, likewise
 * @guest: as it is to be
 * @lacking: out: bytes that lack, of memory or of swap space; 0 for yes
 *
 * Nobody is refused to need less, or no more, of what the host has too little
 * of: a host may have promised more than it has, because memory or a swap area
 * has gone, or because it was not strict before.
 *
 * Return: enum dr_admission; refusals are ENOSPC to whoever asks.
 */
static inline enum dr_admission
dr_admit_change(const struct dr_admit_host *host, u64 memory, u64 swap,
		const struct dr_admit_guest *guest, u64 *lacking)
{
	u64 need = dr_admit_memory(guest);
	u64 room = dr_admit_room(host);

	*lacking = 0;
	if (need > memory && need > room) {
		*lacking = need - room;
		return DR_ADMIT_MEMORY;
	}
	need = dr_admit_swap(guest);
	room = dr_admit_swap_room(host);
	if (host->strict && need > swap && need > room) {
		*lacking = need - room;
		return DR_ADMIT_SWAP;
	}
	return DR_ADMIT_YES;
}

/**
 * dr_admit() - may a guest come?
 * @host: without the guest
 * @guest: as it is to be
 * @lacking: out: bytes that lack, of memory or of swap space; 0 for yes
 *
 * Return: enum dr_admission.
 */
static inline enum dr_admission
dr_admit(const struct dr_admit_host *host, const struct dr_admit_guest *guest,
	 u64 *lacking)
{
	return dr_admit_change(host, 0, 0, guest, lacking);
}

#endif /* _DR_ADMIT_H */
