/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/* User API of denseram: admission. A part of <linux/denseram.h>. */
#ifndef _UAPI_LINUX_DENSERAM_ADMIT_H
#define _UAPI_LINUX_DENSERAM_ADMIT_H

/**
 * struct dr_admission_status - DR_IOC_ADMISSION, what is promised to guests
 * @flags: in: must be 0
 * @strict: 1: what a guest may have beyond its min must have swap space behind
 *	it; or 0
 * @promised: memory promised to all guests, in bytes: min, and the index
 * @room: memory that can still be promised
 * @swap: swap space to build a promise on: that of the areas, without those
 *	that failed or are being removed
 * @swap_promised: what all guests may have beyond their min, strict or not
 * @refused: sizes and limits that were refused since the module was loaded
 */
struct dr_admission_status {
	__u32 flags;
	__u32 strict;
	__u64 promised;
	__u64 room;
	__u64 swap;
	__u64 swap_promised;
	__u64 refused;
};

#define DR_IOC_ADMISSION	_IOWR(DR_IOC_MAGIC, 56, struct dr_admission_status)

#endif /* _UAPI_LINUX_DENSERAM_ADMIT_H */
