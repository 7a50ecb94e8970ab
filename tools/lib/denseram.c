// SPDX-License-Identifier: GPL-2.0-only
#include "denseram.h"
#include "units.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define IDS_AT_ONCE	256

static int call(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg) < 0 ? -errno : 0;
}

static int open_as(int *fd, struct dr_version *version, int mode)
{
	int err;

	memset(version, 0, sizeof(*version));
	*fd = open(DR_DEVICE, mode | O_CLOEXEC);
	/* Who is in the device's group may look. */
	if (*fd < 0 && errno == EACCES && mode != O_RDONLY)
		*fd = open(DR_DEVICE, O_RDONLY | O_CLOEXEC);
	if (*fd < 0)
		return -errno;
	err = call(*fd, DR_IOC_VERSION, version);
	if (!err && version->abi != DR_ABI_VERSION)
		err = -EPROTO;
	if (err) {
		close(*fd);
		*fd = -1;
	}
	return err;
}

int dr_open(int *fd, struct dr_version *version)
{
	return open_as(fd, version, O_RDWR);
}

int dr_open_to_look(int *fd, struct dr_version *version)
{
	return open_as(fd, version, O_RDONLY);
}

int dr_status(int fd, struct dr_status *status)
{
	memset(status, 0, sizeof(*status));
	return call(fd, DR_IOC_STATUS, status);
}

static int guest_info(int fd, uint64_t id, const char *name,
		      struct dr_guest_info *info)
{
	memset(info, 0, sizeof(*info));
	info->id = id;
	if (name) {
		if (strlen(name) >= sizeof(info->name))
			return -ENOENT;
		strcpy(info->name, name);
	}
	return call(fd, DR_IOC_GUEST_INFO, info);
}

/* Append the guests of @ids that still live. */
static int append_guests(int fd, const uint64_t *ids, size_t nr_ids,
			 struct dr_guest_info **infos, size_t *nr)
{
	struct dr_guest_info *all;

	all = reallocarray(*infos, *nr + nr_ids, sizeof(*all));
	if (!all)
		return -ENOMEM;
	*infos = all;
	for (size_t i = 0; i < nr_ids; i++) {
		int err = guest_info(fd, ids[i], NULL, &all[*nr]);

		if (err == -ENOENT)
			continue;
		if (err)
			return err;
		++*nr;
	}
	return 0;
}

int dr_guests(int fd, struct dr_guest_info **infos, size_t *nr)
{
	uint64_t ids[IDS_AT_ONCE];
	struct dr_guest_list list = { 0 };
	int err;

	*infos = NULL;
	*nr = 0;
	do {
		list.count = IDS_AT_ONCE;
		list.ids = (uintptr_t)ids;
		err = call(fd, DR_IOC_GUEST_LIST, &list);
		if (!err && list.count) {
			list.after = ids[list.count - 1];
			err = append_guests(fd, ids, list.count, infos, nr);
		}
	} while (!err && list.count);
	if (err) {
		free(*infos);
		*infos = NULL;
	}
	return err;
}

int dr_guest_find(int fd, const char *name, struct dr_guest_info *info)
{
	uint64_t id;
	int err = *name ? guest_info(fd, 0, name, info) : -ENOENT;

	if (err != -ENOENT || dr_count_parse(name, &id) || !id)
		return err;
	return guest_info(fd, id, NULL, info);
}

int dr_guest_set(int fd, const struct dr_guest_set *set)
{
	return call(fd, DR_IOC_GUEST_SET, (void *)(uintptr_t)set);
}

int dr_guest_trim(int fd, struct dr_guest_trim *trim)
{
	return call(fd, DR_IOC_GUEST_TRIM, trim);
}

int dr_share_status(int fd, struct dr_share_status *status)
{
	memset(status, 0, sizeof(*status));
	return call(fd, DR_IOC_SHARE_STATUS, status);
}

int dr_admission(int fd, struct dr_admission_status *status)
{
	memset(status, 0, sizeof(*status));
	return call(fd, DR_IOC_ADMISSION, status);
}

int dr_guest_share(int fd, const struct dr_guest_share *share)
{
	return call(fd, DR_IOC_GUEST_SHARE, (void *)(uintptr_t)share);
}

int dr_guest_shares(int fd, struct dr_guest_shares *shares)
{
	return call(fd, DR_IOC_GUEST_SHARES, shares);
}

int dr_swap_status(int fd, struct dr_swap_status *status)
{
	memset(status, 0, sizeof(*status));
	return call(fd, DR_IOC_SWAP_STATUS, status);
}

int dr_guest_swap(int fd, uint64_t id, struct dr_guest_swap *swap)
{
	memset(swap, 0, sizeof(*swap));
	swap->id = id;
	return call(fd, DR_IOC_GUEST_SWAP, swap);
}

int dr_swap_add(int fd, int area, int prio, unsigned int *id)
{
	struct dr_swap_add add = { .fd = area, .prio = prio };
	int err = call(fd, DR_IOC_SWAP_ADD, &add);

	*id = add.id;
	return err;
}

int dr_swap_rm(int fd, unsigned int id, uint64_t *left)
{
	struct dr_swap_rm rm = { .id = id };
	int err = call(fd, DR_IOC_SWAP_RM, &rm);

	*left = rm.left;
	return err;
}

#define AREAS_MAX	64

int dr_swap_areas(int fd, struct dr_swap_area **areas, size_t *nr)
{
	struct dr_swap_list list = { .count = AREAS_MAX };
	int err;

	*nr = 0;
	*areas = calloc(AREAS_MAX, sizeof(**areas));
	if (!*areas)
		return -ENOMEM;
	list.areas = (uintptr_t)*areas;
	err = call(fd, DR_IOC_SWAP_LIST, &list);
	if (err) {
		free(*areas);
		*areas = NULL;
		return err;
	}
	*nr = list.count < AREAS_MAX ? list.count : AREAS_MAX;
	return 0;
}

int dr_guest_park(int fd, const struct dr_guest_park *park)
{
	return call(fd, DR_IOC_GUEST_PARK, (void *)(uintptr_t)park);
}

int dr_guest_wake(int fd, struct dr_guest_wake *wake)
{
	return call(fd, DR_IOC_GUEST_WAKE, wake);
}

int dr_guest_vmm(int fd, const struct dr_guest_vmm *vmm)
{
	return call(fd, DR_IOC_GUEST_VMM, (void *)(uintptr_t)vmm);
}

int dr_balloon(int fd, struct dr_balloon_info *info)
{
	return call(fd, DR_IOC_BALLOON, info);
}

int dr_balloon_set(int fd, const struct dr_balloon_set *set)
{
	return call(fd, DR_IOC_BALLOON_SET, (void *)(uintptr_t)set);
}

int dr_balloon_report(int fd, const struct dr_balloon_report *report)
{
	return call(fd, DR_IOC_BALLOON_REPORT, (void *)(uintptr_t)report);
}

int dr_policy_status(int fd, struct dr_policy_status *status)
{
	memset(status, 0, sizeof(*status));
	return call(fd, DR_IOC_POLICY_STATUS, status);
}

int dr_policy_run_read(int fd, struct dr_policy_run *run)
{
	return call(fd, DR_IOC_POLICY_RUN, run);
}
