/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * User API of denseram, memory overcommit for KVM hosts: the ioctls of
 * /dev/denseram.
 *
 * Rules that hold for every call:
 *
 * - Structures have the same layout for 32 and 64 bit callers. Padding is
 *   explicit and must be zero on the way in.
 * - An unknown bit in a flags field, or padding that is not zero, is refused
 *   with EINVAL and changes nothing.
 * - Calls that change something need a descriptor opened for writing, or
 *   they fail with EBADF.
 * - An unknown call is refused with ENOTTY.
 * - Sizes and offsets are in bytes unless a field says otherwise.
 */
#ifndef _UAPI_LINUX_DENSERAM_H
#define _UAPI_LINUX_DENSERAM_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define DR_ABI_VERSION		1	/* raised when an old caller would break */
#define DR_NAME_LEN		256	/* a guest's name with its final zero */
#define DR_SUPER_MAGIC		0x6472616dU	/* "dram": statfs(2) f_type */
#define DR_PAGE_SIZE		4096U
#define DR_BLOCK_SIZE		2097152U

/**
 * enum dr_event - what a guest's counters count
 *
 * The names in sysfs are these in lower case without the prefix. New ones go
 * to the end.
 *
 * @DR_EV_FAULT: page faults taken on the guest's memory, write notifications
 *	not included
 * @DR_EV_FAULT_BLOCK: faults answered with a 2 MiB block
 * @DR_EV_FAULT_ZERO: read faults answered with a page that stands in for others,
 *	the file's zero page or a shared one
 * @DR_EV_FAULT_LOAD: pages made private again with the bytes a store other
 *	than zero kept for them
 * @DR_EV_FAULT_SIGBUS: faults beyond the end of a file, on a lost page, or at the
 *	size limit of the mount
 * @DR_EV_FAULT_OOM: faults that found no memory
 * @DR_EV_MKWRITE: write notifications on pages mapped read-only
 * @DR_EV_COW: shared or zero pages made private by a write
 * @DR_EV_BLOCK_ALLOC: 2 MiB blocks allocated
 * @DR_EV_BLOCK_FALLBACK: ranges fit for a block that got 4 KiB pages, because
 *	no block could be had
 * @DR_EV_BLOCK_EVACUATE: blocks broken up into 4 KiB pages
 * @DR_EV_BLOCK_BUSY: blocks not broken up because something pinned them
 * @DR_EV_PAGE_ALLOC: 4 KiB pages allocated
 * @DR_EV_PUNCH: pages punched out by the VMM or by truncation
 * @DR_EV_GRAB: pages grabbed by a pass: the scanner, the pager, a trim
 * @DR_EV_GRAB_BUSY: grabs refused because the page was pinned or contended
 * @DR_EV_TRIM_ZERO: pages given back because all their bytes were zero
 * @DR_EV_TRIM_SAME: pages given back because one word fills them
 * @DR_EV_SCAN: pages hashed by the scanner, or while a block was broken up
 * @DR_EV_SCAN_ZERO: pages the scanner gave back because they were all zero
 * @DR_EV_SCAN_VOLATILE: pages whose bytes had changed since the last visit
 * @DR_EV_SCAN_BLOCK: blocks the scanner sampled
 * @DR_EV_SHARE_MERGE: pages given back because another page has their bytes,
 *	and pages that became such a shared page
 * @DR_EV_SHARE_BREAK: shared pages copied for a write
 * @DR_EV_SHARE_CLAIM: shared pages made private without a copy, because
 *	nobody else used them any more
 * @DR_EV_SHARE_CHANGED: merges given up because the bytes had changed
 * @DR_EV_SHARE_BUSY: merges given up because a page was pinned or contended
 * @DR_EV_SHARE_DOMAIN: merges given up because a guest had changed its trust
 *	domain meanwhile; equal pages of two domains never meet, and do not count
 * @DR_EV_BLOCK_RESERVE: blocks broken up on the reserve, because free memory
 *	did not do
 * @DR_EV_BLOCK_COLLAPSE: blocks made of 4 KiB pages
 * @DR_EV_FAULT_SOFT: faults on pages that were there and just not mapped
 * @DR_EV_FAULT_HELD: faults that waited because the guest was far beyond its
 *	limit, or for the host's sake at level low
 * @DR_EV_SWAP_OUT: pages paged out, to whatever tier
 * @DR_EV_SWAP_IN: pages brought back because somebody needed them
 * @DR_EV_SWAP_ZERO: pages found to be all zeros when they were to be paged
 *	out, and given back
 * @DR_EV_SWAP_SAME: pages paged out that one word fills
 * @DR_EV_SWAP_POOL: pages paged out to the compressed pool
 * @DR_EV_SWAP_STIFF: pages that compression did not make smaller
 * @DR_EV_SWAP_FULL: pages not paged out because there was no room for them, or no
 *	memory to get them there
 * @DR_EV_SWAP_DISK: pages sent to a swap area
 * @DR_EV_SWAP_BACK: of these, pages that came from the compressed pool
 * @DR_EV_FAULT_MAJOR: pages that had to be read from a swap area
 * @DR_EV_SWAP_ERROR: pages that could not be read from a swap area, or written to it
 *	and stayed in memory
 * @DR_EV_SWAP_DAMAGED: pages that came back with a wrong checksum, and were not
 *	delivered
 * @DR_EV_FAULT_ASYNC: faults sent back because a page has to be read and the one who
 *	needs it can do something else
 * @DR_EV_SWAP_CLEAN: pages paged out without a write, because the swap area had
 *	them still
 * @DR_EV_SWAP_AHEAD: pages read before anybody asked for them
 * @DR_EV_SWAP_AHEAD_HIT: of these, pages that were asked for later
 * @DR_NR_EVENTS: how many there are
 */
enum dr_event {
	DR_EV_FAULT,
	DR_EV_FAULT_BLOCK,
	DR_EV_FAULT_ZERO,
	DR_EV_FAULT_LOAD,
	DR_EV_FAULT_SIGBUS,
	DR_EV_FAULT_OOM,
	DR_EV_MKWRITE,
	DR_EV_COW,
	DR_EV_BLOCK_ALLOC,
	DR_EV_BLOCK_FALLBACK,
	DR_EV_BLOCK_EVACUATE,
	DR_EV_BLOCK_BUSY,
	DR_EV_PAGE_ALLOC,
	DR_EV_PUNCH,
	DR_EV_GRAB,
	DR_EV_GRAB_BUSY,
	DR_EV_TRIM_ZERO,
	DR_EV_TRIM_SAME,
	DR_EV_SCAN,
	DR_EV_SCAN_ZERO,
	DR_EV_SCAN_VOLATILE,
	DR_EV_SCAN_BLOCK,
	DR_EV_SHARE_MERGE,
	DR_EV_SHARE_BREAK,
	DR_EV_SHARE_CLAIM,
	DR_EV_SHARE_CHANGED,
	DR_EV_SHARE_BUSY,
	DR_EV_SHARE_DOMAIN,
	DR_EV_BLOCK_RESERVE,
	DR_EV_BLOCK_COLLAPSE,
	DR_EV_FAULT_SOFT,
	DR_EV_FAULT_HELD,
	DR_EV_SWAP_OUT,
	DR_EV_SWAP_IN,
	DR_EV_SWAP_ZERO,
	DR_EV_SWAP_SAME,
	DR_EV_SWAP_POOL,
	DR_EV_SWAP_STIFF,
	DR_EV_SWAP_FULL,
	DR_EV_SWAP_DISK,
	DR_EV_SWAP_BACK,
	DR_EV_FAULT_MAJOR,
	DR_EV_SWAP_ERROR,
	DR_EV_SWAP_DAMAGED,
	DR_EV_FAULT_ASYNC,
	DR_EV_SWAP_CLEAN,
	DR_EV_SWAP_AHEAD,
	DR_EV_SWAP_AHEAD_HIT,
	DR_NR_EVENTS,
};

#define DR_MAX_EVENTS		64	/* room in the structures below */

/**
 * struct dr_version - answer of DR_IOC_VERSION
 * @abi: %DR_ABI_VERSION of the module
 * @nr_events: events the module knows; later slots of an events array are 0
 * @release: version of the module, text
 */
struct dr_version {
	__u32 abi;
	__u32 nr_events;
	char release[24];
};

/**
 * struct dr_usage - where the bytes of guest RAM are
 * @size: configured size: the sum of the file sizes
 * @resident: host memory held for nobody else: blocks and private pages. What
 *	shared pages cost is in struct dr_share_status, as kept
 * @blocks: 2 MiB blocks
 * @pages: private 4 KiB pages outside blocks
 * @shared: entries that point to a shared page
 * @saved: host memory that @shared saves: of a guest its part of what all
 *	save, by the average number of users of a shared page
 * @swapped: entries whose bytes a store keeps outside their own page
 * @holes: 4 KiB pages punched out of blocks and not yet given back: part of
 *	@blocks, zeroed; a guest that writes one again uses it silently
 * @metadata: index memory in bytes
 */
struct dr_usage {
	__u64 size;
	__u64 resident;
	__u64 blocks;
	__u64 pages;
	__u64 shared;
	__u64 saved;
	__u64 swapped;
	__u64 holes;
	__u64 metadata;
};

/**
 * struct dr_status - answer of DR_IOC_STATUS, the whole host
 * @flags: in: must be 0
 * @nr_guests: guests registered
 * @nr_mounts: file systems mounted
 * @pad: must be 0
 * @host_total: the host's memory
 * @host_available: what the kernel estimates as available
 * @usage: sums over all guests
 * @events: sums over all guests, those that are gone included
 */
struct dr_status {
	__u32 flags;
	__u32 nr_guests;
	__u32 nr_mounts;
	__u32 pad;
	__u64 host_total;
	__u64 host_available;
	struct dr_usage usage;
	__u64 events[DR_MAX_EVENTS];
};

/**
 * struct dr_guest_list - DR_IOC_GUEST_LIST, ids in rising order
 * @flags: in: must be 0
 * @count: in: room at @ids in entries, 1 to 65536; out: entries written, 0 at
 *	the end of the list
 * @after: in: return guests whose id is greater than this; start with 0
 * @ids: in: address of an array of __u64
 */
struct dr_guest_list {
	__u32 flags;
	__u32 count;
	__u64 after;
	__u64 ids;
};

/* What the VMM does with the guest, as the daemon reports it. */
enum dr_run_state {
	DR_RUN_UNKNOWN,
	DR_RUN_RUNNING,
	DR_RUN_PAUSED,
	DR_RUN_SHUTDOWN,
	DR_NR_RUN_STATES,
};

/* struct dr_guest_info: what @state says */
#define DR_GUEST_KVM		(1U << 0)	/* mapped by a KVM VM */
#define DR_GUEST_MIGRATING	(1U << 1)	/* the daemon says so */
#define DR_GUEST_UNALIGNED	(1U << 2)	/* a mapping rules out 2 MiB entries */
#define DR_GUEST_SCANNED	(1U << 3)	/* the sharing scanner visits it */
#define DR_GUEST_PARKING	(1U << 4)	/* it is being paged out whole */

/**
 * enum dr_share_mode - with whom a guest shares pages of the same content
 * @DR_SHARE_OFF: with nobody, not even itself
 * @DR_SHARE_GUEST: within the guest
 * @DR_SHARE_DOMAIN: with guests of the same owner that are in this mode
 * @DR_SHARE_ALL: with all guests in this mode, whoever owns them
 * @DR_NR_SHARE_MODES: how many there are
 *
 * The absence of pages of zeros is common to all, and tells nobody anything.
 */
enum dr_share_mode {
	DR_SHARE_OFF,
	DR_SHARE_GUEST,
	DR_SHARE_DOMAIN,
	DR_SHARE_ALL,
	DR_NR_SHARE_MODES,
};

/**
 * struct dr_guest_limits - what the administrator grants
 * @min: bytes never taken away
 * @max: bytes the guest may ever hold; 0 stands for its configured size
 * @limit: bytes it may hold now; 0 for none
 * @shares: its weight against other guests, 1 to 1000000
 * @pinned: 1: nothing of it can be taken, because something pins all of it, so
 *	that its min counts as its max; or 0
 *
 * min <= max, and min <= limit unless that is 0.
 */
struct dr_guest_limits {
	__u64 min;
	__u64 max;
	__u64 limit;
	__u32 shares;
	__u32 pinned;
};

/**
 * struct dr_guest_info - DR_IOC_GUEST_INFO, one guest
 * @flags: in: must be 0
 * @state: DR_GUEST_*
 * @id: in: the guest's id, or 0 to look up @name; out: its id
 * @name: in: the name, when @id is 0; out: the name
 * @uid: owner of the directory or file, in the caller's user namespace
 * @vmm_pid: process that maps the memory, in the caller's pid namespace; one
 *	with a KVM VM goes first; 0 when there is none
 * @nr_files: RAM files, unlinked ones that still live included
 * @run_state: enum dr_run_state
 * @nr_regions: regions of guest-physical memory the daemon reported
 * @share: with whom it shares pages, enum dr_share_mode
 * @limits: see there
 * @usage: see there
 * @events: the guest's counters, indexed by enum dr_event
 *
 * ENOENT: no such guest.
 */
struct dr_guest_info {
	__u32 flags;
	__u32 state;
	__u64 id;
	char name[DR_NAME_LEN];
	__u32 uid;
	__s32 vmm_pid;
	__u32 nr_files;
	__u32 run_state;
	__u32 nr_regions;
	__u32 share;
	struct dr_guest_limits limits;
	struct dr_usage usage;
	__u64 events[DR_MAX_EVENTS];
};

/* struct dr_guest_set: which fields of @limits to take */
#define DR_SET_MIN		(1U << 0)
#define DR_SET_MAX		(1U << 1)
#define DR_SET_LIMIT		(1U << 2)
#define DR_SET_SHARES		(1U << 3)
#define DR_SET_PINNED		(1U << 4)
#define DR_SET_ALL		(DR_SET_MIN | DR_SET_MAX | DR_SET_LIMIT | \
				 DR_SET_SHARES | DR_SET_PINNED)

/**
 * struct dr_guest_set - DR_IOC_GUEST_SET, all named fields or none
 * @flags: DR_SET_*, at least one
 * @pad: must be 0
 * @id: the guest
 * @limits: new values; fields not named in @flags are ignored
 *
 * ENOENT: no such guest; ENOSPC: the host cannot promise that much, see
 * struct dr_admission_status; ERANGE: a value outside its range, or values that
 * contradict each other.
 */
struct dr_guest_set {
	__u32 flags;
	__u32 pad;
	__u64 id;
	struct dr_guest_limits limits;
};

#define DR_MAX_REGIONS		256

/**
 * struct dr_region - a range of guest-physical memory
 * @gpa: guest-physical address, page aligned
 * @size: bytes, page aligned, not 0
 * @ino: inode number of the RAM file behind it
 * @offset: where in that file, page aligned
 */
struct dr_region {
	__u64 gpa;
	__u64 size;
	__u64 ino;
	__u64 offset;
};

/* struct dr_guest_vmm: which fields to take */
#define DR_VMM_RUN_STATE	(1U << 0)
#define DR_VMM_MIGRATING	(1U << 1)
#define DR_VMM_REGIONS		(1U << 2)
#define DR_VMM_ALL		(DR_VMM_RUN_STATE | DR_VMM_MIGRATING | \
				 DR_VMM_REGIONS)

/**
 * struct dr_guest_vmm - DR_IOC_GUEST_VMM, what the daemon knows of the VMM
 * @flags: DR_VMM_*, at least one
 * @run_state: enum dr_run_state
 * @id: the guest
 * @migrating: 0 or 1
 * @nr_regions: entries at @regions, 0 to %DR_MAX_REGIONS
 * @regions: address of an array of struct dr_region, sorted by gpa, without
 *	overlaps
 *
 * ENOENT: no such guest; EINVAL: a value or a region that makes no sense.
 */
struct dr_guest_vmm {
	__u32 flags;
	__u32 run_state;
	__u64 id;
	__u32 migrating;
	__u32 nr_regions;
	__u64 regions;
};

/**
 * struct dr_guest_regions - DR_IOC_GUEST_REGIONS, read the layout back
 * @flags: in: must be 0
 * @count: in: room at @regions in entries; out: entries the guest has, of
 *	which no more than the room were written
 * @id: in: the guest
 * @regions: in: address of an array of struct dr_region
 */
struct dr_guest_regions {
	__u32 flags;
	__u32 count;
	__u64 id;
	__u64 regions;
};

/* struct dr_guest_trim: what to look for */
#define DR_TRIM_ZERO		(1U << 0)	/* pages of zeros become holes */
#define DR_TRIM_SAME		(1U << 1)	/* pages filled with one word */
#define DR_TRIM_BLOCKS		(1U << 2)	/* break up blocks when half pays */
#define DR_TRIM_ALL		(DR_TRIM_ZERO | DR_TRIM_SAME | DR_TRIM_BLOCKS)

/**
 * struct dr_guest_trim - DR_IOC_GUEST_TRIM, one pass over all of a guest
 * @flags: in: DR_TRIM_*, at least one of ZERO and SAME
 * @pad: must be 0
 * @id: in: the guest
 * @scanned: out: pages looked at
 * @freed: out: pages given back to the host
 * @busy: out: pages left alone because they were pinned or contended
 *
 * ENOENT: no such guest; EINTR: interrupted by a signal, what was done stays.
 */
struct dr_guest_trim {
	__u32 flags;
	__u32 pad;
	__u64 id;
	__u64 scanned;
	__u64 freed;
	__u64 busy;
};

/* struct dr_guest_share: which fields to take */
#define DR_GUEST_SHARE_MODE	(1U << 0)
#define DR_GUEST_SHARE_SCAN	(1U << 1)
#define DR_GUEST_SHARE_ALL	(DR_GUEST_SHARE_MODE | DR_GUEST_SHARE_SCAN)

/**
 * struct dr_guest_share - DR_IOC_GUEST_SHARE, how a guest takes part in sharing
 * @flags: DR_GUEST_SHARE_*, at least one
 * @mode: enum dr_share_mode. A change ends all sharing under the old mode
 *	before the call returns
 * @id: the guest
 * @scan: 0 or 1: does the scanner visit it?
 * @pad: must be 0
 *
 * ENOENT: no such guest; EINVAL: no such mode; ENOMEM: the host has no room
 * for the copies, the mode is as before; EINTR: interrupted, likewise.
 */
struct dr_guest_share {
	__u32 flags;
	__u32 mode;
	__u64 id;
	__u32 scan;
	__u32 pad;
};

#define DR_SHARE_SAMPLE_MAX	16

/**
 * struct dr_guest_shares - DR_IOC_GUEST_SHARES, the shared pages of a guest
 * @flags: in: must be 0
 * @count: in: room at @pages in entries, 1 to 65536; out: entries written, 0
 *	at the end
 * @id: in: the guest
 * @cursor: in: 0 to start, then as the call before left it; out: where the
 *	next call goes on
 * @pages: in: address of an array of __u64: a number for each shared page,
 *	the same one for all who share it, and no other meaning
 * @sample: in: tell only of one page in 2^sample, always the same ones; 0 to
 *	%DR_SHARE_SAMPLE_MAX
 * @pad: must be 0
 *
 * ENOENT: no such guest.
 */
struct dr_guest_shares {
	__u32 flags;
	__u32 count;
	__u64 id;
	__u64 cursor;
	__u64 pages;
	__u32 sample;
	__u32 pad;
};

/* How short of memory the host is. */
enum dr_level {
	DR_LEVEL_HIGH,
	DR_LEVEL_SOFT,
	DR_LEVEL_HARD,
	DR_LEVEL_LOW,
	DR_NR_LEVELS,
};

/**
 * struct dr_share_status - DR_IOC_SHARE_STATUS, sharing on the whole host
 * @flags: in: must be 0
 * @enabled: does the scanner run?
 * @nr_scanners: its threads
 * @level: enum dr_level
 * @shared: entries that point to a shared page, in bytes
 * @kept: host memory of the shared pages themselves
 * @table_bytes: memory of the table of contents
 * @table_slots: entries it has room for
 * @table_hints: contents known from one page
 * @table_shares: contents known from a shared page
 * @cpu_ns: CPU time of the scanners
 * @passes: passes over a file that have ended
 * @scan_rate: pages hashed a second, over the last seconds
 * @pad: 0
 *
 * Saved by sharing: @shared - @kept.
 */
struct dr_share_status {
	__u32 flags;
	__u32 enabled;
	__u32 nr_scanners;
	__u32 level;
	__u64 shared;
	__u64 kept;
	__u64 table_bytes;
	__u64 table_slots;
	__u64 table_hints;
	__u64 table_shares;
	__u64 cpu_ns;
	__u64 passes;
	__u32 scan_rate;
	__u32 pad;
};

#define DR_IOC_MAGIC		0xD7

#define DR_IOC_VERSION		_IOR(DR_IOC_MAGIC, 0, struct dr_version)
#define DR_IOC_STATUS		_IOWR(DR_IOC_MAGIC, 1, struct dr_status)
#define DR_IOC_GUEST_LIST	_IOWR(DR_IOC_MAGIC, 2, struct dr_guest_list)
#define DR_IOC_GUEST_INFO	_IOWR(DR_IOC_MAGIC, 3, struct dr_guest_info)
#define DR_IOC_GUEST_SET	_IOW(DR_IOC_MAGIC, 4, struct dr_guest_set)
#define DR_IOC_GUEST_VMM	_IOW(DR_IOC_MAGIC, 5, struct dr_guest_vmm)
#define DR_IOC_GUEST_REGIONS	_IOWR(DR_IOC_MAGIC, 6, struct dr_guest_regions)
#define DR_IOC_GUEST_TRIM	_IOWR(DR_IOC_MAGIC, 7, struct dr_guest_trim)
#define DR_IOC_GUEST_SHARE	_IOW(DR_IOC_MAGIC, 8, struct dr_guest_share)
#define DR_IOC_GUEST_SHARES	_IOWR(DR_IOC_MAGIC, 9, struct dr_guest_shares)
#define DR_IOC_SHARE_STATUS	_IOWR(DR_IOC_MAGIC, 10, struct dr_share_status)

/* Paging: 16 to 31; the balloon: 32 to 47; the policy: 48 to 63 */
#include <linux/denseram_swap.h>
#include <linux/denseram_balloon.h>
#include <linux/denseram_policy.h>
#include <linux/denseram_admit.h>

#endif /* _UAPI_LINUX_DENSERAM_H */
