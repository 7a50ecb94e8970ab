// SPDX-License-Identifier: GPL-2.0-only
/* Random calls of /dev/denseram. See fuzz.h. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "fuzz.h"
#include "gmem.h"

/* Room for any array that a call fills: 65536 entries of 8 bytes, and more. */
#define ARRAY_ROOM	MIB

#define NONE		-1
#define AT(type, field)	((int)offsetof(struct type, field))

/**
 * struct call - a call of the device
 * @cmd: its number
 * @name: for reports
 * @write: needs a descriptor that can be written
 * @flags: bits that the first word may have
 * @second: the second word is below that when it makes sense; 0: it is 0
 * @id_at: where its structure has the id of a guest, or NONE
 * @array_at: the address of an array
 * @fd_at: a descriptor
 * @errnos: documented, beside EFAULT and EINVAL
 */
struct call {
	unsigned long cmd;
	const char *name;
	bool write;
	__u32 flags;
	__u32 second;
	int id_at;
	int array_at;
	int fd_at;
	int errnos[FUZZ_ERRNOS];
};

#define CALL(_cmd, _write, _flags, _second, _id, _array, _fd, ...)	\
	{ _cmd, #_cmd, _write, _flags, _second, _id, _array, _fd,	\
	  { EFAULT, EINVAL, __VA_ARGS__ } }
#define READS(_cmd, _second, _id, _array, ...)				\
	CALL(_cmd, false, 0, _second, _id, _array, NONE, __VA_ARGS__)
#define WRITES(_cmd, _flags, _second, _id, ...)				\
	CALL(_cmd, true, _flags, _second, _id, NONE, NONE, __VA_ARGS__)

static const struct call calls[] = {
	READS(DR_IOC_VERSION, 0, NONE, NONE, 0),
	READS(DR_IOC_STATUS, 0, NONE, NONE, 0),
	READS(DR_IOC_GUEST_LIST, 65537, NONE, AT(dr_guest_list, ids), 0),
	READS(DR_IOC_GUEST_INFO, 0, AT(dr_guest_info, id), NONE, ENOENT),
	WRITES(DR_IOC_GUEST_SET, DR_SET_ALL, 0, AT(dr_guest_set, id), ENOENT,
	       ERANGE, ENOSPC),
	CALL(DR_IOC_GUEST_VMM, true, DR_VMM_ALL, DR_NR_RUN_STATES,
	     AT(dr_guest_vmm, id), AT(dr_guest_vmm, regions), NONE, ENOENT),
	READS(DR_IOC_GUEST_REGIONS, 300, AT(dr_guest_regions, id),
	      AT(dr_guest_regions, regions), ENOENT),
	WRITES(DR_IOC_GUEST_TRIM, DR_TRIM_ALL, 0, AT(dr_guest_trim, id), ENOENT,
	       EINTR),
	WRITES(DR_IOC_GUEST_SHARE, DR_GUEST_SHARE_ALL, DR_NR_SHARE_MODES,
	       AT(dr_guest_share, id), ENOENT, ENOMEM, EINTR),
	READS(DR_IOC_GUEST_SHARES, 65537, AT(dr_guest_shares, id),
	      AT(dr_guest_shares, pages), ENOENT),
	READS(DR_IOC_SHARE_STATUS, 0, NONE, NONE, 0),
	READS(DR_IOC_SWAP_STATUS, 0, NONE, NONE, 0),
	READS(DR_IOC_GUEST_SWAP, 0, AT(dr_guest_swap, id), NONE, ENOENT),
	WRITES(DR_IOC_GUEST_PARK, 0, 2, AT(dr_guest_park, id), ENOENT),
	WRITES(DR_IOC_GUEST_WAKE, 0, 10000, AT(dr_guest_wake, id), ENOENT,
	       ENOMEM, EINTR),
	CALL(DR_IOC_SWAP_ADD, true, 0, 0, NONE, NONE, AT(dr_swap_add, fd), EBADF,
	     EEXIST, EBUSY, EFBIG, ELOOP, EMFILE, ENODATA, ENOMEM, EOPNOTSUPP,
	     ERANGE),
	WRITES(DR_IOC_SWAP_RM, 0, 8, NONE, ENOENT, ENOMEM, ENOSPC, EINTR, EIO,
	       EBUSY),
	READS(DR_IOC_SWAP_LIST, 65, NONE, AT(dr_swap_list, areas), 0),
	READS(DR_IOC_BALLOON, 0, AT(dr_balloon_info, id), NONE, ENOENT),
	WRITES(DR_IOC_BALLOON_SET, 0, 0, AT(dr_balloon_set, id), ENOENT, ERANGE),
	WRITES(DR_IOC_BALLOON_REPORT, DR_REPORT_ALL, DR_BALLOON_FEATURES + 1,
	       AT(dr_balloon_report, id), ENOENT),
	READS(DR_IOC_ADMISSION, 0, NONE, NONE, 0),
	READS(DR_IOC_POLICY_STATUS, 0, NONE, NONE, 0),
	READS(DR_IOC_POLICY_RUN, 100, NONE, AT(dr_policy_run, guests), ENOMEM),
};

static unsigned long accepted[ARRAY_SIZE(calls)];

void fuzz_calls_report(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		if (!accepted[i])
			ktap_diag("%s was never accepted", calls[i].name);
	}
}

/**
 * struct buffers - memory that calls get, of one thread
 * @page: a page with nothing behind it
 * @array: ARRAY_ROOM bytes with nothing behind them
 * @shut: a page that cannot be reached
 * @sealed: a page that cannot be written
 */
struct buffers {
	char *page;
	char *array;
	char *shut;
	char *sealed;
};

static char *map_pages(size_t size, int prot)
{
	char *map = mmap(NULL, size + PAGE, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT(map != MAP_FAILED);
	ASSERT_OK(mprotect(map, size, prot));
	return map;
}

static struct buffers *buffers(void)
{
	static __thread struct buffers b;

	if (!b.page) {
		b.page = map_pages(PAGE, PROT_READ | PROT_WRITE);
		b.array = map_pages(ARRAY_ROOM, PROT_READ | PROT_WRITE);
		b.shut = map_pages(PAGE, PROT_NONE);
		b.sealed = map_pages(PAGE, PROT_READ);
	}
	return &b;
}

/* An address where nothing of this process is. */
static unsigned long bad_address(struct rng *rng)
{
	static const unsigned long addresses[] = {
		0, 1, 4095, 0x7ffffffff000, 0x800000000000, 0xffff800000000000,
		-4096UL, -1UL,
	};

	if (fuzz_chance(rng, 30))
		return (unsigned long)buffers()->shut;
	if (fuzz_chance(rng, 20))
		return (unsigned long)buffers()->array + ARRAY_ROOM - 4;
	return addresses[rng_below(rng, ARRAY_SIZE(addresses))];
}

/* Two pieces of guest RAM, mostly as they should be. */
static void fill_regions(struct rng *rng, struct dr_guest_vmm *vmm)
{
	struct dr_region *r = (struct dr_region *)buffers()->array;
	struct stat st;

	if (stat(gm_path("f0"), &st))
		return;
	for (int i = 0; i < 2; i++)
		r[i] = (struct dr_region){
			.gpa = i * MIB, .size = MIB, .ino = st.st_ino,
			.offset = i * MIB,
		};
	if (fuzz_chance(rng, 50))
		((__u64 *)r)[rng_below(rng, 8)] = fuzz_number(rng);
	vmm->migrating = rng_below(rng, 2);
	vmm->nr_regions = fuzz_chance(rng, 80) ? rng_below(rng, 3) :
						 rng_below(rng, 300);
}

/* Descriptors that are no swap area; closed by the caller. */
static int odd_descriptor(struct rng *rng)
{
	switch (rng_below(rng, 8)) {
	case 0:
		return open(gm_path("f1"), O_RDWR | O_CLOEXEC);
	case 1:
		return open("/dev/null", O_RDWR | O_CLOEXEC);
	case 2:
		return open(gm_dir, O_RDONLY | O_CLOEXEC);
	case 3:
		return open(DEVICE, O_RDWR | O_CLOEXEC);
	case 4:
		return memfd_create("fuzz", MFD_CLOEXEC);
	case 5:
		return open("/mnt/area", O_RDONLY | O_CLOEXEC);
	default:
		return open("/mnt/area", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	}
}

static bool in_field(int at, int field, int size)
{
	return field != NONE && at + 4 > field && at < field + size;
}

/* Change words of the structure, but for addresses and descriptors. */
static void mutate(struct rng *rng, const struct call *call, char *arg)
{
	size_t words = _IOC_SIZE(call->cmd) / 4;
	unsigned int nr = fuzz_chance(rng, 50) ? rng_below(rng, 4) : 0;

	while (nr--) {
		int at = (int)rng_below(rng, words) * 4;
		__u32 value = (__u32)fuzz_number(rng), was;

		/* Flags come first, and matter most. */
		if (fuzz_chance(rng, 30))
			at = 0;
		if (in_field(at, call->array_at, 8) ||
		    in_field(at, call->fd_at, 4))
			continue;
		memcpy(&was, arg + at, sizeof(was));
		if (fuzz_chance(rng, 50))
			value = was ^ 1U << rng_below(rng, 32);
		memcpy(arg + at, &value, sizeof(value));
	}
}

static void put_field(char *arg, int at, const void *value, size_t size)
{
	if (at != NONE)
		memcpy(arg + at, value, size);
}

/* Fields behind the first two words: of many calls, sizes and numbers. */
static void fill_rest(struct rng *rng, char *arg, size_t size)
{
	for (size_t at = 8; at + 8 <= size; at += 8) {
		__u64 value = fuzz_chance(rng, 50) ? fuzz_number(rng) :
						     rng_below(rng, 64) * PAGE;

		if (fuzz_chance(rng, 60))
			memcpy(arg + at, &value, sizeof(value));
	}
}

/* What the structure of a call would be if it were right, or nearly so. */
static void fill(struct rng *rng, const struct call *call, char *arg,
		 __u64 id, int fd)
{
	__u64 array = (unsigned long)buffers()->array;
	size_t size = _IOC_SIZE(call->cmd);
	__u32 flags = (__u32)rng_next(rng) & call->flags;
	__u32 second = call->second ? rng_below(rng, call->second) : 0;

	memset(arg, 0, size);
	if (fuzz_chance(rng, 30))
		fill_rest(rng, arg, size);
	put_field(arg, 0, &flags, sizeof(flags));
	put_field(arg, 4, &second, sizeof(second));
	put_field(arg, call->id_at, &id, sizeof(id));
	put_field(arg, call->fd_at, &fd, sizeof(fd));
	if (fuzz_chance(rng, 10))
		array = bad_address(rng);
	put_field(arg, call->array_at, &array, sizeof(array));
	if (call->cmd == DR_IOC_GUEST_VMM)
		fill_regions(rng, (struct dr_guest_vmm *)arg);
}

/**
 * struct seen - what calls set, as other calls tell it
 * @limits: of the guest
 * @state: what of its state is set by calls
 * @run_state: likewise
 * @nr_regions: likewise
 * @share: likewise
 * @pad: 0
 * @actual: of its balloon
 * @areas: swap areas
 */
struct seen {
	struct dr_guest_limits limits;
	__u32 state;
	__u32 run_state;
	__u32 nr_regions;
	__u32 share;
	__u64 actual;
	__u64 areas;
};

static void look(int fd, __u64 id, struct seen *seen)
{
	struct dr_guest_info info = { .id = id };
	struct dr_balloon_info balloon = { .id = id };
	struct dr_swap_status swap = { .flags = 0 };

	memset(seen, 0, sizeof(*seen));
	ASSERT_OK(ioctl(fd, DR_IOC_GUEST_INFO, &info));
	ASSERT_OK(ioctl(fd, DR_IOC_BALLOON, &balloon));
	ASSERT_OK(ioctl(fd, DR_IOC_SWAP_STATUS, &swap));
	seen->limits = info.limits;
	seen->state = info.state & (DR_GUEST_MIGRATING | DR_GUEST_SCANNED);
	seen->run_state = info.run_state;
	seen->nr_regions = info.nr_regions;
	seen->share = info.share;
	seen->actual = balloon.actual;
	seen->areas = swap.nr_areas;
}

static void report_change(const struct call *call, const char *arg)
{
	char text[200] = "";
	size_t size = _IOC_SIZE(call->cmd);

	for (size_t at = 0; at + 4 <= size && at < 80; at += 4)
		snprintf(text + strlen(text), 10, " %08x",
			 *(const __u32 *)(arg + at));
	ktap_diag("seed %llu: refused, and yet something changed: %s%s",
		  opts.seed, call->name, text);
}

/*
 * The one place where a call is made. An answer that cannot be delivered comes too
 * late to refuse the call.
 */
static void make_call(struct fuzz *f, const struct call *call, int fd,
		      unsigned long arg, __u64 id)
{
	struct seen before, after;
	bool refused, late;
	int ret;

	if (f->alone)
		look(fd, id, &before);
	ret = ioctl(fd, call->cmd, arg);
	refused = fuzz_note(f, call->name, ret, call->errnos);
	if (!refused)
		__atomic_add_fetch(&accepted[call - calls], 1, __ATOMIC_RELAXED);
	late = errno == EINTR ||
	       (errno == EFAULT && _IOC_DIR(call->cmd) & _IOC_READ);
	if (!f->alone || !refused || late)
		return;
	look(fd, id, &after);
	if (!CHECK(!memcmp(&before, &after, sizeof(before))))
		report_change(call, buffers()->page + PAGE -
				    _IOC_SIZE(call->cmd));
}

static void known_call(struct fuzz *f, int fd, __u64 id)
{
	const struct call *call = &calls[rng_below(&f->rng, ARRAY_SIZE(calls))];
	size_t size = _IOC_SIZE(call->cmd);
	/* What is read or written beyond it faults. */
	char *arg = buffers()->page + PAGE - size;
	unsigned long at = (unsigned long)arg;
	int odd = call->fd_at != NONE ? odd_descriptor(&f->rng) : -1;

	fill(&f->rng, call, arg, id, odd);
	mutate(&f->rng, call, arg);
	if (fuzz_chance(&f->rng, 4))
		at = bad_address(&f->rng);
	else if (fuzz_chance(&f->rng, 2))
		at = (unsigned long)buffers()->sealed;
	else if (fuzz_chance(&f->rng, 2))
		at += 4;
	make_call(f, call, fd, at, id);
	if (odd >= 0)
		close(odd);
}

/* Not one of ours: another number, size, direction or magic. */
static void unknown_call(struct fuzz *f, int fd)
{
	static const int errnos[] = { ENOTTY, 0 };
	unsigned long cmd = calls[rng_below(&f->rng, ARRAY_SIZE(calls))].cmd;

	cmd ^= 1UL << rng_below(&f->rng, 32);
	if (fuzz_chance(&f->rng, 20))
		cmd = (unsigned int)rng_next(&f->rng) | 1UL << 29;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		if (cmd == calls[i].cmd)
			return;
	}
	/* The descriptor's own: FIONBIO and the like are the kernel's. */
	if (_IOC_TYPE(cmd) != DR_IOC_MAGIC)
		return;
	CHECK(fuzz_note(f, "an unknown call", ioctl(fd, cmd, buffers()->array),
			errnos));
}

static void read_only_call(struct fuzz *f, __u64 id)
{
	static const int errnos[] = { EBADF, 0 };
	const struct call *call = &calls[rng_below(&f->rng, ARRAY_SIZE(calls))];
	int fd;

	if (!call->write)
		return;
	fd = gm_device(O_RDONLY);
	fill(&f->rng, call, buffers()->page, id, -1);
	CHECK(fuzz_note(f, call->name, ioctl(fd, call->cmd, buffers()->page),
			errnos));
	close(fd);
}

/* Notices come in structures, by read(2) that does not wait. */
static void read_notices(struct fuzz *f)
{
	static const int errnos[] = { EAGAIN, EINVAL, EFAULT, 0 };
	struct pollfd p = { .events = (short)rng_next(&f->rng) };
	size_t len = rng_below(&f->rng, 6) * sizeof(struct dr_notice) +
		     (fuzz_chance(&f->rng, 30) ? rng_below(&f->rng, 24) : 0);
	void *to = buffers()->array;

	p.fd = gm_device(O_RDWR | O_NONBLOCK);
	if (fuzz_chance(&f->rng, 20))
		to = buffers()->shut;
	poll(&p, 1, 0);
	fuzz_note(f, "read", read(p.fd, to, len), errnos);
	close(p.fd);
}

void fuzz_call(struct fuzz *f)
{
	static __thread int fd = -1;
	static __u64 id;

	if (fd < 0) {
		id = gm_id();
		fd = gm_device(O_RDWR);
	}
	switch (rng_below(&f->rng, 20)) {
	case 0:
		unknown_call(f, fd);
		break;
	case 1:
		read_only_call(f, id);
		break;
	case 2:
		read_notices(f);
		break;
	default:
		known_call(f, fd, id);
	}
}
