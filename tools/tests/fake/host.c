// SPDX-License-Identifier: GPL-2.0-only
/*
 * A host whose module only pretends, to be linked with the verbs that tell
 * monitoring of it, in the place of lib/denseram.c. What it is like is in the
 * directory $FAKE_HOST, looked at anew each time:
 *
 * guests  how many guests there are; without the file the module is not loaded
 * error   an errno with which all calls fail
 */
#include "../../denseram/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB	(UINT64_C(1) << 20)

/* Guest 2 has a name that must be escaped. */
#define WILD	2

const struct verb *const verbs[] = { &verb_metrics, &verb_exporter, NULL };

void print_help(const struct verb *verb)
{
	fputs(verb->help, stdout);
}

/* A number in a file of $FAKE_HOST; -1 without the file. */
static long number_of(const char *name)
{
	char path[512];
	long number = -1;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", getenv("FAKE_HOST"), name);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fscanf(file, "%ld", &number) != 1)
		number = -1;
	fclose(file);
	return number;
}

static int trouble(void)
{
	long error = number_of("error");

	return error > 0 ? (int)-error : 0;
}

int dr_open(int *fd, struct dr_version *version)
{
	memset(version, 0, sizeof(*version));
	if (number_of("guests") < 0)
		return -ENOENT;
	version->abi = DR_ABI_VERSION;
	strcpy(version->release, "0.1.0");
	*fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return *fd < 0 ? -errno : 0;
}

int dr_open_to_look(int *fd, struct dr_version *version)
{
	return dr_open(fd, version);
}

int dr_status(int fd, struct dr_status *status)
{
	(void)fd;
	*status = (struct dr_status){
		.host_total = 8192 * MIB, .host_available = 4096 * MIB,
		.usage = { .resident = 1000 * MIB, .metadata = 2 * MIB },
		.events = { [DR_EV_FAULT] = 12345, [DR_EV_SWAP_OUT] = 99 },
	};
	return trouble();
}

int dr_share_status(int fd, struct dr_share_status *status)
{
	(void)fd;
	*status = (struct dr_share_status){
		.enabled = 1, .shared = 300 * MIB, .kept = 100 * MIB,
		.table_bytes = MIB, .cpu_ns = 1500000000,
	};
	return 0;
}

int dr_swap_status(int fd, struct dr_swap_status *status)
{
	(void)fd;
	*status = (struct dr_swap_status){
		.pool_limit = 1600 * MIB, .pool_memory = 50 * MIB,
		.cpu_ns = 250000000, .tiers.pool = 25600,
	};
	return 0;
}

int dr_policy_status(int fd, struct dr_policy_status *status)
{
	(void)fd;
	*status = (struct dr_policy_status){
		.enabled = 1, .level = DR_LEVEL_SOFT, .runs = 77,
		.free = 4096 * MIB, .pool = 6000 * MIB, .granted = 5000 * MIB,
	};
	return 0;
}

int dr_admission(int fd, struct dr_admission_status *status)
{
	(void)fd;
	*status = (struct dr_admission_status){
		.promised = 2000 * MIB, .room = 5000 * MIB, .swap = 1024 * MIB,
		.refused = 3,
	};
	return 0;
}

int dr_swap_areas(int fd, struct dr_swap_area **areas, size_t *nr)
{
	(void)fd;
	*nr = 0;
	*areas = calloc(2, sizeof(**areas));
	if (!*areas)
		return -ENOMEM;
	*nr = 2;
	for (size_t i = 0; i < *nr; i++) {
		(*areas)[i] = (struct dr_swap_area){
			.id = (uint32_t)i, .size = 512 * MIB, .used = i * MIB,
			.read_errors = i, .sum_errors = 2 * i,
		};
		sprintf((*areas)[i].path, "/dev/fake%zu", i);
	}
	return 0;
}

int dr_guests(int fd, struct dr_guest_info **infos, size_t *nr)
{
	long wanted = number_of("guests");

	(void)fd;
	*nr = 0;
	*infos = calloc((size_t)wanted + 1, sizeof(**infos));
	if (!*infos || wanted < 0)
		return -ENOMEM;
	*nr = (size_t)wanted;
	for (size_t i = 0; i < *nr; i++) {
		struct dr_guest_info *info = &(*infos)[i];

		info->id = i + 1;
		info->usage.size = 4096 * MIB;
		info->usage.resident = (i + 1) * MIB;
		info->events[DR_EV_FAULT] = i;
		info->limits.min = 512 * MIB;
		sprintf(info->name, i + 1 == WILD ? "vm\"%zu\n" : "vm%zu",
			i + 1);
	}
	return 0;
}

int dr_balloon(int fd, struct dr_balloon_info *info)
{
	(void)fd;
	info->state = DR_BALLOON_SETTLED;
	info->backed = 256 * MIB;
	return 0;
}

int dr_guest_swap(int fd, uint64_t id, struct dr_guest_swap *swap)
{
	(void)fd;
	*swap = (struct dr_guest_swap){
		.id = id, .tiers = { .pool = 256, .disk = 512 },
	};
	return 0;
}

/* No run of the policy has decided about anybody yet. */
int dr_policy_run_read(int fd, struct dr_policy_run *run)
{
	(void)fd;
	run->count = 0;
	return 0;
}
