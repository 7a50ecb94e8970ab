/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/* User API of denseram: balloons and notices. A part of <linux/denseram.h>. */
#ifndef _UAPI_LINUX_DENSERAM_BALLOON_H
#define _UAPI_LINUX_DENSERAM_BALLOON_H

/* struct dr_balloon_info and dr_balloon_report: what the device can do */
#define DR_BALLOON_DEVICE	(1U << 0)	/* the VMM has a balloon device */
#define DR_BALLOON_DRIVER	(1U << 1)	/* a driver in the guest answers */
#define DR_BALLOON_OOM		(1U << 2)	/* deflates when the guest is short */
#define DR_BALLOON_REPORTING	(1U << 3)	/* free page reporting is offered */
#define DR_BALLOON_FEATURES	(DR_BALLOON_DEVICE | DR_BALLOON_DRIVER | \
				 DR_BALLOON_OOM | DR_BALLOON_REPORTING)

#define DR_BALLOON_UNASKED	(~0ULL)		/* nobody has set a size */
#define DR_BALLOON_UNKNOWN	(~0ULL)		/* a statistic nobody told */

/**
 * enum dr_balloon_state - how the balloon of a guest is doing
 * @DR_BALLOON_NONE: nobody has reported on it yet
 * @DR_BALLOON_SETTLED: it has the wanted size, or nobody wants one
 * @DR_BALLOON_MOVING: on its way
 * @DR_BALLOON_SHORT: the guest took memory back by itself: it needs it
 * @DR_BALLOON_IDLE: no progress for two seconds: no driver, or it hangs, or
 *	the guest has nothing to spare
 * @DR_BALLOON_SILENT: no report for ten seconds: the daemon or the VMM hangs
 * @DR_NR_BALLOON_STATES: how many there are
 */
enum dr_balloon_state {
	DR_BALLOON_NONE,
	DR_BALLOON_SETTLED,
	DR_BALLOON_MOVING,
	DR_BALLOON_SHORT,
	DR_BALLOON_IDLE,
	DR_BALLOON_SILENT,
	DR_NR_BALLOON_STATES,
};

/**
 * enum dr_balloon_stat - what a guest tells of its memory
 * @DR_BSTAT_SWAP_IN: bytes swapped in, since the guest booted
 * @DR_BSTAT_SWAP_OUT: bytes swapped out
 * @DR_BSTAT_MAJOR_FAULTS: faults that had to read
 * @DR_BSTAT_MINOR_FAULTS: other faults
 * @DR_BSTAT_FREE: bytes free
 * @DR_BSTAT_TOTAL: bytes the guest's kernel manages
 * @DR_BSTAT_AVAILABLE: bytes it could make free without swapping
 * @DR_BSTAT_CACHES: bytes of its page cache
 * @DR_BSTAT_HUGETLB_ALLOCS: huge pages allocated
 * @DR_BSTAT_HUGETLB_FAILS: huge pages it could not allocate
 * @DR_BSTAT_OOM_KILLS: processes killed
 * @DR_BSTAT_ALLOC_STALLS: allocations that had to reclaim
 * @DR_BSTAT_ASYNC_SCANS: bytes looked at by background reclaim
 * @DR_BSTAT_DIRECT_SCANS: bytes looked at by stalled allocations
 * @DR_BSTAT_ASYNC_RECLAIMS: bytes freed by background reclaim
 * @DR_BSTAT_DIRECT_RECLAIMS: bytes freed by stalled allocations
 * @DR_NR_BALLOON_STATS: how many there are
 *
 * In the order of the virtio specification. It is the guest's word, and no
 * decision may trust it with the memory of another.
 */
enum dr_balloon_stat {
	DR_BSTAT_SWAP_IN,
	DR_BSTAT_SWAP_OUT,
	DR_BSTAT_MAJOR_FAULTS,
	DR_BSTAT_MINOR_FAULTS,
	DR_BSTAT_FREE,
	DR_BSTAT_TOTAL,
	DR_BSTAT_AVAILABLE,
	DR_BSTAT_CACHES,
	DR_BSTAT_HUGETLB_ALLOCS,
	DR_BSTAT_HUGETLB_FAILS,
	DR_BSTAT_OOM_KILLS,
	DR_BSTAT_ALLOC_STALLS,
	DR_BSTAT_ASYNC_SCANS,
	DR_BSTAT_DIRECT_SCANS,
	DR_BSTAT_ASYNC_RECLAIMS,
	DR_BSTAT_DIRECT_RECLAIMS,
	DR_NR_BALLOON_STATS,
};

/**
 * struct dr_balloon_info - DR_IOC_BALLOON, the balloon of a guest
 * @flags: in: must be 0
 * @state: enum dr_balloon_state
 * @id: in: the guest
 * @wanted: bytes the guest is to give up, or %DR_BALLOON_UNASKED
 * @actual: bytes it says it gave up
 * @backed: bytes of @actual that the host can indeed not find in the guest's
 *	files: what the module measured, and no word of guest or daemon
 * @features: DR_BALLOON_*
 * @nr_asked: how often a size was set
 * @report_ms: milliseconds since the daemon last reported, or
 *	%DR_BALLOON_UNKNOWN
 * @stats_ms: milliseconds since it last reported statistics, likewise
 * @stats: indexed by enum dr_balloon_stat; %DR_BALLOON_UNKNOWN where not told
 *
 * ENOENT: no such guest.
 */
struct dr_balloon_info {
	__u32 flags;
	__u32 state;
	__u64 id;
	__u64 wanted;
	__u64 actual;
	__u64 backed;
	__u32 features;
	__u32 nr_asked;
	__u64 report_ms;
	__u64 stats_ms;
	__u64 stats[DR_NR_BALLOON_STATS];
};

/**
 * struct dr_balloon_set - DR_IOC_BALLOON_SET, ask a guest for memory
 * @flags: must be 0
 * @pad: must be 0
 * @id: the guest
 * @wanted: bytes it is to give up, whole pages, at most its configured size;
 *	or %DR_BALLOON_UNASKED to leave its balloon alone from now on
 *
 * Asking for the same size again asks a guest that took memory back for it
 * once more.
 *
 * ENOENT: no such guest; EINVAL: not in whole pages; ERANGE: more than its
 * size.
 */
struct dr_balloon_set {
	__u32 flags;
	__u32 pad;
	__u64 id;
	__u64 wanted;
};

/* struct dr_balloon_report: which fields to take */
#define DR_REPORT_ALIVE		(1U << 0)	/* none: the VMM answers */
#define DR_REPORT_ACTUAL	(1U << 1)
#define DR_REPORT_FEATURES	(1U << 2)
#define DR_REPORT_STATS		(1U << 3)
#define DR_REPORT_ALL		(DR_REPORT_ALIVE | DR_REPORT_ACTUAL | \
				 DR_REPORT_FEATURES | DR_REPORT_STATS)

/**
 * struct dr_balloon_report - DR_IOC_BALLOON_REPORT, what the VMM says
 * @flags: DR_REPORT_*, at least one
 * @features: DR_BALLOON_*
 * @id: the guest
 * @actual: bytes in the balloon, whole pages
 * @stats: indexed by enum dr_balloon_stat; %DR_BALLOON_UNKNOWN where not told
 *
 * The report is shown and paces the requests; what the host gains is measured
 * by the module itself. A size beyond that of the guest counts as its size.
 *
 * ENOENT: no such guest; EINVAL: an unknown feature, or not in whole pages.
 */
struct dr_balloon_report {
	__u32 flags;
	__u32 features;
	__u64 id;
	__u64 actual;
	__u64 stats[DR_NR_BALLOON_STATS];
};

/**
 * enum dr_notice_kind - what has changed
 * @DR_NOTICE_LIST: guests came, went or were renamed; the id is 0
 * @DR_NOTICE_WANTED: the balloon is to have another size, or the same again
 * @DR_NOTICE_BALLOON: the balloon has another size or other features
 * @DR_NR_NOTICES: how many there are
 */
enum dr_notice_kind {
	DR_NOTICE_LIST,
	DR_NOTICE_WANTED,
	DR_NOTICE_BALLOON,
	DR_NR_NOTICES,
};

/**
 * struct dr_notice - what read(2) of the device returns, one or more
 * @seq: rises with each
 * @id: the guest
 * @kind: enum dr_notice_kind
 * @pad: 0
 *
 * A notice says that a state is new, not what it is: read it by ioctl.
 * Changes that follow each other before they are read make one notice, so
 * nothing is lost, however slow the reader. A descriptor begins with a notice
 * of each kind for all that has a state. EINVAL: no room for one notice;
 * EAGAIN: none, and the descriptor does not block.
 */
struct dr_notice {
	__u64 seq;
	__u64 id;
	__u32 kind;
	__u32 pad;
};

/* The balloon: 32 to 47 */
#define DR_IOC_BALLOON		_IOWR(DR_IOC_MAGIC, 32, struct dr_balloon_info)
#define DR_IOC_BALLOON_SET	_IOW(DR_IOC_MAGIC, 33, struct dr_balloon_set)
#define DR_IOC_BALLOON_REPORT	_IOW(DR_IOC_MAGIC, 34, struct dr_balloon_report)

#endif /* _UAPI_LINUX_DENSERAM_BALLOON_H */
