// SPDX-License-Identifier: GPL-2.0-only
/* "denseram doctor": the balloons of guests, as denseramd reports them. */
#include "doctor.h"

#include <errno.h>
#include <string.h>

#define DEVICE_OF_QEMU	"-device virtio-balloon-pci,deflate-on-oom=on,free-page-reporting=on"
#define DEVICE_OF_VIRSH	"<memballoon model='virtio' autodeflate='on' freePageReporting='on'/>"

static void read_state(const struct doctor *d, const struct guest *g,
		       char *state)
{
	if (dr_tree_line(&d->tree, state,
			 MODULE_SYSFS "/guests/%s/balloon/state", g->name))
		strcpy(state, "none");
}

/* The device is known by what denseramd reports, and else not at all. */
static bool is_reported(const struct doctor *d, const struct guest *g)
{
	char state[DR_TREE_LINE];

	if (!g->pid)
		return false;
	read_state(d, g, state);
	return strcmp(state, "none");
}

static bool lacks(const struct doctor *d, const struct guest *g,
		  const char *file)
{
	uint64_t value;

	return is_reported(d, g) && !guest_number(d, g, file, &value) &&
	       !value;
}

static void look_report_of(struct doctor *d, const struct guest *g)
{
	char state[DR_TREE_LINE];

	if (!g->pid)
		return;
	read_state(d, g, state);
	if (!strcmp(state, "none"))
		mend(find(d, SEVERITY_WARNING, g->name,
			  "denseramd has not found its VMM"),
		     g->libvirt ? "systemctl restart denseramd; journalctl -u denseramd" :
		     "start QEMU with -qmp unix:/run/denseramd/vmm/NAME,server=on,wait=off; journalctl -u denseramd");
	else if (!strcmp(state, "silent"))
		mend(find(d, SEVERITY_WARNING, g->name,
			  "no report for ten seconds: denseramd or the VMM hangs"),
		     "systemctl status denseramd; journalctl -u denseramd");
}

static void look_report(struct doctor *d)
{
	each_guest(d, look_report_of);
}

static void mend_device(struct finding *f, const struct guest *g)
{
	if (g->libvirt)
		mend(f, "virsh edit DOMAIN: " DEVICE_OF_VIRSH);
	else
		mend(f, "start QEMU with " DEVICE_OF_QEMU);
}

static void look_device_of(struct doctor *d, const struct guest *g)
{
	if (lacks(d, g, "balloon/device"))
		mend_device(find(d, SEVERITY_WARNING, g->name,
				 "its VMM has no balloon device"), g);
}

static void look_device(struct doctor *d)
{
	each_guest(d, look_device_of);
}

/* What a guest without a device lacks besides is told with the device. */
static bool lacks_in_device(const struct doctor *d, const struct guest *g,
			    const char *file)
{
	return !lacks(d, g, "balloon/device") && lacks(d, g, file);
}

static void look_driver_of(struct doctor *d, const struct guest *g)
{
	if (lacks_in_device(d, g, "balloon/driver"))
		mend(find(d, SEVERITY_WARNING, g->name,
			  "no driver in the guest answers"),
		     "in the guest: modprobe denseram_balloon, or modprobe virtio_balloon (Windows: the balloon service of virtio-win)");
}

static void look_driver(struct doctor *d)
{
	each_guest(d, look_driver_of);
}

static void look_deflate_of(struct doctor *d, const struct guest *g)
{
	if (lacks_in_device(d, g, "balloon/deflate_on_oom"))
		mend_device(find(d, SEVERITY_WARNING, g->name,
				 "its balloon device does not have deflate-on-oom"), g);
}

static void look_deflate(struct doctor *d)
{
	each_guest(d, look_deflate_of);
}

static void look_reporting_of(struct doctor *d, const struct guest *g)
{
	if (lacks_in_device(d, g, "balloon/reporting"))
		mend_device(find(d, SEVERITY_NOTE, g->name,
				 "its balloon device does not have free-page-reporting"), g);
}

static void look_reporting(struct doctor *d)
{
	each_guest(d, look_reporting_of);
}

static const struct check checks[] = {
	{ "balloon-report", "a guest that denseramd does not reach is paged instead",
	  true, look_report },
	{ "balloon-device", "a guest without a balloon is paged instead: it cannot choose what to give",
	  true, look_device },
	{ "balloon-driver", "a guest without a balloon is paged instead: it cannot choose what to give",
	  true, look_driver },
	{ "balloon-deflate", "a guest that may not take memory back is killed by too large a balloon",
	  true, look_deflate },
	{ "balloon-reporting", "what a guest frees by itself stays with it", true,
	  look_reporting },
};

const struct check_group balloon_checks = {
	.title = "balloons",
	.checks = checks,
	.nr = ARRAY_SIZE(checks),
};
