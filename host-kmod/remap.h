/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_REMAP_H
#define _DR_REMAP_H

#include <linux/types.h>

struct dr_gmem;
struct file;
struct dr_mapping;

int dr_remap_init(void);
void dr_remap_exit(void);
int dr_remap_span(struct dr_gmem *gm, pgoff_t start);
bool dr_remap_works(struct dr_gmem *gm, pgoff_t start);

/* For the file operations: is this a mapping that remap.c makes? */
unsigned long dr_remap_unmapped_area(struct file *file, unsigned long addr,
				     unsigned long len, unsigned long pgoff,
				     unsigned long flags);
void dr_remap_mmap(struct dr_mapping *map);

#endif /* _DR_REMAP_H */
