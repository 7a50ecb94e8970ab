/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands in for host-kmod/pure.h (same guard, included first by the compiler's
 * command line), so that the very same pure files compile in user space.
 */
#ifndef _DR_PURE_H
#define _DR_PURE_H

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <linux/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
/* As the kernel's u64, so that %llu fits; uint64_t is unsigned long. */
typedef unsigned long long u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#define BIT(nr)		(1UL << (nr))
#define BIT_ULL(nr)	(1ULL << (nr))
#define GENMASK(h, l)	((~0UL << (l)) & (~0UL >> (63 - (h))))
#define GENMASK_ULL(h, l) GENMASK(h, l)
#define S32_MAX		INT32_MAX
#define U32_MAX		UINT32_MAX
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static inline u64 mul_u64_u64_shr(u64 a, u64 b, unsigned int shift)
{
	return (__uint128_t)a * b >> shift;
}

/* snprintf() that returns what was written, not what would have been. */
__attribute__((format(printf, 3, 4)))
static inline int scnprintf(char *text, size_t len, const char *fmt, ...)
{
	va_list args;
	int nr;

	va_start(args, fmt);
	nr = vsnprintf(text, len, fmt, args);
	va_end(args);
	if (nr < 0 || !len)
		return 0;
	return (size_t)nr < len ? nr : (int)len - 1;
}

#endif /* _DR_PURE_H */
