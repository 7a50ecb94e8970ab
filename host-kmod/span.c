// SPDX-License-Identifier: GPL-2.0-only
/*
 * Spans: the index of a RAM file in steps of 2 MiB, each either a block, a
 * table of 512 words, or nothing yet.
 */
#include <linux/slab.h>

#include "gmem.h"
#include "span.h"

#define DR_TABLE_BYTES	(DR_SPAN_PAGES * sizeof(unsigned long))

struct dr_span *dr_span_find(struct dr_gmem *gm, pgoff_t index)
{
	return xa_load(&gm->spans, index >> DR_SPAN_ORDER);
}

static struct dr_span *span_alloc(pgoff_t index)
{
	struct dr_span *span = kzalloc(sizeof(*span), GFP_KERNEL_ACCOUNT);

	if (!span)
		return NULL;
	init_rwsem(&span->sem);
	span->start = index & ~DR_SPAN_MASK;
	return span;
}

/**
 * dr_span_create() - find the span of a page, make it when there is none
 * @gm: the file
 * @index: page offset
 *
 * Context: may sleep.
 * Return: the span, or NULL when there is no memory.
 */
struct dr_span *dr_span_create(struct dr_gmem *gm, pgoff_t index)
{
	struct dr_span *span = dr_span_find(gm, index), *old;

	if (likely(span))
		return span;
	span = span_alloc(index);
	if (!span)
		return NULL;
	old = xa_cmpxchg(&gm->spans, index >> DR_SPAN_ORDER, NULL, span,
			 GFP_KERNEL_ACCOUNT);
	if (!old) {
		atomic_long_inc(&gm->nr_spans);
		return span;
	}
	kfree(span);
	return xa_is_err(old) ? NULL : old;
}

/**
 * dr_span_add_table() - make an empty span ready for 4 KiB pages
 * @gm: the file
 * @span: an empty span, @span->sem held for writing
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int dr_span_add_table(struct dr_gmem *gm, struct dr_span *span)
{
	lockdep_assert_held_write(&span->sem);
	span->table = kzalloc(DR_TABLE_BYTES, GFP_KERNEL_ACCOUNT);
	if (!span->table)
		return -ENOMEM;
	atomic_long_inc(&gm->nr_tables);
	return 0;
}

static bool table_is_absent(const unsigned long *table)
{
	return !memchr_inv(table, 0, DR_TABLE_BYTES);
}

/**
 * dr_span_drop_table() - free a table that holds nothing
 * @gm: the file
 * @span: the span, @span->sem held for writing
 *
 * An entry that is locked, or whose stand-in is still mapped, is not a zero
 * word and keeps the table: see dr_entry_peeked().
 */
void dr_span_drop_table(struct dr_gmem *gm, struct dr_span *span)
{
	lockdep_assert_held_write(&span->sem);
	if (!span->table || !table_is_absent(span->table))
		return;
	kfree(span->table);
	span->table = NULL;
	atomic_long_dec(&gm->nr_tables);
}

void dr_span_destroy(struct dr_gmem *gm, struct dr_span *span)
{
	WARN_ON_ONCE(span->block);
	if (span->table) {
		WARN_ON_ONCE(!table_is_absent(span->table));
		kfree(span->table);
		atomic_long_dec(&gm->nr_tables);
	}
	kfree(span);
	atomic_long_dec(&gm->nr_spans);
}
