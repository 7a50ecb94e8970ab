// SPDX-License-Identifier: GPL-2.0-only
/* "denseram doctor": QEMU on disk, QEMUs that run, and where their memory is. */
#include "doctor.h"
#include "../lib/quote.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define QEMU_MAJOR	7
#define QEMU_MINOR	2

#define CHUNK		(64 * 1024)
#define OVERLAP		64	/* more than the mark and a version have */

static const char *const paths[] = {
	"/usr/bin/qemu-system-x86_64",
	"/usr/local/bin/qemu-system-x86_64",
	"/usr/libexec/qemu-kvm",
	"/usr/bin/qemu-kvm",
	"/usr/bin/kvm",
};

/* It is not run: a file of another machine must not be, and /proc/PID/exe may be gone. */
static int read_version(int fd, struct dr_release *release)
{
	static char bytes[OVERLAP + CHUNK];
	size_t kept = 0;
	ssize_t len;

	while ((len = read(fd, bytes + kept, CHUNK)) > 0) {
		size_t all = kept + (size_t)len;

		/* The version may be cut at the end of a part: see the next. */
		if (!dr_release_of_qemu(bytes, all, release) &&
		    !dr_release_of_qemu(bytes, all > OVERLAP / 2 ?
					all - OVERLAP / 2 : all, release))
			return 0;
		kept = all < OVERLAP ? all : OVERLAP;
		memmove(bytes, bytes + all - kept, kept);
	}
	if (len < 0)
		return -errno;
	return dr_release_of_qemu(bytes, kept, release);
}

/* Hundreds of VMs run the same one. */
static struct program *known_program(struct doctor *d, const struct stat *st)
{
	for (size_t i = 0; i < d->nr_programs; i++) {
		if (d->programs[i].dev == st->st_dev &&
		    d->programs[i].ino == st->st_ino)
			return &d->programs[i];
	}
	return NULL;
}

static int version_of(struct doctor *d, int fd, struct dr_release *release)
{
	struct program *p, fresh;
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	p = known_program(d, &st);
	if (!p) {
		p = d->nr_programs < MAX_PROGRAMS ?
			&d->programs[d->nr_programs++] : &fresh;
		p->dev = st.st_dev;
		p->ino = st.st_ino;
		p->err = read_version(fd, &p->release);
	}
	*release = p->release;
	return p->err;
}

static bool is_recent(const struct dr_release *release)
{
	return dr_release_since(release, QEMU_MAJOR, QEMU_MINOR);
}

static void look_installed(struct doctor *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		if (dr_tree_has(&d->tree, "%s", paths[i])) {
			fine(d, "%s", paths[i]);
			return;
		}
	}
	mend(find(d, SEVERITY_WARNING, NULL, "there is no qemu-system-x86_64"),
	     "install QEMU %d.%d or newer (Debian: apt install qemu-system-x86)",
	     QEMU_MAJOR, QEMU_MINOR);
}

/* Some are scripts that start another one: those have no version. */
static void look_path(struct doctor *d, const char *path, bool *any)
{
	struct dr_release release;
	int err, fd = dr_tree_file(&d->tree, "%s", path);

	if (fd < 0)
		return;
	err = version_of(d, fd, &release);
	close(fd);
	if (err)
		return;
	*any = true;
	if (!is_recent(&release))
		mend(find(d, SEVERITY_WARNING, path,
			  "QEMU %u.%u is older than %d.%d", release.major,
			  release.minor, QEMU_MAJOR, QEMU_MINOR),
		     "install QEMU %d.%d or newer (Debian: apt install qemu-system-x86)",
		     QEMU_MAJOR, QEMU_MINOR);
}

static void look_version(struct doctor *d)
{
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		look_path(d, paths[i], &any);
	if (has_found(d))
		return;
	if (any)
		fine(d, "%d.%d or newer", QEMU_MAJOR, QEMU_MINOR);
	else
		unknown(d, "no QEMU was found that tells its version");
}

static void look_vmm(struct doctor *d, const struct vmm *vmm)
{
	struct dr_release release;
	int err, fd = dr_tree_file(&d->tree, "/proc/%d/exe", vmm->pid);

	if (fd < 0) {
		unknown_errno(d, "/proc/PID/exe", fd);
		return;
	}
	err = version_of(d, fd, &release);
	close(fd);
	if (err)
		unknown(d, "a program that runs does not tell its version");
	else if (!is_recent(&release))
		mend(find(d, SEVERITY_WARNING, vmm->name,
			  "runs on QEMU %u.%u, older than %d.%d",
			  release.major, release.minor, QEMU_MAJOR, QEMU_MINOR),
		     "install a newer QEMU, then end this VM and start it again, or migrate it away and back");
}

static void look_running(struct doctor *d)
{
	for (size_t i = 0; i < d->nr_vmms; i++)
		look_vmm(d, &d->vmms[i]);
	if (!has_found(d))
		fine(d, "%zu running", d->nr_vmms);
}

static void mend_elsewhere(const struct doctor *d, const struct vmm *vmm,
			   struct finding *f)
{
	char text[160];
	const char *name = dr_quote(vmm->name, text, sizeof(text));

	if (vmm->libvirt)
		mend(f, "virsh edit %s: <memoryBacking><source type='file'/><access mode='shared'/></memoryBacking>, with memory_backing_dir = \"%s\" in /etc/libvirt/qemu.conf; then shut it down and start it",
		     name ? name : "NAME", mount_word(d));
	else
		mend(f, "start it with -machine memory-backend=ram -object memory-backend-file,id=ram,size=SIZE,mem-path=%s/NAME/ram0,share=on,align=2M",
		     mount_word(d));
}

static void look_elsewhere(struct doctor *d)
{
	for (size_t i = 0; i < d->nr_vmms; i++) {
		const struct vmm *vmm = &d->vmms[i];

		if (vmm->err)
			unknown_errno(d, "/proc/PID/maps", vmm->err);
		else if (!vmm->on_denseram)
			mend_elsewhere(d, vmm,
				       find(d, SEVERITY_NOTE, vmm->name,
					    "has its memory elsewhere"));
	}
	if (!has_found(d))
		fine(d, "all of %zu are on denseram", d->nr_vmms);
}

static const struct check checks[] = {
	{ "qemu-installed", "guests need a VMM", false, look_installed },
	{ "qemu-version", "older ones were never tried with denseram", false,
	  look_version },
	{ "qemu-running", "a VM keeps the QEMU it was started with", false,
	  look_running },
	{ "qemu-elsewhere", "nothing can be taken from memory that is not on denseram",
	  false, look_elsewhere },
};

const struct check_group qemu_checks = {
	.title = "qemu",
	.checks = checks,
	.nr = ARRAY_SIZE(checks),
};
