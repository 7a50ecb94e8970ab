/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_CLUSTER_H
#define _DR_CLUSTER_H

#include "entry.h"
#include "gmem.h"

int dr_cluster_init(void);
void dr_cluster_exit(void);
int dr_clusters_make(void);

int dr_cluster_open(void);
struct page *dr_cluster_bounce(void);
struct dr_entry dr_cluster_add(struct dr_gmem *gm, pgoff_t index,
			       struct page *page);
void dr_cluster_submit(void);

#endif /* _DR_CLUSTER_H */
