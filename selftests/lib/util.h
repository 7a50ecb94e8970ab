/* SPDX-License-Identifier: GPL-2.0-only */
/* Small things every test needs: random numbers, patterns, files, faults. */
#ifndef SELFTESTS_UTIL_H
#define SELFTESTS_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <linux/types.h>

#define KIB		1024ULL
#define MIB		(1024 * KIB)
#define PAGE		4096ULL
#define BLOCK		(2 * MIB)
#define PAGES_A_BLOCK	(BLOCK / PAGE)

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* struct rng - splitmix64: every seed, 0 included, gives a good sequence */
struct rng {
	__u64 state;
};

__u64 rng_next(struct rng *rng);
/* Uniform in 0..limit-1. */
__u64 rng_below(struct rng *rng, __u64 limit);

/*
 * The pattern: each byte is a function of a key and its offset, so that a
 * byte in the wrong place, or of another file, is found.
 */
void pat_fill(void *buf, size_t len, __u64 offset, __u64 key);
/* Index of the first wrong byte, or -1. */
ssize_t pat_bad(const void *buf, size_t len, __u64 offset, __u64 key);
ssize_t zero_bad(const void *buf, size_t len);

/* Whole files of text; negative errno on failure. */
int read_text(const char *path, char *buf, size_t size);
int write_text(const char *path, const char *text);
int read_u64(const char *path, __u64 *value);
/* A line "KEY: number kB" of meminfo, smaps_rollup or status; -1 if absent. */
long long file_kb(const char *path, const char *key);
/* KEY of the mapping at @addr in /proc/self/smaps, in KiB; -1 if absent. */
long long smaps_kb(const void *addr, const char *key);
bool smaps_flag(const void *addr, const char *flag);

__u64 now_ms(void);
void sleep_ms(unsigned int ms);
bool poll_until(bool (*cond)(void *arg), void *arg, unsigned int ms);

/* Read or write one byte: the signal it raised (SIGBUS, SIGSEGV), or 0. */
int try_read(const void *addr);
int try_write(void *addr, unsigned char value);
static inline unsigned char get_byte(const void *addr)
{
	return __atomic_load_n((const unsigned char *)addr, __ATOMIC_RELAXED);
}

static inline void set_byte(void *addr, unsigned char value)
{
	__atomic_store_n((unsigned char *)addr, value, __ATOMIC_RELAXED);
}

/* Run a command; its exit status. Output goes to the test's. */
__attribute__((format(printf, 1, 2))) int run_command(const char *fmt, ...);

/* Run @fn in a child: its exit status, or 128 plus the signal. */
int in_child(int (*fn)(void *arg), void *arg);
/* Start a child that runs @fn and exits with its result. */
pid_t spawn(int (*fn)(void *arg), void *arg);
int join(pid_t pid);

#endif /* SELFTESTS_UTIL_H */
