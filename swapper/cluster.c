// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Clusters
 *
 * Pages go to a swap area 64 at a time, in one write to slots that lie in a row.
 * The pager has one cluster open, puts pages into it as it finds them, and
 * sends it off when it is full or when there is nothing more to find. From the
 * moment a page is in a cluster its entry says so, and whoever needs it copies
 * it from there.
 *
 * All that a write needs is set aside when the first area is added: the
 * clusters, and the pages to which pages from the compressed pool are unpacked.
 * A page that comes straight from a guest is its own buffer, and is freed when
 * it has been written. So the pager gets on when the host has no memory left,
 * and there are only so many pages on their way at a time.
 *
 * When a write fails, its pages go back to where they came from: they belong to
 * their guest as before, and nothing is lost. If all that was missing is memory,
 * the area is as good as before as well: one cluster tries it twice a second, and
 * when that has been written others follow.
 */
#include <linux/highmem.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "area.h"
#include "cluster.h"
#include "files.h"
#include "guest.h"
#include "handle.h"
#include "io.h"
#include "out.h"
#include "swapped.h"

#define CLUSTER_PAGES	64
#define NR_CLUSTERS	8

/**
 * struct member - a page of a cluster
 * @file: number of its file
 * @index: its offset there
 * @sum: its checksum
 */
struct member {
	u32 file;
	pgoff_t index;
	u64 sum;
};

/**
 * struct cluster - pages that are written together
 * @node: in the list of those that are free
 * @io: the write
 * @work: what is to be done after it
 * @area: where it goes
 * @first: the first slot
 * @room: slots it has
 * @nr: pages in it
 * @member: they
 * @bvec: the same, for the write
 * @bounce: pages of its own, for what has to be unpacked; NULL where one has
 *	become a guest's and there was no other
 *
 * There are %NR_CLUSTERS of them, made with the first area, for good.
 */
struct cluster {
	struct list_head node;
	struct dr_io io;
	struct work_struct work;
	struct dr_area *area;
	u64 first;
	unsigned int room;
	unsigned int nr;
	struct member member[CLUSTER_PAGES];
	struct bio_vec bvec[CLUSTER_PAGES];
	struct page *bounce[CLUSTER_PAGES];
};

static struct workqueue_struct *cluster_wq;

/* Guards the list of free clusters. */
static DEFINE_SPINLOCK(free_lock);
static LIST_HEAD(free_clusters);
static unsigned int nr_free, nr_clusters;
static DECLARE_WAIT_QUEUE_HEAD(free_wait);

/* The pager's alone. */
static struct cluster *open_cluster;

static struct page *member_page(struct cluster *c, unsigned int i)
{
	return c->bvec[i].bv_page;
}

/* A page of the cluster's own, or the guest's former one? */
static bool is_bounce(struct cluster *c, unsigned int i)
{
	return member_page(c, i) == c->bounce[i];
}

static void cluster_release(struct cluster *c)
{
	unsigned long flags;

	spin_lock_irqsave(&free_lock, flags);
	list_add(&c->node, &free_clusters);
	nr_free++;
	spin_unlock_irqrestore(&free_lock, flags);
	wake_up_all(&free_wait);
}

static struct cluster *cluster_get(void)
{
	struct cluster *c;
	unsigned long flags;

	spin_lock_irqsave(&free_lock, flags);
	c = list_first_entry_or_null(&free_clusters, struct cluster, node);
	if (c) {
		list_del(&c->node);
		nr_free--;
	}
	spin_unlock_irqrestore(&free_lock, flags);
	return c;
}

static void member_written(struct cluster *c, unsigned int i)
{
	dr_area_written(c->area, c->first + i, c->member[i].sum);
	if (!is_bounce(c, i))
		put_page(member_page(c, i));
}

static bool is_starved(const struct cluster *c)
{
	return dr_io_is_shortage(c->io.result);
}

/* Give a page back to its entry. Return true if it is the guest's now. */
static bool restore(struct cluster *c, unsigned int i, struct page *page)
{
	struct dr_entry e = dr_handle_slot(c->area->id, c->first + i);
	struct dr_gmem *gm = dr_files_find(c->member[i].file);

	if (!gm)
		return false;
	if (dr_swapped_restore(gm, c->member[i].index, e, &page)) {
		/* The entry leads there no more. */
		dr_area_give(c->area, c->first + i);
		atomic_long_dec(&gm->swapped.disk);
		dr_count(gm->guest, is_starved(c) ? DR_EV_SWAP_FULL :
						    DR_EV_SWAP_ERROR);
	}
	dr_gmem_unpin(gm);
	return !page;
}

static void member_failed(struct cluster *c, unsigned int i)
{
	struct page *page = dr_area_lost(c->area, c->first + i);
	bool bounce = is_bounce(c, i);
	bool taken = page && restore(c, i, page);

	dr_area_retire(c->area, c->first + i, !is_starved(c));
	if (taken && bounce)
		c->bounce[i] = alloc_page(GFP_NOWAIT | __GFP_NOWARN);
	else if (!taken && !bounce)
		put_page(member_page(c, i));
}

/* What the end of a write says about its area. */
static void note_end(const struct cluster *c)
{
	if (!c->io.result)
		dr_area_note_good(c->area);
	else if (is_starved(c))
		dr_area_note_starved(c->area);
	else
		dr_area_note_failed(c->area, c->io.result);
}

static void cluster_work(struct work_struct *work)
{
	struct cluster *c = container_of(work, struct cluster, work);
	unsigned int i;

	note_end(c);
	for (i = 0; i < c->nr; i++) {
		if (c->io.result)
			member_failed(c, i);
		else
			member_written(c, i);
	}
	cluster_release(c);
}

static void cluster_done(struct dr_io *io)
{
	queue_work(cluster_wq, &container_of(io, struct cluster, io)->work);
}

/**
 * dr_cluster_submit() - send off what has been collected
 *
 * Context: the pager; may sleep.
 */
void dr_cluster_submit(void)
{
	struct cluster *c = open_cluster;
	unsigned int i;

	if (!c)
		return;
	open_cluster = NULL;
	for (i = c->nr; i < c->room; i++)
		dr_area_give(c->area, c->first + i);
	if (!c->nr) {
		cluster_release(c);
		return;
	}
	c->io.file = c->area->file;
	c->io.write = true;
	c->io.slot = c->first;
	c->io.bvec = c->bvec;
	c->io.nr = c->nr;
	c->io.done = cluster_done;
	dr_io_start(&c->io);
}

/**
 * dr_cluster_open() - have a cluster with room for a page
 *
 * Context: the pager; may sleep, until an earlier write is done.
 * Return: 0; -ENOSPC when no area has a free slot; -ENOMEM when there are some,
 * but no memory to write to them.
 */
int dr_cluster_open(void)
{
	struct cluster *c = open_cluster;
	u64 room;

	if (c && c->nr < c->room)
		return 0;
	dr_cluster_submit();
	if (!dr_areas_have_room())
		return -ENOSPC;
	wait_event(free_wait, (c = cluster_get()));
	c->nr = 0;
	c->area = dr_area_take(CLUSTER_PAGES, &c->first, &room);
	if (!c->area) {
		cluster_release(c);
		return dr_areas_have_room() ? -ENOMEM : -ENOSPC;
	}
	c->room = room;
	open_cluster = c;
	return 0;
}

/**
 * dr_cluster_bounce() - where to unpack the page that is added next
 *
 * Return: the page, or NULL.
 */
struct page *dr_cluster_bounce(void)
{
	struct cluster *c = open_cluster;

	if (!c->bounce[c->nr])
		c->bounce[c->nr] = alloc_page(GFP_NOWAIT | __GFP_NOWARN);
	return c->bounce[c->nr];
}

/**
 * dr_cluster_add() - put a page into the open cluster
 * @gm: its file
 * @index: its offset
 * @page: the page, which nobody can write to: the caller's, who gives his
 *	reference away, or dr_cluster_bounce()
 *
 * Return: the entry that it is found by from now on.
 */
struct dr_entry dr_cluster_add(struct dr_gmem *gm, pgoff_t index,
			       struct page *page)
{
	struct cluster *c = open_cluster;
	u64 slot = c->first + c->nr;

	c->member[c->nr] = (struct member){
		.file = gm->id,
		.index = index,
		.sum = dr_area_sum(c->area, slot, page),
	};
	bvec_set_page(&c->bvec[c->nr], page, PAGE_SIZE, 0);
	dr_area_put_page(c->area, slot, page);
	c->nr++;
	atomic_long_inc(&gm->swapped.disk);
	return dr_handle_slot(c->area->id, slot);
}

static void cluster_free(struct cluster *c)
{
	unsigned int i;

	for (i = 0; i < CLUSTER_PAGES; i++)
		if (c->bounce[i])
			__free_page(c->bounce[i]);
	kfree(c);
}

static struct cluster *cluster_alloc(void)
{
	struct cluster *c = kzalloc(sizeof(*c), GFP_KERNEL);
	unsigned int i;

	if (!c)
		return NULL;
	INIT_WORK(&c->work, cluster_work);
	for (i = 0; i < CLUSTER_PAGES; i++) {
		c->bounce[i] = alloc_page(GFP_KERNEL);
		if (!c->bounce[i]) {
			cluster_free(c);
			return NULL;
		}
	}
	return c;
}

/**
 * dr_clusters_make() - set aside what writes need
 *
 * Context: may sleep; one caller at a time.
 * Return: 0 or -ENOMEM.
 */
int dr_clusters_make(void)
{
	struct cluster *c;

	while (nr_clusters < NR_CLUSTERS) {
		c = cluster_alloc();
		if (!c)
			return -ENOMEM;
		nr_clusters++;
		cluster_release(c);
	}
	return 0;
}

int dr_cluster_init(void)
{
	cluster_wq = alloc_workqueue("denseram_cluster",
				     WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	return cluster_wq ? 0 : -ENOMEM;
}

/* The pager is gone, and no area is left. */
void dr_cluster_exit(void)
{
	struct cluster *c;

	/* Writes of pages that nobody waits for may be under way. */
	wait_event(free_wait, READ_ONCE(nr_free) == nr_clusters);
	destroy_workqueue(cluster_wq);
	while ((c = cluster_get()))
		cluster_free(c);
}
