/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands in for host-kmod/pure.h (same guard, included first by the compiler's
 * command line), so that the very same pure files compile in user space.
 */
#ifndef _DR_PURE_H
#define _DR_PURE_H

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#define BIT(nr)		(1UL << (nr))
#define BIT_ULL(nr)	(1ULL << (nr))
#define GENMASK(h, l)	((~0UL << (l)) & (~0UL >> (63 - (h))))
#define GENMASK_ULL(h, l) GENMASK(h, l)
#define S32_MAX		INT32_MAX
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static inline u64 mul_u64_u64_shr(u64 a, u64 b, unsigned int shift)
{
	return (__uint128_t)a * b >> shift;
}

#endif /* _DR_PURE_H */
