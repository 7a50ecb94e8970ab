// SPDX-License-Identifier: GPL-2.0-only
/* Texts of /proc, versions, and what Secure Boot leaves in files. */
#include "fuzz.h"

#include "../lib/mounts.h"
#include "../lib/proc.h"
#include "../lib/release.h"
#include "../lib/signature.h"

static void try_mounts(const char *text)
{
	struct dr_mounted m;
	char value[16];

	while (dr_mounts_next(&text, "denseram", &m)) {
		must(memchr(m.path, '\0', sizeof(m.path)));
		must(memchr(m.options, '\0', sizeof(m.options)));
		if (dr_mount_option(m.options, "size", value, sizeof(value)))
			must(strlen(value) < sizeof(value));
	}
}

static void try_fields(const char *text)
{
	const unsigned int dev[2] = { 0, 52 };
	char path[64];
	uint64_t value;

	dr_proc_field(text, "MemTotal", &value);
	dr_proc_has_word(text, "flags", "svm");
	dr_proc_sum(text, "nr_free_pages");
	dr_proc_maps(text, dev);
	if (dr_proc_cgroup(text, path, sizeof(path)))
		must(*path == '/' && !strstr(path, "/.."));
}

static void try_process(const char *text, size_t size)
{
	const char *word = dr_proc_argument(text, size, "-name");
	char name[32];

	if (word)
		must(word >= text && word <= text + size);
	dr_proc_mentions(text, size, "/run/denseram");
	dr_proc_vm_name(word ? word : text, name, sizeof(name));
	must(strlen(name) < sizeof(name));
	dr_proc_is_qemu(text);
}

/* Not ended by anything: what is read beyond is found. */
static void try_bytes(const uint8_t *data, size_t size)
{
	char *bytes = malloc(size ? size : 1);
	struct dr_release release;
	int state;

	must(bytes);
	memcpy(bytes, data, size);
	dr_release_of_qemu(bytes, size, &release);
	state = dr_secure_boot(bytes, size);
	must(state <= 1);
	dr_is_signed(bytes, size);
	must(!dr_is_enrolled(bytes, size, bytes, 0));
	must(!size || dr_is_enrolled(bytes, size, bytes + size / 2,
				     size - size / 2));
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct dr_release release;

	try_mounts(text);
	try_fields(text);
	try_process(text, size);
	if (!dr_release_parse(text, &release))
		must(release.major < 1000000 && release.minor < 1000000);
	free(text);
	try_bytes(data, size);
	return 0;
}
