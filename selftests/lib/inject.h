/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every allocation of an operation fails once: fail-nth makes the first, then
 * the second, ... allocation fail, until there is none left to fail. The
 * operation may fail then, cleanly, or get by without.
 *
 * Needs a kernel with fault injection, as the lab's debug kernel.
 */
#ifndef SELFTESTS_INJECT_H
#define SELFTESTS_INJECT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct inject_op - an operation to let fail
 * @name: for the report
 * @prepare: before, with allocations that succeed
 * @run: what is tested: 0, or -1 with errno
 * @finish: check what came of it and undo it
 */
struct inject_op {
	const char *name;
	void (*prepare)(void);
	int (*run)(void);
	void (*finish)(bool failed);
};

/* Let slab and page allocations of all kinds fail, those of this task. */
void inject_setup(void);

void inject(const struct inject_op *op);
/* One after the other. */
void inject_all(const struct inject_op *ops, size_t nr);

/*
 * The same for what takes seconds and many allocations: each of the first few fails,
 * then ever fewer.
 */
void inject_some(const struct inject_op *op);

/*
 * The same for what threads of the kernel do, those whose names begin like that:
 * the n-th allocation of each of them.
 */
void inject_threads(const struct inject_op *op, const char *threads);

/* By hand: let it fail; end that, and say how many threads have had theirs. */
void inject_threads_begin(const char *threads, int nth);
unsigned int inject_threads_end(const char *threads);

/*
 * Write to memory of this process, for which the kernel faults: 0, or -1 with EFAULT
 * when that fails.
 */
int inject_poke(char *to, const void *from, size_t len);

#endif /* SELFTESTS_INJECT_H */
