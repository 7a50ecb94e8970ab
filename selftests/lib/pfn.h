/* SPDX-License-Identifier: GPL-2.0-only */
/* Which memory is behind an address, and what the kernel says of it. */
#ifndef SELFTESTS_PFN_H
#define SELFTESTS_PFN_H

#include <stdbool.h>
#include <linux/types.h>

/* Bits of /proc/kpageflags. */
#define KPF_BUDDY	10
#define KPF_HWPOISON	19

/* Number of the page behind an address, which is touched for it. */
__u64 pfn_of(const char *addr);
/* Is there a page behind it? Touches nothing. */
bool pfn_is_mapped(const char *addr);
bool pfn_has_flag(__u64 pfn, int bit);

#endif /* SELFTESTS_PFN_H */
