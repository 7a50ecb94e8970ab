// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Holding faults
 *
 * A guest can touch memory faster than anybody can page it out. So that a
 * limit is one, faults that would make a guest grow wait while it is beyond its
 * limit by more than some slack; little slack where all of a guest is in use, so
 * that it would take back at once whatever goes. They wait a tenth of a second at
 * most, then go on, for a guest must not stand still because the pager does; and
 * not at all while the pager has nowhere to put a page. Whoever waits holds no
 * lock of ours or of the core's, and can be killed.
 *
 * When the host itself is at level low, where the alternative is that somebody
 * is killed, faults of guests at or above their targets wait in the same way: until
 * the pager has taken from the guest what they are about to give it. So a guest can
 * still exchange what it uses, at the pace of the pager. With half of what level low
 * begins with, those of all guests wait: one that is below its target touches memory
 * faster than the balloons of others give it.
 *
 * Faults that take no memory, as a read of a shared page, never wait. A write to a
 * page that is mapped for reading would: it is unmapped, for the core tells a fault
 * that may wait from others only when there is no page.
 */
#include <linux/file.h>
#include <linux/mm.h>

#include "guest.h"
#include "hold.h"
#include "span.h"
#include "swap.h"

#define HOLD_MAX	(HZ / 10)

/**
 * dr_hold_tight() - is a guest that uses all it has close to its limit?
 * @p: its state
 *
 * Return: true if so: it may not be above its limit by much.
 */
bool dr_hold_tight(const struct dr_paging *p)
{
	return time_before(jiffies, READ_ONCE(p->tight_until));
}

/*
 * Pages a guest may be beyond its limit before its faults wait: room for two
 * blocks, unless it takes back whatever is paged out.
 */
static unsigned long slack(const struct dr_paging *p)
{
	unsigned long part = READ_ONCE(p->limit) / 64;

	return dr_hold_tight(p) ? part : max(part, 2 * DR_SPAN_PAGES);
}

/* What others have as well, and zeros, can be read without a page of one's own. */
static bool needs_page(struct dr_entry e, bool write)
{
	if (dr_entry_own(e))
		return false;
	return write || dr_entry_type(e) == DR_SWAPPED;
}

/* Would a fault on a page take memory? A guess: it waits for no lock. */
static bool would_grow(struct dr_gmem *gm, pgoff_t index, bool write)
{
	struct dr_span *span = dr_span_find(gm, index);
	bool grow = true;

	if (!span)
		return true;
	if (!down_read_trylock(&span->sem))
		return false;
	if (span->block)
		grow = false;
	else if (span->table)
		grow = needs_page(dr_word_read(dr_span_word(span, index)),
				  write);
	up_read(&span->sem);
	return grow;
}

static bool is_held(const struct dr_paging *p)
{
	return READ_ONCE(p->held) || READ_ONCE(p->waits);
}

/**
 * dr_hold_wanted() - should a fault wait?
 * @gm: the file
 * @index: page offset
 * @write: to write to it
 *
 * Return: true if the guest would grow, and is far beyond its limit or has to
 * wait for the host's sake.
 */
bool dr_hold_wanted(struct dr_gmem *gm, pgoff_t index, bool write)
{
	return unlikely(is_held(&gm->guest->paging)) &&
	       would_grow(gm, index, write);
}

static s64 paged_out(struct dr_guest *guest)
{
	return dr_events_read(&guest->events, DR_EV_SWAP_OUT);
}

/*
 * May a fault go on that has waited since so much had been paged out? Above its
 * limit a guest has to come down first.
 */
static bool may_go_on(struct dr_guest *guest, s64 before)
{
	struct dr_paging *p = &guest->paging;

	if (READ_ONCE(p->held))
		return false;
	return !READ_ONCE(p->waits) || paged_out(guest) != before;
}

/* Wait, and have the pager know. */
static void wait_for_room(struct dr_guest *guest)
{
	struct dr_paging *p = &guest->paging;
	s64 before = paged_out(guest);

	atomic_inc(&p->waiting);
	dr_swap_wake();
	wait_event_killable_timeout(p->wait, may_go_on(guest, before),
				    HOLD_MAX);
	atomic_dec(&p->waiting);
}

/**
 * dr_hold_fault() - let a fault wait
 * @vmf: the fault
 * @guest: its guest
 *
 * A fault that may not wait (KVM's first try is one) is sent back: the guest
 * does something else meanwhile.
 *
 * Context: a fault; the lock it was taken under is dropped, if it can be.
 * Return: VM_FAULT_RETRY, or 0 to go on: it has waited before.
 */
vm_fault_t dr_hold_fault(struct vm_fault *vmf, struct dr_guest *guest)
{
	struct file *file;

	if (!fault_flag_allow_retry_first(vmf->flags))
		return 0;
	/* Who sends somebody else to wait is counted with him. */
	if (vmf->flags & FAULT_FLAG_RETRY_NOWAIT)
		return VM_FAULT_RETRY;
	dr_count(guest, DR_EV_FAULT_HELD);
	/* The mapping may go, and with it the file and its guest. */
	file = get_file(vmf->vma->vm_file);
	release_fault_lock(vmf);
	wait_for_room(guest);
	fput(file);
	return VM_FAULT_RETRY;
}

/**
 * dr_hold_park() - begin to page a guest out whole, or stop that
 * @guest: the guest
 * @park: begin
 */
void dr_hold_park(struct dr_guest *guest, bool park)
{
	WRITE_ONCE(guest->paging.lowest, U64_MAX);
	WRITE_ONCE(guest->paging.parking, park);
	dr_swap_wake();
}

/**
 * dr_hold_owed() - what is to be paged out of a guest for the host's sake
 * @guest: the guest
 * @resident: pages it holds
 *
 * Return: pages; with one for each fault that waits.
 */
unsigned long dr_hold_owed(const struct dr_guest *guest, u64 resident)
{
	const struct dr_paging *p = &guest->paging;
	unsigned long goal = READ_ONCE(p->goal);

	if (READ_ONCE(p->waits))
		resident += atomic_read(&p->waiting);
	return resident > goal ? resident - goal : 0;
}

/**
 * dr_hold_spare() - what can be paged out of a guest
 * @guest: the guest
 * @resident: pages it holds
 *
 * Return: pages, without its min; all of them while it is being parked, for
 * which somebody asked.
 */
unsigned long dr_hold_spare(const struct dr_guest *guest, u64 resident)
{
	u64 min = DIV_ROUND_UP_ULL(READ_ONCE(guest->limits.min), PAGE_SIZE);

	if (READ_ONCE(guest->paging.parking))
		return resident;
	return resident > min ? resident - min : 0;
}

/**
 * dr_hold_set() - what the policy has decided
 * @guest: the guest
 * @goal: pages it is to be paged out down to, ULONG_MAX for none
 * @waits: its faults for memory wait
 *
 * Context: the policy's thread.
 */
void dr_hold_set(struct dr_guest *guest, unsigned long goal, bool waits)
{
	struct dr_paging *p = &guest->paging;

	WRITE_ONCE(p->goal, goal);
	if (waits == READ_ONCE(p->waits))
		return;
	WRITE_ONCE(p->waits, waits);
	if (!waits)
		wake_up_all(&p->wait);
}

/**
 * dr_hold_excess() - how far is a guest beyond its limit?
 * @guest: the guest
 * @resident: pages it holds
 *
 * Return: pages, 0 without a limit; all of them while it is being parked.
 */
unsigned long dr_hold_excess(const struct dr_guest *guest, u64 resident)
{
	unsigned long limit = READ_ONCE(guest->paging.limit);

	if (READ_ONCE(guest->paging.parking))
		return resident;
	return limit && resident > limit ? resident - limit : 0;
}

/* A guest that is parked may come back at any time, and need not wait. */
static bool is_far_beyond(const struct dr_guest *guest, unsigned long excess)
{
	const struct dr_paging *p = &guest->paging;

	return READ_ONCE(p->limit) && !READ_ONCE(p->parking) &&
	       excess > slack(p);
}

/**
 * dr_hold_note() - a guest has grown
 * @gm: the file that has
 *
 * Sees one file alone: of several, the pager sees the sum at its next look.
 *
 * Context: any.
 */
void dr_hold_note(struct dr_gmem *gm)
{
	struct dr_guest *guest = gm->guest;
	unsigned long excess = dr_hold_excess(guest, dr_gmem_resident(gm));

	if (likely(!excess))
		return;
	dr_swap_wake();
	if (is_far_beyond(guest, excess) && !dr_swap_stuck() &&
	    !READ_ONCE(guest->paging.held))
		WRITE_ONCE(guest->paging.held, true);
}

/**
 * dr_hold_update() - the pager has looked at a guest
 * @guest: the guest
 * @resident: pages it holds
 * @stuck: there is nowhere to put a page
 */
void dr_hold_update(struct dr_guest *guest, u64 resident, bool stuck)
{
	struct dr_paging *p = &guest->paging;
	bool held = !stuck && is_far_beyond(guest, dr_hold_excess(guest,
								  resident));

	WRITE_ONCE(p->held, held);
	/* Each looks for itself whether it may go on. */
	if (!held && wq_has_sleeper(&p->wait))
		wake_up_all(&p->wait);
}
