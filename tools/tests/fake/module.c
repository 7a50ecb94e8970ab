// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module that only pretends, to be linked with the daemon in the place of
 * lib/denseram.c. All of it is in the directory $FAKE_MODULE:
 *
 * guests     "ID NAME PID" a line: who there is
 * wanted.ID  "BYTES NR": what is wanted of a balloon, and how often it was said
 * notices    a FIFO: what read(2) of the device returns
 * state.ID   written here: what was reported last
 */
#include "../../lib/denseram.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GUESTS_MAX	1024

/* What a guest's file says. */
static struct state {
	uint32_t run_state;
	uint32_t migrating;
	uint32_t nr_regions;
	uint32_t features;
	uint64_t actual;
	uint64_t free;
} states[GUESTS_MAX];

static const char *path_of(const char *name, uint64_t id)
{
	static char path[512];
	int len = snprintf(path, sizeof(path), "%s/%s", getenv("FAKE_MODULE"),
			   name);

	if (id)
		snprintf(path + len, sizeof(path) - (size_t)len, ".%llu",
			 (unsigned long long)id);
	return path;
}

int dr_open(int *fd, struct dr_version *version)
{
	version->abi = DR_ABI_VERSION;
	*fd = open(path_of("notices", 0), O_RDWR | O_CLOEXEC);
	return *fd < 0 ? -errno : 0;
}

/* A host that has enough. */
int dr_policy_status(int fd, struct dr_policy_status *status)
{
	(void)fd;
	memset(status, 0, sizeof(*status));
	status->level = DR_LEVEL_HIGH;
	return 0;
}

int dr_guests(int fd, struct dr_guest_info **infos, size_t *nr)
{
	FILE *file = fopen(path_of("guests", 0), "re");
	unsigned long long id;
	char name[64];
	int pid;

	(void)fd;
	*nr = 0;
	*infos = calloc(GUESTS_MAX, sizeof(**infos));
	while (file && *nr < GUESTS_MAX &&
	       fscanf(file, "%llu %63s %d", &id, name, &pid) == 3) {
		struct dr_guest_info *info = &(*infos)[(*nr)++];

		info->id = id;
		info->vmm_pid = pid;
		snprintf(info->name, sizeof(info->name), "%s", name);
	}
	if (file)
		fclose(file);
	return 0;
}

static int is_guest(int fd, uint64_t id)
{
	struct dr_guest_info *infos;
	int found = 0;
	size_t nr;

	dr_guests(fd, &infos, &nr);
	while (nr--)
		found |= infos[nr].id == id;
	free(infos);
	return found && id < GUESTS_MAX;
}

/* Whole or not at all: somebody reads it at any time. */
static void write_state(uint64_t id)
{
	const struct state *state = &states[id];
	char temporary[512];
	FILE *file;

	strcpy(temporary, path_of("new", id));
	file = fopen(temporary, "we");
	if (!file)
		return;
	fprintf(file, "run_state=%u migrating=%u regions=%u features=%u actual=%llu free=%llu\n",
		state->run_state, state->migrating, state->nr_regions,
		state->features, (unsigned long long)state->actual,
		(unsigned long long)state->free);
	fclose(file);
	rename(temporary, path_of("state", id));
}

int dr_guest_vmm(int fd, const struct dr_guest_vmm *vmm)
{
	struct state *state = &states[vmm->id % GUESTS_MAX];

	if (!is_guest(fd, vmm->id))
		return -ENOENT;
	if (vmm->flags & DR_VMM_RUN_STATE)
		state->run_state = vmm->run_state;
	if (vmm->flags & DR_VMM_MIGRATING)
		state->migrating = vmm->migrating;
	if (vmm->flags & DR_VMM_REGIONS)
		state->nr_regions = vmm->nr_regions;
	write_state(vmm->id);
	return 0;
}

int dr_balloon(int fd, struct dr_balloon_info *info)
{
	unsigned long long wanted;
	unsigned int nr;
	FILE *file;

	info->wanted = DR_BALLOON_UNASKED;
	if (!is_guest(fd, info->id))
		return -ENOENT;
	file = fopen(path_of("wanted", info->id), "re");
	if (!file)
		return 0;
	if (fscanf(file, "%llu %u", &wanted, &nr) == 2) {
		info->wanted = wanted;
		info->nr_asked = nr;
	}
	fclose(file);
	return 0;
}

int dr_balloon_report(int fd, const struct dr_balloon_report *report)
{
	struct state *state = &states[report->id % GUESTS_MAX];

	if (!is_guest(fd, report->id))
		return -ENOENT;
	if (report->flags & DR_REPORT_FEATURES)
		state->features = report->features;
	if (report->flags & DR_REPORT_ACTUAL)
		state->actual = report->actual;
	if (report->flags & DR_REPORT_STATS)
		state->free = report->stats[DR_BSTAT_FREE];
	write_state(report->id);
	return 0;
}
