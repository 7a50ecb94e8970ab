/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_MAPPER_H
#define _DR_MAPPER_H

#include "alloc.h"
#include "denseram.h"

/**
 * struct dr_mappers - who maps a guest's memory, at this moment
 * @pid: the process, in the reader's pid namespace; one with a KVM VM goes
 *	before others; 0 when nobody maps it or the namespace does not see it
 * @kvm: that process has MMU notifiers, so a KVM VM runs on the memory
 * @unaligned: a mapping is not congruent with its file offset modulo 2 MiB,
 *	so that nothing in it can be mapped by large entries
 */
struct dr_mappers {
	pid_t pid;
	bool kvm;
	bool unaligned;
};

void dr_guest_mappers(struct dr_guest *guest, struct dr_mappers *m);
struct dr_home dr_mapper_home(struct dr_gmem *gm);

#endif /* _DR_MAPPER_H */
