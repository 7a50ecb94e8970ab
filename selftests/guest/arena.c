// SPDX-License-Identifier: GPL-2.0-only
/*
 * A piece of memory cut into units, with a descriptor of what each must hold.
 *
 * One thread owns an arena, so that no check can race with a write.
 */
#include <stdio.h>
#include <sys/mman.h>

#include "workload.h"

static void *map_anonymous(size_t bytes)
{
	void *mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return mem == MAP_FAILED ? NULL : mem;
}

int arena_init(struct arena *a, size_t bytes, size_t unit)
{
	a->unit = unit;
	a->nr = bytes / unit;
	a->cursor = 0;
	a->mem = map_anonymous(a->nr * unit);
	a->desc = map_anonymous(a->nr * sizeof(*a->desc));
	return a->nr && a->mem && a->desc ? 0 : -1;
}

void arena_exit(struct arena *a)
{
	munmap(a->mem, a->nr * a->unit);
	munmap(a->desc, a->nr * sizeof(*a->desc));
}

void *arena_at(const struct arena *a, size_t i)
{
	return a->mem + i * a->unit;
}

static size_t unit_words(const struct arena *a)
{
	return a->unit / sizeof(uint64_t);
}

static uint64_t unit_seed(const struct worker *w, struct desc d)
{
	return d.kind == KIND_DISK ? w->opt->dseed : w->seed;
}

void arena_write(struct worker *w, size_t i, struct desc d)
{
	struct arena *a = &w->arena;

	a->desc[i] = d;
	pattern_fill(arena_at(a, i), unit_words(a), d, unit_seed(w, d));
}

void arena_bad(struct worker *w, size_t i, size_t word)
{
	struct arena *a = &w->arena;
	struct desc d = a->desc[i];
	struct pattern p = pattern_of(d, unit_seed(w, d));
	uint64_t want = d.kind == KIND_ZERO ? 0 : pattern_word(&p, word);

	report_bad(arena_at(a, i), d, word * sizeof(uint64_t), want,
		   arena_at(a, i));
	a->desc[i].kind = KIND_BAD;
}

bool arena_check(struct worker *w, size_t i)
{
	struct arena *a = &w->arena;
	struct desc d = a->desc[i];
	long word;

	if (d.kind == KIND_NONE || d.kind == KIND_BAD)
		return d.kind == KIND_NONE;
	word = pattern_check(arena_at(a, i), unit_words(a), d,
			     unit_seed(w, d));
	w->verified += a->unit;
	if (word < 0)
		return true;
	arena_bad(w, i, word);
	return false;
}

void arena_check_some(struct worker *w, size_t max)
{
	struct arena *a = &w->arena;

	while (max--) {
		arena_check(w, a->cursor);
		if (++a->cursor == a->nr) {
			a->cursor = 0;
			w->sweeps++;
		}
	}
}

void arena_check_all(struct worker *w)
{
	w->arena.cursor = 0;
	arena_check_some(w, w->arena.nr);
}

void arena_corrupt(struct worker *w)
{
	struct arena *a = &w->arena;
	size_t i = rng_next(&w->rng) % a->nr;
	unsigned char *byte;

	while (a->desc[i].kind == KIND_NONE)
		i = (i + 1) % a->nr;
	byte = arena_at(a, i);
	byte += rng_next(&w->rng) % a->unit;
	*byte ^= 1u << (rng_next(&w->rng) % 8);
}
