/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small test harness: TEST(name) { ... } defines a test, the library's
 * main() runs each in a child of its own and prints TAP.
 *
 * A crash, a hang or a failed check in the child or in any process it forks
 * is "not ok". CHECK*() go on after a failure, ASSERT*() end the test.
 */
#ifndef SELFTESTS_KTAP_H
#define SELFTESTS_KTAP_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/**
 * struct ktap_test - one test; static, one per TEST()
 * @name: what TAP calls it
 * @fn: its body, run in a child process
 * @secs: seconds after which it counts as hung
 * @next: tests run in the order of their definition
 */
struct ktap_test {
	const char *name;
	void (*fn)(void);
	unsigned int secs;
	struct ktap_test *next;
};

/**
 * struct ktap_opts - the command line; the same options for every program
 * @seed: of all random choices (-s); printed, so that a failure repeats
 * @ops: length of random sequences (-n), 0 for the program's default
 * @secs: duration of time-boxed tests (-t)
 */
struct ktap_opts {
	__u64 seed;
	unsigned long ops;
	unsigned int secs;
};

extern struct ktap_opts opts;

void ktap_register(struct ktap_test *test);
bool ktap_check(const char *file, int line, const char *what, bool ok);
bool ktap_check_eq(const char *file, int line, const char *what,
		   long long got, long long want);
bool ktap_check_range(const char *file, int line, const char *what,
		      long long got, long long low, long long high);
bool ktap_check_err(const char *file, int line, const char *what,
		    long long ret, int want);
bool ktap_failed(void);
void ktap_abort(void) __attribute__((noreturn));
void ktap_skip(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));
void ktap_diag(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * struct ktap_hooks - what goes on around each test, in the parent
 * @before: prepare it
 * @after: clean up after it
 *
 * Either fails the test by returning false.
 */
struct ktap_hooks {
	bool (*before)(const char *prog, const char *test);
	bool (*after)(void);
};

/* To be set before main(), by whoever has some. */
extern const struct ktap_hooks *ktap_hooks;

#define TEST_SECS(func, limit)						\
	static void test_##func(void);					\
	static struct ktap_test func##_test = {				\
		.name = #func, .fn = test_##func, .secs = limit,	\
	};								\
	static void __attribute__((constructor)) func##_register(void)	\
	{								\
		ktap_register(&func##_test);				\
	}								\
	static void test_##func(void)

#define TEST(func)	TEST_SECS(func, 90)

#define CHECK(cond)	ktap_check(__FILE__, __LINE__, #cond, (cond))
#define CHECK_EQ(got, want)						\
	ktap_check_eq(__FILE__, __LINE__, #got, (long long)(got),	\
		      (long long)(want))
#define CHECK_RANGE(got, low, high)					\
	ktap_check_range(__FILE__, __LINE__, #got, (long long)(got),	\
			 (long long)(low), (long long)(high))
/* The call must fail with -1 and this errno; 0 stands for success. */
#define CHECK_ERR(call, err)						\
	ktap_check_err(__FILE__, __LINE__, #call, (long long)(call), err)
#define CHECK_OK(call)		CHECK_ERR(call, 0)

#define ASSERT(cond)							\
	do {								\
		if (!CHECK(cond))					\
			ktap_abort();					\
	} while (0)
#define ASSERT_OK(call)							\
	do {								\
		if (!CHECK_OK(call))					\
			ktap_abort();					\
	} while (0)

#endif /* SELFTESTS_KTAP_H */
