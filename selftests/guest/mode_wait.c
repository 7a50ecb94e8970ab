// SPDX-License-Identifier: GPL-2.0-only
/*
 * wait: one thread checks pages of its memory, in an order like chance, and waits
 * for each as long as the host makes it wait. The others count as fast as they
 * can, and touch nothing: they tell whether the guest runs on meanwhile.
 *
 * Operations are those of the counting threads; what the first has checked is in
 * the bytes verified.
 */
#include "workload.h"

#define SPINS	100000u

static int wait_setup(struct worker *w)
{
	if (!w->index)
		fill_plain(w, KIND_UNIQUE);
	return 0;
}

static unsigned int wait_step(struct worker *w)
{
	volatile unsigned int spins = 0;

	if (!w->index) {
		arena_check(w, rng_next(&w->rng) % w->arena.nr);
		return 0;
	}
	while (spins < SPINS)
		spins++;
	return 1;
}

const struct mode mode_wait = {
	.name = "wait",
	.setup = wait_setup,
	.step = wait_step,
	.verify = 0,
};
