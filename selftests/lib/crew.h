/* SPDX-License-Identifier: GPL-2.0-only */
/* Threads that work against each other for a while. */
#ifndef SELFTESTS_CREW_H
#define SELFTESTS_CREW_H

#include <pthread.h>
#include <stdbool.h>

#define CREW_MAX	16

/**
 * struct crew - threads with one end
 * @stop: set to end them
 * @nr: threads started
 * @threads: they
 */
struct crew {
	int stop;
	unsigned int nr;
	pthread_t threads[CREW_MAX];
};

void crew_add(struct crew *crew, void *(*fn)(void *arg), void *arg);
/* For the loops of the threads: has the end come, or a check failed? */
bool crew_goes_on(struct crew *crew);
/* Let them work for so long, or until a check fails, and collect them. */
void crew_work(struct crew *crew, unsigned int ms);
/*
 * The same, and then on until @done(@arg), for a minute at most: on a machine
 * that is too slow for @ms to be enough, what the test is about still happens.
 */
void crew_work_until(struct crew *crew, unsigned int ms,
		     bool (*done)(void *arg), void *arg);

#endif /* SELFTESTS_CREW_H */
