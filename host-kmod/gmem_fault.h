/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_GMEM_FAULT_H
#define _DR_GMEM_FAULT_H

#include <linux/mm_types.h>

extern const struct vm_operations_struct dr_gmem_vm_ops;

#endif /* _DR_GMEM_FAULT_H */
