/* SPDX-License-Identifier: GPL-2.0-only */
/* "denseram doctor": checks of a host, what they find, what they go by. */
#ifndef DR_DOCTOR_H
#define DR_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../lib/mounts.h"
#include "../lib/release.h"
#include "../lib/tree.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))

/* Where the file system is by custom. */
#define USUAL_MOUNT	"/run/denseram"
#define MODULE_SYSFS	"/sys/kernel/denseram"

/* From the best to the worst. */
enum severity {
	SEVERITY_OK,
	SEVERITY_NOTE,		/* could be better, or could not be told */
	SEVERITY_WARNING,	/* something works badly, or is going to fail */
	SEVERITY_ERROR,		/* something does not work */
	NR_SEVERITIES,
};

struct doctor;

/**
 * struct check - one thing to look at
 * @id: stable, and documented
 * @why: what it matters for, half a line
 * @of_module: cannot be told without the module
 * @look: find() or fine() at least once
 */
struct check {
	const char *id;
	const char *why;
	bool of_module;
	void (*look)(struct doctor *d);
};

/**
 * struct check_group - the checks of a file
 * @title: of what
 * @checks: @nr of them
 */
struct check_group {
	const char *title;
	const struct check *checks;
	size_t nr;
};

extern const struct check_group kernel_checks;
extern const struct check_group secure_checks;
extern const struct check_group kvm_checks;
extern const struct check_group qemu_checks;
extern const struct check_group mount_checks;
extern const struct check_group access_checks;
extern const struct check_group daemon_checks;
extern const struct check_group guest_checks;
extern const struct check_group balloon_checks;
extern const struct check_group paging_checks;
extern const struct check_group host_checks;
extern const struct check_group cgroup_checks;

/* All of them in the order of the manual, ended by NULL. */
extern const struct check_group *const check_groups[];

/**
 * struct finding - what a check found
 * @group: of the check
 * @check: that found it
 * @severity: of it
 * @unknown: it could not be told, for the reason that is in @what
 * @subject: the guest, program or file it is about, or NULL
 * @what: a line, as it comes from wherever: escape it
 * @remedy: a command, or a file and its line; likewise; or NULL
 */
struct finding {
	const struct check_group *group;
	const struct check *check;
	enum severity severity;
	bool unknown;
	char *subject;
	char *what;
	char *remedy;
};

/**
 * struct vmm - a running QEMU
 * @pid: of it
 * @name: of its virtual machine, or of the program
 * @libvirt: started by libvirt
 * @on_denseram: has memory there
 * @err: why that could not be told, or 0
 * @swapped: bytes the host's kernel has swapped out of it
 */
struct vmm {
	int pid;
	char name[128];
	bool libvirt;
	bool on_denseram;
	int err;
	uint64_t swapped;
};

/**
 * struct guest - a guest that the module knows
 * @name: of it, and of its directory in sysfs
 * @pid: of its VMM, or 0
 * @size: of its RAM
 * @max: what it may have at the most
 * @libvirt: started by libvirt
 */
struct guest {
	char name[256];
	int pid;
	uint64_t size;
	uint64_t max;
	bool libvirt;
};

#define MAX_PROGRAMS	16

/**
 * struct program - a QEMU on disk, read once
 * @dev: with @ino, which file
 * @err: why its version is not known, or 0
 */
struct program {
	dev_t dev;
	ino_t ino;
	int err;
	struct dr_release release;
};

/**
 * struct doctor - a visit
 * @tree: where the files are
 * @release: of the running kernel, "" if not known
 * @loaded: the module is
 * @total: memory of the host, 0 if not known
 * @daemon: pid of denseramd, or 0
 * @group: at work
 * @check: at work
 */
struct doctor {
	struct dr_tree tree;
	char release[DR_TREE_LINE];
	bool loaded;
	uint64_t total;
	int daemon;
	struct dr_mounted *mounts;
	size_t nr_mounts;
	struct vmm *vmms;
	size_t nr_vmms;
	struct guest *guests;
	size_t nr_guests;
	struct program programs[MAX_PROGRAMS];
	size_t nr_programs;
	const struct check_group *group;
	const struct check *check;
	struct finding *findings;
	size_t nr_findings;
};

/* What to go by; of what cannot be read there is none. */
void doctor_collect(struct doctor *d);
void doctor_free(struct doctor *d);

/**
 * find - the check at work has found something
 * @d: the visit
 * @level: of it
 * @subject: what it is about, or NULL
 * @fmt: what is wrong
 *
 * Returns it for mend(), valid until the next one is found.
 */
__attribute__((format(printf, 4, 5)))
struct finding *find(struct doctor *d, enum severity level,
		     const char *subject, const char *fmt, ...);

/* What mends it. */
__attribute__((format(printf, 2, 3)))
void mend(struct finding *finding, const char *fmt, ...);

/* The check at work has found nothing wrong. */
__attribute__((format(printf, 2, 3)))
void fine(struct doctor *d, const char *fmt, ...);

/* It cannot tell, for this reason. */
__attribute__((format(printf, 2, 3)))
void unknown(struct doctor *d, const char *fmt, ...);

/* Likewise, because @file could not be read. */
void unknown_errno(struct doctor *d, const char *file, int err);

/* Has the check at work found anything yet? */
bool has_found(const struct doctor *d);

/* A mount to name in a remedy: the first one, or the usual place; quoted. */
const char *mount_word(const struct doctor *d);

/* How the CLI takes a guest, quoted: by its name, or else by its id. */
const char *guest_word(const struct doctor *d, const struct guest *g,
		       char *text, size_t size);

/* A value of a guest, or of the module: see there. */
int guest_number(const struct doctor *d, const struct guest *g,
		 const char *file, uint64_t *value);

/* Call for each guest, and be fine if nothing was found. */
void each_guest(struct doctor *d,
		void (*look)(struct doctor *d, const struct guest *g));

/* QEMUs whose memory is not on denseram. */
size_t nr_elsewhere(const struct doctor *d);

/* The visit as a whole: the worst that was found. */
enum severity doctor_worst(const struct doctor *d);

/* Words for severities, as in JSON. */
const char *severity_name(enum severity level);

/**
 * struct tally - checks by the worst that each found
 * @nr: of each severity
 * @unknown: of the notes, those that could not tell
 */
struct tally {
	size_t nr[NR_SEVERITIES];
	size_t unknown;
	size_t all;
};

struct tally doctor_tally(const struct doctor *d);

/* doctor_print.c and doctor_json.c */
void print_doctor(const struct doctor *d);
int print_doctor_json(const struct doctor *d);

#endif /* DR_DOCTOR_H */
