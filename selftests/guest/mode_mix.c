// SPDX-License-Identifier: GPL-2.0-only
/*
 * mix: what a parallel build does to memory. Each thread runs one job after
 * another: it reads a source file and some headers, which many jobs read and
 * nobody writes; takes fresh memory, writes it, reads it back and gives it back;
 * and writes an object file, which is not read again soon.
 *
 * An operation is a page that was read or written; all that is read is checked.
 */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "workload.h"

#define SOURCE	32u	/* pages of a source file, read in sequence */
#define HEADER	4u
#define HEADERS	4u	/* that a job reads */
#define HEAP	64u	/* pages that a job takes and gives back */
#define OBJECT	8u

/* One half of the arena is sources, headers first; objects are behind the heap */
static size_t sources(const struct arena *a)
{
	return a->nr / 2;
}

static size_t objects(const struct arena *a)
{
	return sources(a) + HEAP;
}

static int mix_setup(struct worker *w)
{
	struct arena *a = &w->arena;
	size_t i;

	if (a->nr < 8 * (SOURCE + HEAP + OBJECT)) {
		report_error("mix needs more memory");
		return -1;
	}
	/* Pages given back one by one must not stay, as parts of a huge one */
	madvise(a->mem, a->nr * a->unit, MADV_NOHUGEPAGE);
	for (i = 0; i < a->nr; i++)
		if (i < sources(a) || i >= objects(a))
			arena_write(w, i, (struct desc) {
				.id = a->first_id + i,
				.kind = unique_kind(w->opt),
			});
	return 0;
}

/* A run of @len units, one of those that begin in [@from, @from + @nr - @len] */
static size_t some_run(struct worker *w, size_t from, size_t nr, size_t len)
{
	return from + rng_next(&w->rng) % (nr - len + 1);
}

static void read_run(struct worker *w, size_t at, size_t len)
{
	for (; len--; at++) {
		arena_check(w, at);
		latency_note(w);
	}
}

/* What was there before is checked, too, or damage to it would go unseen */
static void write_object(struct worker *w, size_t at, size_t len)
{
	for (; len--; at++) {
		struct desc d = w->arena.desc[at];

		if (arena_check(w, at)) {
			d.ver++;
			arena_write(w, at, d);
		}
		latency_note(w);
	}
}

static void use_heap(struct worker *w)
{
	struct arena *a = &w->arena;
	size_t i, at = sources(a);

	for (i = at; i < at + HEAP; i++) {
		arena_write(w, i, (struct desc) {
			.id = a->first_id + i,
			.ver = w->ops & 0xffffff,
			.kind = unique_kind(w->opt),
		});
		latency_note(w);
	}
	read_run(w, at, HEAP);
	madvise(arena_at(a, at), HEAP * a->unit, MADV_DONTNEED);
	for (i = at; i < at + HEAP; i++)
		a->desc[i].kind = KIND_NONE;
}

static unsigned int mix_step(struct worker *w)
{
	size_t nr = sources(&w->arena), i;

	latency_begin(w);
	read_run(w, some_run(w, nr / 8, nr - nr / 8, SOURCE), SOURCE);
	for (i = 0; i < HEADERS; i++)
		read_run(w, some_run(w, 0, nr / 8, HEADER), HEADER);
	use_heap(w);
	write_object(w, some_run(w, objects(&w->arena), w->arena.nr -
				 objects(&w->arena), OBJECT), OBJECT);
	return SOURCE + HEADERS * HEADER + 2 * HEAP + OBJECT;
}

const struct mode mode_mix = {
	.name = "mix",
	.setup = mix_setup,
	.step = mix_step,
	.verify = 0,
};
