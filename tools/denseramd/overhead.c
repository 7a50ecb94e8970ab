// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: The VMM's own memory
 *
 * A QEMU has some 25 MiB for itself, and uses a few of them once its guest runs. They
 * are no pages of denseram's, and as the module keeps memory free by taking from
 * guests, the kernel hardly ever comes to look at them. So when the host is short the
 * daemon has the kernel page them out, to the host's own swap, where there is one: all
 * that a VMM has, once, for what it needs comes back at once, and the rest stays away.
 *
 * Whoever has most that it did not need the last time is first. How much that is shows
 * a minute after: what has come back by then is what it needs. It is asked again no
 * sooner than in ten minutes, and only if it has grown by more than is worth it.
 */
#include "overhead.h"

#include "daemon.h"
#include "pageout.h"

#include "../lib/denseram.h"
#include "../lib/proc.h"
#include "../lib/units.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <unistd.h>

/* Worth it from so much on: less is not missed by anybody. */
#define WORTH		(UINT64_C(8) << 20)

#define LOOK_MS		2000
#define YOUNG_MS	30000	/* a VMM that starts needs what it has */
#define SETTLE_MS	60000
#define AGAIN_MS	600000

/**
 * struct vmm - a VMM that was seen
 * @pid: its process
 * @guest: id of the guest
 * @after: when it may be asked
 * @settle: when what it needs will be known; 0: nothing to learn
 * @had: its memory when it was asked
 * @needs: its memory that came back the last time
 * @seen: in the last list
 */
struct vmm {
	pid_t pid;
	uint64_t guest;
	uint64_t after;
	uint64_t settle;
	uint64_t had;
	uint64_t needs;
	bool seen;
};

/**
 * struct overhead - all there is
 * @fd: to the process that does it, -1: there is none
 * @due: when to look again
 * @asked: the process it is busy with, 0: none
 * @vmms: @nr of them
 * @room: of @vmms
 */
static struct overhead {
	int fd;
	uint64_t due;
	pid_t asked;
	struct vmm *vmms;
	size_t nr;
	size_t room;
} overhead = { .fd = -1 };

void overhead_start(void)
{
	int fd = pageout_start();

	if (fd < 0)
		say(LOG_WARNING, "VMMs keep their own memory: %s",
		    strerror(-fd));
	else
		overhead.fd = fd;
}

static void overhead_end(const char *why)
{
	say(LOG_WARNING, "VMMs keep their own memory: %s", why);
	close(overhead.fd);
	overhead.fd = -1;
}

int overhead_fd(void)
{
	return overhead.fd;
}

uint64_t overhead_due(void)
{
	return overhead.fd < 0 ? UINT64_MAX : overhead.due;
}

/* ---- the VMMs */

static struct vmm *vmm_of(pid_t pid)
{
	for (size_t i = 0; i < overhead.nr; i++) {
		if (overhead.vmms[i].pid == pid)
			return &overhead.vmms[i];
	}
	return NULL;
}

static struct vmm *add_vmm(const struct dr_guest_info *guest)
{
	if (overhead.nr == overhead.room) {
		size_t room = overhead.room ? 2 * overhead.room : 16;
		struct vmm *more = reallocarray(overhead.vmms, room,
						sizeof(*more));

		if (!more)
			return NULL;
		overhead.vmms = more;
		overhead.room = room;
	}
	overhead.vmms[overhead.nr] = (struct vmm){
		.pid = (pid_t)guest->vmm_pid,
		.guest = guest->id,
		.after = now_ms() + YOUNG_MS,
	};
	return &overhead.vmms[overhead.nr++];
}

/* A process id may be another's by now: the guest tells. */
static void note_guest(const struct dr_guest_info *guest)
{
	struct vmm *vmm = vmm_of((pid_t)guest->vmm_pid);

	if (vmm && vmm->guest != guest->id && !vmm->seen)
		*vmm = (struct vmm){ .pid = vmm->pid, .guest = guest->id,
				     .after = now_ms() + YOUNG_MS };
	if (!vmm)
		vmm = add_vmm(guest);
	if (vmm)
		vmm->seen = true;
}

static void forget_gone(void)
{
	size_t kept = 0;

	for (size_t i = 0; i < overhead.nr; i++) {
		if (overhead.vmms[i].seen)
			overhead.vmms[kept++] = overhead.vmms[i];
	}
	overhead.nr = kept;
}

static bool list_vmms(int device)
{
	struct dr_guest_info *guests;
	size_t nr;

	if (dr_guests(device, &guests, &nr))
		return false;
	for (size_t i = 0; i < overhead.nr; i++)
		overhead.vmms[i].seen = false;
	for (size_t i = 0; i < nr; i++) {
		if (guests[i].vmm_pid)
			note_guest(&guests[i]);
	}
	free(guests);
	forget_gone();
	return true;
}

/* What it has for itself, in bytes; 0 when that is not known. */
static uint64_t own_memory(pid_t pid)
{
	char path[32], text[4096];
	uint64_t bytes = 0;
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0)
		return 0;
	text[len] = '\0';
	return dr_proc_field(text, "RssAnon", &bytes) ? bytes : 0;
}

/* What has come back by now is what it needs. */
static void learn(struct vmm *vmm, uint64_t now)
{
	if (!vmm->settle || now < vmm->settle)
		return;
	vmm->needs = own_memory(vmm->pid);
	vmm->settle = 0;
}

/* What one has beyond what it needs; 0 for one that is not to be asked now. */
static uint64_t gain_of(const struct vmm *vmm, uint64_t now)
{
	uint64_t own;

	if (now < vmm->after)
		return 0;
	own = own_memory(vmm->pid);
	return own > vmm->needs ? own - vmm->needs : 0;
}

static struct vmm *best(uint64_t now)
{
	uint64_t most = WORTH - 1;
	struct vmm *found = NULL;

	for (size_t i = 0; i < overhead.nr; i++) {
		struct vmm *vmm = &overhead.vmms[i];
		uint64_t gain;

		learn(vmm, now);
		gain = gain_of(vmm, now);
		if (gain > most) {
			most = gain;
			found = vmm;
		}
	}
	return found;
}

/* ---- when */

static bool is_short(int device)
{
	struct dr_policy_status status;

	return !dr_policy_status(device, &status) &&
		status.level != DR_LEVEL_HIGH;
}

static bool has_swap(uint64_t bytes)
{
	struct sysinfo info;

	return !sysinfo(&info) &&
		(uint64_t)info.freeswap * info.mem_unit >= bytes;
}

static bool is_wanted(const struct conf *conf, int device)
{
	if (overhead.asked || conf->overhead == OVERHEAD_KEEP ||
	    !has_swap(WORTH))
		return false;
	return conf->overhead == OVERHEAD_ALWAYS || is_short(device);
}

static void ask(struct vmm *vmm, uint64_t now)
{
	uint64_t own = own_memory(vmm->pid);

	vmm->after = now + AGAIN_MS;
	if (!has_swap(own))
		return;
	if (send(overhead.fd, &vmm->pid, sizeof(vmm->pid), MSG_NOSIGNAL) < 0) {
		overhead_end(strerror(errno));
		return;
	}
	vmm->had = own;
	vmm->settle = now + SETTLE_MS;
	overhead.asked = vmm->pid;
}

void overhead_tick(const struct conf *conf, int device)
{
	uint64_t now = now_ms();
	struct vmm *vmm;

	if (overhead.fd < 0 || now < overhead.due)
		return;
	overhead.due = now + LOOK_MS;
	if (!is_wanted(conf, device) || !list_vmms(device))
		return;
	vmm = best(now);
	if (vmm)
		ask(vmm, now);
}

/* ---- what came of it */

static void take_reply(const struct pageout_reply *reply)
{
	struct vmm *vmm = vmm_of(reply->pid);
	char had[DR_SIZE_TEXT], has[DR_SIZE_TEXT];

	overhead.asked = 0;
	if (reply->err == -EPERM) {
		overhead_end("paging out is not permitted; CAP_SYS_PTRACE and CAP_SYS_NICE are needed");
		return;
	}
	if (!vmm)
		return;
	if (reply->err)
		say(LOG_DEBUG, "process %d keeps its memory: %s", reply->pid,
		    strerror(-reply->err));
	else
		say(LOG_INFO, "guest %llu: of its VMM's own memory, %s before, %s is left",
		    (unsigned long long)vmm->guest,
		    dr_size_format(vmm->had, had),
		    dr_size_format(own_memory(vmm->pid), has));
}

void overhead_readable(void)
{
	struct pageout_reply reply;
	ssize_t len = recv(overhead.fd, &reply, sizeof(reply), 0);

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len == sizeof(reply))
		take_reply(&reply);
	else
		overhead_end("the process that pages it out has ended");
}
