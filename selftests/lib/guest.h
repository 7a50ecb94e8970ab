/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests that are a file each, for tests of the policy; and its knobs. */
#ifndef SELFTESTS_GUEST_H
#define SELFTESTS_GUEST_H

#include <pthread.h>

#include "gmem.h"

#define POLICY	SYSFS "/policy/"

/**
 * struct guest - a guest that is one file in the root of the mount
 * @name: the guest's
 * @size: bytes
 * @fd: the file
 * @map: mapped
 * @id: the guest's
 * @rough: words of each page that are unlike all others
 */
struct guest {
	const char *name;
	__u64 size;
	int fd;
	char *map;
	__u64 id;
	unsigned int rough;
};

/* Nothing of it is shared; remove it at the end, and see it gone. */
struct guest guest_open(const char *name, __u64 size);
void guest_close(struct guest *g);

/*
 * But for @rough words, each page is one word over and over: without any it costs
 * nothing when it is paged out.
 */
void guest_fill_page(struct guest *g, __u64 page);
void guest_fill(struct guest *g);
/* Write a page's first word again. */
void guest_touch_page(struct guest *g, __u64 page);
/* The first page from @page on with a wrong word, or -1. */
long guest_bad_page(const struct guest *g, __u64 page);

struct dr_guest_info guest_info(const struct guest *g);
__u64 guest_resident(const struct guest *g);
__u64 guest_event(const struct guest *g, enum dr_event event);
void guest_set(const struct guest *g, const char *limit, __u64 value);

/**
 * struct toucher - somebody who uses a guest's memory all the time
 * @guest: the guest, filled
 * @pages: the first so many are used; 0 for none
 * @burst: of them, so many by chance, then a rest; 0 for all in turn
 * @rng: for chance
 * @stop: end
 * @thread: what it runs in
 */
struct toucher {
	struct guest *guest;
	__u64 pages;
	unsigned int burst;
	struct rng rng;
	int stop;
	pthread_t thread;
};

void toucher_start(struct toucher *t, struct guest *g, __u64 pages,
		   unsigned int burst);
void toucher_stop(struct toucher *t);

/* Files of the policy: write one, 0 or a negative errno; and read a number. */
int policy_knob(const char *name, const char *value);
__u64 policy_figure(const char *name);
/* Is the host at the level named @arg? For poll_until(). */
bool policy_level_is(void *arg);
/*
 * All knobs at their defaults, except that stalls of the host make no level
 * worse: what a hog causes on its way is by chance. No swap areas.
 */
void policy_set_up(void);

#endif /* SELFTESTS_GUEST_H */
