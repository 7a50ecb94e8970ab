// SPDX-License-Identifier: GPL-2.0-only
#include "vm.h"

#include "../lib/denseram.h"
#include "daemon.h"

#include <errno.h>
#include <string.h>

void vm_init(struct vm *vm, int device)
{
	memset(vm, 0, sizeof(*vm));
	vm->device = device;
	vm->wanted = DR_BALLOON_UNASKED;
}

void vm_tie(struct vm *vm, const struct dr_guest_info *guest)
{
	vm_init(vm, vm->device);
	vm->id = guest->id;
	memcpy(vm->name, guest->name, sizeof(vm->name));
	vm_refresh(vm);
}

static int tell_vmm(const struct vm *vm, uint32_t flags)
{
	const struct dr_guest_vmm vmm = {
		.flags = flags,
		.id = vm->id,
		.run_state = vm->run_state,
		.migrating = vm->migrating,
	};

	return dr_guest_vmm(vm->device, &vmm);
}

void vm_untie(struct vm *vm)
{
	if (!vm->id)
		return;
	vm->run_state = DR_RUN_UNKNOWN;
	vm->migrating = false;
	tell_vmm(vm, DR_VMM_RUN_STATE | DR_VMM_MIGRATING);
	vm_init(vm, vm->device);
}

bool vm_refresh(struct vm *vm)
{
	struct dr_balloon_info info = { .id = vm->id };

	if (!vm->id || dr_balloon(vm->device, &info))
		return false;
	vm->wanted = info.wanted;
	vm->nr_asked = info.nr_asked;
	return vm_is_due(vm);
}

bool vm_is_due(const struct vm *vm)
{
	return vm->id && vm->size && vm->wanted != DR_BALLOON_UNASKED &&
	       vm->features & DR_BALLOON_DEVICE && !vm->migrating &&
	       vm->sent != (uint64_t)vm->nr_asked + 1;
}

/* QEMU refuses a guest of no memory at all. */
uint64_t vm_target(const struct vm *vm)
{
	return vm->wanted < vm->size ? vm->size - vm->wanted : DR_BLOCK_SIZE;
}

void vm_sent(struct vm *vm)
{
	vm->sent = (uint64_t)vm->nr_asked + 1;
	vm->short_since = 0;
}

/*
 * The guest's driver knows when it can spare memory again, and a driver that
 * took memory back waits for a word from us.
 */
void vm_repeat(struct vm *vm, uint64_t now_ms, unsigned int repeat_s)
{
	bool is_short = vm->wanted != DR_BALLOON_UNASKED &&
			vm->actual < vm->wanted &&
			vm->features & DR_BALLOON_DRIVER;

	if (!is_short || !repeat_s)
		vm->short_since = 0;
	else if (!vm->short_since)
		vm->short_since = now_ms;
	else if (now_ms - vm->short_since >= repeat_s * UINT64_C(1000))
		vm->sent = 0;
}

int vm_run_state(struct vm *vm, uint32_t state)
{
	vm->run_state = state;
	return vm->id ? tell_vmm(vm, DR_VMM_RUN_STATE) : 0;
}

/* After a migration nobody knows what the other side was told last. */
int vm_migrating(struct vm *vm, bool migrating)
{
	if (vm->migrating && !migrating)
		vm->sent = 0;
	vm->migrating = migrating;
	return vm->id ? tell_vmm(vm, DR_VMM_MIGRATING) : 0;
}

int vm_regions(struct vm *vm, const struct dr_region *regions, size_t nr)
{
	const struct dr_guest_vmm vmm = {
		.flags = DR_VMM_REGIONS,
		.id = vm->id,
		.nr_regions = (__u32)nr,
		.regions = (uintptr_t)regions,
	};

	return vm->id ? dr_guest_vmm(vm->device, &vmm) : 0;
}

static int report(const struct vm *vm, uint32_t flags, const uint64_t *stats)
{
	struct dr_balloon_report r = {
		.flags = flags,
		.id = vm->id,
		.actual = vm->actual,
		.features = vm->features,
	};

	if (!vm->id)
		return 0;
	if (stats)
		memcpy(r.stats, stats, sizeof(r.stats));
	return dr_balloon_report(vm->device, &r);
}

int vm_alive(struct vm *vm)
{
	return report(vm, DR_REPORT_ALIVE, NULL);
}

int vm_balloon(struct vm *vm, uint64_t actual)
{
	/* Whatever a VMM claims, the module takes whole pages. */
	vm->actual = actual & ~(uint64_t)(DR_PAGE_SIZE - 1);
	if (vm->actual)
		vm->features |= DR_BALLOON_DRIVER;
	return report(vm, DR_REPORT_ACTUAL | DR_REPORT_FEATURES, NULL);
}

int vm_features(struct vm *vm, uint32_t features)
{
	vm->features = features;
	return report(vm, DR_REPORT_FEATURES, NULL);
}

int vm_stats(struct vm *vm, const uint64_t *stats)
{
	return report(vm, DR_REPORT_STATS | DR_REPORT_FEATURES, stats);
}

uint64_t vm_distance(const struct vm *vm)
{
	if (vm->wanted == DR_BALLOON_UNASKED ||
	    !(vm->features & DR_BALLOON_DEVICE))
		return 0;
	return vm->wanted > vm->actual ? vm->wanted - vm->actual :
					 vm->actual - vm->wanted;
}
