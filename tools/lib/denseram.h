/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The module's ioctls as functions: the only code that opens /dev/denseram.
 * All return 0 or a negative errno.
 */
#ifndef DR_DENSERAM_H
#define DR_DENSERAM_H

#include <stddef.h>
#include <stdint.h>

#include <linux/denseram.h>

#define DR_DEVICE	"/dev/denseram"

/**
 * dr_open - open the device and check that both sides speak one ABI
 * @fd: the descriptor: for reading alone, where no more is permitted; what would
 *	change something is refused then, with -EBADF
 * @version: what the module is
 *
 * Returns -ENOENT without the module, -EACCES without the permission, and
 * -EPROTO for a module of another ABI (@version says which).
 */
int dr_open(int *fd, struct dr_version *version);

/* The same for one who changes nothing: such calls are refused with -EBADF. */
int dr_open_to_look(int *fd, struct dr_version *version);

int dr_status(int fd, struct dr_status *status);

/**
 * dr_guests - information on all guests, in the order of their ids
 * @fd: the device
 * @infos: array to free
 * @nr: how many; guests that go away meanwhile are left out
 */
int dr_guests(int fd, struct dr_guest_info **infos, size_t *nr);

/**
 * dr_guest_find - information on one guest
 * @fd: the device
 * @name: its name; when there is no guest of that name, its id in decimal
 * @info: the result
 */
int dr_guest_find(int fd, const char *name, struct dr_guest_info *info);

int dr_guest_set(int fd, const struct dr_guest_set *set);
int dr_guest_trim(int fd, struct dr_guest_trim *trim);

/* -ENOTTY: the module is older than sharing. */
int dr_share_status(int fd, struct dr_share_status *status);
int dr_guest_share(int fd, const struct dr_guest_share *share);

/* -ENOTTY: the module is older than paging. */
int dr_swap_status(int fd, struct dr_swap_status *status);
int dr_guest_swap(int fd, uint64_t id, struct dr_guest_swap *swap);

int dr_guest_park(int fd, const struct dr_guest_park *park);
/* Brings back a portion; call again until the cursor is all ones. */
int dr_guest_wake(int fd, struct dr_guest_wake *wake);

/* What @area, a descriptor, stands for becomes a swap area; its number. */
int dr_swap_add(int fd, int area, int prio, unsigned int *id);
/* May take long; @left is how many pages are still there when it fails. */
int dr_swap_rm(int fd, unsigned int id, uint64_t *left);

/**
 * dr_swap_areas - all swap areas, in the order they are filled
 * @fd: the device
 * @areas: array to free
 * @nr: how many
 */
int dr_swap_areas(int fd, struct dr_swap_area **areas, size_t *nr);

/* -ENOTTY: the module is older than admission. */
int dr_admission(int fd, struct dr_admission_status *status);

/* One portion: call again until @count is 0. */
int dr_guest_shares(int fd, struct dr_guest_shares *shares);

int dr_guest_vmm(int fd, const struct dr_guest_vmm *vmm);

/* -ENOTTY: the module is older than balloons. */
int dr_balloon(int fd, struct dr_balloon_info *info);
int dr_balloon_set(int fd, const struct dr_balloon_set *set);
int dr_balloon_report(int fd, const struct dr_balloon_report *report);

/* -ENOTTY: the module is older than its policy. */
int dr_policy_status(int fd, struct dr_policy_status *status);
int dr_policy_run_read(int fd, struct dr_policy_run *run);

#endif /* DR_DENSERAM_H */
