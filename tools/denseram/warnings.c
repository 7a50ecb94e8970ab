// SPDX-License-Identifier: GPL-2.0-only
/* What "denseram status" warns of, each with its remedy. */
#include "output.h"
#include "../lib/units.h"

#include <inttypes.h>
#include <stdio.h>

static bool is_unaligned(const struct dr_guest_info *guest)
{
	return guest->state & DR_GUEST_UNALIGNED;
}

static void say_unaligned(const struct dr_guest_info *guest, char *text,
			  size_t len)
{
	(void)guest;
	snprintf(text, len,
		 "is mapped at an address that rules out 2 MiB mappings");
}

static bool is_orphan(const struct dr_guest_info *guest)
{
	return !guest->vmm_pid && guest->usage.resident;
}

static void say_orphan(const struct dr_guest_info *guest, char *text,
		       size_t len)
{
	char size[DR_SIZE_TEXT];

	snprintf(text, len, "holds %s that no process maps",
		 dr_size_format(guest->usage.resident, size));
}

static bool fell_back(const struct dr_guest_info *guest)
{
	return guest->events[DR_EV_BLOCK_FALLBACK];
}

static void say_fallback(const struct dr_guest_info *guest, char *text,
			 size_t len)
{
	snprintf(text, len,
		 "got 4 KiB pages in %" PRIu64 " places fit for a 2 MiB block",
		 (uint64_t)guest->events[DR_EV_BLOCK_FALLBACK]);
}

static bool met_oom(const struct dr_guest_info *guest)
{
	return guest->events[DR_EV_FAULT_OOM];
}

static void say_oom(const struct dr_guest_info *guest, char *text, size_t len)
{
	snprintf(text, len, "found no memory in %" PRIu64 " faults",
		 (uint64_t)guest->events[DR_EV_FAULT_OOM]);
}

const struct warning warnings[] = {
	{
		.code = "unaligned",
		.remedy = "add align=2M to its memory-backend-file; libvirt: make /usr/bin/denseram-qemu its <emulator>",
		.applies = is_unaligned,
		.say = say_unaligned,
	},
	{
		.code = "orphan",
		.remedy = "remove its files if the VMM is gone for good",
		.applies = is_orphan,
		.say = say_orphan,
	},
	{
		.code = "fallback",
		.remedy = "host memory was short or in fragments: write 1 to /proc/sys/vm/compact_memory before starting guests",
		.applies = fell_back,
		.say = say_fallback,
	},
	{
		.code = "oom",
		.remedy = "raise the VMM's memory limit, or run fewer guests",
		.applies = met_oom,
		.say = say_oom,
	},
};

const size_t nr_warnings = sizeof(warnings) / sizeof(*warnings);
