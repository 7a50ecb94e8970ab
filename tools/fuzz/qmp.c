// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VMM that says anything: its answers and events, and what the daemon then asks
 * it and tells the module.
 *
 * The first byte of an input chooses the way; what follows is what the VMM sends. A
 * value with "ask" in it has a question asked before, so that it is an answer to it.
 */
#include "fuzz.h"

#include "../denseramd/daemon.h"
#include "../denseramd/link.h"
#include "../lib/denseram.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define WITH_NUMBERS	1
#define SHARED		2
#define KNOWN_SIZE	4
#define NO_GUEST	8
#define GREETED		16

struct latency latency;
static uint8_t choice;

/* ---- the module: it is told nothing that makes no sense */

int dr_guest_vmm(int fd, const struct dr_guest_vmm *vmm)
{
	const struct dr_region *r = (const void *)(uintptr_t)vmm->regions;

	(void)fd;
	must(vmm->flags && !(vmm->flags & ~DR_VMM_ALL));
	must(vmm->run_state < DR_NR_RUN_STATES && vmm->migrating <= 1);
	must(vmm->nr_regions <= DR_MAX_REGIONS);
	for (uint32_t i = 0; i < vmm->nr_regions; i++) {
		must(r[i].size && r[i].ino);
		must(!((r[i].gpa | r[i].size | r[i].offset) % DR_PAGE_SIZE));
		must(!i || r[i].gpa > r[i - 1].gpa + (r[i - 1].size - 1));
	}
	return choice & NO_GUEST ? -ENOENT : 0;
}

int dr_balloon(int fd, struct dr_balloon_info *info)
{
	(void)fd;
	info->wanted = UINT64_C(64) << 20;
	info->nr_asked = 3;
	return 0;
}

int dr_balloon_report(int fd, const struct dr_balloon_report *report)
{
	(void)fd;
	must(report->flags && !(report->flags & ~DR_REPORT_ALL));
	must(!(report->features & ~DR_BALLOON_FEATURES));
	must(!(report->actual % DR_PAGE_SIZE));
	return choice & NO_GUEST ? -ENOENT : 0;
}

/* ---- files: those that begin with /ram are on denseram */

int __wrap_stat(const char *path, struct stat *st)
{
	/* libFuzzer has files of its own. */
	if (strncmp(path, "/ram", 4))
		return fstatat(AT_FDCWD, path, st, 0);
	*st = (struct stat){ .st_mode = S_IFREG, .st_ino = 1 + (uint8_t)path[4] };
	return 0;
}

int __wrap_statfs(const char *path, struct statfs *fs)
{
	(void)path;
	*fs = (struct statfs){ .f_type = DR_SUPER_MAGIC };
	return 0;
}

/* ---- the socket: each command is a line of JSON */

void link_send(struct link *link, const char *text, size_t len)
{
	char *line = fuzz_text((const uint8_t *)text, len);
	struct json_object *json;

	(void)link;
	must(len && strchr(line, '\n') == line + len - 1);
	json = json_tokener_parse(line);
	must(json_object_object_get_ex(json, "execute", NULL));
	json_object_put(json);
	free(line);
}

void link_close(struct link *link, const char *why)
{
	(void)why;
	link->fd = -1;
	link->asked = -1;
}

static void check(const struct link *link)
{
	must(link->asked < NR_WANTS);
	must(memchr(link->balloon, '\0', LINK_QOM));
	must(link->nr_backends <= LINK_BACKENDS);
	must(link->nr_paths <= link->nr_backends);
	for (size_t i = 0; i < link->nr_backends; i++)
		must(memchr(link->backends[i].name, '\0', LAYOUT_NAME));
	must(!(link->vm.actual % DR_PAGE_SIZE));
	must(!link->vm.size || vm_target(&link->vm));
}

/* Before a value is taken: whatever it is to be the answer to. */
static void prepare(struct link *link, struct json_object *value)
{
	struct json_object *ask;

	if (json_object_object_get_ex(value, "ask", &ask)) {
		link->asked = -1;
		link->wants = UINT32_C(1) <<
			      (uint32_t)json_object_get_int(ask) % NR_WANTS;
	}
	if (link->greeted && link->asked < 0)
		qmp_next(link);
	if (choice & WITH_NUMBERS && link->asked >= 0 &&
	    json_object_is_type(value, json_type_object) &&
	    !json_object_object_get_ex(value, "id", NULL))
		json_object_object_add(value, "id",
				       json_object_new_uint64(link->serial));
}

static int take(void *data, struct json_object *value)
{
	struct link *link = data;
	int err;

	prepare(link, value);
	err = qmp_take(link, value);
	check(link);
	if (!err && link->greeted && link->asked < 0 && link->fd >= 0)
		qmp_next(link);
	check(link);
	return link->fd < 0 ? -ENOTCONN : err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct link_ops numbered = { .direct = true }, plain;
	struct link link = { .fd = 0, .asked = -1 };

	if (!size)
		return 0;
	choice = data[0];
	log_level = LOG_DEBUG;
	link.ops = choice & WITH_NUMBERS ? &numbered : &plain;
	link.shared = choice & SHARED;
	link.greeted = choice & GREETED;
	must(!stream_init(&link.in));
	vm_init(&link.vm, 0);
	link.vm.id = 1;
	strcpy(link.vm.name, "vm1");
	vm_refresh(&link.vm);
	if (choice & KNOWN_SIZE)
		link.vm.size = UINT64_C(1) << 30;
	qmp_start(&link);
	stream_feed(&link.in, (const char *)data + 1, size - 1, take, &link);
	if (link.fd >= 0) {
		qmp_poll(&link);
		qmp_poll_balloon(&link);
	}
	stream_exit(&link.in);
	return 0;
}
