// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: The host's half of the balloon
 *
 * For each guest the module holds the size its balloon is to have, set through
 * sysfs or by ioctl, and raises a notice when it changes. A daemon reads the
 * size, passes it to the VMM, and reports what comes back: the size that the
 * guest's driver claims, its statistics, and that the VMM is alive at all.
 *
 * Of that the module believes nothing that costs another guest memory. What the
 * host gained is what it has itself removed from the guest's files, punched out
 * by the VMM: a guest that claims more is shown to, in "backed", and gets no
 * more from it. What is believed is what the guest may decide for itself: that
 * it does not follow, or that it took memory back because it needs it.
 *
 * The daemon may die at any time. All that it needs to go on is here or in the
 * VMM.
 */
#include <linux/mm.h>
#include <linux/timekeeping.h>

#include "balloon.h"
#include "files.h"
#include "guest.h"
#include "notice.h"

const char *const dr_balloon_state_names[DR_NR_BALLOON_STATES] = {
	[DR_BALLOON_NONE]	= "none",
	[DR_BALLOON_SETTLED]	= "settled",
	[DR_BALLOON_MOVING]	= "moving",
	[DR_BALLOON_SHORT]	= "short",
	[DR_BALLOON_IDLE]	= "idle",
	[DR_BALLOON_SILENT]	= "silent",
};

const char *const dr_balloon_stat_names[DR_NR_BALLOON_STATS] = {
	[DR_BSTAT_SWAP_IN]		= "swap_in",
	[DR_BSTAT_SWAP_OUT]		= "swap_out",
	[DR_BSTAT_MAJOR_FAULTS]		= "major_faults",
	[DR_BSTAT_MINOR_FAULTS]		= "minor_faults",
	[DR_BSTAT_FREE]			= "free",
	[DR_BSTAT_TOTAL]		= "total",
	[DR_BSTAT_AVAILABLE]		= "available",
	[DR_BSTAT_CACHES]		= "caches",
	[DR_BSTAT_HUGETLB_ALLOCS]	= "hugetlb_allocs",
	[DR_BSTAT_HUGETLB_FAILS]	= "hugetlb_fails",
	[DR_BSTAT_OOM_KILLS]		= "oom_kills",
	[DR_BSTAT_ALLOC_STALLS]		= "alloc_stalls",
	[DR_BSTAT_ASYNC_SCANS]		= "async_scans",
	[DR_BSTAT_DIRECT_SCANS]		= "direct_scans",
	[DR_BSTAT_ASYNC_RECLAIMS]	= "async_reclaims",
	[DR_BSTAT_DIRECT_RECLAIMS]	= "direct_reclaims",
};

/**
 * dr_balloon_init() - nobody has asked, nobody has reported
 * @balloon: the balloon of a new guest
 */
void dr_balloon_init(struct dr_balloon *balloon)
{
	spin_lock_init(&balloon->lock);
	dr_follow_init(&balloon->follow);
	memset(balloon->stats, 0xff, sizeof(balloon->stats));
}

static u64 guest_size(struct dr_guest *guest)
{
	struct dr_usage usage = {};

	dr_files_usage(guest, &usage);
	return usage.size;
}

/**
 * dr_balloon_ask() - ask a guest to give up memory, by hand
 * @guest: the guest
 * @wanted: bytes; or %DR_BALLOON_UNASKED to leave its balloon alone, that is, to
 *	the policy
 *
 * Context: may sleep.
 * Return: 0, -EINVAL when these are no whole pages, -ERANGE when the guest is
 * not as large.
 */
int dr_balloon_ask(struct dr_guest *guest, u64 wanted)
{
	struct dr_balloon *b = &guest->balloon;

	if (wanted != DR_BALLOON_UNASKED) {
		if (!PAGE_ALIGNED(wanted))
			return -EINVAL;
		if (wanted > guest_size(guest))
			return -ERANGE;
	}
	spin_lock(&b->lock);
	b->by_hand = wanted != DR_BALLOON_UNASKED;
	b->left_over = !b->by_hand &&
		       (b->left_over || b->follow.wanted != wanted);
	dr_follow_ask(&b->follow, wanted, ktime_get_ns());
	b->nr_asked++;
	spin_unlock(&b->lock);
	dr_notice_raise(&guest->notices, DR_NOTICE_WANTED);
	return 0;
}

/**
 * dr_balloon_steer() - ask a guest to give up memory, for the policy
 * @guest: the guest
 * @wanted: bytes, whole pages
 *
 * Does nothing when an administrator has set a size meanwhile.
 *
 * Context: the policy's thread.
 */
void dr_balloon_steer(struct dr_guest *guest, u64 wanted)
{
	struct dr_balloon *b = &guest->balloon;
	bool ask;

	spin_lock(&b->lock);
	ask = !b->by_hand;
	if (ask) {
		b->left_over = false;
		dr_follow_ask(&b->follow, wanted, ktime_get_ns());
		b->nr_asked++;
	}
	spin_unlock(&b->lock);
	if (ask)
		dr_notice_raise(&guest->notices, DR_NOTICE_WANTED);
}

/* Has an administrator set the size of a guest's balloon? */
bool dr_balloon_by_hand(struct dr_guest *guest)
{
	return READ_ONCE(guest->balloon.by_hand);
}

/*
 * Is what a guest's balloon has what it was asked for until it was left to the
 * policy? What others have it take, by libvirt, is no business of ours.
 */
bool dr_balloon_left_over(struct dr_guest *guest)
{
	return READ_ONCE(guest->balloon.left_over);
}

static bool take_features(struct dr_balloon *b, u32 features)
{
	bool is_new = b->features != features;

	b->features = features;
	return is_new;
}

static void take_stats(struct dr_balloon *b, const u64 *stats, u64 now)
{
	memcpy(b->stats, stats, sizeof(b->stats));
	b->stats_at = now;
}

/**
 * dr_balloon_report() - what a daemon says of a guest's balloon
 * @guest: the guest
 * @report: flags checked by the caller
 *
 * Context: may sleep.
 * Return: 0, or -EINVAL for values that cannot be.
 */
int dr_balloon_report(struct dr_guest *guest,
		      const struct dr_balloon_report *report)
{
	struct dr_balloon *b = &guest->balloon;
	u64 now = ktime_get_ns(), size = guest_size(guest);
	bool is_new = false;

	if ((report->flags & DR_REPORT_ACTUAL && !PAGE_ALIGNED(report->actual)) ||
	    (report->flags & DR_REPORT_FEATURES &&
	     report->features & ~DR_BALLOON_FEATURES))
		return -EINVAL;
	spin_lock(&b->lock);
	if (report->flags & DR_REPORT_FEATURES)
		is_new |= take_features(b, report->features);
	if (report->flags & DR_REPORT_STATS)
		take_stats(b, report->stats, now);
	is_new |= dr_follow_report(&b->follow,
				   report->flags & DR_REPORT_ACTUAL ?
				   min(report->actual, size) : b->follow.actual,
				   now);
	spin_unlock(&b->lock);
	if (!is_new)
		return 0;
	dr_notice_raise(&guest->notices, DR_NOTICE_BALLOON);
	/* It may have taken back what it needs. */
	dr_steer_wake();
	return 0;
}

/* Bytes of a guest's files that are nowhere: given back or never used. */
static u64 absent_bytes(const struct dr_usage *usage)
{
	u64 there = usage->resident +
		    ((usage->shared + usage->swapped) << PAGE_SHIFT);
	u64 holes = usage->holes << PAGE_SHIFT;

	/* Counts that are read while they change need not add up. */
	there -= min(there, holes);
	return usage->size - min(usage->size, there);
}

static u64 age_ms(u64 now, u64 then)
{
	return then ? div_u64(now - then, NSEC_PER_MSEC) : DR_BALLOON_UNKNOWN;
}

/**
 * dr_balloon_fill() - describe a guest's balloon
 * @guest: the guest
 * @info: filled in
 *
 * Context: may sleep.
 */
void dr_balloon_fill(struct dr_guest *guest, struct dr_balloon_info *info)
{
	struct dr_balloon *b = &guest->balloon;
	struct dr_usage usage = {};
	u64 now;

	memset(info, 0, sizeof(*info));
	dr_files_usage(guest, &usage);
	info->id = guest->id;
	spin_lock(&b->lock);
	/* Under the lock, or a report could seem to come from the future. */
	now = ktime_get_ns();
	info->state = dr_follow_state(&b->follow, now);
	info->wanted = b->follow.wanted;
	info->actual = b->follow.actual;
	info->features = b->features;
	info->nr_asked = b->nr_asked;
	info->report_ms = age_ms(now, b->follow.reported);
	info->stats_ms = age_ms(now, b->stats_at);
	memcpy(info->stats, b->stats, sizeof(info->stats));
	spin_unlock(&b->lock);
	info->backed = min(info->actual, absent_bytes(&usage));
}
