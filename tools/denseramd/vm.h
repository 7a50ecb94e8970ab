/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One guest as the daemon knows it: what came from the VMM goes to the module,
 * what the module wants goes to the VMM. Both ways to a VMM use it.
 */
#ifndef DRD_VM_H
#define DRD_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/denseram.h>

/**
 * struct vm - a guest that is tied to its VMM
 * @device: descriptor of /dev/denseram
 * @id: its number in the module, 0 when it is tied to none
 * @name: its name there
 * @size: bytes of RAM the VMM gave it, 0 when not known yet
 * @wanted: what the module wants of its balloon
 * @nr_asked: how often the module was asked for that
 * @sent: @nr_asked when it was last passed on, plus 1; 0 for never
 * @actual: bytes in the balloon
 * @features: DR_BALLOON_*
 * @run_state: enum dr_run_state
 * @migrating: on its way to or from another VMM: leave it alone
 * @short_since: when it was first seen with less than wanted, at rest; 0: not
 */
struct vm {
	int device;
	uint64_t id;
	char name[DR_NAME_LEN];
	uint64_t size;
	uint64_t wanted;
	uint32_t nr_asked;
	uint64_t sent;
	uint64_t actual;
	uint32_t features;
	uint32_t run_state;
	bool migrating;
	uint64_t short_since;
};

void vm_init(struct vm *vm, int device);

/* Tie it to a guest. */
void vm_tie(struct vm *vm, const struct dr_guest_info *guest);

/* The VMM is gone or silent: the module is to know no more than it can see. */
void vm_untie(struct vm *vm);

/* Read what the module wants. True when there is something to pass on. */
bool vm_refresh(struct vm *vm);

/* Has it been passed on? And what is it for the VMM, in bytes of guest RAM? */
bool vm_is_due(const struct vm *vm);
uint64_t vm_target(const struct vm *vm);
void vm_sent(struct vm *vm);

/* A guest that took memory back: ask again after a while. */
void vm_repeat(struct vm *vm, uint64_t now_ms, unsigned int repeat_s);

/* What the VMM said. Each returns 0 or a negative errno; -ENOENT: guest gone. */
int vm_run_state(struct vm *vm, uint32_t state);
int vm_migrating(struct vm *vm, bool migrating);
int vm_regions(struct vm *vm, const struct dr_region *regions, size_t nr);
int vm_alive(struct vm *vm);
int vm_balloon(struct vm *vm, uint64_t actual);
int vm_features(struct vm *vm, uint32_t features);
int vm_stats(struct vm *vm, const uint64_t *stats);

/* Between what is wanted and what is, in bytes. */
uint64_t vm_distance(const struct vm *vm);

#endif /* DRD_VM_H */
