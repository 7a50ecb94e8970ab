/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_GMEM_FILE_H
#define _DR_GMEM_FILE_H

#include <linux/fs.h>

extern const struct file_operations dr_file_ops;
extern const struct inode_operations dr_file_inode_ops;
extern const struct address_space_operations dr_file_aops;

#endif /* _DR_GMEM_FILE_H */
