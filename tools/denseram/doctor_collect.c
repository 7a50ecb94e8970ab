// SPDX-License-Identifier: GPL-2.0-only
/* What several checks of "denseram doctor" go by, read once. */
#include "doctor.h"
#include "verbs.h"
#include "../lib/proc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What libvirt has on the command line of each QEMU it starts. */
#define LIBVIRT_MARK	"/libvirt/qemu/"

static void *grow(void *array, size_t nr, size_t size)
{
	array = reallocarray(array, nr + 1, size);
	if (!array)
		exit(fail("out of memory"));
	return array;
}

static void collect_mounts(struct doctor *d)
{
	struct dr_mounted mount;
	const char *s;
	char *text;

	if (dr_tree_text(&d->tree, &text, NULL, "/proc/self/mountinfo"))
		return;
	s = text;
	while (dr_mounts_next(&s, "denseram", &mount)) {
		d->mounts = grow(d->mounts, d->nr_mounts, sizeof(mount));
		d->mounts[d->nr_mounts++] = mount;
	}
	free(text);
}

static bool of_libvirt(const struct doctor *d, int pid)
{
	char *line;
	size_t len;
	bool found;

	if (dr_tree_text(&d->tree, &line, &len, "/proc/%d/cmdline", pid))
		return false;
	found = dr_proc_mentions(line, len, LIBVIRT_MARK);
	free(line);
	return found;
}

/* Another mount namespace may have a denseram of its own: the module knows. */
static bool is_vmm_of_guest(const struct doctor *d, int pid)
{
	for (size_t i = 0; i < d->nr_guests; i++) {
		if (d->guests[i].pid == pid)
			return true;
	}
	return false;
}

static void find_memory(const struct doctor *d, struct vmm *vmm)
{
	char *maps;

	vmm->on_denseram = is_vmm_of_guest(d, vmm->pid);
	if (vmm->on_denseram)
		return;
	vmm->err = dr_tree_text(&d->tree, &maps, NULL, "/proc/%d/maps",
				vmm->pid);
	if (vmm->err)
		return;
	for (size_t i = 0; i < d->nr_mounts; i++)
		vmm->on_denseram |= dr_proc_maps(maps, d->mounts[i].dev);
	free(maps);
}

/* libvirt asks a QEMU without a machine what it can do: that is none. */
static bool is_machine(const char *line, size_t len)
{
	const char *machine = dr_proc_argument(line, len, "-machine");

	return !machine || strncmp(machine, "none", 4);
}

static void add_vmm(struct doctor *d, int pid, const char *comm)
{
	struct vmm vmm = { .pid = pid };
	char *line, *status;
	const char *name;
	size_t len;

	if (dr_tree_text(&d->tree, &line, &len, "/proc/%d/cmdline", pid))
		return;
	if (!is_machine(line, len)) {
		free(line);
		return;
	}
	name = dr_proc_argument(line, len, "-name");
	if (name)
		dr_proc_vm_name(name, vmm.name, sizeof(vmm.name));
	else
		snprintf(vmm.name, sizeof(vmm.name), "%.100s, pid %d", comm,
			 pid);
	vmm.libvirt = dr_proc_mentions(line, len, LIBVIRT_MARK);
	free(line);
	find_memory(d, &vmm);
	if (!dr_tree_text(&d->tree, &status, NULL, "/proc/%d/status", pid)) {
		dr_proc_field(status, "VmSwap", &vmm.swapped);
		free(status);
	}
	d->vmms = grow(d->vmms, d->nr_vmms, sizeof(vmm));
	d->vmms[d->nr_vmms++] = vmm;
}

static void collect_processes(struct doctor *d)
{
	char comm[DR_TREE_LINE];
	const char *name;
	DIR *dir;

	if (dr_tree_dir(&d->tree, &dir, "/proc"))
		return;
	while ((name = dr_tree_next(dir))) {
		int pid = atoi(name);

		/* It may end at any time. */
		if (pid <= 0 ||
		    dr_tree_line(&d->tree, comm, "/proc/%d/comm", pid))
			continue;
		if (dr_proc_is_qemu(comm))
			add_vmm(d, pid, comm);
		else if (!strcmp(comm, "denseramd"))
			d->daemon = pid;
	}
	closedir(dir);
}

static void add_guest(struct doctor *d, const char *name)
{
	struct guest g = { .pid = 0 };
	uint64_t pid = 0;

	if (snprintf(g.name, sizeof(g.name), "%s", name) >=
	    (int)sizeof(g.name))
		return;
	if (!guest_number(d, &g, "vmm_pid", &pid) && pid <= INT32_MAX)
		g.pid = (int)pid;
	guest_number(d, &g, "size", &g.size);
	guest_number(d, &g, "max", &g.max);
	g.libvirt = g.pid && of_libvirt(d, g.pid);
	d->guests = grow(d->guests, d->nr_guests, sizeof(g));
	d->guests[d->nr_guests++] = g;
}

static void collect_guests(struct doctor *d)
{
	const char *name;
	DIR *dir;

	if (dr_tree_dir(&d->tree, &dir, MODULE_SYSFS "/guests"))
		return;
	while ((name = dr_tree_next(dir)))
		add_guest(d, name);
	closedir(dir);
}

void doctor_collect(struct doctor *d)
{
	char *meminfo;

	if (dr_tree_line(&d->tree, d->release, "/proc/sys/kernel/osrelease"))
		d->release[0] = '\0';
	/* It becomes part of paths. */
	if (strchr(d->release, '/'))
		d->release[0] = '\0';
	d->loaded = dr_tree_has(&d->tree, MODULE_SYSFS "/version");
	if (!dr_tree_text(&d->tree, &meminfo, NULL, "/proc/meminfo")) {
		dr_proc_field(meminfo, "MemTotal", &d->total);
		free(meminfo);
	}
	collect_mounts(d);
	collect_guests(d);
	collect_processes(d);
}

void doctor_free(struct doctor *d)
{
	for (size_t i = 0; i < d->nr_findings; i++) {
		free(d->findings[i].subject);
		free(d->findings[i].what);
		free(d->findings[i].remedy);
	}
	free(d->findings);
	free(d->mounts);
	free(d->vmms);
	free(d->guests);
	dr_tree_close(&d->tree);
}
