/* SPDX-License-Identifier: GPL-2.0-only */
/* What every test of a pure file needs: cmocka, and random numbers. */
#ifndef HOST_TEST_H
#define HOST_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* xorshift64*: the same sequence on every machine, so a failure repeats. */
static inline uint64_t test_random(void)
{
	static uint64_t x = 0x9e3779b97f4a7c15;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	return x * 0x2545f4914f6cdd1d;
}

#endif /* HOST_TEST_H */
