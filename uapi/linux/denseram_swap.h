/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/* User API of denseram: paging. A part of <linux/denseram.h>. */
#ifndef _UAPI_LINUX_DENSERAM_SWAP_H
#define _UAPI_LINUX_DENSERAM_SWAP_H

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
	DR_SWAP_STOP_MEMORY,	/* no memory for the pool, or to write to an area */
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
 * use (mounted, or by another program alone); EFBIG: more than 32 TiB; EINVAL:
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
 * ENOENT: no such area; ENOMEM: the host has no room for the pages; ENOSPC:
 * admission is strict, and has promised its room to guests; EINTR: interrupted;
 * EIO: some pages cannot be read; EBUSY: an area is being added or removed
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

/* Paging: 16 to 31 */
#define DR_IOC_SWAP_STATUS	_IOWR(DR_IOC_MAGIC, 16, struct dr_swap_status)
#define DR_IOC_GUEST_SWAP	_IOWR(DR_IOC_MAGIC, 17, struct dr_guest_swap)
#define DR_IOC_SWAP_ADD		_IOWR(DR_IOC_MAGIC, 18, struct dr_swap_add)
#define DR_IOC_SWAP_RM		_IOWR(DR_IOC_MAGIC, 19, struct dr_swap_rm)
#define DR_IOC_SWAP_LIST	_IOWR(DR_IOC_MAGIC, 20, struct dr_swap_list)
#define DR_IOC_GUEST_PARK	_IOW(DR_IOC_MAGIC, 21, struct dr_guest_park)
#define DR_IOC_GUEST_WAKE	_IOWR(DR_IOC_MAGIC, 22, struct dr_guest_wake)

#endif /* _UAPI_LINUX_DENSERAM_SWAP_H */
