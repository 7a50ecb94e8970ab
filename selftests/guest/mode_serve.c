// SPDX-License-Identifier: GPL-2.0-only
/*
 * serve: requests come at a rate of their own, whether the one before is done or not,
 * and each of them checks or rewrites some pages of a working set.
 *
 * A request's latency counts from when it was due, not from when it was begun: one
 * that takes long makes those behind it late, and they must show that. A client
 * gives up after a second, and such a request was asked for and not done. So a guest
 * that is too slow loses requests, rather than making up for them later.
 *
 * With burst=MIB it takes so much memory besides, for a part (duty) of each period:
 * pages are written one after another, then used as the working set is, and all are
 * given back at the end. Periods go by the wall clock, so that the host can have
 * guests take turns (offset); or, from the words "burst on" and "burst off" on the
 * console on, as these say.
 *
 * With age=1 it uses all memory once before it begins, as any machine has that was up
 * for long: what is free then has been touched.
 *
 * At the word "wake" on the console all of the memory is checked at once: how long
 * does a guest take whose memory was taken away while it was idle?
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "workload.h"

#define PAGES		32u	/* of a request */
#define GIVE_UP_S	1.0
#define NAP_S		0.1	/* soon enough to see that it should stop */
#define AGE_LEAVES_MIB	24u
/* Seeds of guests that run together differ by little: no content is another's */
#define AGE_SEED	0x800000u

/* One for each worker; it goes with the process. */
struct serve {
	double due;		/* of the next request, by now_s(); 0: not begun */
	size_t ws;		/* units, from the first on */
	size_t base;		/* units that are there all the time */
	size_t filled;		/* behind them, in a burst */
};

static size_t units_of(const struct worker *w, size_t mib)
{
	return mib * MIB / w->arena.unit / w->opt->threads;
}

/* The guest's kernel has it all back afterwards, with something in it */
static void use_all_once(const struct worker *w)
{
	size_t mib = meminfo_kib("MemAvailable") / 1024, i;
	struct arena all;

	/* As a guest only: a machine that is used would miss it */
	if (getpid() != 1 || mib <= AGE_LEAVES_MIB ||
	    arena_init(&all, (mib - AGE_LEAVES_MIB) * MIB, UNIT_PAGE))
		return;
	for (i = 0; i < all.nr; i++)
		pattern_fill(arena_at(&all, i), UNIT_PAGE / 8,
			     (struct desc) { .id = i, .kind = KIND_TEXT },
			     w->seed + AGE_SEED);
	arena_exit(&all);
}

static int serve_setup(struct worker *w)
{
	size_t burst = units_of(w, w->opt->burst_mib), i;
	struct serve *s = calloc(1, sizeof(*s));

	if (!s || !w->opt->rate || burst >= w->arena.nr) {
		report_error("serve needs a rate, and memory beyond its bursts");
		return -1;
	}
	w->priv = s;
	s->base = w->arena.nr - burst;
	s->ws = units_of(w, w->opt->ws_mib);
	if (!s->ws || s->ws > s->base)
		s->ws = s->base;
	if (w->opt->age && !w->index)
		use_all_once(w);
	for (i = 0; i < s->base; i++) {
		uint32_t id = w->arena.first_id + i;

		arena_write(w, i, (struct desc) {
			.id = id,
			.kind = fill_kind(w->opt, id),
		});
	}
	return 0;
}

static bool in_burst(const struct options *opt)
{
	struct timespec ts;
	double at;

	if (!opt->burst_mib)
		return false;
	if (burst_told)
		return burst_told == BURST_ON;
	clock_gettime(CLOCK_REALTIME, &ts);
	at = fmod(ts.tv_sec + ts.tv_nsec / 1e9 + opt->offset, opt->period);
	return at * 100 < (double)opt->period * opt->duty;
}

/* What was there before is checked, too, or damage to it would go unseen */
static void use_page(struct worker *w, size_t i)
{
	struct desc d = w->arena.desc[i];

	if (!arena_check(w, i) || rng_next(&w->rng) % 100 >= w->opt->write)
		return;
	d.ver++;
	d.kind = unique_kind(w->opt);
	arena_write(w, i, d);
}

static void use_burst(struct worker *w, struct serve *s)
{
	size_t i = s->base + s->filled;

	if (i == w->arena.nr) {
		use_page(w, s->base + rng_next(&w->rng) % s->filled);
		return;
	}
	arena_write(w, i, (struct desc) {
		.id = w->arena.first_id + i,
		.ver = w->ops & 0xffffff,
		.kind = unique_kind(w->opt),
	});
	s->filled++;
}

static void give_back(struct worker *w, struct serve *s)
{
	struct arena *a = &w->arena;
	size_t i;

	madvise(arena_at(a, s->base), s->filled * a->unit, MADV_DONTNEED);
	for (i = s->base; i < s->base + s->filled; i++)
		a->desc[i].kind = KIND_NONE;
	s->filled = 0;
}

static void request(struct worker *w, struct serve *s)
{
	bool burst = in_burst(w->opt);
	unsigned int n;

	if (!burst && s->filled)
		give_back(w, s);
	for (n = 0; n < PAGES; n++) {
		if (burst)
			use_burst(w, s);
		else
			use_page(w, rng_next(&w->rng) % s->ws);
	}
}

/* Neither in step with others nor at once with them: half a gap to one and a half */
static void ask_next(struct worker *w, struct serve *s)
{
	double part = (rng_next(&w->rng) >> 11) / (double)(1ull << 53);

	w->asked++;
	s->due += (0.5 + part) * w->opt->threads / w->opt->rate;
}

static void wake(struct worker *w)
{
	double asked = w->index ? 0 : atomic_exchange(&wake_asked_s, 0);

	if (!asked)
		return;
	arena_check_all(w);
	report_wake(now_s() - asked);
}

static unsigned int serve_step(struct worker *w)
{
	struct serve *s = w->priv;
	double now = now_s();

	wake(w);
	if (!s->due)
		s->due = now;
	if (now < s->due) {
		sleep_s(s->due - now < NAP_S ? s->due - now : NAP_S);
		return 0;
	}
	if (now - s->due > GIVE_UP_S) {
		ask_next(w, s);
		return 0;
	}
	request(w, s);
	latency_add(w, now_s() - s->due);
	ask_next(w, s);
	return 1;
}

const struct mode mode_serve = {
	.name = "serve",
	.setup = serve_setup,
	.step = serve_step,
	.paced = true,
	.verify = 0,
};
