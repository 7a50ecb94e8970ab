// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command line as a whole, on a module that only pretends and tells anything:
 * words first, a line each, then behind a zero byte the numbers of the module.
 */
#include "fuzz.h"

#include "../denseram/verbs.h"
#include "../lib/denseram.h"
#include "../lib/sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define WORDS	10
#define GUESTS	3

static struct input module;

/* All of a structure but for what the caller gave, which is up to @from. */
static void tell(void *answer, size_t size, size_t from)
{
	uint8_t *bytes = answer;

	for (; from + sizeof(uint64_t) <= size; from += sizeof(uint64_t)) {
		uint64_t value = take_number(&module);

		memcpy(bytes + from, &value, sizeof(value));
	}
}

/* A text that ends, as the module's do. */
static void tell_text(char *text, size_t size)
{
	size_t len = take_byte(&module) % size;

	memset(text, 0, size);
	for (size_t i = 0; i < len; i++)
		text[i] = (char)take_byte(&module);
}

/* ---- the module's calls; all numbers but those that lead somewhere */

int dr_open(int *fd, struct dr_version *version)
{
	*version = (struct dr_version){
		.abi = DR_ABI_VERSION, .nr_events = DR_NR_EVENTS,
	};
	tell_text(version->release, sizeof(version->release));
	*fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	return *fd < 0 ? -errno : 0;
}

int dr_open_to_look(int *fd, struct dr_version *version)
{
	return dr_open(fd, version);
}

int dr_status(int fd, struct dr_status *status)
{
	(void)fd;
	tell(status, sizeof(*status), 0);
	return 0;
}

static void tell_guest(struct dr_guest_info *info)
{
	tell(info, sizeof(*info), 0);
	tell_text(info->name, sizeof(info->name));
	/* Somebody would wait for the end of it. */
	info->state &= ~DR_GUEST_PARKING;
	info->flags = 0;
}

int dr_guests(int fd, struct dr_guest_info **infos, size_t *nr)
{
	(void)fd;
	*nr = take_byte(&module) % (GUESTS + 1);
	*infos = calloc(GUESTS, sizeof(**infos));
	must(*infos);
	for (size_t i = 0; i < *nr; i++)
		tell_guest(&(*infos)[i]);
	return 0;
}

int dr_guest_find(int fd, const char *name, struct dr_guest_info *info)
{
	(void)fd;
	if (!*name)
		return -ENOENT;
	tell_guest(info);
	return 0;
}

int dr_guest_set(int fd, const struct dr_guest_set *set)
{
	(void)fd;
	must(set->flags && !(set->flags & ~DR_SET_ALL));
	return -(take_byte(&module) % 40);
}

int dr_guest_trim(int fd, struct dr_guest_trim *trim)
{
	(void)fd;
	must(!(trim->flags & ~DR_TRIM_ALL));
	tell(trim, sizeof(*trim), 16);
	return 0;
}

int dr_share_status(int fd, struct dr_share_status *status)
{
	(void)fd;
	tell(status, sizeof(*status), 0);
	return 0;
}

int dr_guest_share(int fd, const struct dr_guest_share *share)
{
	(void)fd;
	must(share->flags && !(share->flags & ~DR_GUEST_SHARE_ALL));
	return -(take_byte(&module) % 40);
}

int dr_swap_status(int fd, struct dr_swap_status *status)
{
	(void)fd;
	tell(status, sizeof(*status), 0);
	tell_text(status->compressor, sizeof(status->compressor));
	return 0;
}

int dr_guest_swap(int fd, uint64_t id, struct dr_guest_swap *swap)
{
	(void)fd;
	(void)id;
	tell(swap, sizeof(*swap), 16);
	return 0;
}

int dr_guest_park(int fd, const struct dr_guest_park *park)
{
	(void)fd;
	must(!park->flags && park->park <= 1);
	return -(take_byte(&module) % 40);
}

int dr_guest_wake(int fd, struct dr_guest_wake *wake)
{
	(void)fd;
	must(!wake->flags && wake->count);
	tell(wake, sizeof(*wake), 16);
	wake->cursor = ~0ULL;
	return 0;
}

int dr_swap_add(int fd, int area, int prio, unsigned int *id)
{
	(void)fd;
	must(area >= 0 && prio >= -32768 && prio <= 32767);
	*id = take_byte(&module);
	return -(take_byte(&module) % 40);
}

int dr_swap_rm(int fd, unsigned int id, uint64_t *left)
{
	(void)fd;
	(void)id;
	*left = take_number(&module);
	return -(take_byte(&module) % 40);
}

int dr_swap_areas(int fd, struct dr_swap_area **areas, size_t *nr)
{
	(void)fd;
	*nr = take_byte(&module) % 3;
	*areas = calloc(3, sizeof(**areas));
	must(*areas);
	for (size_t i = 0; i < *nr; i++) {
		tell(&(*areas)[i], sizeof(**areas), 0);
		tell_text((*areas)[i].path, sizeof((*areas)[i].path));
	}
	return 0;
}

int dr_admission(int fd, struct dr_admission_status *status)
{
	(void)fd;
	tell(status, sizeof(*status), 0);
	return 0;
}

int dr_guest_shares(int fd, struct dr_guest_shares *shares)
{
	uint64_t *pages = (uint64_t *)(uintptr_t)shares->pages;
	uint32_t nr = take_byte(&module) % 8;

	(void)fd;
	must(shares->count && !shares->flags);
	/* One portion, and the end. */
	if (shares->cursor || nr > shares->count)
		nr = 0;
	for (uint32_t i = 0; i < nr; i++)
		pages[i] = take_number(&module);
	shares->count = nr;
	shares->cursor = 1;
	return 0;
}

int dr_guest_vmm(int fd, const struct dr_guest_vmm *vmm)
{
	(void)fd;
	(void)vmm;
	return 0;
}

int dr_balloon(int fd, struct dr_balloon_info *info)
{
	(void)fd;
	tell(info, sizeof(*info), 16);
	return 0;
}

int dr_balloon_set(int fd, const struct dr_balloon_set *set)
{
	(void)fd;
	must(!set->flags && !set->pad);
	return -(take_byte(&module) % 40);
}

int dr_balloon_report(int fd, const struct dr_balloon_report *report)
{
	(void)fd;
	(void)report;
	return 0;
}

int dr_policy_status(int fd, struct dr_policy_status *status)
{
	(void)fd;
	tell(status, sizeof(*status), 0);
	return 0;
}

int dr_policy_run_read(int fd, struct dr_policy_run *run)
{
	struct dr_policy_numbers *guests = (void *)(uintptr_t)run->guests;
	uint32_t room = run->count;
	uint64_t address = run->guests;

	(void)fd;
	tell(run, sizeof(*run), 8);
	run->guests = address;
	run->count = take_byte(&module) % GUESTS;
	for (uint32_t i = 0; i < run->count && i < room; i++)
		tell(&guests[i], sizeof(*guests), 0);
	return 0;
}

int dr_sysfs_read(const char *file, char *text)
{
	must(file);
	if (take_byte(&module) % 8 == 7)
		return -ENOENT;
	tell_text(text, take_byte(&module) % 2 ? 64 : DR_SYSFS_TEXT);
	return 0;
}

int dr_sysfs_write(const char *file, const char *text)
{
	must(file && strlen(text) < DR_SYSFS_TEXT);
	return -(take_byte(&module) % 40);
}

/* ---- the command line */

/* Those that run for long, serve, look at this machine or make large files. */
static bool is_left_out(const char *word)
{
	static const char *const words[] = {
		"top", "watch", "record", "exporter", "sim", "doctor", "rm",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!strcmp(word, words[i]))
			return true;
	}
	return !strncmp(word, "--size", 6);
}

/* Files stay in a directory of ours. */
static void stay_here(char *text)
{
	static char dir[] = "/tmp/fuzz-verbs.XXXXXX";
	static bool there;

	if (!there)
		must(mkdtemp(dir) && !chdir(dir));
	there = true;
	for (; *text; text++) {
		if (*text == '/' || (text[0] == '.' && text[1] == '.'))
			*text = '_';
	}
}

static int run(int argc, char **argv)
{
	for (const struct verb *const *verb = verbs; *verb; verb++) {
		char name[64], *rest = name, *word;
		int nr = 0;

		snprintf(name, sizeof(name), "%s", (*verb)->name);
		while ((word = strsep(&rest, " ")) && nr < argc &&
		       !strcmp(word, argv[nr]))
			nr++;
		if (!word)
			return (*verb)->run(*verb, argc - nr, argv + nr);
	}
	return EXIT_USAGE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *rest = text;
	char *words[WORDS + 1] = { NULL };
	size_t len = strlen(text) + 1;
	bool skip = false;
	int nr = 0, status;

	module = (struct input){ data + len, len < size ? size - len : 0 };
	stay_here(text);
	while (nr < WORDS && (words[nr] = fuzz_line(&rest)))
		skip |= is_left_out(words[nr++]);
	words[nr] = NULL;
	if (!skip) {
		status = run(nr, words);
		must(status >= 0 && status <= 4);
	}
	free(text);
	return 0;
}
