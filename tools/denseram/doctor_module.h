/* SPDX-License-Identifier: GPL-2.0-only */
/* The module on disk, and what loads it. */
#ifndef DR_DOCTOR_MODULE_H
#define DR_DOCTOR_MODULE_H

#include "doctor.h"

/**
 * struct module - denseram.ko of the running kernel
 * @path: where
 * @indexed: modprobe finds it
 */
struct module {
	char path[1024];
	bool indexed;
};

/* Returns false when there is none. */
bool find_module(const struct doctor *d, struct module *module);

/* Is the file system mounted when the host starts? */
bool mounted_at_boot(const struct doctor *d);

#endif /* DR_DOCTOR_MODULE_H */
