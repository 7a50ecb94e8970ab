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
 * @DR_EV_FAULT_ZERO: read faults answered with the file's zero page
 * @DR_EV_FAULT_LOAD: pages made private again with the bytes a store other
 *	than zero kept for them
 * @DR_EV_FAULT_SIGBUS: faults beyond the end of a file, or on a lost page
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
 * @DR_EV_GRAB: pages grabbed by a reclaim pass
 * @DR_EV_GRAB_BUSY: grabs refused because the page was pinned or contended
 * @DR_EV_TRIM_ZERO: pages given back because all their bytes were zero
 * @DR_EV_TRIM_SAME: pages given back because one word fills them
 * @DR_EV_SCAN: pages hashed by the scanner of content-based sharing
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
 *	limit
 * @DR_EV_SWAP_OUT: pages paged out, to whatever tier
 * @DR_EV_SWAP_IN: pages brought back because somebody needed them
 * @DR_EV_SWAP_ZERO: pages found to be all zeros when they were to be paged
 *	out, and given back
 * @DR_EV_SWAP_SAME: pages paged out that one word fills
 * @DR_EV_SWAP_POOL: pages paged out to the compressed pool
 * @DR_EV_SWAP_STIFF: pages that compression did not make smaller
 * @DR_EV_SWAP_FULL: pages not paged out because there was no room for them
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
 * @pad: must be 0
 *
 * min <= max, and min <= limit unless that is 0.
 */
struct dr_guest_limits {
	__u64 min;
	__u64 max;
	__u64 limit;
	__u32 shares;
	__u32 pad;
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
#define DR_SET_ALL		(DR_SET_MIN | DR_SET_MAX | DR_SET_LIMIT | \
				 DR_SET_SHARES)

/**
 * struct dr_guest_set - DR_IOC_GUEST_SET, all named fields or none
 * @flags: DR_SET_*, at least one
 * @pad: must be 0
 * @id: the guest
 * @limits: new values; fields not named in @flags are ignored
 *
 * ENOENT: no such guest; ERANGE: a value outside its range, or values that
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

/**
 * struct dr_tiers - where swapped pages are
 * @same: pages filled with one word, kept as that word
 * @pool: pages in the compressed pool
 * @pool_bytes: their bytes, compressed
 * @disk: pages in swap areas, clean ones included
 * @clean: pages in memory that are in a swap area as well, unchanged
 * @pad: 0
 */
struct dr_tiers {
	__u64 same;
	__u64 pool;
	__u64 pool_bytes;
	__u64 disk;
	__u64 clean;
	__u64 pad[3];
};

/*
 * Faults that brought a page back, by how long that took: bucket 0 counts those
 * below 1 us, bucket i those below 2^i us, the last one all others.
 */
#define DR_LATENCY_BUCKETS	24

/* Why paging cannot go on. */
enum dr_swap_stop {
	DR_SWAP_STOP_NONE,	/* it can */
	DR_SWAP_STOP_POOL,	/* the compressed pool is full */
	DR_SWAP_STOP_MEMORY,	/* no memory for the pool */
	DR_SWAP_STOP_AREAS,	/* pool and swap areas are full */
	DR_SWAP_NR_STOPS,
};

/**
 * struct dr_swap_status - DR_IOC_SWAP_STATUS, paging on the whole host
 * @flags: in: must be 0
 * @stop: enum dr_swap_stop: why nothing more can be paged out just now
 * @compressor: name of the compressor in use
 * @pool_limit: bytes of host memory that the compressed pool may take
 * @pool_memory: bytes it takes
 * @cpu_ns: CPU time of the pager
 * @nr_areas: swap areas
 * @pad: 0
 * @areas_size: room in them, in bytes
 * @areas_used: what is in use of it
 * @tiers: where the swapped pages of all guests are
 * @latency: see %DR_LATENCY_BUCKETS
 */
struct dr_swap_status {
	__u32 flags;
	__u32 stop;
	char compressor[16];
	__u64 pool_limit;
	__u64 pool_memory;
	__u64 cpu_ns;
	__u32 nr_areas;
	__u32 pad;
	__u64 areas_size;
	__u64 areas_used;
	struct dr_tiers tiers;
	__u64 latency[DR_LATENCY_BUCKETS];
};

/**
 * struct dr_guest_swap - DR_IOC_GUEST_SWAP, paging of one guest
 * @flags: in: must be 0
 * @pad: must be 0
 * @id: in: the guest
 * @tiers: where its swapped pages are
 * @latency: see %DR_LATENCY_BUCKETS
 *
 * ENOENT: no such guest.
 */
struct dr_guest_swap {
	__u32 flags;
	__u32 pad;
	__u64 id;
	struct dr_tiers tiers;
	__u64 latency[DR_LATENCY_BUCKETS];
};

/**
 * struct dr_swap_add - DR_IOC_SWAP_ADD, make a file or a block device a swap area
 * @flags: in: must be 0
 * @fd: in: the file or device, open for reading and writing. What is on it is
 *	overwritten
 * @prio: in: areas of the highest priority are filled first, -32768 to 32767
 * @id: out: number of the area
 *
 * EBADF: not open for both; EEXIST: it is an area already; EBUSY: a device in
 * use (mounted, or by another program alone); EFBIG: more than 64 TiB; EINVAL:
 * neither a file nor a block device; ELOOP: it lies on denseram; EMFILE: there
 * are 64 areas; ENODATA: a file with holes; ENOMEM: out of memory; EOPNOTSUPP:
 * no direct I/O, or not in units of 4096 bytes; ERANGE: smaller than 1 MiB;
 * anything else: writing the header failed.
 */
struct dr_swap_add {
	__u32 flags;
	__s32 fd;
	__s32 prio;
	__u32 id;
};

/**
 * struct dr_swap_rm - DR_IOC_SWAP_RM, bring all pages home and let go of an area
 * @flags: in: must be 0
 * @id: in: the area
 * @left: out: pages that are still there when the call fails
 *
 * ENOENT: no such area; ENOMEM: the host has no room for the pages; EINTR:
 * interrupted; EIO: some pages cannot be read; EBUSY: somebody is removing it
 * already. In all these cases it goes on to be used.
 */
struct dr_swap_rm {
	__u32 flags;
	__u32 id;
	__u64 left;
};

#define DR_SWAP_PATH_LEN	256

/* What an area begins with. */
#define DR_SWAP_MAGIC		"denseram swap area"

/* struct dr_swap_area: what @state says */
#define DR_SWAP_AREA_BDEV	(1U << 0)	/* a block device */
#define DR_SWAP_AREA_FAILED	(1U << 1)	/* a write failed: read only now */
#define DR_SWAP_AREA_LEAVING	(1U << 2)	/* it is being removed */

/**
 * struct dr_swap_area - a swap area
 * @id: its number
 * @state: DR_SWAP_AREA_*
 * @prio: its priority
 * @pad: 0
 * @size: room in bytes
 * @used: bytes in use
 * @bad: bytes that could not be written and are not used
 * @read_errors: reads that failed
 * @write_errors: writes that failed
 * @sum_errors: pages found damaged
 * @path: the file or device, as it was named when it was added
 */
struct dr_swap_area {
	__u32 id;
	__u32 state;
	__s32 prio;
	__u32 pad;
	__u64 size;
	__u64 used;
	__u64 bad;
	__u64 read_errors;
	__u64 write_errors;
	__u64 sum_errors;
	char path[DR_SWAP_PATH_LEN];
};

/**
 * struct dr_swap_list - DR_IOC_SWAP_LIST, the swap areas by falling priority
 * @flags: in: must be 0
 * @count: in: room at @areas in entries; out: areas there are, of which no more
 *	than the room were written
 * @areas: in: address of an array of struct dr_swap_area
 */
struct dr_swap_list {
	__u32 flags;
	__u32 count;
	__u64 areas;
};

/**
 * struct dr_guest_park - DR_IOC_GUEST_PARK, page a guest out whole
 * @flags: in: must be 0
 * @park: in: 1 to begin, 0 to stop it
 * @id: in: the guest
 *
 * Returns at once. %DR_GUEST_PARKING in the state of the guest says that the
 * pager is at work; it ends when nothing more can be had. Meant for guests that
 * are stopped or idle: nothing keeps a guest from bringing its pages back.
 *
 * ENOENT: no such guest.
 */
struct dr_guest_park {
	__u32 flags;
	__u32 park;
	__u64 id;
};

/**
 * struct dr_guest_wake - DR_IOC_GUEST_WAKE, bring back what is paged out
 * @flags: in: must be 0
 * @count: in: pages to bring back by this call, at least 1
 * @id: in: the guest
 * @cursor: in: 0 to start, then as the call before left it; out: where the
 *	next call goes on, all ones when there is nothing more to do
 * @done: out: pages brought back by this call
 * @failed: out: pages that could not be read
 *
 * Stops at the guest's limit, as if there were no more pages.
 *
 * ENOENT: no such guest; ENOMEM: the host has no room for more; EINTR.
 */
struct dr_guest_wake {
	__u32 flags;
	__u32 count;
	__u64 id;
	__u64 cursor;
	__u64 done;
	__u64 failed;
};

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
#define DR_IOC_SWAP_STATUS	_IOWR(DR_IOC_MAGIC, 16, struct dr_swap_status)
#define DR_IOC_GUEST_SWAP	_IOWR(DR_IOC_MAGIC, 17, struct dr_guest_swap)
#define DR_IOC_SWAP_ADD		_IOWR(DR_IOC_MAGIC, 18, struct dr_swap_add)
#define DR_IOC_SWAP_RM		_IOWR(DR_IOC_MAGIC, 19, struct dr_swap_rm)
#define DR_IOC_SWAP_LIST	_IOWR(DR_IOC_MAGIC, 20, struct dr_swap_list)
#define DR_IOC_GUEST_PARK	_IOW(DR_IOC_MAGIC, 21, struct dr_guest_park)
#define DR_IOC_GUEST_WAKE	_IOWR(DR_IOC_MAGIC, 22, struct dr_guest_wake)

/* The balloon: 32 to 47 */
#define DR_IOC_BALLOON		_IOWR(DR_IOC_MAGIC, 32, struct dr_balloon_info)
#define DR_IOC_BALLOON_SET	_IOW(DR_IOC_MAGIC, 33, struct dr_balloon_set)
#define DR_IOC_BALLOON_REPORT	_IOW(DR_IOC_MAGIC, 34, struct dr_balloon_report)

#endif /* _UAPI_LINUX_DENSERAM_H */
