// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paging to swap areas: files and block devices, with errors and without. What
 * cannot be used is refused; no byte is lost, and none that is wrong delivered.
 *
 * Devices are loop devices on files in /tmp, under device-mapper targets that
 * misbehave on request.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/disk.h"
#include "lib/gmem.h"
#include "lib/swap.h"

#define SIZE	(16 * MIB)
#define LIMIT	(4 * MIB)
#define AREA	(32 * MIB)
#define SOME	(8 * PAGE)	/* where all would take long */
#define KEY	11

static int fd;
static char *map;

/* A loop device on such a file; /dev/loopN. */
static const char *make_loop(const char *name, __u64 size)
{
	static char devices[4][64];
	static int nr;
	char *device = devices[nr++ % 4];
	FILE *out;
	char command[200];

	snprintf(command, sizeof(command), "losetup --find --show %s",
		 disk_file(name, size));
	out = popen(command, "r");
	if (!out || !fgets(device, sizeof(devices[0]), out) || pclose(out))
		ktap_skip("no loop devices");
	device[strcspn(device, "\n")] = '\0';
	return device;
}

static void drop_loop(const char *device, const char *name)
{
	CHECK_EQ(run_command("losetup -d %s", device), 0);
	CHECK_EQ(run_command("rm -f /tmp/dr-%s", name), 0);
}

static void set_up(void (*fill)(void *buf, size_t len, __u64 offset,
				__u64 key))
{
	gm_need_denseram();
	gm_no_scan();
	swap_rm_all();
	/* Straight to the areas. */
	ASSERT_OK(swap_set("pool_limit", "0"));
	fd = gm_create("f", SIZE);
	map = gm_map(fd, SIZE);
	fill(map, SIZE, 0, KEY);
}

static void tear_down(void)
{
	munmap(map, SIZE);
	close(fd);
	gm_check_recount();
	CHECK_OK(unlink(gm_path("f")));
	swap_rm_all();
	CHECK_OK(swap_set("pool_limit", "1G"));
}

static int add(const char *path, int prio)
{
	int id = swap_add(path, prio);

	if (id == -EOPNOTSUPP)
		ktap_skip("no direct I/O to files here");
	if (!CHECK(id >= 0))
		ktap_diag("%s: %s", path, strerror(-id));
	ASSERT(id >= 0);
	return id;
}

static __u64 used(int id)
{
	struct dr_swap_area area = {};

	CHECK(swap_area(id, &area));
	return area.used;
}

static void round_trip(const char *path)
{
	struct dr_swap_area area;
	int id;

	set_up(pat_fill);
	id = add(path, 0);
	CHECK(swap_area(id, &area));
	CHECK_RANGE(area.size, AREA - MIB, AREA);
	CHECK(swap_squeeze(LIMIT));
	CHECK_RANGE(swap_guest().tiers.disk, (SIZE - LIMIT) / PAGE, SIZE / PAGE);
	CHECK_RANGE(used(id), SIZE - LIMIT, SIZE);
	CHECK(gm_event(DR_EV_SWAP_DISK) >= (SIZE - LIMIT) / PAGE);
	CHECK_EQ(gm_pread_bad(fd, SIZE, 0, KEY), -1);
	swap_limit(0);
	CHECK_EQ(pat_bad(map, SIZE, 0, KEY), -1);
	CHECK(gm_event(DR_EV_FAULT_MAJOR) > 0);
	/* Written again, so nothing has to stay there. */
	pat_fill(map, SIZE, 0, KEY + 1);
	CHECK_EQ(used(id), 0);
	CHECK_EQ(swap_guest().tiers.disk, 0);
	/* And once more, with an area that has been used. */
	CHECK(swap_squeeze(LIMIT));
	swap_limit(0);
	CHECK_EQ(swap_rm(id), 0);
	CHECK(!swap_area(id, &area));
	CHECK_EQ(swap_guest().tiers.disk, 0);
	CHECK_EQ(pat_bad(map, SIZE, 0, KEY + 1), -1);
	tear_down();
}

TEST(file)
{
	round_trip(disk_file("file", AREA));
	CHECK_EQ(run_command("rm -f /tmp/dr-file"), 0);
}

TEST(device)
{
	const char *loop;

	gm_need_denseram();
	loop = make_loop("disk", AREA);
	round_trip(loop);
	drop_loop(loop, "disk");
}

static int refused(const char *path)
{
	return -swap_add(path, 0);
}

/* What cannot be a swap area, each with an error of its own. */
TEST(refusals)
{
	const char *loop, *path;
	int dev, id, ro;
	struct dr_swap_add junk = { .flags = 1 };
	struct dr_swap_rm rm = { .id = 63 };

	set_up(pat_fill);
	path = disk_file("small", MIB / 2);
	CHECK_OK(truncate(path, MIB / 2));
	CHECK_EQ(refused(path), ERANGE);
	CHECK_OK(truncate(path, AREA));
	CHECK_EQ(refused(path), ENODATA);
	CHECK_EQ(refused(gm_path("f")), ELOOP);
	CHECK_EQ(refused("/dev/zero"), EINVAL);
	loop = make_loop("disk", AREA);
	id = add(loop, 3);
	CHECK_EQ(refused(loop), EEXIST);
	CHECK(run_command("mkfs.ext4 -q -F %s >/dev/null 2>&1", loop) != 0);
	CHECK_EQ(swap_rm(id), 0);
	CHECK_EQ(swap_rm(id), -ENOENT);
	if (!run_command("mkfs.ext4 -q -F %s >/dev/null 2>&1", loop) &&
	    !mkdir("/tmp/dr-mnt", 0700) &&
	    !mount(loop, "/tmp/dr-mnt", "ext4", 0, NULL)) {
		CHECK_EQ(refused(loop), EBUSY);
		CHECK_OK(umount("/tmp/dr-mnt"));
	}
	rmdir("/tmp/dr-mnt");
	ro = open(loop, O_RDONLY);
	dev = gm_device(O_RDWR);
	junk.flags = 0;
	junk.fd = ro;
	CHECK_ERR(ioctl(dev, DR_IOC_SWAP_ADD, &junk), EBADF);
	junk.fd = -1;
	CHECK_ERR(ioctl(dev, DR_IOC_SWAP_ADD, &junk), EBADF);
	junk.prio = 40000;
	CHECK_ERR(ioctl(dev, DR_IOC_SWAP_ADD, &junk), EINVAL);
	junk.prio = 0;
	junk.flags = 1;
	CHECK_ERR(ioctl(dev, DR_IOC_SWAP_ADD, &junk), EINVAL);
	CHECK_ERR(ioctl(dev, DR_IOC_SWAP_RM, &rm), ENOENT);
	close(dev);
	close(ro);
	dev = gm_device(O_RDONLY);
	CHECK_ERR(ioctl(dev, DR_IOC_SWAP_RM, &rm), EBADF);
	close(dev);
	drop_loop(loop, "disk");
	CHECK_EQ(run_command("rm -f /tmp/dr-small"), 0);
	tear_down();
}

/* The higher priority is filled first, and what does not fit goes on. */
TEST(priorities)
{
	const char *low, *high;
	int low_id, high_id;

	set_up(pat_fill);
	low = make_loop("low", AREA);
	high = make_loop("high", 4 * MIB);
	low_id = add(low, -5);
	high_id = add(high, 5);
	CHECK(swap_squeeze(14 * MIB));
	CHECK_EQ(used(low_id), 0);
	CHECK_RANGE(used(high_id), 2 * MIB, 4 * MIB);
	CHECK(swap_squeeze(LIMIT));
	CHECK_RANGE(used(high_id), 3 * MIB, 4 * MIB);
	CHECK_RANGE(used(low_id), 7 * MIB, 10 * MIB);
	/* One goes, and the other one takes what has no room. */
	CHECK_EQ(swap_rm(high_id), 0);
	CHECK(swap_squeeze(LIMIT));
	CHECK_EQ(pat_bad(map, SIZE, 0, KEY), -1);
	tear_down();
	drop_loop(low, "low");
	drop_loop(high, "high");
}

/* Read back and not written, a page costs no second write. */
TEST(clean_pages)
{
	const char *loop;
	__u64 written;
	int id;

	set_up(pat_fill);
	loop = make_loop("disk", AREA);
	id = add(loop, 0);
	CHECK(swap_squeeze(LIMIT));
	swap_limit(0);
	CHECK_EQ(pat_bad(map, SIZE, 0, KEY), -1);
	CHECK_RANGE(swap_guest().tiers.clean, (SIZE - LIMIT) / PAGE,
		    SIZE / PAGE);
	CHECK_EQ(gm_usage().resident, SIZE);
	CHECK_EQ(gm_usage().swapped, 0);
	CHECK_RANGE(used(id), SIZE - LIMIT, SIZE);
	gm_check_recount();
	/* Out again: but for what never was there, nothing is written. */
	written = gm_event(DR_EV_SWAP_DISK);
	CHECK(swap_squeeze(LIMIT));
	CHECK_RANGE(gm_event(DR_EV_SWAP_DISK) - written, 0, LIMIT / PAGE);
	CHECK_RANGE(gm_event(DR_EV_SWAP_CLEAN), (SIZE - 2 * LIMIT) / PAGE,
		    SIZE / PAGE);
	swap_limit(0);
	CHECK_EQ(pat_bad(map, SIZE, 0, KEY), -1);
	/* A write, a write(2), a hole: the area lets go of each. */
	written = used(id);
	set_byte(map, get_byte(map));
	CHECK_EQ(used(id), written - PAGE);
	CHECK_EQ(pwrite(fd, map + PAGE, 1, PAGE), 1);
	CHECK_EQ(used(id), written - 2 * PAGE);
	gm_punch(fd, 2 * PAGE, PAGE);
	CHECK_EQ(used(id), written - 3 * PAGE);
	CHECK_EQ(zero_bad(map + 2 * PAGE, PAGE), -1);
	pat_fill(map + 2 * PAGE, PAGE, 2 * PAGE, KEY);
	CHECK_EQ(swap_rm(id), 0);
	CHECK_EQ(swap_guest().tiers.clean, 0);
	CHECK_EQ(pat_bad(map, SIZE, 0, KEY), -1);
	tear_down();
	drop_loop(loop, "disk");
}

/* In sequence, most pages are there when they are asked for; at random, not. */
TEST(read_ahead)
{
	struct rng rng = { opts.seed };
	__u64 major, ahead, hits;
	const char *loop;

	set_up(pat_fill);
	loop = make_loop("disk", AREA);
	add(loop, 0);
	CHECK(swap_squeeze(LIMIT));
	swap_limit(0);
	CHECK_EQ(pat_bad(map, SIZE, 0, KEY), -1);
	major = gm_event(DR_EV_FAULT_MAJOR);
	ahead = gm_event(DR_EV_SWAP_AHEAD);
	hits = gm_event(DR_EV_SWAP_AHEAD_HIT);
	ktap_diag("in sequence: %llu reads, %llu pages ahead, %llu of them asked for",
		  major, ahead, hits);
	CHECK_RANGE(major, 1, SIZE / PAGE / 4);
	CHECK(ahead > SIZE / PAGE / 2);
	CHECK_EQ(hits, ahead);
	CHECK(swap_squeeze(LIMIT));
	swap_limit(0);
	for (int i = 0; i < 300; i++)
		get_byte(map + rng_below(&rng, SIZE / PAGE) * PAGE);
	ahead = gm_event(DR_EV_SWAP_AHEAD) - ahead;
	ktap_diag("at random: %llu reads, %llu pages ahead",
		  (unsigned long long)(gm_event(DR_EV_FAULT_MAJOR) - major),
		  (unsigned long long)ahead);
	CHECK_RANGE(ahead, 0, 150);
	CHECK_EQ(pat_bad(map, SIZE, 0, KEY), -1);
	tear_down();
	drop_loop(loop, "disk");
}

/* One page of three; the others are holes, as those that are shared are to a disk. */
static void fill_third(void *buf, size_t len, __u64 offset, __u64 key)
{
	for (size_t at = 0; at < len; at += 3 * PAGE)
		pat_fill((char *)buf + at, PAGE, offset + at, key);
}

/* Gaps between pages in the file are none on the disk. */
TEST(read_ahead_over_gaps)
{
	__u64 major, ahead, wrong = 0;
	const char *loop;

	set_up(fill_third);
	loop = make_loop("disk", AREA);
	add(loop, 0);
	CHECK(swap_squeeze(LIMIT / 4));
	swap_limit(0);
	for (__u64 at = 0; at < SIZE; at += 3 * PAGE)
		wrong += pat_bad(map + at, PAGE, at, KEY) != -1;
	CHECK_EQ(wrong, 0);
	major = gm_event(DR_EV_FAULT_MAJOR);
	ahead = gm_event(DR_EV_SWAP_AHEAD);
	ktap_diag("%llu reads, %llu pages ahead, %llu of them asked for",
		  major, ahead, gm_event(DR_EV_SWAP_AHEAD_HIT));
	CHECK(ahead > major * 4);
	CHECK_EQ(gm_event(DR_EV_SWAP_AHEAD_HIT), ahead);
	tear_down();
	drop_loop(loop, "disk");
}

/* From the pool to the area: the oldest first, and every byte. */
TEST(write_back)
{
	const char *loop;
	int id;

	set_up(soft_fill);
	loop = make_loop("disk", AREA);
	id = add(loop, 0);
	CHECK_OK(swap_set("pool_limit", "2M"));
	CHECK(swap_squeeze(LIMIT));
	CHECK(swap_figure("pool_memory") <= 2 * MIB + 64 * KIB);
	CHECK(gm_event(DR_EV_SWAP_BACK) > 0);
	CHECK(used(id) > 0);
	CHECK(swap_guest().tiers.pool > 0);
	ktap_diag("%llu pages to the pool, %llu of them on to the area",
		  (unsigned long long)gm_event(DR_EV_SWAP_POOL),
		  (unsigned long long)gm_event(DR_EV_SWAP_BACK));
	swap_limit(0);
	CHECK_EQ(soft_bad(map, SIZE, 0, KEY), -1);
	tear_down();
	drop_loop(loop, "disk");
}

static bool areas_full(void *arg)
{
	(void)arg;
	return swap_stop_is("areas full");
}

TEST(full_area_stops_and_goes_on)
{
	const char *small, *more;
	__u64 limit = LIMIT;

	set_up(pat_fill);
	small = make_loop("small", 4 * MIB);
	more = make_loop("more", AREA);
	add(small, 0);
	swap_limit(limit);
	CHECK(poll_until(areas_full, NULL, 30000));
	CHECK(gm_usage().resident > limit);
	CHECK(gm_event(DR_EV_SWAP_FULL) > 0);
	CHECK_EQ(pat_bad(map, SIZE, 0, KEY), -1);
	add(more, 0);
	CHECK(swap_squeeze(limit));
	CHECK(swap_stop_is("none"));
	CHECK_EQ(pat_bad(map, SIZE, 0, KEY), -1);
	tear_down();
	drop_loop(small, "small");
	drop_loop(more, "more");
}

static void table(char *text, size_t len, const char *fmt, const char *loop)
{
	snprintf(text, len, fmt, (unsigned long long)(AREA / 512), loop);
}

/*
 * Reads fail: whoever needs such a page gets SIGBUS or EIO, for that page alone
 * and as long as it lasts. The bytes are not lost for that.
 */
TEST(read_errors)
{
	char linear[128], error[128];
	struct dr_swap_area area;
	const char *loop;
	unsigned int bad = 0;
	char byte;
	int id;

	set_up(pat_fill);
	loop = make_loop("disk", AREA);
	table(linear, sizeof(linear), "0 %llu linear %s 0", loop);
	snprintf(error, sizeof(error), "0 %llu error",
		 (unsigned long long)(AREA / 512));
	disk_dm_create(linear);
	id = add(DISK_DM, 0);
	CHECK(swap_squeeze(LIMIT));
	swap_limit(0);
	disk_dm_reload(error);
	for (__u64 at = 0; at < SIZE; at += SOME)
		bad += try_read(map + at) == SIGBUS;
	CHECK_RANGE(bad, (SIZE - LIMIT) / SOME / 2, SIZE / SOME);
	CHECK(gm_event(DR_EV_FAULT_SIGBUS) >= bad);
	CHECK(gm_event(DR_EV_SWAP_ERROR) >= bad);
	CHECK(swap_area(id, &area));
	CHECK(area.read_errors >= bad);
	for (__u64 at = 0; at < SIZE; at += SOME)
		if (pread(fd, &byte, 1, at) < 0)
			bad--;
	CHECK_EQ(errno, EIO);
	CHECK_EQ(bad, 0);
	CHECK_EQ(swap_rm(id), -EIO);
	disk_dm_reload(linear);
	CHECK_EQ(pat_bad(map, SIZE, 0, KEY), -1);
	tear_down();
	disk_dm_remove();
	drop_loop(loop, "disk");
}

/* The area is given up, and the pages of the failed write are home again. */
static bool area_failed(void *arg)
{
	struct dr_swap_area area = {};

	swap_area(*(int *)arg, &area);
	return area.state & DR_SWAP_AREA_FAILED && area.bad > 0 &&
	       gm_event(DR_EV_SWAP_ERROR) > 0;
}

/* Writes fail: the pages stay in memory, and the area is used no more. */
TEST(write_errors)
{
	char linear[128], flakey[160];
	struct dr_swap_area area;
	const char *loop;
	int id;

	set_up(pat_fill);
	loop = make_loop("disk", AREA);
	table(linear, sizeof(linear), "0 %llu linear %s 0", loop);
	table(flakey, sizeof(flakey),
	      "0 %llu flakey %s 0 0 3600 1 error_writes", loop);
	disk_dm_create(linear);
	id = add(DISK_DM, 0);
	CHECK(swap_squeeze(12 * MIB));
	if (run_command("modprobe -q dm-flakey")) {
		tear_down();
		disk_dm_remove();
		ktap_skip("no dm-flakey");
	}
	disk_dm_reload(flakey);
	swap_limit(LIMIT);
	CHECK(poll_until(area_failed, &id, 30000));
	CHECK(poll_until(areas_full, NULL, 30000));
	CHECK(swap_area(id, &area));
	CHECK(area.write_errors > 0);
	/* What was written before can be read. */
	CHECK_EQ(pat_bad(map, SIZE, 0, KEY), -1);
	CHECK_EQ(swap_rm(id), 0);
	CHECK_EQ(pat_bad(map, SIZE, 0, KEY), -1);
	tear_down();
	disk_dm_remove();
	drop_loop(loop, "disk");
}

/* Somebody else writes to the area: no wrong byte gets to the guest. */
TEST(damage)
{
	struct dr_swap_area area;
	const char *path;
	unsigned int bad = 0, wrong = 0;
	char *junk = malloc(AREA);
	int file, id;

	ASSERT(junk);
	set_up(pat_fill);
	path = disk_file("file", AREA);
	id = add(path, 0);
	CHECK(swap_squeeze(LIMIT));
	swap_limit(0);
	memset(junk, 0x5a, AREA);
	file = open(path, O_WRONLY);
	ASSERT(file >= 0);
	ASSERT(write(file, junk, AREA) == (ssize_t)AREA);
	fsync(file);
	close(file);
	for (__u64 at = 0; at < SIZE; at += PAGE) {
		if (try_read(map + at) == SIGBUS)
			bad++;
		else if (pat_bad(map + at, PAGE, at, KEY) >= 0)
			wrong++;
	}
	CHECK_RANGE(bad, (SIZE - LIMIT) / PAGE / 2, SIZE / PAGE);
	CHECK_EQ(wrong, 0);
	/* Each is looked at when it is read ahead, and when it is needed. */
	CHECK(gm_event(DR_EV_SWAP_DAMAGED) >= bad);
	CHECK(swap_area(id, &area));
	CHECK(area.sum_errors >= bad);
	/* A guest that gives such a page up gets a good one. */
	gm_punch(fd, 0, SIZE);
	CHECK_EQ(zero_bad(map, SIZE), -1);
	tear_down();
	CHECK_EQ(run_command("rm -f /tmp/dr-file"), 0);
	free(junk);
}

/* Made shorter behind our back: what is left is fine, the rest is an error. */
TEST(shrunk_file)
{
	struct dr_swap_rm rm = {};
	const char *path;
	unsigned int bad = 0, wrong = 0;
	int id, dev;

	set_up(pat_fill);
	path = disk_file("file", AREA);
	id = add(path, 0);
	CHECK(swap_squeeze(12 * MIB));
	CHECK_OK(truncate(path, 2 * MIB));
	swap_limit(LIMIT);
	CHECK(poll_until(area_failed, &id, 30000));
	swap_limit(0);
	for (__u64 at = 0; at < SIZE; at += PAGE) {
		if (try_read(map + at) == SIGBUS)
			bad++;
		else if (pat_bad(map + at, PAGE, at, KEY) >= 0)
			wrong++;
	}
	ktap_diag("%u pages lost with the end of the file", bad);
	CHECK_RANGE(bad, 1, 6 * MIB / PAGE);
	/* It cannot go, and says how much of it that is about. */
	rm.id = id;
	dev = gm_device(O_RDWR);
	CHECK_ERR(ioctl(dev, DR_IOC_SWAP_RM, &rm), EIO);
	close(dev);
	CHECK_RANGE(rm.left, 1, bad);
	CHECK_EQ(wrong, 0);
	tear_down();
	CHECK_EQ(run_command("rm -f /tmp/dr-file"), 0);
}

static int remove_area(void *arg)
{
	/* A shell's background jobs start with it ignored. */
	signal(SIGINT, SIG_DFL);
	return swap_rm(*(int *)arg) == -EINTR ? 0 : 1;
}

static bool leaving(void *arg)
{
	struct dr_swap_area area;

	return swap_area(*(int *)arg, &area) &&
	       area.state & DR_SWAP_AREA_LEAVING;
}

/* A removal that is interrupted changes nothing but where some pages are. */
TEST(interrupted_removal)
{
	char delay[160];
	const char *loop;
	struct dr_swap_area area;
	pid_t pid;
	int id, status;

	set_up(pat_fill);
	loop = make_loop("disk", AREA);
	run_command("modprobe -q dm-delay");
	table(delay, sizeof(delay), "0 %llu delay %s 0 100", loop);
	disk_dm_create(delay);
	id = add(DISK_DM, 0);
	CHECK(swap_squeeze(LIMIT));
	pid = spawn(remove_area, &id);
	CHECK(poll_until(leaving, &id, 10000));
	CHECK_EQ(swap_rm(id), -EBUSY);
	kill(pid, SIGINT);
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status));
	CHECK(swap_area(id, &area));
	CHECK(!(area.state & DR_SWAP_AREA_LEAVING));
	CHECK(area.used > 0);
	CHECK(swap_squeeze(LIMIT));
	tear_down();
	disk_dm_remove();
	drop_loop(loop, "disk");
}

/* An area goes while its guest is squeezed and runs. */
static int over;

static void *touch_all(void *arg)
{
	__u64 at = 0;

	(void)arg;
	while (!__atomic_load_n(&over, __ATOMIC_RELAXED)) {
		if (pat_bad(map + at, PAGE, at, KEY) >= 0) {
			CHECK_EQ(at, -1);
			break;
		}
		at = (at + 37 * PAGE) % SIZE;
	}
	return NULL;
}

TEST_SECS(areas_come_and_go, 200)
{
	const char *a, *b;
	pthread_t thread;
	int first, second;

	set_up(pat_fill);
	a = make_loop("a", AREA);
	b = make_loop("b", AREA);
	first = add(a, 0);
	CHECK(swap_squeeze(8 * MIB));
	ASSERT(!pthread_create(&thread, NULL, touch_all, NULL));
	for (int i = 0; i < 3; i++) {
		second = add(b, 1);
		CHECK_EQ(swap_rm(first), 0);
		sleep_ms(200);
		first = add(a, 1);
		CHECK_EQ(swap_rm(second), 0);
		sleep_ms(200);
	}
	__atomic_store_n(&over, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	swap_limit(0);
	CHECK_EQ(pat_bad(map, SIZE, 0, KEY), -1);
	tear_down();
	drop_loop(a, "a");
	drop_loop(b, "b");
}
