// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Promises
 *
 * Memory of the host may be given out many times over, a promise may not: a
 * guest's min is never taken from it, so the mins of all guests must fit, and
 * with them the index, which cannot be paged. Whoever asks for more than can be
 * promised is told so when he asks, not when the host has run out of memory.
 *
 * There are two such times: when a RAM file gets its size, and when limits are
 * set. Both come here, look whether there is room for what the guest would then
 * be promised, and take it, all under one mutex: of two guests that want the
 * last memory, one gets it. The rule itself is pure, in admit.h.
 *
 * The sums are kept, never counted. set_promise() is the one place that changes
 * what a guest is promised, and changes the sums by the difference. A file is
 * promised its size before it grows, and gives it back once it has shrunk, or
 * is gone with all its pages. A guest without files is promised nothing,
 * whatever its limits: they count from its first byte on.
 *
 * To need less is never refused.
 *
 * Lock order: inode, registry, lock of the guest, promise_lock, list of swap
 * areas. Nothing is allocated, and nobody waited for, under promise_lock.
 */
#include <linux/mutex.h>

#include "admit.h"
#include "gmem.h"
#include "guest.h"
#include "host.h"
#include "promise.h"
#include "swap.h"

/* Guards what follows, and, with a guest's own lock, what it is promised. */
static DEFINE_MUTEX(promise_lock);
static u64 promised_memory;
static u64 promised_swap;
static u64 nr_refused;
static bool is_strict;

/* A guest with these limits, of so many bytes. */
static struct dr_admit_guest guest_with(const struct dr_limits *limits,
					u64 size)
{
	return (struct dr_admit_guest){
		.size = size,
		.min = limits->min,
		.max = limits->max,
		.pinned = limits->pinned,
	};
}

/* The host as it is, but for a guest that is promised @p. */
static struct dr_admit_host host_without(const struct dr_promise *p)
{
	lockdep_assert_held(&promise_lock);
	return (struct dr_admit_host){
		.total = dr_host_total(),
		.promised = promised_memory - p->memory,
		.swap = dr_swap_space(),
		.swap_promised = promised_swap - p->swap,
		.strict = is_strict,
	};
}

/* The one writer of promises, and of their sums. */
static void set_promise(struct dr_promise *p, const struct dr_admit_guest *g)
{
	u64 memory = dr_admit_memory(g), swap = dr_admit_swap(g);

	lockdep_assert_held(&promise_lock);
	promised_memory += memory - p->memory;
	promised_swap += swap - p->swap;
	*p = (struct dr_promise){
		.size = g->size,
		.memory = memory,
		.swap = swap,
	};
}

static const char *reason(enum dr_admission why,
			  const struct dr_admit_guest *g)
{
	if (why == DR_ADMIT_SWAP)
		return "no swap space is behind what it may have beyond its min";
	if (g->pinned)
		return "it is pinned, and does not fit";
	return g->min ? "its min does not fit" :
			"the index of its pages does not fit";
}

static u64 in_mib(u64 bytes)
{
	return DIV_ROUND_UP_ULL(bytes, BIT_ULL(20));
}

/* The line an administrator finds when a guest does not start. */
static void tell(struct dr_guest *guest, enum dr_admission why,
		 const struct dr_admit_guest *g, u64 lacking)
{
	struct dr_name name = dr_guest_name(guest);

	if (g->size != guest->promise.size)
		pr_warn_ratelimited("guest %s: refused %llu MiB: %s: %llu MiB are missing\n",
				    name.text, in_mib(g->size), reason(why, g),
				    in_mib(lacking));
	else
		pr_warn_ratelimited("guest %s: refused new limits: %s: %llu MiB are missing\n",
				    name.text, reason(why, g), in_mib(lacking));
}

/* Promise a guest what it is to be, if that can be. Its lock is held. */
static int promise(struct dr_guest *guest, const struct dr_admit_guest *g)
{
	struct dr_promise *p = &guest->promise;
	struct dr_admit_host host;
	enum dr_admission why;
	u64 lacking;

	lockdep_assert_held(&guest->lock);
	mutex_lock(&promise_lock);
	host = host_without(p);
	why = dr_admit_change(&host, p->memory, p->swap, g, &lacking);
	if (why == DR_ADMIT_YES)
		set_promise(p, g);
	else
		nr_refused++;
	mutex_unlock(&promise_lock);
	if (why == DR_ADMIT_YES)
		return 0;
	tell(guest, why, g, lacking);
	return -ENOSPC;
}

/**
 * dr_promise_grow() - a file is going to be of some size
 * @gm: the file
 * @size: in bytes; nothing to do if the file is promised as much
 *
 * Context: may sleep; the inode is locked, so that nobody else changes the size.
 * Return: 0, or -ENOSPC, and a line in the log says why.
 */
int dr_promise_grow(struct dr_gmem *gm, loff_t size)
{
	struct dr_guest *guest = gm->guest;
	struct dr_admit_guest g;
	int err;

	if (size <= gm->promised)
		return 0;
	mutex_lock(&guest->lock);
	g = guest_with(&guest->limits,
		       guest->promise.size + size - gm->promised);
	err = promise(guest, &g);
	mutex_unlock(&guest->lock);
	if (!err)
		WRITE_ONCE(gm->promised, size);
	return err;
}

/**
 * dr_promise_trim() - a file is of some size
 * @gm: the file
 * @size: in bytes; what it is promised beyond that is given back
 *
 * Context: may sleep; the inode is locked, or on its way out.
 */
void dr_promise_trim(struct dr_gmem *gm, loff_t size)
{
	struct dr_guest *guest = gm->guest;
	struct dr_admit_guest g;

	if (size >= gm->promised)
		return;
	mutex_lock(&guest->lock);
	g = guest_with(&guest->limits,
		       guest->promise.size - (gm->promised - size));
	mutex_lock(&promise_lock);
	set_promise(&guest->promise, &g);
	mutex_unlock(&promise_lock);
	mutex_unlock(&guest->lock);
	WRITE_ONCE(gm->promised, size);
}

/**
 * dr_promise_limits() - a guest is going to have other limits
 * @guest: the guest, its lock held
 * @limits: they
 *
 * Return: 0, or -ENOSPC, and a line in the log says why.
 */
int dr_promise_limits(struct dr_guest *guest, const struct dr_limits *limits)
{
	struct dr_admit_guest g = guest_with(limits, guest->promise.size);

	return promise(guest, &g);
}

/**
 * dr_promise_set_strict() - ask for swap space behind all that can be taken
 * @strict: from now on
 *
 * Who is there stays, with or without.
 */
void dr_promise_set_strict(bool strict)
{
	mutex_lock(&promise_lock);
	is_strict = strict;
	mutex_unlock(&promise_lock);
}

/**
 * dr_promise_lacks_swap() - is there less swap space than a strict host
 * has promised?
 *
 * For those who take some away: they do so, ask, and undo it if need be. Nobody
 * can be promised it meanwhile.
 *
 * Return: true if so; false for a host that is not strict.
 */
bool dr_promise_lacks_swap(void)
{
	bool lacks;

	mutex_lock(&promise_lock);
	lacks = is_strict && promised_swap > dr_swap_space();
	mutex_unlock(&promise_lock);
	return lacks;
}

/**
 * dr_promise_fill() - describe what is promised
 * @s: filled in
 *
 * Context: may sleep.
 */
void dr_promise_fill(struct dr_admission_status *s)
{
	static const struct dr_promise nothing;
	struct dr_admit_host host;

	memset(s, 0, sizeof(*s));
	mutex_lock(&promise_lock);
	host = host_without(&nothing);
	s->refused = nr_refused;
	mutex_unlock(&promise_lock);
	s->strict = host.strict;
	s->promised = host.promised;
	s->room = dr_admit_room(&host);
	s->swap = host.swap;
	s->swap_promised = host.swap_promised;
}

/* Add what a guest is promised. Is it what its size and its limits say? */
static bool recount_guest(struct dr_guest *guest, struct dr_promise *sum)
{
	const struct dr_promise *p = &guest->promise;
	struct dr_admit_guest g;
	bool agrees;

	mutex_lock(&guest->lock);
	g = guest_with(&guest->limits, p->size);
	agrees = p->memory == dr_admit_memory(&g) &&
		 p->swap == dr_admit_swap(&g);
	sum->memory += p->memory;
	sum->swap += p->swap;
	mutex_unlock(&guest->lock);
	return agrees;
}

static bool recount_agrees(void)
{
	struct dr_promise sum = {};
	struct dr_guest *guest;
	bool agrees = true;
	u64 id = 0;

	while ((guest = dr_guest_next(id))) {
		id = guest->id;
		agrees &= recount_guest(guest, &sum);
		dr_guest_put(guest);
	}
	mutex_lock(&promise_lock);
	agrees &= sum.memory == promised_memory && sum.swap == promised_swap;
	mutex_unlock(&promise_lock);
	return agrees;
}

/**
 * dr_promise_recount() - add up what all guests are promised, and compare
 *
 * Meant for guests at rest: others make it try again, three times.
 *
 * Context: may sleep.
 * Return: 0, or -EUCLEAN when the sums are wrong.
 */
int dr_promise_recount(void)
{
	int try;

	for (try = 0; try < 3; try++)
		if (recount_agrees())
			return 0;
	return -EUCLEAN;
}
