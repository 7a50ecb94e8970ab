// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/denseram: every file is there, has one value, and the same one
 * as the ioctls; what may be written takes units and refuses junk; reading
 * while guests come and go is safe.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "lib/gmem.h"

static const char *const numbers[] = {
	"id", "uid", "vmm_pid", "kvm", "unaligned", "migrating", "files",
	"size", "resident", "blocks", "pages", "shared", "saved", "swapped",
	"holes", "metadata", "min", "max", "limit", "shares", "pinned",
	"scan",
};

static const char *const texts[] = { "name", "run_state", "share" };
static const char *const writable[] = {
	"min", "max", "limit", "shares", "pinned", "scan",
};

static const char *const counters[] = {
	[DR_EV_FAULT] = "fault",
	[DR_EV_FAULT_BLOCK] = "fault_block",
	[DR_EV_FAULT_ZERO] = "fault_zero",
	[DR_EV_FAULT_LOAD] = "fault_load",
	[DR_EV_FAULT_SIGBUS] = "fault_sigbus",
	[DR_EV_FAULT_OOM] = "fault_oom",
	[DR_EV_MKWRITE] = "mkwrite",
	[DR_EV_COW] = "cow",
	[DR_EV_BLOCK_ALLOC] = "block_alloc",
	[DR_EV_BLOCK_FALLBACK] = "block_fallback",
	[DR_EV_BLOCK_EVACUATE] = "block_evacuate",
	[DR_EV_BLOCK_BUSY] = "block_busy",
	[DR_EV_PAGE_ALLOC] = "page_alloc",
	[DR_EV_PUNCH] = "punch",
	[DR_EV_GRAB] = "grab",
	[DR_EV_GRAB_BUSY] = "grab_busy",
	[DR_EV_TRIM_ZERO] = "trim_zero",
	[DR_EV_TRIM_SAME] = "trim_same",
	[DR_EV_SCAN] = "scan",
	[DR_EV_SCAN_ZERO] = "scan_zero",
	[DR_EV_SCAN_VOLATILE] = "scan_volatile",
	[DR_EV_SCAN_BLOCK] = "scan_block",
	[DR_EV_SHARE_MERGE] = "share_merge",
	[DR_EV_SHARE_BREAK] = "share_break",
	[DR_EV_SHARE_CLAIM] = "share_claim",
	[DR_EV_SHARE_CHANGED] = "share_changed",
	[DR_EV_SHARE_BUSY] = "share_busy",
	[DR_EV_SHARE_DOMAIN] = "share_domain",
	[DR_EV_BLOCK_RESERVE] = "block_reserve",
	[DR_EV_BLOCK_COLLAPSE] = "block_collapse",
	[DR_EV_FAULT_SOFT] = "fault_soft",
	[DR_EV_FAULT_HELD] = "fault_held",
	[DR_EV_SWAP_OUT] = "swap_out",
	[DR_EV_SWAP_IN] = "swap_in",
	[DR_EV_SWAP_ZERO] = "swap_zero",
	[DR_EV_SWAP_SAME] = "swap_same",
	[DR_EV_SWAP_POOL] = "swap_pool",
	[DR_EV_SWAP_STIFF] = "swap_stiff",
	[DR_EV_SWAP_FULL] = "swap_full",
	[DR_EV_SWAP_DISK] = "swap_disk",
	[DR_EV_SWAP_BACK] = "swap_back",
	[DR_EV_FAULT_MAJOR] = "fault_major",
	[DR_EV_SWAP_ERROR] = "swap_error",
	[DR_EV_SWAP_DAMAGED] = "swap_damaged",
	[DR_EV_FAULT_ASYNC] = "fault_async",
	[DR_EV_SWAP_CLEAN] = "swap_clean",
	[DR_EV_SWAP_AHEAD] = "swap_ahead",
	[DR_EV_SWAP_AHEAD_HIT] = "swap_ahead_hit",
};

_Static_assert(ARRAY_SIZE(counters) == DR_NR_EVENTS, "a name for each event");

static int count_files(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int nr = 0;

	ASSERT(dir);
	while ((entry = readdir(dir)))
		nr += entry->d_name[0] != '.';
	closedir(dir);
	return nr;
}

/* Nothing missing, and nothing that this test does not know of. */
TEST(all_files_there)
{
	char path[400];

	gm_need_denseram();
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		gm_attr(NULL, numbers[i]);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		CHECK_OK(access(gm_attr_path(NULL, texts[i]), R_OK));
	snprintf(path, sizeof(path), SYSFS "/guests/%s", gm_name);
	/* Besides: what the policy says, and four directories. */
	CHECK_OK(access(gm_attr_path(NULL, "target"), R_OK));
	CHECK_OK(access(gm_attr_path(NULL, "explain"), R_OK));
	CHECK_EQ(count_files(path), ARRAY_SIZE(numbers) + ARRAY_SIZE(texts) + 6);
	for (size_t i = 0; i < DR_NR_EVENTS; i++) {
		snprintf(path, sizeof(path), "stat/%s", counters[i]);
		gm_attr(NULL, path);
	}
	CHECK_EQ(count_files(gm_attr_path(NULL, "stat")), DR_NR_EVENTS);
	CHECK_EQ(count_files(SYSFS "/stat"), DR_NR_EVENTS);
	CHECK_EQ(count_files(SYSFS), 8);
}

static bool is_writable(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(writable); i++)
		if (strcmp(name, writable[i]) == 0)
			return true;
	return false;
}

TEST(modes)
{
	struct stat st;

	gm_need_denseram();
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		ASSERT_OK(stat(gm_attr_path(NULL, numbers[i]), &st));
		CHECK_EQ(st.st_mode & 0777, is_writable(numbers[i]) ? 0644 :
								      0444);
	}
}

/* One line with one value. */
static void check_one_line(const char *path)
{
	char text[PAGE];

	CHECK_EQ(read_text(path, text, sizeof(text)), 0);
	CHECK(text[0] && text[0] != '\n');
	CHECK(strchr(text, '\n') == text + strlen(text) - 1);
}

TEST(one_value_a_file)
{
	char path[100];

	gm_need_denseram();
	check_one_line(SYSFS "/version");
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		check_one_line(gm_attr_path(NULL, numbers[i]));
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		check_one_line(gm_attr_path(NULL, texts[i]));
	for (size_t i = 0; i < DR_NR_EVENTS; i++) {
		snprintf(path, sizeof(path), SYSFS "/stat/%s", counters[i]);
		check_one_line(path);
	}
}

TEST(version_agrees)
{
	struct dr_version version;
	char text[64];
	int fd;

	gm_need_denseram();
	fd = gm_device(O_RDONLY);
	ASSERT_OK(ioctl(fd, DR_IOC_VERSION, &version));
	close(fd);
	CHECK_EQ(read_text(SYSFS "/version", text, sizeof(text)), 0);
	CHECK(strncmp(text, version.release, strlen(version.release)) == 0);
	CHECK_EQ(text[strlen(version.release)], '\n');
}

/* A guest with something in every figure that can be made to differ from 0. */
static void make_busy(void)
{
	int fd = gm_create("f", 6 * BLOCK);
	char *map = gm_map(fd, 6 * BLOCK);
	char *skew = gm_map_skew(fd, BLOCK, 4 * BLOCK,
				 PROT_READ | PROT_WRITE, PAGE);

	memset(map, 7, 2 * BLOCK);
	pat_fill(skew, 20 * PAGE, 0, 1);
	memset(skew + 30 * PAGE, 0, 5 * PAGE);
	gm_punch(fd, 3 * PAGE, 5 * PAGE);
	gm_trim(DR_TRIM_ZERO | DR_TRIM_SAME);
}

static void check_agree(const char *attr, __u64 want)
{
	if (!CHECK_EQ(gm_attr(NULL, attr), want))
		ktap_diag("attribute %s", attr);
}

TEST(agrees_with_ioctl)
{
	struct dr_guest_info info;
	char path[100];

	gm_need_denseram();
	make_busy();
	ASSERT_OK(gm_info(NULL, &info));
	check_agree("id", info.id);
	check_agree("uid", info.uid);
	check_agree("vmm_pid", info.vmm_pid);
	CHECK_EQ(info.vmm_pid, getpid());
	check_agree("files", info.nr_files);
	check_agree("unaligned", 1);
	check_agree("size", info.usage.size);
	check_agree("resident", info.usage.resident);
	check_agree("blocks", info.usage.blocks);
	check_agree("pages", info.usage.pages);
	check_agree("shared", info.usage.shared);
	check_agree("swapped", info.usage.swapped);
	check_agree("holes", info.usage.holes);
	check_agree("metadata", info.usage.metadata);
	check_agree("min", info.limits.min);
	check_agree("max", info.usage.size);
	check_agree("limit", info.limits.limit);
	check_agree("shares", info.limits.shares);
	for (size_t i = 0; i < DR_NR_EVENTS; i++) {
		snprintf(path, sizeof(path), "stat/%s", counters[i]);
		check_agree(path, info.events[i]);
	}
}

TEST(host_counters_agree)
{
	struct dr_status status = { .flags = 0 };
	char path[100];
	__u64 value;
	int fd;

	gm_need_denseram();
	make_busy();
	fd = gm_device(O_RDONLY);
	ASSERT_OK(ioctl(fd, DR_IOC_STATUS, &status));
	close(fd);
	for (size_t i = 0; i < DR_NR_EVENTS; i++) {
		snprintf(path, sizeof(path), SYSFS "/stat/%s", counters[i]);
		ASSERT(read_u64(path, &value) == 0);
		CHECK_EQ(value, status.events[i]);
	}
}

/* The figures of the busy guest are what was done to it. */
TEST(figures)
{
	struct dr_usage u;

	gm_need_blocks();
	make_busy();
	u = gm_usage();
	CHECK_EQ(u.size, 6 * BLOCK);
	CHECK_EQ(u.blocks, 2);
	CHECK_EQ(u.pages, 20);
	CHECK_EQ(u.holes, 5);
	CHECK_EQ(u.resident, 2 * BLOCK + 20 * PAGE);
	CHECK(gm_event(DR_EV_FAULT) > 0);
	CHECK(gm_event(DR_EV_FAULT_BLOCK) > 0);
	CHECK_EQ(gm_event(DR_EV_TRIM_ZERO), 5);
	CHECK(gm_event(DR_EV_PUNCH) >= 5);
}

static int set_attr(const char *attr, const char *text)
{
	return write_text(gm_attr_path(NULL, attr), text);
}

TEST(writing_units)
{
	static const struct {
		const char *text;
		__u64 value;
	} good[] = {
		{ "0", 0 }, { "4096", 4096 }, { "4096\n", 4096 },
		{ "1", 1 }, { "12345", 12345 }, { "8k", 8 * KIB },
		{ "8K\n", 8 * KIB }, { "3m", 3 * MIB }, { "3M", 3 * MIB },
		{ "2g", 2048 * MIB }, { "2G\n", 2048 * MIB },
		{ "1T", 1ULL << 40 }, { "00010", 10 },
	};

	gm_need_denseram();
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		CHECK_EQ(set_attr("limit", good[i].text), 0);
		if (!CHECK_EQ(gm_attr(NULL, "limit"), good[i].value))
			ktap_diag("after writing \"%s\"", good[i].text);
	}
	CHECK_EQ(set_attr("limit", "0"), 0);
	CHECK_EQ(set_attr("max", "64m"), 0);
	CHECK_EQ(set_attr("min", "16m"), 0);
	CHECK_EQ(gm_attr(NULL, "max"), 64 * MIB);
	CHECK_EQ(gm_attr(NULL, "min"), 16 * MIB);
	CHECK_EQ(set_attr("shares", "2k"), 0);
	CHECK_EQ(gm_attr(NULL, "shares"), 2048);
	CHECK_EQ(set_attr("shares", "1000000"), 0);
	CHECK_EQ(gm_attr(NULL, "shares"), 1000000);
}

/* 0 is "until further notice the configured size". */
TEST(max_follows_size)
{
	int fd;

	gm_need_denseram();
	CHECK_EQ(gm_attr(NULL, "max"), 0);
	fd = gm_create("f", 32 * MIB);
	CHECK_EQ(gm_attr(NULL, "max"), 32 * MIB);
	CHECK_EQ(set_attr("max", "8m"), 0);
	CHECK_EQ(gm_attr(NULL, "max"), 8 * MIB);
	CHECK_EQ(set_attr("max", "0"), 0);
	CHECK_EQ(gm_attr(NULL, "max"), 32 * MIB);
	close(fd);
}

static const char *const junk[] = {
	"\n", " ", "abc", "-1", "+1", "-0", "1.5m", "1x", "1mm", "1km", "m",
	"0x10", "1 ", " 1", "1 2", "1,2", "1\n2", "1\n\n", "1m\nm", "K1",
	"18446744073709551616", "99999999999999999999999999999", "99999999g",
	"99999999999999t", "\xff", "1\xff", "none", "max",
};

TEST(writing_junk)
{
	__u64 before;
	int err;

	gm_need_denseram();
	CHECK_EQ(set_attr("max", "64m"), 0);
	CHECK_EQ(set_attr("min", "16m"), 0);
	CHECK_EQ(set_attr("limit", "32m"), 0);
	CHECK_EQ(set_attr("shares", "77"), 0);
	for (size_t a = 0; a < ARRAY_SIZE(writable); a++) {
		before = gm_attr(NULL, writable[a]);
		for (size_t i = 0; i < ARRAY_SIZE(junk); i++) {
			if (strcmp(junk[i], "99999999g") == 0 &&
			    strcmp(writable[a], "shares") != 0)
				continue;	/* a size, if a large one */
			err = set_attr(writable[a], junk[i]);
			if (!CHECK(err == -EINVAL || err == -ERANGE))
				ktap_diag("\"%s\" into %s: %d", junk[i],
					  writable[a], err);
			CHECK_EQ(gm_attr(NULL, writable[a]), before);
		}
	}
}

TEST(writing_contradictions)
{
	gm_need_denseram();
	CHECK_EQ(set_attr("max", "64m"), 0);
	CHECK_EQ(set_attr("min", "16m"), 0);
	CHECK_EQ(set_attr("limit", "32m"), 0);
	CHECK_EQ(set_attr("min", "65m"), -ERANGE);
	CHECK_EQ(set_attr("min", "33m"), -ERANGE);
	CHECK_EQ(set_attr("max", "15m"), -ERANGE);
	CHECK_EQ(set_attr("limit", "15m"), -ERANGE);
	CHECK_EQ(set_attr("shares", "0"), -ERANGE);
	CHECK_EQ(set_attr("shares", "1000001"), -ERANGE);
	CHECK_EQ(set_attr("shares", "4294967297"), -ERANGE);
	CHECK_EQ(gm_attr(NULL, "min"), 16 * MIB);
	CHECK_EQ(gm_attr(NULL, "max"), 64 * MIB);
	CHECK_EQ(gm_attr(NULL, "limit"), 32 * MIB);
	CHECK_EQ(gm_attr(NULL, "shares"), 1000);
}

TEST(long_writes)
{
	char text[2 * PAGE];

	gm_need_denseram();
	memset(text, '1', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	CHECK(set_attr("limit", text) < 0);
	text[4000] = '\0';
	CHECK(set_attr("limit", text) < 0);
	CHECK_EQ(gm_attr(NULL, "limit"), 0);
}

static int write_as_nobody(void *arg)
{
	char text[32];

	(void)arg;
	if (setgid(65534) || setuid(65534))
		return 2;
	CHECK_EQ(set_attr("limit", "1m"), -EACCES);
	CHECK_EQ(read_text(gm_attr_path(NULL, "size"), text, sizeof(text)), 0);
	return 0;
}

TEST(unprivileged)
{
	gm_need_denseram();
	CHECK_EQ(in_child(write_as_nobody, NULL), 0);
	CHECK_EQ(gm_attr(NULL, "limit"), 0);
}

/**
 * struct stress - threads that read everything while guests come and go
 * @stop: set to end them
 * @reads: files read
 */
struct stress {
	int stop;
	unsigned long reads;
};

static void read_all_in(const char *path, struct stress *stress, int depth)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char sub[600], text[PAGE];

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(sub, sizeof(sub), "%s/%s", path, entry->d_name);
		if (entry->d_type == DT_DIR && depth)
			read_all_in(sub, stress, depth - 1);
		else if (read_text(sub, text, sizeof(text)) == 0)
			__atomic_add_fetch(&stress->reads, 1, __ATOMIC_RELAXED);
	}
	if (dir)
		closedir(dir);
}

static void *read_forever(void *arg)
{
	struct stress *stress = arg;

	while (!__atomic_load_n(&stress->stop, __ATOMIC_ACQUIRE)) {
		read_all_in(SYSFS, stress, 4);
		read_all_in(DEBUGFS, stress, 4);
	}
	return NULL;
}

/* Another mapper, who exits while readers look for the VMM. */
static int touch_and_exit(void *arg)
{
	return try_write(arg, 1);
}

static void guest_comes_and_goes(struct rng *rng)
{
	char path[300], file[400], renamed[310];
	char *map;
	int fd;

	snprintf(path, sizeof(path), "%s/%s.s%llu", gm_root, gm_name,
		 rng_below(rng, 4));
	snprintf(file, sizeof(file), "%s/ram", path);
	ASSERT_OK(mkdir(path, 0755));
	fd = open(file, O_RDWR | O_CREAT, 0600);
	ASSERT(fd >= 0);
	ASSERT_OK(ftruncate(fd, 2 * BLOCK));
	map = gm_map_skew(fd, 2 * BLOCK, 0, PROT_READ | PROT_WRITE,
			  rng_below(rng, 2) * PAGE);
	memset(map + rng_below(rng, BLOCK), 1, 4 * PAGE);
	if (rng_below(rng, 4) == 0)
		CHECK_EQ(in_child(touch_and_exit, map + BLOCK), 0);
	close(fd);
	if (rng_below(rng, 2)) {
		snprintf(renamed, sizeof(renamed), "%s.r", path);
		ASSERT_OK(rename(path, renamed));
		snprintf(file, sizeof(file), "%s/ram", renamed);
		strcpy(path, renamed);
	}
	ASSERT_OK(unlink(file));
	if (rng_below(rng, 2))
		munmap(map, 2 * BLOCK);
	ASSERT_OK(rmdir(path));
	munmap(map, 2 * BLOCK);
}

TEST(readers_while_guests_come_and_go)
{
	__u64 end = now_ms() + opts.secs * 1000;
	struct rng rng = { opts.seed };
	struct stress stress = { .stop = 0 };
	pthread_t readers[3];

	gm_need_denseram();
	for (int i = 0; i < 3; i++)
		pthread_create(&readers[i], NULL, read_forever, &stress);
	while (!ktap_failed() &&
	       (now_ms() < end ||
		!__atomic_load_n(&stress.reads, __ATOMIC_RELAXED)))
		guest_comes_and_goes(&rng);
	__atomic_store_n(&stress.stop, 1, __ATOMIC_RELEASE);
	for (int i = 0; i < 3; i++)
		pthread_join(readers[i], NULL);
	CHECK(stress.reads > 0);
}

/* A file kept open while its guest goes: an error, not old memory. */
TEST(open_file_of_a_dead_guest)
{
	char text[64];
	int fd, dead;

	gm_need_denseram();
	fd = open(gm_attr_path(NULL, "size"), O_RDONLY);
	ASSERT(fd >= 0);
	CHECK(pread(fd, text, sizeof(text), 0) > 0);
	dead = open(gm_attr_path(NULL, "limit"), O_RDWR);
	ASSERT(dead >= 0);
	ASSERT_OK(rmdir(gm_dir));
	CHECK(gm_guest_gone(gm_name));
	CHECK_ERR(pread(fd, text, sizeof(text), 0), ENODEV);
	CHECK_ERR(pwrite(dead, "1", 1, 0), ENODEV);
	close(fd);
	close(dead);
}
