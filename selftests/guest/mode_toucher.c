// SPDX-License-Identifier: GPL-2.0-only
/*
 * toucher: touch random pages of a working set, at a rate or at full speed. The
 * host may change its size meanwhile, by the word "ws MIB" on the console.
 *
 * One operation checks a page's name, its version and one more word, and a
 * write bumps the version. The rest of the arena stays cold: with verify=0
 * nothing touches it before the end.
 */
#include "workload.h"

#define BATCH 32

static size_t units_of(const struct worker *w, size_t ws_mib)
{
	return ws_mib * MIB / w->arena.unit / w->opt->threads;
}

static int toucher_setup(struct worker *w)
{
	size_t units = units_of(w, w->opt->ws_mib);

	if (units > w->arena.nr) {
		report_error("the working set is larger than mem");
		return -1;
	}
	w->priv = (void *)(units ? units : w->arena.nr);
	fill_plain(w, KIND_TOUCH);
	return 0;
}

static void touch(struct worker *w, size_t i, size_t word, bool write)
{
	struct desc *d = &w->arena.desc[i];
	struct pattern p = pattern_of(*d, w->seed);
	volatile uint64_t *mem = arena_at(&w->arena, i);

	if (d->kind == KIND_BAD)
		return;
	if (mem[0] != p.head)
		word = 0;
	else if (mem[1] != p.ver)
		word = 1;
	if (mem[word] != pattern_word(&p, word))
		arena_bad(w, i, word);
	else if (write)
		mem[1] = ++d->ver;
}

static unsigned int toucher_step(struct worker *w)
{
	size_t units = (size_t)w->priv, now = units_of(w, ws_mib_now);
	size_t words = w->arena.unit / sizeof(uint64_t);
	unsigned int n;

	if (now && now <= w->arena.nr)
		units = now;
	for (n = 0; n < BATCH; n++) {
		uint64_t r = rng_next(&w->rng);

		touch(w, (r >> 32) % units, (r & 0xffff) % words,
		      (r >> 16 & 0xffff) % 100 < w->opt->write);
	}
	return BATCH;
}

const struct mode mode_toucher = {
	.name = "toucher",
	.setup = toucher_setup,
	.step = toucher_step,
	.verify = 5,
};
