/* SPDX-License-Identifier: GPL-2.0-only */
/* What tests of paging read and turn. */
#ifndef SELFTESTS_SWAP_H
#define SELFTESTS_SWAP_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>
#include <linux/denseram.h>

/* A figure of the host, in /sys/kernel/denseram/swap, and a knob there. */
__u64 swap_figure(const char *name);
int swap_set(const char *knob, const char *value);
bool swap_stop_is(const char *reason);
struct dr_swap_status swap_status(void);

/* Of the test's own guest. */
struct dr_guest_swap swap_guest(void);
/* Set its limit in bytes; 0 for none. */
void swap_limit(__u64 bytes);
/* The same, and wait until it keeps to it. False when it does not. */
bool swap_squeeze(__u64 bytes);
/* Have it paged out whole, as far as there is room. */
void swap_park(void);

/* Add a file or device; a negative errno, or its number. */
int swap_add(const char *path, int prio);
/* Remove an area: 0 or a negative errno. */
int swap_rm(int id);
/* Describe an area; false when there is none of that number. */
bool swap_area(int id, struct dr_swap_area *area);
/* Remove what a test before has left. */
void swap_rm_all(void);

/*
 * Fill pages with bytes that compress to about a third, each of them a
 * function of key and offset; and index of the first wrong byte, or -1.
 */
void soft_fill(void *buf, size_t len, __u64 offset, __u64 key);
ssize_t soft_bad(const void *buf, size_t len, __u64 offset, __u64 key);

#endif /* SELFTESTS_SWAP_H */
