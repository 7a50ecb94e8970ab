/* SPDX-License-Identifier: GPL-2.0-only */
/* The one content index of the host, shared by all scanners and faults. */
#ifndef _DR_TABLE_H
#define _DR_TABLE_H

#include <linux/types.h>

#include "index.h"

/**
 * struct dr_table_stats - the table in numbers
 * @bytes: memory it takes, all told
 * @slots: entries there is room for
 * @hints: entries that are hints
 * @shares: entries that are shares
 * @evicted: hints dropped for others, ever
 * @refused: items not kept because all room was taken by shares, ever
 * @grown: times that a stripe has grown
 */
struct dr_table_stats {
	u64 bytes;
	u64 slots;
	u64 hints;
	u64 shares;
	u64 evicted;
	u64 refused;
	u64 grown;
};

int dr_table_init(void);
void dr_table_exit(void);
bool dr_table_find(u64 key, struct dr_item *item,
		   bool (*get)(struct dr_item item));
bool dr_table_find_or_put(u64 key, struct dr_item *item,
			  bool (*get)(struct dr_item item),
			  struct dr_item hint);
bool dr_table_put(u64 key, struct dr_item item);
bool dr_table_remove(u64 key, struct dr_item item);
void dr_table_set_target(unsigned long pages);
void dr_table_stats(struct dr_table_stats *stats);

#endif /* _DR_TABLE_H */
