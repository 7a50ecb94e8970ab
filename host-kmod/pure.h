/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one include of every pure file: no locks, no clock, no allocation.
 * selftests/host has a file of the same name for user space.
 */
#ifndef _DR_PURE_H
#define _DR_PURE_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/types.h>

#endif /* _DR_PURE_H */
