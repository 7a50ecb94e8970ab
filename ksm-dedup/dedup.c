// SPDX-License-Identifier: GPL-2.0-only
/*
 * Content-based sharing as a whole: start, stop, knobs, figures.
 */
#include <linux/math64.h>

#include "dedup.h"
#include "guest.h"
#include "scan.h"
#include "share.h"
#include "table.h"

/**
 * struct knob - something an administrator may turn
 * @min: least value
 * @max: greatest value
 * @value: the present one
 * @may_be_zero: 0 is a value as well, though below @min
 */
struct knob {
	unsigned int min;
	unsigned int max;
	unsigned int value;
	bool may_be_zero;
};

static struct knob knobs[DR_NR_KNOBS] = {
	[DR_KNOB_ENABLED]	= { 0, 1, 1 },
	[DR_KNOB_BUDGET]	= { 1, 100, 10 },
	[DR_KNOB_BUDGET_FAST]	= { 1, 100, 80 },
	[DR_KNOB_INTERVAL]	= { 1, 3600, 10 },
	[DR_KNOB_RATE_MAX]	= { 100, 10000000, 0, .may_be_zero = true },
	/* While there is memory, a guest's speed is worth more than little of it. */
	[DR_KNOB_BLOCK_GAIN]	= { 1, 100, 90 },
};

static bool knob_takes(const struct knob *k, unsigned int value)
{
	return (value >= k->min && value <= k->max) ||
	       (!value && k->may_be_zero);
}

/**
 * dr_knob() - what a knob is set to
 * @knob: which
 *
 * Return: its value.
 */
unsigned int dr_knob(enum dr_share_knob knob)
{
	return READ_ONCE(knobs[knob].value);
}

/**
 * dr_knob_set() - turn a knob
 * @knob: which
 * @value: its new value
 *
 * The interval starts a routine pass over all files at once. When sharing has
 * been switched off, no scanner works any more.
 *
 * Context: may sleep.
 * Return: 0 or -ERANGE.
 */
int dr_knob_set(enum dr_share_knob knob, unsigned int value)
{
	if (!knob_takes(&knobs[knob], value))
		return -ERANGE;
	WRITE_ONCE(knobs[knob].value, value);
	if (knob == DR_KNOB_INTERVAL)
		dr_scan_restart(NULL);
	if (knob == DR_KNOB_ENABLED && !value)
		dr_scan_settle();
	dr_scan_wake();
	return 0;
}

/**
 * dr_guest_rescan() - look at all pages of a guest again, and soon
 * @guest: a guest that has come to another trust domain
 */
void dr_guest_rescan(const struct dr_guest *guest)
{
	dr_scan_restart(guest);
	dr_scan_wake();
}

/**
 * dr_dedup_fill() - describe sharing on this host
 * @s: filled in, but for @s->shared
 *
 * Context: may sleep.
 */
void dr_dedup_fill(struct dr_share_status *s)
{
	struct dr_table_stats table = {};

	dr_scan_fill(s);
	dr_table_stats(&table);
	s->kept = (u64)dr_shares_kept() << PAGE_SHIFT;
	s->table_bytes = table.bytes;
	s->table_slots = table.slots;
	s->table_hints = table.hints;
	s->table_shares = table.shares;
}

/**
 * dr_shares_saved() - host memory that some shared entries save
 * @shared: how many entries
 *
 * Nobody keeps a list of who shares a page, so all shared pages are taken to
 * have the average number of users.
 *
 * Return: bytes.
 */
u64 dr_shares_saved(u64 shared)
{
	u64 kept = dr_shares_kept(), all = dr_shares_users();

	if (all <= kept)
		return 0;
	return mul_u64_u64_div_u64(shared << PAGE_SHIFT, all - kept, all);
}

int dr_dedup_init(void)
{
	int err = dr_table_init();

	if (err)
		return err;
	dr_share_init();
	err = dr_scan_init();
	if (err)
		dr_table_exit();
	return err;
}

void dr_dedup_exit(void)
{
	dr_scan_exit();
	dr_share_exit();
	dr_table_exit();
}
