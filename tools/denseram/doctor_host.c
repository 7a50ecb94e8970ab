// SPDX-License-Identifier: GPL-2.0-only
/* "denseram doctor": what else on the host moves, takes or bounds memory. */
#include "doctor.h"
#include "../lib/proc.h"
#include "../lib/units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What a VMM itself has is a little; more than this is memory of its guest. */
#define SWAPPED_MUCH	(64ULL << 20)

static void look_level(struct doctor *d)
{
	char level[DR_TREE_LINE];
	int err = dr_tree_line(&d->tree, level, MODULE_SYSFS "/policy/level");

	if (err)
		unknown_errno(d, MODULE_SYSFS "/policy/level", err);
	else if (strcmp(level, "hard") && strcmp(level, "low"))
		fine(d, "%s", level);
	else
		mend(find(d, SEVERITY_WARNING, NULL,
			  "the host is short of memory: level %s", level),
		     "denseram top shows who has it; move or end a guest, or page more: denseram swap add PATH");
}

static void look_promises(struct doctor *d)
{
	char size[DR_SIZE_TEXT];
	uint64_t missing;
	int err = dr_tree_number(&d->tree, &missing,
				 MODULE_SYSFS "/policy/missing");

	if (err)
		unknown_errno(d, MODULE_SYSFS "/policy/missing", err);
	else if (!missing)
		fine(d, "all can be kept");
	else
		mend(find(d, SEVERITY_WARNING, NULL,
			  "guests are promised %s more than there is",
			  dr_size_format(missing, size)),
		     "lower a min: denseram guest set NAME min=SIZE");
}

/* Each can be off for a reason, so it is no more than a note. */
static void look_knobs(struct doctor *d)
{
	static const struct {
		const char *file;
		const char *knob;
	} knobs[] = {
		{ "policy/enabled", "policy.enabled" },
		{ "sharing/enabled", "sharing.enabled" },
		{ "wss/enabled", "wss.enabled" },
	};
	uint64_t on;

	for (size_t i = 0; i < ARRAY_SIZE(knobs); i++) {
		if (!dr_tree_number(&d->tree, &on, MODULE_SYSFS "/%s",
				    knobs[i].file) && !on)
			mend(find(d, SEVERITY_NOTE, NULL, "%s is off",
				  knobs[i].knob),
			     "denseram set %s=on", knobs[i].knob);
	}
	if (!has_found(d))
		fine(d, "policy, sharing and sampling are on");
}

/* Of files it merges nothing; it serves VMs that are elsewhere. */
static void look_ksm(struct doctor *d)
{
	size_t nr = nr_elsewhere(d);
	uint64_t run;

	if (dr_tree_number(&d->tree, &run, "/sys/kernel/mm/ksm/run") ||
	    run != 1)
		fine(d, "off");
	else
		mend(find(d, nr ? SEVERITY_NOTE : SEVERITY_WARNING, NULL,
			  "KSM runs, for %zu VMs that are not on denseram", nr),
		     "echo 2 >/sys/kernel/mm/ksm/run; systemctl disable --now ksmtuned");
}

/* It can compress what VMs have elsewhere, and costs memory for that. */
static void look_zswap(struct doctor *d)
{
	char line[DR_TREE_LINE];
	size_t nr = nr_elsewhere(d);

	if (dr_tree_line(&d->tree, line,
			 "/sys/module/zswap/parameters/enabled") ||
	    *line != 'Y')
		fine(d, "off");
	else if (!nr)
		fine(d, "on, and not for guests on denseram");
	else
		mend(find(d, SEVERITY_NOTE, NULL,
			  "zswap is on, for %zu VMs that are not on denseram",
			  nr),
		     "move them to denseram (qemu-elsewhere), or: echo N >/sys/module/zswap/parameters/enabled");
}

static void look_swap(struct doctor *d)
{
	char size[DR_SIZE_TEXT];

	for (size_t i = 0; i < d->nr_vmms; i++) {
		const struct vmm *vmm = &d->vmms[i];

		/* Where guests are on denseram it is what their VMMs do not use. */
		if (vmm->on_denseram || vmm->swapped < SWAPPED_MUCH)
			continue;
		mend(find(d, SEVERITY_WARNING, vmm->name,
			  "the host's kernel has swapped out %s of process %d",
			  dr_size_format(vmm->swapped, size), vmm->pid),
		     "move it to denseram (qemu-elsewhere), or: sysctl vm.swappiness=1");
	}
	if (!has_found(d))
		fine(d, "no VM is swapped out");
}

/* The kernel does not ask this setting for a file that brings its own blocks. */
static void look_thp(struct doctor *d)
{
	char line[DR_TREE_LINE];
	size_t nr = nr_elsewhere(d);

	if (dr_tree_line(&d->tree, line,
			 "/sys/kernel/mm/transparent_hugepage/enabled"))
		unknown(d, "the kernel has no transparent huge pages");
	else if (!strstr(line, "[never]"))
		fine(d, "%s", line);
	else if (!nr)
		fine(d, "never, which does not matter to denseram");
	else
		mend(find(d, SEVERITY_NOTE, NULL,
			  "never, for %zu VMs that are not on denseram", nr),
		     "echo madvise >/sys/kernel/mm/transparent_hugepage/enabled");
}

static void look_overcommit(struct doctor *d)
{
	uint64_t mode;
	int err = dr_tree_number(&d->tree, &mode,
				 "/proc/sys/vm/overcommit_memory");

	if (err)
		unknown_errno(d, "/proc/sys/vm/overcommit_memory", err);
	else if (mode != 2)
		fine(d, "%" PRIu64, mode);
	else
		mend(find(d, SEVERITY_WARNING, NULL,
			  "vm.overcommit_memory is 2: memory is refused while there is some"),
		     "sysctl vm.overcommit_memory=0, and for good: a line vm.overcommit_memory=0 in /etc/sysctl.d/denseram.conf");
}

/* Of a host as it comes they are some percent of a small one, and next to nothing. */
static void look_watermarks(struct doctor *d)
{
	char high_text[DR_SIZE_TEXT], *text;
	uint64_t high;
	int err = dr_tree_text(&d->tree, &text, NULL, "/proc/zoneinfo");

	if (err) {
		unknown_errno(d, "/proc/zoneinfo", err);
		return;
	}
	high = dr_proc_sum(text, "high");
	free(text);
	if (__builtin_mul_overflow(high, (uint64_t)DR_PROC_PAGE, &high))
		high = UINT64_MAX;
	if (!d->total || high <= d->total / 10)
		fine(d, "%s", dr_size_format(high, high_text));
	else
		mend(find(d, SEVERITY_WARNING, NULL,
			  "the kernel keeps %s free, more than a tenth of the host",
			  dr_size_format(high, high_text)),
		     "sysctl vm.min_free_kbytes=65536 vm.watermark_scale_factor=10");
}

static void look_hugetlb(struct doctor *d)
{
	char size[DR_SIZE_TEXT], *text;
	uint64_t bytes = 0;

	if (dr_tree_text(&d->tree, &text, NULL, "/proc/meminfo")) {
		unknown(d, "there is no /proc/meminfo");
		return;
	}
	/* Of pages of all sizes together. */
	dr_proc_field(text, "Hugetlb", &bytes);
	free(text);
	if (bytes <= d->total / 16)
		fine(d, "%s", dr_size_format(bytes, size));
	else
		mend(find(d, SEVERITY_NOTE, NULL,
			  "%s are set aside as hugetlb pages",
			  dr_size_format(bytes, size)),
		     "if nothing uses them: sysctl vm.nr_hugepages=0");
}

static const struct check checks[] = {
	{ "host-level", "guests are paged at level hard, and have to wait at level low",
	  true, look_level },
	{ "host-promises", "not all guests can have their min at once", true,
	  look_promises },
	{ "host-knobs", "what is off saves nothing", true, look_knobs },
	{ "host-ksm", "it does not look at guests on denseram, and takes CPU time",
	  false, look_ksm },
	{ "host-zswap", "the host compresses memory that denseram could have",
	  false, look_zswap },
	{ "host-swap", "the kernel pages VMs without knowing who needs what",
	  false, look_swap },
	{ "host-thp", "VMs that are not on denseram run on 4 KiB pages",
	  false, look_thp },
	{ "host-overcommit", "VMMs and their threads fail to start", false,
	  look_overcommit },
	{ "host-watermarks", "guests never get what the kernel keeps free",
	  false, look_watermarks },
	{ "host-hugetlb", "guests never get what is set aside", false,
	  look_hugetlb },
};

const struct check_group host_checks = {
	.title = "host",
	.checks = checks,
	.nr = ARRAY_SIZE(checks),
};
