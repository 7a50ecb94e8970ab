/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Vocabulary shared by all of denseram.ko: names, limits, and the init and
 * exit pairs of its parts.
 */
#ifndef _DENSERAM_H
#define _DENSERAM_H

#include <linux/bits.h>
#include <linux/denseram.h>
#include <linux/kernel.h>
#include <linux/types.h>

#include "version.h"

/* A span is the 2 MiB of a file that one block can back. */
#define DR_SPAN_ORDER		9
#define DR_SPAN_PAGES		BIT(DR_SPAN_ORDER)
#define DR_SPAN_MASK		(DR_SPAN_PAGES - 1)

/*
 * Break up a block when this many of its pages have been punched out: half
 * of it saved pays for the 4 KiB mappings that come in its place.
 */
#define DR_EVACUATE_HOLES	(DR_SPAN_PAGES / 2)

#define DR_SHARES_DEFAULT	1000
#define DR_SHARES_MAX		1000000

/* 64 TiB: beyond any guest, and index * size arithmetic cannot overflow. */
#define DR_MAX_FILE_SIZE	((loff_t)BIT_ULL(46))

struct dr_gmem;
struct dr_guest;
struct dr_mount;
struct dr_span;

int dr_fs_init(void);
void dr_fs_exit(void);
int dr_sysfs_init(void);
void dr_sysfs_exit(void);
int dr_ctl_init(void);
void dr_ctl_exit(void);
void dr_debugfs_init(void);
void dr_debugfs_exit(void);

#endif /* _DENSERAM_H */
