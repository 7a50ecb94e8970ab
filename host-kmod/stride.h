/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A walk that meets each of n things once, in an order that looks like chance
 * and differs from pass to pass: random sampling without putting back. Pure.
 */
#ifndef _DR_STRIDE_H
#define _DR_STRIDE_H

#include "pure.h"

/**
 * struct dr_stride - a walk over 0 to @nr - 1
 * @nr: how many there are
 * @step: from one to the next, without common divisor with @nr
 * @at: where the walk is
 * @left: how many are still to come
 */
struct dr_stride {
	u64 nr;
	u64 step;
	u64 at;
	u64 left;
};

static inline u64 dr_gcd(u64 a, u64 b)
{
	while (b) {
		u64 rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/**
 * dr_stride_start() - begin a walk
 * @s: the walk
 * @nr: how many things; 0 makes a walk that is over
 * @random: decides about order and start
 */
static inline void dr_stride_start(struct dr_stride *s, u64 nr, u64 random)
{
	s->nr = nr;
	s->left = nr;
	if (!nr)
		return;
	s->at = random % nr;
	s->step = (random >> 32) % nr;
	/* Ends at 1 or before: nr and 1 have no common divisor. */
	while (dr_gcd(s->step, nr) != 1)
		s->step = s->step ? s->step - 1 : 1;
}

/**
 * dr_stride_next() - the next thing
 * @s: a walk that is not over
 *
 * Return: its number.
 */
static inline u64 dr_stride_next(struct dr_stride *s)
{
	u64 at = s->at;

	s->at = (s->at + s->step) % s->nr;
	s->left--;
	return at;
}

#endif /* _DR_STRIDE_H */
