// SPDX-License-Identifier: GPL-2.0-only
/*
 * The compressors, and the places to compress at: one for each CPU, locked
 * while it is in use, so that whoever moves to another CPU meanwhile does no
 * harm. A page remembers its compressor, so another one may be chosen at any
 * time.
 */
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>

#include "comp.h"
#include "swap.h"

static const struct dr_comp_ops *const comps[] = {
	&dr_comp_lz4,		/* the default */
	&dr_comp_zstd,
};

static_assert(ARRAY_SIZE(comps) <= 16, "a page keeps the number in four bits");

/**
 * struct seat - a stream with what comp.c alone knows of it
 * @stream: what is given out
 * @lock: held by whoever uses it
 * @ctx: by compressor; made when it is chosen for the first time
 */
struct seat {
	struct dr_stream stream;
	struct mutex lock;	/* held while in use */
	void *ctx[ARRAY_SIZE(comps)];
};

static struct seat *seats;
static unsigned int nr_seats;
static unsigned int current_comp;

/* One change of the compressor at a time. */
static DEFINE_MUTEX(select_lock);

static struct seat *seat_of(struct dr_stream *stream)
{
	return container_of(stream, struct seat, stream);
}

/**
 * dr_stream_get() - have a place to compress at
 *
 * Context: may sleep, until another user of it is done, who waits for nobody.
 * Return: the place, for dr_stream_put().
 */
struct dr_stream *dr_stream_get(void)
{
	struct seat *seat = &seats[raw_smp_processor_id() % nr_seats];

	mutex_lock(&seat->lock);
	return &seat->stream;
}

void dr_stream_put(struct dr_stream *stream)
{
	mutex_unlock(&seat_of(stream)->lock);
}

/**
 * dr_comp_compress() - compress a page
 * @stream: from dr_stream_get()
 * @comp: number of the compressor, which was the current one at some time
 * @src: the page
 * @dst: where to
 * @room: bytes there
 *
 * Return: the length, or -E2BIG.
 */
int dr_comp_compress(struct dr_stream *stream, unsigned int comp,
		     const void *src, void *dst, size_t room)
{
	return comps[comp]->compress(seat_of(stream)->ctx[comp], src, dst,
				     room);
}

/**
 * dr_comp_decompress() - the way back
 * @stream: from dr_stream_get()
 * @comp: number of the compressor
 * @src: what it made
 * @len: bytes of it
 * @dst: the page
 *
 * Return: 0, or -EIO when it is damaged.
 */
int dr_comp_decompress(struct dr_stream *stream, unsigned int comp,
		       const void *src, size_t len, void *dst)
{
	if (comp >= ARRAY_SIZE(comps) || !seat_of(stream)->ctx[comp])
		return -EIO;
	return comps[comp]->decompress(seat_of(stream)->ctx[comp], src, len,
				       dst);
}

/* The compressor in use. */
unsigned int dr_comp_current(void)
{
	return READ_ONCE(current_comp);
}

/* Its name; NULL when there is none of that number. */
const char *dr_comp_name(unsigned int comp)
{
	return comp < ARRAY_SIZE(comps) ? comps[comp]->name : NULL;
}

static int find_comp(const char *name)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(comps); i++)
		if (sysfs_streq(comps[i]->name, name))
			return i;
	return -EINVAL;
}

/* Contexts of a compressor at all seats. What there is stays. */
static int make_contexts(unsigned int comp)
{
	unsigned int i;
	void *ctx;

	for (i = 0; i < nr_seats; i++) {
		if (seats[i].ctx[comp])
			continue;
		ctx = comps[comp]->create();
		if (!ctx)
			return -ENOMEM;
		mutex_lock(&seats[i].lock);
		seats[i].ctx[comp] = ctx;
		mutex_unlock(&seats[i].lock);
	}
	return 0;
}

/**
 * dr_comp_select() - choose the compressor for pages to come
 * @name: its name; a final newline is fine
 *
 * Context: may sleep.
 * Return: 0, -EINVAL for an unknown name, or -ENOMEM.
 */
int dr_comp_select(const char *name)
{
	int comp = find_comp(name);
	int err;

	if (comp < 0)
		return comp;
	mutex_lock(&select_lock);
	err = make_contexts(comp);
	if (!err)
		WRITE_ONCE(current_comp, comp);
	mutex_unlock(&select_lock);
	return err;
}

static void seat_free(struct seat *seat)
{
	unsigned int comp;

	for (comp = 0; comp < ARRAY_SIZE(comps); comp++)
		if (seat->ctx[comp])
			comps[comp]->destroy(seat->ctx[comp]);
	kfree(seat->stream.buf);
}

void dr_comp_exit(void)
{
	while (nr_seats)
		seat_free(&seats[--nr_seats]);
	kfree(seats);
	seats = NULL;
}

/**
 * dr_comp_init() - make the places, and the default compressor ready
 *
 * Return: 0 or -ENOMEM.
 */
int dr_comp_init(void)
{
	unsigned int nr = num_online_cpus();
	int err = -ENOMEM;

	seats = kcalloc(nr, sizeof(*seats), GFP_KERNEL);
	if (!seats)
		return -ENOMEM;
	for (nr_seats = 0; nr_seats < nr; nr_seats++) {
		struct seat *seat = &seats[nr_seats];

		mutex_init(&seat->lock);
		seat->stream.buf = kmalloc(3 * PAGE_SIZE, GFP_KERNEL);
		if (!seat->stream.buf)
			break;
		seat->stream.page = seat->stream.buf + 2 * PAGE_SIZE;
	}
	if (nr_seats == nr)
		err = make_contexts(0);
	if (err)
		dr_comp_exit();
	return err;
}
