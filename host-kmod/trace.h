/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM denseram

#if !defined(_DR_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _DR_TRACE_H

#include <linux/tracepoint.h>

#include "gmem.h"
#include "guest.h"

/* A page fault: @write, and the error it ends with, 0 for none. */
TRACE_EVENT(dr_fault,
	TP_PROTO(struct dr_gmem *gm, pgoff_t index, bool write, int err),
	TP_ARGS(gm, index, write, err),
	TP_STRUCT__entry(
		__field(u64, guest)
		__field(unsigned long, ino)
		__field(unsigned long, index)
		__field(bool, write)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->guest = gm->guest->id;
		__entry->ino = gm->inode->i_ino;
		__entry->index = index;
		__entry->write = write;
		__entry->err = err;
	),
	TP_printk("guest=%llu ino=%lu index=%lu write=%d err=%d",
		  __entry->guest, __entry->ino, __entry->index,
		  __entry->write, __entry->err)
);

DECLARE_EVENT_CLASS(dr_index,
	TP_PROTO(struct dr_gmem *gm, pgoff_t index, int err),
	TP_ARGS(gm, index, err),
	TP_STRUCT__entry(
		__field(u64, guest)
		__field(unsigned long, ino)
		__field(unsigned long, index)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->guest = gm->guest->id;
		__entry->ino = gm->inode->i_ino;
		__entry->index = index;
		__entry->err = err;
	),
	TP_printk("guest=%llu ino=%lu index=%lu err=%d", __entry->guest,
		  __entry->ino, __entry->index, __entry->err)
);

/* A block was broken up into pages, or why it was not. */
DEFINE_EVENT(dr_index, dr_evacuate,
	TP_PROTO(struct dr_gmem *gm, pgoff_t index, int err),
	TP_ARGS(gm, index, err)
);

/* Pages were made a block, or why they were not. */
DEFINE_EVENT(dr_index, dr_collapse,
	TP_PROTO(struct dr_gmem *gm, pgoff_t index, int err),
	TP_ARGS(gm, index, err)
);

/* The page table over a fresh block was dropped, or why it was not. */
DEFINE_EVENT(dr_index, dr_remap,
	TP_PROTO(struct dr_gmem *gm, pgoff_t index, int err),
	TP_ARGS(gm, index, err)
);

/* A page was given back by a trim, or why it was not. */
DEFINE_EVENT(dr_index, dr_trim,
	TP_PROTO(struct dr_gmem *gm, pgoff_t index, int err),
	TP_ARGS(gm, index, err)
);

/*
 * A page was merged with others of the same bytes, or why it was not. Of two
 * private pages that become one, each has an event of its own.
 */
DEFINE_EVENT(dr_index, dr_merge,
	TP_PROTO(struct dr_gmem *gm, pgoff_t index, int err),
	TP_ARGS(gm, index, err)
);

/*
 * A shared page became private for a write: by a copy, or @claimed, without
 * one, by its last user.
 */
TRACE_EVENT(dr_break,
	TP_PROTO(struct dr_gmem *gm, pgoff_t index, bool claimed),
	TP_ARGS(gm, index, claimed),
	TP_STRUCT__entry(
		__field(u64, guest)
		__field(unsigned long, ino)
		__field(unsigned long, index)
		__field(bool, claimed)
	),
	TP_fast_assign(
		__entry->guest = gm->guest->id;
		__entry->ino = gm->inode->i_ino;
		__entry->index = index;
		__entry->claimed = claimed;
	),
	TP_printk("guest=%llu ino=%lu index=%lu claimed=%d", __entry->guest,
		  __entry->ino, __entry->index, __entry->claimed)
);

/*
 * A period of sampling is over: how many pages were sampled, how many are back
 * (of blocks, not how much of them), how many blocks in use were looked into, the
 * pages of these that were touched and how many of them had been used otherwise, and
 * the estimate, parts in 65536.
 */
TRACE_EVENT(dr_wss,
	TP_PROTO(struct dr_guest *guest, const struct dr_sample *sample,
		 const struct dr_active *active),
	TP_ARGS(guest, sample, active),
	TP_STRUCT__entry(
		__field(u64, guest)
		__field(u32, samples)
		__field(u32, back)
		__field(u32, looks)
		__field(u32, touched)
		__field(u32, changed)
		__field(u32, part)
		__field(u32, low)
		__field(u32, high)
	),
	TP_fast_assign(
		__entry->guest = guest->id;
		__entry->samples = sample->pages + sample->blocks;
		__entry->back = sample->pages_back + sample->blocks_back;
		__entry->looks = sample->looks;
		__entry->touched = sample->touched;
		__entry->changed = sample->changed;
		__entry->part = active->part;
		__entry->low = active->low;
		__entry->high = active->high;
	),
	TP_printk("guest=%llu samples=%u back=%u looks=%u touched=%u changed=%u part=%u low=%u high=%u",
		  __entry->guest, __entry->samples, __entry->back,
		  __entry->looks, __entry->touched, __entry->changed,
		  __entry->part, __entry->low, __entry->high)
);

/* A page was paged out, or why it was not. */
DEFINE_EVENT(dr_index, dr_swap_out,
	TP_PROTO(struct dr_gmem *gm, pgoff_t index, int err),
	TP_ARGS(gm, index, err)
);

/* A page was brought back. */
DEFINE_EVENT(dr_index, dr_swap_in,
	TP_PROTO(struct dr_gmem *gm, pgoff_t index, int err),
	TP_ARGS(gm, index, err)
);

/*
 * The policy came to another decision about a guest: what it may have, what is
 * taken now by balloon and by paging, and why. Sizes in bytes.
 */
TRACE_EVENT(dr_policy,
	TP_PROTO(struct dr_guest *guest, const struct dr_policy_host *host,
		 const struct dr_policy_guest *p),
	TP_ARGS(guest, host, p),
	TP_STRUCT__entry(
		__field(u64, guest)
		__field(u64, level)
		__field(u64, resident)
		__field(u64, target)
		__field(u64, balloon)
		__field(u64, page)
		__field(u64, rule)
		__field(u64, veto)
		__field(u64, flags)
	),
	TP_fast_assign(
		__entry->guest = guest->id;
		__entry->level = host->level;
		__entry->resident = p->in.resident;
		__entry->target = p->out.target;
		__entry->balloon = p->out.balloon;
		__entry->page = p->out.page;
		__entry->rule = p->out.rule;
		__entry->veto = p->out.veto;
		__entry->flags = p->out.flags;
	),
	TP_printk("guest=%llu level=%llu resident=%llu target=%llu balloon=%llu page=%llu rule=%llu veto=%llu flags=%#llx",
		  __entry->guest, __entry->level, __entry->resident,
		  __entry->target, __entry->balloon, __entry->page,
		  __entry->rule, __entry->veto, __entry->flags)
);

#endif /* _DR_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
