/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_PROMISE_H
#define _DR_PROMISE_H

#include "denseram.h"

struct dr_limits;

/**
 * struct dr_promise - what the host has promised a guest, in bytes
 * @size: sum of the sizes of its files
 * @memory: dr_admit_memory() of it
 * @swap: dr_admit_swap() of it
 *
 * One in each guest, all zero until a file of it has a size, and again when the
 * last one is gone. Changes together with the sums over all guests, under the
 * guest's lock and the one of the sums.
 */
struct dr_promise {
	u64 size;
	u64 memory;
	u64 swap;
};

int dr_promise_grow(struct dr_gmem *gm, loff_t size);
void dr_promise_trim(struct dr_gmem *gm, loff_t size);
int dr_promise_limits(struct dr_guest *guest, const struct dr_limits *limits);

void dr_promise_set_strict(bool strict);
bool dr_promise_lacks_swap(void);
void dr_promise_fill(struct dr_admission_status *s);
int dr_promise_recount(void);

#endif /* _DR_PROMISE_H */
