// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host itself is short of memory. At the levels hard and low, the pager takes
 * what is missing from all guests, in proportion to what each holds above its
 * minimum. A shrinker has it look at once when the kernel reclaims memory, and
 * otherwise it looks by itself.
 *
 * The shrinker only calls the pager: reclaim may have been entered with any lock
 * held, and a page on its way out needs some.
 */
#include <linux/atomic.h>
#include <linux/mm.h>
#include <linux/shrinker.h>

#include "guest.h"
#include "level.h"
#include "pressure.h"
#include "swap.h"

static struct shrinker *shrinker;

/* The pager's alone, but for what the shrinker reads and adds to. */
static enum dr_level level;
static u64 wanted;
static u64 all_resident;
static atomic_long_t asked = ATOMIC_LONG_INIT(0);

static u64 host_free(void)
{
	long pages = si_mem_available();

	return pages > 0 ? (u64)pages << PAGE_SHIFT : 0;
}

static u64 host_total(void)
{
	return (u64)totalram_pages() << PAGE_SHIFT;
}

/* What is missing until the host is clear of the level hard, in pages. */
static u64 missing(void)
{
	u64 below = dr_level_below(DR_LEVEL_HARD, host_total());
	u64 goal = below + below / 4, free = host_free();

	return goal > free ? (goal - free) >> PAGE_SHIFT : 0;
}

/**
 * dr_pressure_look() - how much memory does the host want?
 *
 * Context: the pager, before it looks at the guests.
 */
void dr_pressure_look(void)
{
	long more = atomic_long_xchg(&asked, 0);

	WRITE_ONCE(level, dr_level_of(host_free(), host_total(), level));
	wanted = level >= DR_LEVEL_HARD ? max_t(u64, missing(), more) : 0;
}

/**
 * dr_pressure_share() - what a guest has to give of it
 * @guest: the guest
 * @resident: pages it holds
 *
 * Return: pages.
 */
unsigned long dr_pressure_share(const struct dr_guest *guest, u64 resident)
{
	u64 min = READ_ONCE(guest->limits.min) >> PAGE_SHIFT;
	u64 share;

	if (!wanted || resident <= min)
		return 0;
	share = mul_u64_u64_div_u64(wanted, resident,
				    max(all_resident, resident));
	return min(share + 1, resident - min);
}

/**
 * dr_pressure_note() - what all guests hold
 * @resident: pages
 */
void dr_pressure_note(u64 resident)
{
	WRITE_ONCE(all_resident, resident);
}

static unsigned long shrink_count(struct shrinker *s,
				  struct shrink_control *sc)
{
	u64 below = dr_level_below(DR_LEVEL_HARD, host_total());

	if (dr_swap_stuck() || host_free() >= below)
		return 0;
	return READ_ONCE(all_resident);
}

static unsigned long shrink_scan(struct shrinker *s,
				 struct shrink_control *sc)
{
	atomic_long_add(sc->nr_to_scan, &asked);
	dr_swap_wake();
	/* It takes a moment; there is no use in asking again now. */
	return SHRINK_STOP;
}

int dr_pressure_init(void)
{
	shrinker = shrinker_alloc(0, "denseram");
	if (!shrinker)
		return -ENOMEM;
	shrinker->count_objects = shrink_count;
	shrinker->scan_objects = shrink_scan;
	shrinker_register(shrinker);
	return 0;
}

void dr_pressure_exit(void)
{
	shrinker_free(shrinker);
}
