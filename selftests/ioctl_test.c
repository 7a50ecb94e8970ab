// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/denseram: who may open it, calls it does not know, and the calls that
 * read and set what the host knows of a guest. The VMM's own data and trimming
 * are in ioctl_vmm_test.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "lib/gmem.h"

static int open_as_nobody(void *arg)
{
	(void)arg;
	if (setgid(65534) || setuid(65534))
		return 2;
	CHECK_ERR(open(DEVICE, O_RDONLY), EACCES);
	CHECK_ERR(open(DEVICE, O_RDWR), EACCES);
	return 0;
}

TEST(device_node)
{
	struct stat st;

	gm_need_denseram();
	ASSERT_OK(stat(DEVICE, &st));
	CHECK_EQ(st.st_mode, S_IFCHR | 0600);
	CHECK_EQ(st.st_uid, 0);
	CHECK_EQ(in_child(open_as_nobody, NULL), 0);
}

TEST(not_a_stream)
{
	char byte = 0;
	int fd;

	gm_need_denseram();
	fd = gm_device(O_RDWR);
	CHECK_EQ(read(fd, &byte, 1), -1);
	CHECK_EQ(write(fd, &byte, 1), -1);
	CHECK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED);
	close(fd);
}

static const unsigned long calls[] = {
	DR_IOC_VERSION, DR_IOC_STATUS, DR_IOC_GUEST_LIST, DR_IOC_GUEST_INFO,
	DR_IOC_GUEST_SET, DR_IOC_GUEST_VMM, DR_IOC_GUEST_REGIONS,
	DR_IOC_GUEST_TRIM, DR_IOC_GUEST_SHARE, DR_IOC_GUEST_SHARES,
	DR_IOC_SHARE_STATUS,
};

/* A number of ours with another size or direction is another call. */
TEST(unknown_calls)
{
	char buf[16384] = "";
	int fd;

	gm_need_denseram();
	fd = gm_device(O_RDWR);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		unsigned long nr = _IOC_NR(calls[i]);
		unsigned long dir = _IOC_DIR(calls[i]);
		unsigned long size = _IOC_SIZE(calls[i]);

		CHECK_ERR(ioctl(fd, _IOC(dir, DR_IOC_MAGIC, nr, size - 8), buf),
			  ENOTTY);
		CHECK_ERR(ioctl(fd, _IOC(dir, DR_IOC_MAGIC, nr, size + 8), buf),
			  ENOTTY);
		CHECK_ERR(ioctl(fd, _IOC(dir, DR_IOC_MAGIC, nr, 0), buf),
			  ENOTTY);
		CHECK_ERR(ioctl(fd, _IOC(_IOC_NONE, DR_IOC_MAGIC, nr, size),
				buf), ENOTTY);
		CHECK_ERR(ioctl(fd, _IOC(dir, 'Z', nr, size), buf), ENOTTY);
	}
	for (unsigned long nr = ARRAY_SIZE(calls); nr < 256; nr++)
		CHECK_ERR(ioctl(fd, _IOC(_IOC_READ | _IOC_WRITE, DR_IOC_MAGIC,
					 nr, 64), buf), ENOTTY);
	CHECK_ERR(ioctl(fd, 0, buf), ENOTTY);
	CHECK_ERR(ioctl(fd, 0x5401, buf), ENOTTY);
	close(fd);
}

TEST(bad_pointers)
{
	void *none;
	int fd;

	gm_need_denseram();
	fd = gm_device(O_RDWR);
	none = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT(none != MAP_FAILED);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		CHECK_ERR(ioctl(fd, calls[i], NULL), EFAULT);
		CHECK_ERR(ioctl(fd, calls[i], none), EFAULT);
		CHECK_ERR(ioctl(fd, calls[i], (char *)none + PAGE - 4), EFAULT);
		CHECK_ERR(ioctl(fd, calls[i], -4096L), EFAULT);
	}
	close(fd);
}

#ifdef __x86_64__
#define NR_IOCTL_32	54

/* ioctl(2) as a 32-bit process calls it; 0 or a negative errno. */
static int ioctl_32(int fd, unsigned long cmd, void *arg)
{
	long ret;

	__asm__ __volatile__("int $0x80"
			     : "=a"(ret)
			     : "0"((long)NR_IOCTL_32), "b"((long)fd), "c"(cmd),
			       "d"(arg)
			     : "memory", "r8", "r9", "r10", "r11");
	return ret;
}

/*
 * A kernel that has them switched off answers by SIGSEGV. One without them
 * does too, but complains of it in its log.
 */
static int try_ioctl_32(void *arg)
{
	(void)arg;
	ioctl_32(-1, DR_IOC_VERSION, NULL);
	return 0;
}

static bool has_32_bit_calls(void)
{
	return access("/proc/sys/abi/vsyscall32", F_OK) == 0 &&
	       in_child(try_ioctl_32, NULL) == 0;
}

/* Memory that 32-bit pointers reach. */
static void *low_memory(void)
{
	void *map = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	ASSERT(map != MAP_FAILED);
	return map;
}

/* The structures are the same for both, so all calls work for 32-bit tools. */
TEST(calls_of_32_bit_processes)
{
	struct dr_guest_info *info = low_memory(), want;
	struct dr_version *version = low_memory();
	struct dr_guest_list *list = low_memory();
	struct dr_guest_trim *trim = low_memory();
	struct dr_guest_set *set = low_memory();
	__u64 *ids = low_memory();
	int fd, ro;

	gm_need_denseram();
	if (!has_32_bit_calls())
		ktap_skip("no 32-bit system calls in this kernel");
	fd = gm_device(O_RDWR);
	ro = gm_device(O_RDONLY);
	CHECK_EQ(ioctl_32(ro, DR_IOC_VERSION, version), 0);
	CHECK_EQ(version->abi, DR_ABI_VERSION);
	list->after = gm_id() - 1;
	list->count = 1;
	list->ids = (unsigned long)ids;
	CHECK_EQ(ioctl_32(ro, DR_IOC_GUEST_LIST, list), 0);
	CHECK_EQ(list->count, 1);
	CHECK_EQ(ids[0], gm_id());
	set->id = gm_id();
	set->flags = DR_SET_SHARES;
	set->limits.shares = 77;
	CHECK_EQ(ioctl_32(ro, DR_IOC_GUEST_SET, set), -EBADF);
	CHECK_EQ(ioctl_32(fd, DR_IOC_GUEST_SET, set), 0);
	info->id = gm_id();
	CHECK_EQ(ioctl_32(ro, DR_IOC_GUEST_INFO, info), 0);
	CHECK_EQ(info->limits.shares, 77);
	ASSERT_OK(gm_info(NULL, &want));
	CHECK(memcmp(info, &want, sizeof(want)) == 0);
	trim->id = gm_id();
	trim->flags = DR_TRIM_ALL;
	CHECK_EQ(ioctl_32(fd, DR_IOC_GUEST_TRIM, trim), 0);
	CHECK_EQ(ioctl_32(fd, DR_IOC_GUEST_TRIM, NULL), -EFAULT);
	CHECK_EQ(ioctl_32(fd, DR_IOC_GUEST_TRIM ^ 0x40, trim), -ENOTTY);
	close(ro);
	close(fd);
}
#endif /* __x86_64__ */

TEST(version)
{
	struct dr_version version;
	int fd;

	gm_need_denseram();
	fd = gm_device(O_RDONLY);
	memset(&version, 0xff, sizeof(version));
	ASSERT_OK(ioctl(fd, DR_IOC_VERSION, &version));
	CHECK_EQ(version.abi, DR_ABI_VERSION);
	CHECK_EQ(version.nr_events, DR_NR_EVENTS);
	CHECK(memchr(version.release, '\0', sizeof(version.release)));
	CHECK(version.release[0] >= '0' && version.release[0] <= '9');
	close(fd);
}

TEST(status)
{
	struct dr_status before = { .flags = 0 }, after = { .flags = 0 };
	long long total = file_kb("/proc/meminfo", "MemTotal");
	int fd, file;

	gm_need_denseram();
	fd = gm_device(O_RDONLY);
	ASSERT_OK(ioctl(fd, DR_IOC_STATUS, &before));
	CHECK_EQ(before.host_total, total * KIB);
	CHECK_RANGE(before.host_available, 1, before.host_total);
	CHECK(before.nr_guests >= 1);
	CHECK(before.nr_mounts >= 1);
	file = gm_create("f", 4 * MIB);
	gm_pwrite_pattern(file, 4 * MIB, 0, 1);
	ASSERT_OK(ioctl(fd, DR_IOC_STATUS, &after));
	CHECK_EQ(after.usage.size - before.usage.size, 4 * MIB);
	CHECK_EQ(after.usage.resident - before.usage.resident, 4 * MIB);
	CHECK_EQ(after.nr_guests, before.nr_guests);
	for (int i = DR_NR_EVENTS; i < DR_MAX_EVENTS; i++)
		CHECK_EQ(after.events[i], 0);
	close(file);
	close(fd);
}

/* Counters of a guest that is gone stay in the host's sums. */
TEST(status_keeps_events)
{
	struct dr_status one = { .flags = 0 }, two = { .flags = 0 };
	int fd, file;
	char *map;

	gm_need_denseram();
	fd = gm_device(O_RDONLY);
	file = gm_create("f", 64 * PAGE);
	map = gm_map(file, 64 * PAGE);
	memset(map, 1, 64 * PAGE);
	ASSERT_OK(ioctl(fd, DR_IOC_STATUS, &one));
	munmap(map, 64 * PAGE);
	close(file);
	ASSERT_OK(unlink(gm_path("f")));
	ASSERT_OK(rmdir(gm_dir));
	CHECK(gm_guest_gone(gm_name));
	ASSERT_OK(ioctl(fd, DR_IOC_STATUS, &two));
	CHECK_EQ(two.nr_guests, one.nr_guests - 1);
	for (int i = 0; i < DR_NR_EVENTS; i++)
		CHECK(two.events[i] >= one.events[i]);
	CHECK(two.events[DR_EV_FAULT] >= 64);
	close(fd);
}

TEST(status_bad_input)
{
	struct dr_status status = { .flags = 1 };
	int fd;

	gm_need_denseram();
	fd = gm_device(O_RDONLY);
	CHECK_ERR(ioctl(fd, DR_IOC_STATUS, &status), EINVAL);
	status.flags = 1U << 31;
	CHECK_ERR(ioctl(fd, DR_IOC_STATUS, &status), EINVAL);
	status = (struct dr_status){ .pad = 1 };
	CHECK_ERR(ioctl(fd, DR_IOC_STATUS, &status), EINVAL);
	close(fd);
}

static const char *nth_guest(int i)
{
	static char path[400];

	snprintf(path, sizeof(path), "%s/%s.%d", gm_root, gm_name, i);
	return path;
}

/* Read the list @step at a time, from @fd, into @ids; how many there were. */
static size_t list_all(int fd, __u64 *ids, size_t room, __u32 step)
{
	struct dr_guest_list list = { .after = 0 };
	size_t nr = 0;

	for (;;) {
		list.count = step;
		list.ids = (__u64)(unsigned long)(ids + nr);
		ASSERT(nr + step <= room);
		ASSERT_OK(ioctl(fd, DR_IOC_GUEST_LIST, &list));
		if (!list.count)
			return nr;
		ASSERT(list.count <= step);
		for (__u32 i = 0; i < list.count; i++, nr++)
			CHECK(ids[nr] > (nr ? ids[nr - 1] : 0));
		list.after = ids[nr - 1];
	}
}

TEST(list_pages)
{
	static const __u32 steps[] = { 1, 7, 64, 1000 };
	__u64 ids[2048], first[2048];
	size_t nr, was;
	int fd;

	gm_need_denseram();
	fd = gm_device(O_RDONLY);
	was = list_all(fd, ids, ARRAY_SIZE(ids), 16);
	for (int i = 0; i < 300; i++)
		ASSERT_OK(mkdir(nth_guest(i), 0755));
	nr = list_all(fd, first, ARRAY_SIZE(first), 512);
	CHECK_EQ(nr, was + 300);
	for (size_t s = 0; s < ARRAY_SIZE(steps); s++) {
		CHECK_EQ(list_all(fd, ids, ARRAY_SIZE(ids), steps[s]), nr);
		CHECK(memcmp(ids, first, nr * sizeof(*ids)) == 0);
	}
	/* Holes in the sequence, then ids that never come back. */
	for (int i = 0; i < 300; i += 2)
		ASSERT_OK(rmdir(nth_guest(i)));
	CHECK_EQ(list_all(fd, ids, ARRAY_SIZE(ids), 10), was + 150);
	for (int i = 1; i < 300; i += 2)
		ASSERT_OK(rmdir(nth_guest(i)));
	CHECK_EQ(list_all(fd, ids, ARRAY_SIZE(ids), 10), was);
	ASSERT_OK(mkdir(nth_guest(0), 0755));
	CHECK(gm_attr(nth_guest(0) + strlen(gm_root) + 1, "id") > first[nr - 1]);
	ASSERT_OK(rmdir(nth_guest(0)));
	close(fd);
}

TEST(list_after)
{
	__u64 ids[4] = { 7, 7, 7, 7 };
	struct dr_guest_list list = {
		.count = 4, .after = ~0ULL, .ids = (unsigned long)ids,
	};
	int fd;

	gm_need_denseram();
	fd = gm_device(O_RDONLY);
	ASSERT_OK(ioctl(fd, DR_IOC_GUEST_LIST, &list));
	CHECK_EQ(list.count, 0);
	CHECK_EQ(ids[0], 7);
	list.count = 4;
	list.after = gm_id() - 1;
	ASSERT_OK(ioctl(fd, DR_IOC_GUEST_LIST, &list));
	CHECK(list.count >= 1);
	CHECK_EQ(ids[0], gm_id());
	close(fd);
}

TEST(list_bad_input)
{
	__u64 ids[4];
	struct dr_guest_list good = {
		.count = 4, .ids = (unsigned long)ids,
	}, list;
	int fd;

	gm_need_denseram();
	fd = gm_device(O_RDONLY);
	list = good;
	list.flags = 1;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_LIST, &list), EINVAL);
	list = good;
	list.count = 0;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_LIST, &list), EINVAL);
	list.count = 65537;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_LIST, &list), EINVAL);
	list.count = ~0U;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_LIST, &list), EINVAL);
	list = good;
	list.ids = 0;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_LIST, &list), EFAULT);
	list.ids = ~0ULL - 4095;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_LIST, &list), EFAULT);
	close(fd);
}

TEST(info_by_name_and_id)
{
	struct dr_guest_info by_name, by_id = { .flags = 0 };
	int fd, file;

	gm_need_denseram();
	fd = gm_device(O_RDONLY);
	file = gm_create("f", 3 * MIB);
	ASSERT_OK(gm_info(NULL, &by_name));
	CHECK(by_name.id != 0);
	CHECK(strcmp(by_name.name, gm_name) == 0);
	CHECK_EQ(by_name.nr_files, 1);
	CHECK_EQ(by_name.uid, 0);
	CHECK_EQ(by_name.usage.size, 3 * MIB);
	CHECK_EQ(by_name.run_state, DR_RUN_UNKNOWN);
	CHECK_EQ(by_name.share, DR_SHARE_DOMAIN);
	by_id.id = by_name.id;
	ASSERT_OK(ioctl(fd, DR_IOC_GUEST_INFO, &by_id));
	CHECK(strcmp(by_id.name, gm_name) == 0);
	CHECK_EQ(by_id.usage.size, 3 * MIB);
	/* The id decides; a name beside it is only room for the answer. */
	strcpy(by_id.name, "no such guest");
	by_id.id = by_name.id;
	ASSERT_OK(ioctl(fd, DR_IOC_GUEST_INFO, &by_id));
	CHECK(strcmp(by_id.name, gm_name) == 0);
	close(file);
	close(fd);
}

TEST(info_limits_default)
{
	struct dr_guest_info info;

	gm_need_denseram();
	ASSERT_OK(gm_info(NULL, &info));
	CHECK_EQ(info.limits.min, 0);
	CHECK_EQ(info.limits.max, 0);
	CHECK_EQ(info.limits.limit, 0);
	CHECK_EQ(info.limits.shares, 1000);
	CHECK_EQ(info.limits.pinned, 0);
}

TEST(info_vmm_pid)
{
	struct dr_guest_info info;
	char *map;
	int fd;

	gm_need_denseram();
	fd = gm_create("f", BLOCK);
	ASSERT_OK(gm_info(NULL, &info));
	CHECK_EQ(info.vmm_pid, 0);
	CHECK_EQ(info.state & DR_GUEST_KVM, 0);
	map = gm_map(fd, BLOCK);
	ASSERT_OK(gm_info(NULL, &info));
	CHECK_EQ(info.vmm_pid, getpid());
	CHECK_EQ(info.state & DR_GUEST_KVM, 0);
	munmap(map, BLOCK);
	ASSERT_OK(gm_info(NULL, &info));
	CHECK_EQ(info.vmm_pid, 0);
	close(fd);
}

TEST(info_bad_input)
{
	struct dr_guest_info info = { .id = 0 };
	int fd;

	gm_need_denseram();
	fd = gm_device(O_RDONLY);
	CHECK_ERR(gm_info("no such guest", &info), ENOENT);
	CHECK_ERR(gm_info("../" DEVICE, &info), ENOENT);
	info = (struct dr_guest_info){ .id = ~0ULL };
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_INFO, &info), ENOENT);
	info = (struct dr_guest_info){ .id = 0 };
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_INFO, &info), ENOENT);
	info = (struct dr_guest_info){ .flags = 1, .id = gm_id() };
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_INFO, &info), EINVAL);
	/* A name without an end. */
	info = (struct dr_guest_info){ .id = 0 };
	memset(info.name, 'n', sizeof(info.name));
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_INFO, &info), EINVAL);
	close(fd);
}

static struct dr_guest_limits limits_now(void)
{
	struct dr_guest_info info;

	ASSERT_OK(gm_info(NULL, &info));
	return info.limits;
}

static int set_limits(int fd, __u32 flags, struct dr_guest_limits limits)
{
	struct dr_guest_set set = {
		.flags = flags, .id = gm_id(), .limits = limits,
	};

	return ioctl(fd, DR_IOC_GUEST_SET, &set);
}

static void check_limits(struct dr_guest_limits want)
{
	struct dr_guest_limits now = limits_now();

	CHECK_EQ(now.min, want.min);
	CHECK_EQ(now.max, want.max);
	CHECK_EQ(now.limit, want.limit);
	CHECK_EQ(now.shares, want.shares);
}

TEST(set_values)
{
	struct dr_guest_limits want = {
		.min = 2 * MIB, .max = 16 * MIB, .limit = 8 * MIB, .shares = 77,
	}, one = { .shares = 1 };
	int fd, file;

	gm_need_denseram();
	fd = gm_device(O_RDWR);
	file = gm_create("f", 16 * MIB);
	CHECK_OK(set_limits(fd, DR_SET_ALL, want));
	check_limits(want);
	/* Fields that are not named are not even looked at. */
	one.min = ~0ULL;
	one.max = 5;
	CHECK_OK(set_limits(fd, DR_SET_SHARES, one));
	want.shares = 1;
	check_limits(want);
	one = (struct dr_guest_limits){ .limit = 0, .shares = 12345678 };
	CHECK_OK(set_limits(fd, DR_SET_LIMIT, one));
	want.limit = 0;
	check_limits(want);
	one.shares = 1000000;
	CHECK_OK(set_limits(fd, DR_SET_SHARES, one));
	want.shares = 1000000;
	check_limits(want);
	one.max = 0;
	one.min = 0;
	CHECK_OK(set_limits(fd, DR_SET_MIN | DR_SET_MAX, one));
	want.min = 0;
	want.max = 0;
	check_limits(want);
	close(file);
	close(fd);
}

/* One bad value among good ones: nothing at all changes. */
TEST(set_refuses_contradictions)
{
	static const struct dr_guest_limits bad[] = {
		{ .min = 4 * MIB, .max = 2 * MIB, .shares = 5 },
		{ .min = 4 * MIB, .max = 8 * MIB, .limit = 2 * MIB, .shares = 5 },
		{ .min = MIB, .max = 8 * MIB, .shares = 0 },
		{ .min = MIB, .max = 8 * MIB, .shares = 1000001 },
		{ .min = MIB, .max = 8 * MIB, .shares = ~0U },
		{ .min = ~0ULL, .max = 8 * MIB, .shares = 5 },
	};
	struct dr_guest_limits good = {
		.min = 3 * MIB, .max = 6 * MIB, .limit = 5 * MIB, .shares = 9,
	}, one = { .shares = 9 };
	int fd, file;

	gm_need_denseram();
	fd = gm_device(O_RDWR);
	file = gm_create("f", 16 * MIB);
	ASSERT_OK(set_limits(fd, DR_SET_ALL, good));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK_ERR(set_limits(fd, DR_SET_ALL, bad[i]), ERANGE);
		check_limits(good);
	}
	/* A single value that contradicts what is set already. */
	one.min = 7 * MIB;
	CHECK_ERR(set_limits(fd, DR_SET_MIN, one), ERANGE);
	one.max = 2 * MIB;
	CHECK_ERR(set_limits(fd, DR_SET_MAX, one), ERANGE);
	one.limit = 1 * MIB;
	CHECK_ERR(set_limits(fd, DR_SET_LIMIT, one), ERANGE);
	check_limits(good);
	close(file);
	close(fd);
}

TEST(set_bad_input)
{
	struct dr_guest_limits limits = { .shares = 10 };
	struct dr_guest_set set = {
		.flags = DR_SET_SHARES, .limits = { .shares = 10 },
	};
	int fd, ro;

	gm_need_denseram();
	fd = gm_device(O_RDWR);
	ro = gm_device(O_RDONLY);
	CHECK_ERR(set_limits(ro, DR_SET_SHARES, limits), EBADF);
	CHECK_ERR(set_limits(fd, 0, limits), EINVAL);
	CHECK_ERR(set_limits(fd, DR_SET_ALL + 1, limits), EINVAL);
	CHECK_ERR(set_limits(fd, DR_SET_SHARES | 1U << 31, limits), EINVAL);
	limits.pinned = 2;
	CHECK_ERR(set_limits(fd, DR_SET_PINNED, limits), ERANGE);
	set.id = ~0ULL;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_SET, &set), ENOENT);
	set.id = 0;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_SET, &set), ENOENT);
	set.id = gm_id();
	set.pad = 1;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_SET, &set), EINVAL);
	CHECK_EQ(limits_now().shares, 1000);
	close(ro);
	close(fd);
}
