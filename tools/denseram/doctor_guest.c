// SPDX-License-Identifier: GPL-2.0-only
/* "denseram doctor": the guests, their VMMs and how they are mapped. */
#include "doctor.h"
#include "../lib/proc.h"
#include "../lib/units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A guest of no files, or that holds nothing, waits for its VMM: that is no fault. */
static void look_vmm_of(struct doctor *d, const struct guest *g)
{
	char size[DR_SIZE_TEXT];
	uint64_t resident;

	if (g->pid || guest_number(d, g, "resident", &resident) || !resident)
		return;
	mend(find(d, SEVERITY_WARNING, g->name, "holds %s that no process maps",
		  dr_size_format(resident, size)),
	     "start its VMM again, or, if that is gone for good, remove its files below %s",
	     mount_word(d));
}

static void look_vmm(struct doctor *d)
{
	each_guest(d, look_vmm_of);
}

static void look_kvm_of(struct doctor *d, const struct guest *g)
{
	uint64_t kvm;

	if (!g->pid || guest_number(d, g, "kvm", &kvm) || kvm)
		return;
	mend(find(d, SEVERITY_WARNING, g->name,
		  "process %d maps it, and has no KVM", g->pid),
	     g->libvirt ? "virsh edit DOMAIN: <domain type='kvm'>" :
	     "start QEMU with -accel kvm");
}

static void look_kvm(struct doctor *d)
{
	each_guest(d, look_kvm_of);
}

static void look_align_of(struct doctor *d, const struct guest *g)
{
	uint64_t unaligned;

	if (!g->pid || guest_number(d, g, "unaligned", &unaligned) ||
	    !unaligned)
		return;
	mend(find(d, SEVERITY_WARNING, g->name,
		  "is mapped at an address that rules out 2 MiB pages"),
	     g->libvirt ?
	     "virsh edit DOMAIN: <emulator>/usr/bin/denseram-qemu</emulator>, and start it again" :
	     "add align=2M to its memory-backend-file, and start it again");
}

static void look_align(struct doctor *d)
{
	each_guest(d, look_align_of);
}

static void look_thp_of(struct doctor *d, const struct guest *g)
{
	uint64_t enabled;
	char *status;
	bool off;

	if (!g->pid ||
	    dr_tree_text(&d->tree, &status, NULL, "/proc/%d/status", g->pid))
		return;
	off = dr_proc_field(status, "THP_enabled", &enabled) && !enabled;
	free(status);
	if (off)
		mend(find(d, SEVERITY_WARNING, g->name,
			  "process %d has huge pages disabled", g->pid),
		     "start its VMM without PR_SET_THP_DISABLE (systemd: no MemoryTHP=disable), again");
}

static void look_thp(struct doctor *d)
{
	each_guest(d, look_thp_of);
}

static void look_blocks_of(struct doctor *d, const struct guest *g)
{
	uint64_t nr;

	if (guest_number(d, g, "stat/block_fallback", &nr) || !nr)
		return;
	mend(find(d, SEVERITY_NOTE, g->name,
		  "got 4 KiB pages in %" PRIu64 " places fit for a 2 MiB block",
		  nr),
	     "before guests start: echo 1 >/proc/sys/vm/compact_memory");
}

static void look_blocks(struct doctor *d)
{
	each_guest(d, look_blocks_of);
}

static void look_faults_of(struct doctor *d, const struct guest *g)
{
	char text[300];
	uint64_t nr;

	if (!guest_number(d, g, "stat/fault_oom", &nr) && nr)
		mend(find(d, SEVERITY_WARNING, g->name,
			  "found no memory in %" PRIu64 " faults", nr),
		     "raise the memory limit of its VMM (host-cgroup), or page more: denseram swap add PATH");
	if (!guest_number(d, g, "stat/fault_sigbus", &nr) && nr)
		mend(find(d, SEVERITY_WARNING, g->name,
			  "%" PRIu64 " faults ended in SIGBUS", nr),
		     "denseram guest show %s: its events; journalctl -k -g denseram says why",
		     guest_word(d, g, text, sizeof(text)));
}

static void look_faults(struct doctor *d)
{
	each_guest(d, look_faults_of);
}

static void look_min_of(struct doctor *d, const struct guest *g)
{
	char text[300];
	uint64_t min, pinned;

	if (!g->size || guest_number(d, g, "min", &min) || min)
		return;
	if (!guest_number(d, g, "pinned", &pinned) && pinned)
		return;
	mend(find(d, SEVERITY_NOTE, g->name, "is promised nothing"),
	     "denseram guest set %s min=SIZE",
	     guest_word(d, g, text, sizeof(text)));
}

static void look_min(struct doctor *d)
{
	each_guest(d, look_min_of);
}

static const struct check checks[] = {
	{ "guest-vmm", "memory that nobody uses is lost to others", true,
	  look_vmm },
	{ "guest-kvm", "a guest without KVM is emulated, and slow", true,
	  look_kvm },
	{ "guest-align", "a guest on 4 KiB pages is slower, and takes more of the host's CPU",
	  true, look_align },
	{ "guest-thp", "a guest on 4 KiB pages is slower, and takes more of the host's CPU",
	  true, look_thp },
	{ "guest-blocks", "the host's free memory is in fragments, or short",
	  true, look_blocks },
	{ "guest-faults", "a VMM that is refused memory dies, or its guest does",
	  true, look_faults },
	{ "guest-min", "a guest without a min may be taken almost all, if it is idle",
	  true, look_min },
};

const struct check_group guest_checks = {
	.title = "guests",
	.checks = checks,
	.nr = ARRAY_SIZE(checks),
};
