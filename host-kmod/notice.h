/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_NOTICE_H
#define _DR_NOTICE_H

#include <linux/poll.h>

#include "denseram.h"

/**
 * struct dr_notices - when the states of a guest last changed
 * @seq: by enum dr_notice_kind, the number of that notice; 0 for never
 *
 * One in each guest, and one for the list of guests.
 */
struct dr_notices {
	u64 seq[DR_NR_NOTICES];
};

void dr_notice_raise(struct dr_notices *notices, enum dr_notice_kind kind);
void dr_notice_list(void);

int dr_notice_open(struct inode *inode, struct file *file);
int dr_notice_release(struct inode *inode, struct file *file);
ssize_t dr_notice_read(struct file *file, char __user *to, size_t len,
		       loff_t *pos);
__poll_t dr_notice_poll(struct file *file, poll_table *wait);

#endif /* _DR_NOTICE_H */
