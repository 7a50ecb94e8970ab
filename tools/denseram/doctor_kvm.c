// SPDX-License-Identifier: GPL-2.0-only
/* "denseram doctor": KVM, and the tables with which it maps guests. */
#include "doctor.h"
#include "../lib/proc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PARAMETERS	"/sys/module/%s/parameters/%s"

/* Has any processor this flag? The first one stands for all. */
static bool has_flag(const struct doctor *d, const char *flag)
{
	char *text;
	bool found;

	if (dr_tree_text(&d->tree, &text, NULL, "/proc/cpuinfo"))
		return false;
	found = dr_proc_has_word(text, "flags", flag);
	free(text);
	return found;
}

static bool is_off(const struct doctor *d, const char *module,
		   const char *parameter)
{
	char line[DR_TREE_LINE];

	return !dr_tree_line(&d->tree, line, PARAMETERS, module, parameter) &&
	       (*line == 'N' || *line == '0');
}

static void mend_device(const struct doctor *d, struct finding *f)
{
	if (has_flag(d, "vmx"))
		mend(f, "modprobe kvm_intel");
	else if (has_flag(d, "svm"))
		mend(f, "modprobe kvm_amd");
	else if (has_flag(d, "hypervisor"))
		mend(f, "this is a virtual machine: give it nested virtualization on its host (QEMU: -cpu host)");
	else
		mend(f, "turn virtualization (VT-x, AMD-V) on in the firmware's setup");
}

static void look_device(struct doctor *d)
{
	if (dr_tree_has(&d->tree, "/dev/kvm"))
		fine(d, "/dev/kvm");
	else
		mend_device(d, find(d, SEVERITY_ERROR, NULL, "no /dev/kvm"));
}

/* VMMs do not run as root, as a rule: a group has it, or everyone. */
static void look_access(struct doctor *d)
{
	struct stat st;
	int err = dr_tree_stat(&d->tree, &st, "/dev/kvm");

	if (err == -ENOENT)
		unknown(d, "there is no /dev/kvm");
	else if (err)
		unknown_errno(d, "/dev/kvm", err);
	else if ((st.st_mode & 0006) == 0006 || (st.st_mode & 0060) == 0060)
		fine(d, "mode %04o", st.st_mode & 07777);
	else
		mend(find(d, SEVERITY_WARNING, NULL,
			  "/dev/kvm has mode %04o: root alone can use it",
			  st.st_mode & 07777),
		     "chgrp kvm /dev/kvm && chmod 0660 /dev/kvm");
}

static void look_nested(struct doctor *d)
{
	if (!has_flag(d, "hypervisor"))
		fine(d, "on hardware");
	else
		mend(find(d, SEVERITY_NOTE, NULL,
			  "this host is a virtual machine itself"),
		     "for speed, use the hardware; figures of benchmarks are not those of a real host");
}

/* Parameter and module that say whether the hardware walks the second stage. */
static const struct stage {
	const char *module;
	const char *parameter;
} stages[] = {
	{ "kvm_intel", "ept" },
	{ "kvm_amd", "npt" },
};

static const struct stage *find_stage(const struct doctor *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(stages); i++) {
		if (dr_tree_has(&d->tree, "/sys/module/%s", stages[i].module))
			return &stages[i];
	}
	return NULL;
}

static void look_paging(struct doctor *d)
{
	const struct stage *s = find_stage(d);

	if (!s) {
		unknown(d, "neither kvm_intel nor kvm_amd is loaded");
		return;
	}
	if (is_off(d, s->module, s->parameter))
		mend(find(d, SEVERITY_WARNING, NULL, "%s of %s is off",
			  s->parameter, s->module),
		     "without VMs: modprobe -r %s && modprobe %s %s=1",
		     s->module, s->module, s->parameter);
	else if (is_off(d, "kvm", "tdp_mmu"))
		mend(find(d, SEVERITY_NOTE, NULL, "tdp_mmu of kvm is off"),
		     "without VMs: modprobe -r %s kvm && modprobe kvm tdp_mmu=1 && modprobe %s",
		     s->module, s->module);
	else
		fine(d, "%s of %s is on", s->parameter, s->module);
}

/*
 * Against a fault of some Intel processors KVM maps code of guests by 4 KiB. That
 * is a matter of trust, so there is no more than a note.
 */
static void look_nx(struct doctor *d)
{
	char line[DR_TREE_LINE];
	int err = dr_tree_line(&d->tree, line, PARAMETERS, "kvm",
			       "nx_huge_pages");

	if (err == -ENOENT)
		fine(d, "not known to this KVM");
	else if (err)
		unknown_errno(d, "nx_huge_pages", err);
	else if (*line != 'Y')
		fine(d, "off");
	else
		mend(find(d, SEVERITY_NOTE, NULL,
			  "KVM splits 2 MiB pages with code of guests (nx_huge_pages)"),
		     "if all guests are trusted: echo off >/sys/module/kvm/parameters/nx_huge_pages");
}

static const struct check checks[] = {
	{ "kvm-device", "without KVM guests are emulated, and slow", false,
	  look_device },
	{ "kvm-access", "VMMs that cannot open /dev/kvm do not start", false,
	  look_access },
	{ "kvm-nested", "each exit of a guest takes far longer than on hardware",
	  false, look_nested },
	{ "kvm-paging", "without tables of the second stage KVM shadows those of guests, and maps no 2 MiB pages where they do not",
	  false, look_paging },
	{ "kvm-nx-pages", "code in 4 KiB pages takes more misses of the TLB",
	  false, look_nx },
};

const struct check_group kvm_checks = {
	.title = "kvm",
	.checks = checks,
	.nr = ARRAY_SIZE(checks),
};
