// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a unit of memory holds.
 *
 * Word 0 names the unit (kind, seed, id) and word 1 its version, so that the
 * report of a wrong page tells whose bytes were found there. All other words
 * are base + i * GOLDEN with a well mixed base: incompressible, unlike any
 * other unit, checked with one addition a word, and any single word can be
 * checked alone. KIND_TEXT has the base itself in five words of eight, so that
 * it gets to less than a half of its size, as memory in use commonly does.
 */
#include <string.h>

#include "workload.h"

#define GOLDEN 0x9e3779b97f4a7c15ull

uint64_t mix64(uint64_t x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9ull;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

uint64_t rng_next(uint64_t *state)
{
	*state += GOLDEN;
	return mix64(*state);
}

struct pattern pattern_of(struct desc d, uint64_t seed)
{
	struct pattern p;
	uint64_t salt;

	if (d.kind == KIND_SAME)
		seed = 0;
	salt = d.kind == KIND_TOUCH ? 0 : mix64(d.ver + 1);
	p.head = (uint64_t)d.kind << 56 | (seed & 0xffffff) << 32 | d.id;
	p.ver = d.ver;
	p.base = mix64(p.head ^ salt ^ mix64(seed));
	return p;
}

/* The head names the kind, too */
static bool repeats(const struct pattern *p, size_t i)
{
	return p->head >> 56 == KIND_TEXT && i % 8 >= 3;
}

uint64_t pattern_word(const struct pattern *p, size_t i)
{
	if (i == 0)
		return p->head;
	if (i == 1)
		return p->ver;
	return repeats(p, i) ? p->base : p->base + i * GOLDEN;
}

void pattern_fill(uint64_t *mem, size_t words, struct desc d, uint64_t seed)
{
	struct pattern p = pattern_of(d, seed);
	uint64_t word = p.base + 2 * GOLDEN;
	size_t i;

	if (d.kind == KIND_ZERO) {
		memset(mem, 0, words * sizeof(*mem));
		return;
	}
	mem[0] = p.head;
	mem[1] = p.ver;
	for (i = 2; i < words; i++, word += GOLDEN)
		mem[i] = repeats(&p, i) ? p.base : word;
}

static long check_zero(const uint64_t *mem, size_t words)
{
	size_t i;

	for (i = 0; i < words; i++)
		if (mem[i])
			return i;
	return -1;
}

long pattern_check(const uint64_t *mem, size_t words, struct desc d,
		   uint64_t seed)
{
	struct pattern p = pattern_of(d, seed);
	uint64_t word = p.base + 2 * GOLDEN;
	size_t i;

	if (d.kind == KIND_ZERO)
		return check_zero(mem, words);
	if (mem[0] != p.head)
		return 0;
	if (mem[1] != p.ver)
		return 1;
	for (i = 2; i < words; i++, word += GOLDEN)
		if (mem[i] != (repeats(&p, i) ? p.base : word))
			return i;
	return -1;
}
