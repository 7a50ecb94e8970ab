// SPDX-License-Identifier: GPL-2.0-only
/*
 * zipf: a key-value store with get and set, keys drawn zipf(0.99) as YCSB
 * does (Gray et al., "Quickly generating billion-record synthetic
 * databases"). Each get compares the whole value with the version last set,
 * which finds lost and torn updates as well as damaged bytes.
 */
#include <math.h>
#include <stdlib.h>

#include "workload.h"

#define BATCH	16
#define THETA	0.99
#define EXACT	4096	/* terms of zeta summed one by one */

struct zipf {
	double zetan, alpha, eta, half;
	size_t n;
	size_t stride;	/* coprime to n: spreads hot keys over the pages */
};

/* sum of 1 / i^THETA, its tail by the Euler-Maclaurin formula */
static double zeta(size_t n)
{
	size_t exact = n < EXACT ? n : EXACT;
	double sum = 0, e = 1 - THETA;
	size_t i;

	for (i = 1; i <= exact; i++)
		sum += pow(i, -THETA);
	if (n > exact)
		sum += (pow(n, e) - pow(exact, e)) / e +
		       (pow(n, -THETA) - pow(exact, -THETA)) / 2;
	return sum;
}

static size_t gcd(size_t a, size_t b)
{
	while (b) {
		size_t t = a % b;

		a = b;
		b = t;
	}
	return a;
}

static void zipf_init(struct zipf *z, size_t n)
{
	z->n = n;
	z->zetan = zeta(n);
	z->alpha = 1 / (1 - THETA);
	z->half = 1 + pow(0.5, THETA);
	z->eta = (1 - pow(2.0 / n, 1 - THETA)) /
		 (1 - z->half / z->zetan);
	z->stride = n * 0.618;
	while (z->stride < 2 || gcd(z->stride, n) != 1)
		z->stride++;
}

static size_t zipf_rank(const struct zipf *z, uint64_t r)
{
	double u = (r >> 11) / (double)(1ull << 53), uz = u * z->zetan;
	size_t rank;

	if (uz < 1)
		return 0;
	if (uz < z->half)
		return 1;
	rank = z->n * pow(z->eta * u - z->eta + 1, z->alpha);
	return rank < z->n ? rank : z->n - 1;
}

static int zipf_setup(struct worker *w)
{
	struct zipf *z = malloc(sizeof(*z));

	if (!z || w->arena.nr < 2) {
		free(z);
		report_error("zipf needs more memory");
		return -1;
	}
	zipf_init(z, w->arena.nr);
	w->priv = z;
	fill_plain(w, unique_kind(w->opt));
	return 0;
}

static void zipf_set(struct worker *w, size_t slot)
{
	struct desc d = w->arena.desc[slot];

	if (d.kind == KIND_BAD)
		return;
	d.ver++;
	arena_write(w, slot, d);
}

static unsigned int zipf_step(struct worker *w)
{
	const struct zipf *z = w->priv;
	unsigned int n;

	latency_begin(w);
	for (n = 0; n < BATCH; n++) {
		size_t key = zipf_rank(z, rng_next(&w->rng));
		size_t slot = key * z->stride % z->n;

		if (rng_next(&w->rng) % 100 < w->opt->write)
			zipf_set(w, slot);
		else
			arena_check(w, slot);
		latency_note(w);
	}
	return BATCH;
}

const struct mode mode_zipf = {
	.name = "zipf",
	.setup = zipf_setup,
	.step = zipf_step,
	.verify = 5,
	.small_units = true,
};
