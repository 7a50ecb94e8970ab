// SPDX-License-Identifier: GPL-2.0-only
/* One thread: set-up, then operations and checks in turn until stopped */
#include <time.h>
#include <unistd.h>

#include "workload.h"

#define QUANTUM_S	0.01
#define CHECK_BATCH	16

atomic_bool stop_workers;
atomic_size_t ws_mib_now;
_Atomic double wake_asked_s;
atomic_int burst_told;

double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

void sleep_s(double s)
{
	struct timespec ts = { .tv_nsec = s * 1e9 };

	if (s > 0)
		nanosleep(&ts, NULL);
}

static void operate_until(struct worker *w, double start, double end)
{
	uint64_t rate = w->opt->rate / w->opt->threads;

	if (w->opt->rate && !rate)
		rate = 1;
	while (!stop_workers) {
		double now = now_s();

		if (now >= end)
			return;
		if (rate && w->ops >= rate * (now - start)) {
			sleep_s(end - now);
			return;
		}
		w->ops += w->mode->step(w);
	}
}

static void check_until(struct worker *w, double end)
{
	while (!stop_workers && now_s() < end)
		arena_check_some(w, CHECK_BATCH);
}

static void run_quantum(struct worker *w, double start)
{
	double now = now_s(), end = now + QUANTUM_S;
	double checks = QUANTUM_S * w->opt->verify / 100;

	check_until(w, now + checks);
	if (w->mode->step)
		operate_until(w, start, end);
	else
		sleep_s(end - now_s());
}

static int worker_setup(struct worker *w)
{
	double start = now_s();
	int err = w->mode->setup(w);

	w->setup_s = now_s() - start;
	if (!err && w->opt->corrupt == 2)
		arena_corrupt(w);
	return err;
}

void *worker_run(void *arg)
{
	struct worker *w = arg;
	double start;

	if (worker_setup(w)) {
		w->state = WORKER_FAILED;
		return NULL;
	}
	w->state = WORKER_READY;
	start = now_s();
	while (!stop_workers) {
		if (w->mode->paced)
			w->ops += w->mode->step(w);
		else
			run_quantum(w, start);
	}
	if (w->opt->corrupt == 1)
		arena_corrupt(w);
	arena_check_all(w);
	w->state = WORKER_DONE;
	return NULL;
}
