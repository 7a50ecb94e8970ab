// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: QEMU for hosts of libvirt
 *
 * KVM maps a guest's memory in pages of 2 MiB only where the VMM has it at an address
 * that is a multiple of them, and QEMU sees to that only where it is told to
 * (align=2M). libvirt has no element for it. It runs this program in QEMU's place when a
 * domain names it as its <emulator>; it adds what is missing to each memory backend on
 * denseram, and becomes QEMU. All else of the command line stays as it is.
 */
#include "../lib/backend.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/denseram.h>

#define ALIGN	(2UL << 20)

static const char *const emulators[] = {
	"/usr/bin/qemu-system-x86_64",
	"/usr/local/bin/qemu-system-x86_64",
	"/usr/libexec/qemu-kvm",
	"/usr/bin/qemu-kvm",
	"/usr/bin/kvm",
};

/* A file that QEMU has yet to make is where its directory is. */
static bool is_on_denseram(const char *path)
{
	char parent[PATH_MAX];
	struct statfs fs;

	if (!statfs(path, &fs))
		return fs.f_type == DR_SUPER_MAGIC;
	if (errno != ENOENT || strlen(path) >= sizeof(parent))
		return false;
	strcpy(parent, path);
	return !statfs(dirname(parent), &fs) && fs.f_type == DR_SUPER_MAGIC;
}

static bool is_object(const char *word)
{
	return !strcmp(word, "-object") || !strcmp(word, "--object");
}

static int align_memory(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i++) {
		char *aligned;

		if (!is_object(argv[i]))
			continue;
		i++;
		if (dr_backend_align(argv[i], ALIGN, is_on_denseram, &aligned))
			return -1;
		if (aligned)
			argv[i] = aligned;
	}
	return 0;
}

/* $DENSERAM_QEMU, or the one that is there. */
static const char *find_emulator(void)
{
	const char *chosen = getenv("DENSERAM_QEMU");

	if (chosen && *chosen)
		return chosen;
	for (size_t i = 0; i < sizeof(emulators) / sizeof(*emulators); i++) {
		if (!access(emulators[i], X_OK))
			return emulators[i];
	}
	return emulators[0];
}

int main(int argc, char **argv)
{
	const char *emulator = find_emulator();

	if (argc < 1 || align_memory(argc, argv)) {
		fprintf(stderr, "denseram-qemu: no memory\n");
		return 1;
	}
	argv[0] = (char *)emulator;
	/* Were it this program: the next one looks for another. */
	unsetenv("DENSERAM_QEMU");
	execv(emulator, argv);
	fprintf(stderr, "denseram-qemu: %s: %s\n", emulator, strerror(errno));
	return errno == ENOENT ? 127 : 126;
}
