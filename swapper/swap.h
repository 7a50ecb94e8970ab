/* SPDX-License-Identifier: GPL-2.0-only */
/* All that host-kmod sees of paging. */
#ifndef _DR_SWAP_H
#define _DR_SWAP_H

#include "store.h"
#include "trim.h"

extern const struct dr_store_ops dr_swap_store;
extern const struct dr_pass_ops dr_same_pass;

#endif /* _DR_SWAP_H */
