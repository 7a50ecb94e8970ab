// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: The compressed pool
 *
 * The first tier: pages that nobody has touched for a while, compressed, in
 * the host's memory. zsmalloc keeps such odd sizes with little waste. An entry
 * names its object directly, by the allocator's handle and the length, so
 * that there is no table to look it up in: a compressed page costs its bytes,
 * the entry it has anyway, and the allocator's handle of 8 bytes.
 *
 * The pool has a limit, a fifth of the host's memory unless an administrator
 * says otherwise. Near the limit its oldest pages move on to a swap area, if there
 * is one; at the limit it takes no more pages.
 *
 * Memory of the pool is charged to no memory cgroup: who paid for the page
 * pays no more once it is compressed.
 */
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/io.h>
#include <linux/kmemleak.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/zsmalloc.h>

#include "comp.h"
#include "gmem.h"
#include "out.h"
#include "packed.h"
#include "note.h"
#include "pool.h"
#include "swap.h"

/* Part of the host's memory the pool may take when nobody has set a limit. */
#define LIMIT_DEFAULT_PERCENT	20

/* No reclaim: whoever stores a page holds it, and is there to free memory. */
#define POOL_GFP	(__GFP_NOWARN | __GFP_KSWAPD_RECLAIM |		\
			 __GFP_HIGHMEM | __GFP_MOVABLE)

/**
 * struct packed - an object: this, then the compressed bytes
 * @len: how many of them
 * @comp: their compressor
 * @returns: of the page, before it went: see note.h
 * @gen: the generation they belong to
 */
struct packed {
	u16 len;
	u8 comp : 4;
	u8 returns : 4;
	u8 gen;
};

static_assert(sizeof(struct packed) + DR_COMP_MAX <= PAGE_SIZE,
	      "an object is smaller than a page");

static struct zs_pool *pool;
static u64 limit_bytes;

/* Pages in the pool. */
static atomic_long_t nr_pages = ATOMIC_LONG_INIT(0);

/*
 * Pages come to the pool in generations, each a sixteenth of it, and a page's
 * age is counted in them. The numbers wrap around: a page that has seen 255
 * generations holds up the count, and then is no older than that.
 */
#define NR_GENS		256
#define GEN_PARTS	16

static atomic_long_t gen_pages[NR_GENS];
static u8 gen_now;
static atomic_long_t gen_fresh = ATOMIC_LONG_INIT(0);

/* Another page of the present generation: is it large enough? */
static void gen_grow(void)
{
	u8 next = READ_ONCE(gen_now) + 1;
	long enough = max(atomic_long_read(&nr_pages) / GEN_PARTS, 256L);

	if (atomic_long_inc_return(&gen_fresh) < enough ||
	    atomic_long_read(&gen_pages[next]))
		return;
	atomic_long_set(&gen_fresh, 0);
	WRITE_ONCE(gen_now, next);
}

static unsigned int gen_age(u8 gen)
{
	return (u8)(READ_ONCE(gen_now) - gen);
}

/**
 * dr_pool_cutoff() - how old are the oldest pages?
 * @want: of how many one wants to know
 *
 * Return: the age that the @want oldest pages of the pool have, or more.
 */
unsigned int dr_pool_cutoff(unsigned long want)
{
	unsigned long sum = 0;
	unsigned int age;
	u8 now = READ_ONCE(gen_now);

	for (age = NR_GENS - 1; age; age--) {
		sum += atomic_long_read(&gen_pages[(u8)(now - age)]);
		if (sum >= want)
			break;
	}
	return age;
}

static unsigned long handle_of(unsigned long id)
{
	return (unsigned long)__va(dr_packed_address(id));
}

u64 dr_pool_limit(void)
{
	return READ_ONCE(limit_bytes);
}

/* What the pool takes, in bytes. */
u64 dr_pool_memory(void)
{
	return (u64)zs_get_total_pages(pool) << PAGE_SHIFT;
}

/* What the pool may grow by, in bytes. */
u64 dr_pool_room(void)
{
	u64 limit = dr_pool_limit(), memory = dr_pool_memory();

	return limit > memory ? limit - memory : 0;
}

/*
 * Room enough to begin anew after the pool was full: a page at a time would
 * have its guest wait for each.
 */
static bool has_much_room(void)
{
	return dr_pool_memory() < dr_pool_limit() / 16 * 15;
}

/**
 * dr_pool_set_limit() - how much memory the pool may take
 * @bytes: so much; 0: none, so that pages go to the second tier at once.
 *	What is in the pool beyond the limit stays until it is asked for
 */
void dr_pool_set_limit(u64 bytes)
{
	WRITE_ONCE(limit_bytes, bytes);
	if (has_much_room())
		dr_pager_note_room();
}

/* Should older pages make room? */
bool dr_pool_is_filling(void)
{
	return dr_pool_memory() > dr_pool_limit() / 16 * 15;
}

/* Compress to the stream's buffer. Return the object's length or an error. */
static int pack(struct dr_stream *stream, struct page *page,
		unsigned int returns)
{
	struct packed *head = (struct packed *)stream->buf;
	unsigned int comp = dr_comp_current();
	void *bytes = kmap_local_page(page);
	int len = dr_comp_compress(stream, comp, bytes, head + 1,
				   DR_COMP_MAX);

	kunmap_local(bytes);
	if (len < 0)
		return len;
	*head = (struct packed){
		.len = len,
		.comp = comp,
		.returns = returns,
		.gen = READ_ONCE(gen_now),
	};
	len += sizeof(*head);
	/* What pads the object must not be somebody else's bytes. */
	memset(stream->buf + len, 0, DR_PACKED_UNIT);
	return round_up(len, DR_PACKED_UNIT);
}

/* Put an object into the pool. */
static int keep(const u8 *object, size_t len, unsigned long *id)
{
	unsigned long handle = dr_zs_malloc(pool, len, POOL_GFP);

	if (IS_ERR_VALUE(handle) || !handle)
		return -ENOMEM;
	if (!dr_packed_make(__pa(handle), len, id)) {
		zs_free(pool, handle);
		return -ENOMEM;
	}
	/* Nothing points to a handle: @id is a number. The pool itself tells leaks. */
	kmemleak_not_leak((void *)handle);
	dr_zs_write(pool, handle, (void *)object, len);
	return 0;
}

static void count(struct dr_gmem *gm, long pages, long bytes)
{
	atomic_long_add(pages, &nr_pages);
	atomic_long_add(pages, &gm->swapped.pool);
	atomic_long_add(bytes, &gm->swapped.pool_bytes);
}

/**
 * dr_pool_store() - compress a page and keep it
 * @gm: the file it belongs to
 * @page: the page; nobody can write to it
 * @returns: what is known of its returns
 * @id: out: what to find it by
 *
 * Context: may sleep, but for no memory.
 * Return: 0; -E2BIG when it does not get smaller; -ENOSPC when the pool is at
 * its limit; -ENOMEM.
 */
int dr_pool_store(struct dr_gmem *gm, struct page *page, unsigned int returns,
		  unsigned long *id)
{
	struct dr_stream *stream;
	int len, err;
	u8 gen;

	if (!dr_pool_room())
		return -ENOSPC;
	stream = dr_stream_get();
	len = pack(stream, page, returns);
	gen = ((struct packed *)stream->buf)->gen;
	err = len < 0 ? len : keep(stream->buf, len, id);
	dr_stream_put(stream);
	if (err)
		return err;
	count(gm, 1, dr_packed_length(*id));
	atomic_long_inc(&gen_pages[gen]);
	gen_grow();
	return 0;
}

/**
 * dr_pool_fits() - does a page get smaller when it is compressed?
 * @page: the page, which may be written to meanwhile: it is about its bytes of a
 *	moment
 *
 * Context: may sleep, but for no memory.
 * Return: true if so.
 */
bool dr_pool_fits(struct page *page)
{
	struct dr_stream *stream = dr_stream_get();
	int len;

	/* A compressor may rely on bytes that stay as they are. */
	memcpy_from_page(stream->page, page, 0, PAGE_SIZE);
	len = dr_comp_compress(stream, dr_comp_current(), stream->page,
			       stream->buf, DR_COMP_MAX);
	dr_stream_put(stream);
	return len >= 0;
}

static int unpack(struct dr_stream *stream, const void *object, size_t room,
		  void *dst)
{
	const struct packed *head = object;

	if (head->len > room - sizeof(*head))
		return -EIO;
	return dr_comp_decompress(stream, head->comp, head + 1, head->len,
				  dst);
}

/**
 * dr_pool_load() - the bytes of a page in the pool
 * @id: what dr_pool_store() gave; stays good
 * @dst: where they go
 *
 * Context: may sleep, but for no memory.
 * Return: 0, or -EIO when the object is damaged.
 */
int dr_pool_load(unsigned long id, struct page *dst)
{
	struct dr_stream *stream = dr_stream_get();
	size_t len = dr_packed_length(id);
	void *bytes = kmap_local_page(dst);
	void *object;
	int err;

	object = dr_zs_read_begin(pool, handle_of(id), len, stream->buf);
	err = unpack(stream, object, len, bytes);
	dr_zs_read_end(pool, handle_of(id), len, object);
	kunmap_local(bytes);
	dr_stream_put(stream);
	return err;
}

static struct packed head_of(unsigned long id)
{
	struct dr_stream *stream = dr_stream_get();
	size_t len = dr_packed_length(id);
	struct packed head;
	void *object;

	object = dr_zs_read_begin(pool, handle_of(id), len, stream->buf);
	head = *(const struct packed *)object;
	dr_zs_read_end(pool, handle_of(id), len, object);
	dr_stream_put(stream);
	return head;
}

/**
 * dr_pool_age() - how long has a page been in the pool?
 * @id: what dr_pool_store() gave; stays good
 *
 * Return: generations.
 */
unsigned int dr_pool_age(unsigned long id)
{
	return gen_age(head_of(id).gen);
}

/**
 * dr_pool_returns() - what to say of the returns of a page that comes back now
 * @id: what dr_pool_store() gave; stays good
 *
 * It comes back soon if no more than a third of the pool has come after it, or so.
 *
 * Return: 0 to %DR_NOTE_RETURNS_MAX.
 */
unsigned int dr_pool_returns(unsigned long id)
{
	struct packed head = head_of(id);

	return dr_note_return(head.returns,
			      gen_age(head.gen) <= GEN_PARTS / 3);
}

/**
 * dr_pool_free() - forget a page in the pool
 * @gm: the file it belongs to
 * @id: what dr_pool_store() gave
 */
void dr_pool_free(struct dr_gmem *gm, unsigned long id)
{
	atomic_long_dec(&gen_pages[head_of(id).gen]);
	zs_free(pool, handle_of(id));
	count(gm, -1, -(long)dr_packed_length(id));
	if (unlikely(dr_swap_stuck()) && has_much_room())
		dr_pager_note_room();
}

/**
 * dr_pool_fill() - describe the pool
 * @s: its part is filled in
 */
void dr_pool_fill(struct dr_swap_status *s)
{
	s->pool_limit = dr_pool_limit();
	s->pool_memory = dr_pool_memory();
	strscpy(s->compressor, dr_comp_name(dr_comp_current()));
}

int dr_pool_init(void)
{
	pool = zs_create_pool("denseram");
	if (!pool)
		return -ENOMEM;
	limit_bytes = mul_u64_u32_div((u64)totalram_pages() << PAGE_SHIFT,
				      LIMIT_DEFAULT_PERCENT, 100);
	return 0;
}

void dr_pool_exit(void)
{
	WARN_ON_ONCE(atomic_long_read(&nr_pages));
	zs_destroy_pool(pool);
}
