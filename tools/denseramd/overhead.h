/* SPDX-License-Identifier: GPL-2.0-only */
/* Whose VMM's own memory is paged out, and when. */
#ifndef DRD_OVERHEAD_H
#define DRD_OVERHEAD_H

#include <stdint.h>

#include "../lib/conf.h"

/* Start what does it. Before capabilities are given up. */
void overhead_start(void);

/* The descriptor to poll for reading; -1: there is none. */
int overhead_fd(void);
void overhead_readable(void);

/* When overhead_tick() is due, in milliseconds of now_ms(). */
uint64_t overhead_due(void);
void overhead_tick(const struct conf *conf, int device);

#endif /* DRD_OVERHEAD_H */
