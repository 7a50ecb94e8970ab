// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host asks for statistics by returning the buffer that holds the last
 * ones; the answer goes into it. A host that asks without a pause gets ten
 * answers a second.
 */
#include "denseram_balloon.h"

#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/virtio_config.h>
#include <linux/vmstat.h>

#define REST	(HZ / 10)

/**
 * struct facts - what all statistics are made of
 * @events: the kernel's event counters
 * @info: sizes, in pages
 */
struct facts {
	const unsigned long *events;
	struct sysinfo info;
};

static u64 pages(unsigned long nr)
{
	return (u64)nr << PAGE_SHIFT;
}

/* Sum of an event that is counted for each zone. */
static u64 zone_sum(const unsigned long *normal)
{
	u64 sum = 0;
	int zone;

	for (zone = 0; zone < MAX_NR_ZONES; zone++)
		sum += normal[zone - ZONE_NORMAL];
	return sum;
}

static u64 stat_of(const struct facts *f, u16 tag)
{
	const unsigned long *e = f->events;

	switch (tag) {
	case VIRTIO_BALLOON_S_SWAP_IN:
		return pages(e[PSWPIN]);
	case VIRTIO_BALLOON_S_SWAP_OUT:
		return pages(e[PSWPOUT]);
	case VIRTIO_BALLOON_S_MAJFLT:
		return e[PGMAJFAULT];
	case VIRTIO_BALLOON_S_MINFLT:
		return e[PGFAULT];
	case VIRTIO_BALLOON_S_MEMFREE:
		return pages(f->info.freeram);
	case VIRTIO_BALLOON_S_MEMTOT:
		return pages(f->info.totalram);
	case VIRTIO_BALLOON_S_AVAIL:
		return pages(max(si_mem_available(), 0L));
	case VIRTIO_BALLOON_S_CACHES:
		return pages(global_node_page_state(NR_FILE_PAGES));
#ifdef CONFIG_HUGETLB_PAGE
	case VIRTIO_BALLOON_S_HTLB_PGALLOC:
		return e[HTLB_BUDDY_PGALLOC];
	case VIRTIO_BALLOON_S_HTLB_PGFAIL:
		return e[HTLB_BUDDY_PGALLOC_FAIL];
#endif
	case VIRTIO_BALLOON_S_OOM_KILL:
		return e[OOM_KILL];
	case VIRTIO_BALLOON_S_ALLOC_STALL:
		return zone_sum(&e[ALLOCSTALL_NORMAL]);
	case VIRTIO_BALLOON_S_ASYNC_SCAN:
		return pages(e[PGSCAN_KSWAPD]);
	case VIRTIO_BALLOON_S_DIRECT_SCAN:
		return pages(e[PGSCAN_DIRECT]);
	case VIRTIO_BALLOON_S_ASYNC_RECLAIM:
		return pages(e[PGSTEAL_KSWAPD]);
	case VIRTIO_BALLOON_S_DIRECT_RECLAIM:
		return pages(e[PGSTEAL_DIRECT]);
	}
	return 0;
}

/* How many entries; the events counters are large for a stack. */
static unsigned int fill(struct dr_balloon *b, unsigned long *events)
{
	struct facts f = { .events = events };
	u16 tag;

	all_vm_events(events);
	si_meminfo(&f.info);
	for (tag = 0; tag < VIRTIO_BALLOON_S_NR; tag++) {
		b->stats[tag].tag = cpu_to_virtio16(b->vdev, tag);
		b->stats[tag].val = cpu_to_virtio64(b->vdev, stat_of(&f, tag));
	}
	return tag;
}

static void send(struct dr_balloon *b)
{
	unsigned long *events = kcalloc(NR_VM_EVENT_ITEMS, sizeof(*events),
					GFP_KERNEL);
	unsigned int nr = 0;
	struct scatterlist sg;

	/* Without memory: an empty answer, which keeps the talk going. */
	if (events)
		nr = fill(b, events);
	kfree(events);
	sg_init_one(&sg, b->stats, max(nr, 1U) * sizeof(b->stats[0]));
	if (virtqueue_add_outbuf(b->stats_vq, &sg, 1, b, GFP_KERNEL))
		return;
	virtqueue_kick(b->stats_vq);
	b->stats_at = jiffies;
	dr_count(b, DR_COUNT_STATS, 1);
}

/**
 * dr_stats_work() - answer the host
 * @work: &dr_balloon.stats_work
 */
void dr_stats_work(struct work_struct *work)
{
	struct dr_balloon *b = container_of(to_delayed_work(work),
					    struct dr_balloon, stats_work);
	unsigned int len;

	if (READ_ONCE(b->stopping) || !virtqueue_get_buf(b->stats_vq, &len))
		return;
	send(b);
}

/**
 * dr_stats_asked() - the host has returned the buffer
 * @vq: the queue
 *
 * Context: interrupts.
 */
void dr_stats_asked(struct virtqueue *vq)
{
	struct dr_balloon *b = vq->vdev->priv;
	unsigned long rested = jiffies - b->stats_at;

	if (!READ_ONCE(b->stopping))
		queue_delayed_work(b->wq, &b->stats_work,
				   rested < REST ? REST - rested : 0);
}

/**
 * dr_stats_start() - give the host the buffer
 * @b: the balloon; the device is ready
 */
void dr_stats_start(struct dr_balloon *b)
{
	if (b->stats_vq)
		send(b);
}
