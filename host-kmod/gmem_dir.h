/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_GMEM_DIR_H
#define _DR_GMEM_DIR_H

#include <linux/fs.h>

struct inode *dr_root_inode(struct super_block *sb);
void dr_evict_inode(struct inode *inode);

#endif /* _DR_GMEM_DIR_H */
