/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_RESERVE_H
#define _DR_RESERVE_H

#include <linux/list.h>
#include <linux/types.h>

/**
 * struct dr_loan - what the breaking up of one block may need
 * @pages: 4 KiB pages, linked by lru
 * @table: a table of zero words, or NULL
 */
struct dr_loan {
	struct list_head pages;
	unsigned long *table;
};

/**
 * struct dr_reserve_stat - figures of the reserve, for debugfs
 * @pages: pages in it
 * @tables: tables in it
 * @loans: how often it was lent
 * @lost: pages and tables that did not come back from a loan
 */
struct dr_reserve_stat {
	unsigned int pages;
	unsigned int tables;
	u64 loans;
	u64 lost;
};

int dr_reserve_init(void);
void dr_reserve_exit(void);
void dr_reserve_borrow(struct dr_loan *loan);
void dr_reserve_return(struct dr_loan *loan);
void dr_reserve_stat(struct dr_reserve_stat *stat);

#endif /* _DR_RESERVE_H */
