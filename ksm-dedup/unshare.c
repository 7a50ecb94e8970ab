// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of sharing: give each shared page of a guest a copy of its own. The
 * other way round, tell which pages those are.
 */
#include <linux/mm.h>
#include <linux/once.h>
#include <linux/pagemap.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/siphash.h>
#include <linux/uaccess.h>

#include "dedup.h"
#include "files.h"
#include "guest.h"
#include "mapper.h"
#include "resolve.h"
#include "share.h"
#include "table.h"

/* Free memory that is not used for copies, in percent of the host's. */
#define UNSHARE_KEEP_PERCENT	2

static bool room_for(u64 pages)
{
	u64 keep = (u64)totalram_pages() * UNSHARE_KEEP_PERCENT / 100;

	return si_mem_available() > 0 && si_mem_available() > pages + keep;
}

/*
 * Copy one page. Resolving it for a write is what a guest's write does; but the
 * guest pays for it, whoever ends the sharing.
 */
static int unshare_page(struct dr_gmem *gm, pgoff_t index,
			const struct dr_home *home)
{
	struct dr_resolve r = {
		.gm = gm,
		.index = index,
		.write = true,
		.place.home = home,
	};
	int err = dr_resolve(&r);

	/* Beyond the end by now; or lost, and then there is nothing to copy. */
	if (err)
		return err == -ERANGE || err == -EIO ? 0 : err;
	unlock_page(r.page);
	put_page(r.page);
	return 0;
}

/*
 * The first shared page from @index on, in a span. A word that is locked is
 * waited for: a merge may be about to commit there.
 */
static bool next_shared(struct dr_span *span, unsigned int *nr,
			struct dr_entry *e)
{
	bool found = false;

	down_read(&span->sem);
	for (; span->table && *nr < DR_SPAN_PAGES && !found; (*nr)++) {
		unsigned long *word = &span->table[*nr];

		if (READ_ONCE(*word) & DR_ENTRY_LOCK) {
			dr_word_lock(word);
			dr_word_unlock(word);
		}
		*e = dr_word_read(word);
		found = dr_entry_type(*e) == DR_SHARED;
	}
	up_read(&span->sem);
	return found;
}

static int unshare_span(struct dr_gmem *gm, struct dr_span *span,
			struct dr_home *home)
{
	unsigned int nr = 0;
	struct dr_entry e;
	int err = 0;

	while (!err && next_shared(span, &nr, &e)) {
		/* Stale by now, perhaps: then it is no more than a node. */
		home->node = page_to_nid(pfn_to_page(dr_entry_pfn(e)));
		/* The count is one further on. */
		err = unshare_page(gm, span->start + nr - 1, home);
		if (!err && signal_pending(current))
			err = -EINTR;
		if (!err && !room_for(0))
			err = -ENOMEM;
		cond_resched();
	}
	return err;
}

static int unshare_file(struct dr_gmem *gm)
{
	struct dr_home home = dr_mapper_home(gm);
	struct dr_span *span;
	unsigned long i;
	int err = 0;

	xa_for_each(&gm->spans, i, span) {
		err = unshare_span(gm, span, &home);
		if (err)
			break;
	}
	dr_home_put(&home);
	return err;
}

/**
 * dr_guest_unshare() - give a guest copies of all pages it shares
 * @guest: the guest; its trust domain has been changed already, so that no
 *	merge from now on brings back what this ends
 *
 * Goes on step by step while there is room, and never so far that the host
 * would run short of memory.
 *
 * Context: may sleep, for long.
 * Return: 0; -ENOMEM when there is no room for all the copies; -EINTR. Copies
 * made until then stay.
 */
int dr_guest_unshare(struct dr_guest *guest)
{
	struct dr_gmem *gm = NULL;
	struct dr_usage usage = {};
	int err;

	dr_files_usage(guest, &usage);
	if (usage.shared && !room_for(usage.shared)) {
		pr_warn_ratelimited("guest %s: no room to copy %llu MiB of shared pages\n",
				    dr_guest_name(guest).text,
				    usage.shared >> (20 - PAGE_SHIFT));
		return -ENOMEM;
	}
	while ((gm = dr_files_pin_next(guest, gm))) {
		err = unshare_file(gm);
		if (err) {
			dr_gmem_unpin(gm);
			return err;
		}
	}
	return 0;
}

/* What stands for a shared page outside the kernel, which hides its address. */
static u64 page_name(struct dr_entry e)
{
	static siphash_key_t key;

	get_random_once(&key, sizeof(key));
	return siphash_1u64(dr_entry_pfn(e), &key);
}

/**
 * struct listing - shared pages on their way to user space
 * @to: where the next one goes
 * @room: how many more fit
 * @sample_mask: name only pages whose name has none of these bits
 */
struct listing {
	u64 __user *to;
	u32 room;
	u64 sample_mask;
};

/* List the shared pages of a span from @nr on. */
static int list_span(struct listing *l, struct dr_span *span, unsigned int *nr)
{
	struct dr_entry e;
	u64 name;

	while (l->room && next_shared(span, nr, &e)) {
		name = page_name(e);
		if (name & l->sample_mask)
			continue;
		if (put_user(name, l->to))
			return -EFAULT;
		l->to++;
		l->room--;
	}
	return 0;
}

/* A cursor is a page offset in the files of a guest put end to end. */
static int list_file(struct listing *l, struct dr_gmem *gm, u64 *cursor,
		     u64 base)
{
	unsigned int nr = (*cursor - base) & DR_SPAN_MASK;
	struct dr_span *span;
	unsigned long i;
	int err;

	xa_for_each_start(&gm->spans, i, span,
			  (*cursor - base) >> DR_SPAN_ORDER) {
		if (*cursor < base + span->start) {
			*cursor = base + span->start;
			nr = 0;
		}
		err = list_span(l, span, &nr);
		if (err)
			return err;
		*cursor = base + span->start + nr;
		nr = 0;
		if (!l->room)
			return 0;
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/**
 * dr_guest_shares() - list the shared pages of a guest
 * @guest: the guest
 * @shares: what is asked for, checked; count and cursor are updated
 *
 * Files that come or go between two calls blur the answer.
 *
 * Context: may sleep.
 * Return: 0, -EFAULT, or -EINTR.
 */
int dr_guest_shares(struct dr_guest *guest, struct dr_guest_shares *shares)
{
	struct listing l = {
		.to = u64_to_user_ptr(shares->pages),
		.room = shares->count,
		.sample_mask = BIT_ULL(shares->sample) - 1,
	};
	struct dr_gmem *gm = NULL;
	u64 base = 0, end;
	int err = 0;

	while (!err && l.room && (gm = dr_files_next(guest, gm))) {
		end = base + round_up(dr_gmem_pages(gm), DR_SPAN_PAGES);
		shares->cursor = max(shares->cursor, base);
		if (shares->cursor < end)
			err = list_file(&l, gm, &shares->cursor, base);
		if (!err && l.room && shares->cursor < end)
			shares->cursor = end;
		base = end;
	}
	if (gm)
		dr_gmem_put(gm);
	shares->count -= l.room;
	return err;
}
