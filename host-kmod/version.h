/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The version of both modules, as modinfo and sysfs tell it: VERSION of the
 * Makefile.
 */
#ifndef _DENSERAM_VERSION_H
#define _DENSERAM_VERSION_H

#define DR_VERSION		"0.1.0"

#endif /* _DENSERAM_VERSION_H */
