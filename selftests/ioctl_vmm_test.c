// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/denseram: what the daemon tells of the VMM (state, guest-physical
 * layout), and trimming, which must free what it can without changing a byte.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "lib/gmem.h"

#define RW	(PROT_READ | PROT_WRITE)
#define SIZE	(16 * MIB)

static __u64 ino_of(int fd)
{
	struct stat st;

	ASSERT_OK(fstat(fd, &st));
	return st.st_ino;
}

static int set_regions(int fd, const struct dr_region *regions, __u32 nr)
{
	struct dr_guest_vmm vmm = {
		.flags = DR_VMM_REGIONS, .id = gm_id(), .nr_regions = nr,
		.regions = (unsigned long)regions,
	};

	return ioctl(fd, DR_IOC_GUEST_VMM, &vmm);
}

static __u32 get_regions(int fd, struct dr_region *regions, __u32 room)
{
	struct dr_guest_regions get = {
		.count = room, .id = gm_id(),
		.regions = (unsigned long)regions,
	};

	ASSERT_OK(ioctl(fd, DR_IOC_GUEST_REGIONS, &get));
	return get.count;
}

TEST(run_state)
{
	static const char *const names[] = {
		"unknown\n", "running\n", "paused\n", "shutdown\n",
	};
	struct dr_guest_vmm vmm = { .flags = DR_VMM_RUN_STATE };
	struct dr_guest_info info;
	char text[32];
	int fd;

	gm_need_denseram();
	fd = gm_device(O_RDWR);
	vmm.id = gm_id();
	for (int state = 0; state < DR_NR_RUN_STATES; state++) {
		vmm.run_state = state;
		CHECK_OK(ioctl(fd, DR_IOC_GUEST_VMM, &vmm));
		ASSERT_OK(gm_info(NULL, &info));
		CHECK_EQ(info.run_state, state);
		CHECK_EQ(read_text(gm_attr_path(NULL, "run_state"), text,
				   sizeof(text)), 0);
		CHECK(strcmp(text, names[state]) == 0);
	}
	vmm.run_state = DR_NR_RUN_STATES;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_VMM, &vmm), EINVAL);
	ASSERT_OK(gm_info(NULL, &info));
	CHECK_EQ(info.run_state, DR_RUN_SHUTDOWN);
	close(fd);
}

TEST(migrating)
{
	struct dr_guest_vmm vmm = { .flags = DR_VMM_MIGRATING, .migrating = 1 };
	struct dr_guest_info info;
	int fd;

	gm_need_denseram();
	fd = gm_device(O_RDWR);
	vmm.id = gm_id();
	CHECK_OK(ioctl(fd, DR_IOC_GUEST_VMM, &vmm));
	ASSERT_OK(gm_info(NULL, &info));
	CHECK(info.state & DR_GUEST_MIGRATING);
	CHECK_EQ(gm_attr(NULL, "migrating"), 1);
	vmm.migrating = 2;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_VMM, &vmm), EINVAL);
	CHECK_EQ(gm_attr(NULL, "migrating"), 1);
	vmm.migrating = 0;
	CHECK_OK(ioctl(fd, DR_IOC_GUEST_VMM, &vmm));
	CHECK_EQ(gm_attr(NULL, "migrating"), 0);
	close(fd);
}

TEST(vmm_bad_input)
{
	struct dr_guest_vmm vmm = { .flags = DR_VMM_RUN_STATE, .run_state = 1 };
	int fd, ro;

	gm_need_denseram();
	fd = gm_device(O_RDWR);
	ro = gm_device(O_RDONLY);
	vmm.id = gm_id();
	CHECK_ERR(ioctl(ro, DR_IOC_GUEST_VMM, &vmm), EBADF);
	vmm.flags = 0;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_VMM, &vmm), EINVAL);
	vmm.flags = DR_VMM_RUN_STATE | (DR_VMM_ALL + 1);
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_VMM, &vmm), EINVAL);
	vmm.flags = DR_VMM_RUN_STATE;
	vmm.id = ~0ULL;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_VMM, &vmm), ENOENT);
	/* All or nothing: a bad region keeps the state back, too. */
	vmm.id = gm_id();
	vmm.flags = DR_VMM_RUN_STATE | DR_VMM_REGIONS;
	vmm.nr_regions = 1;
	vmm.regions = 0;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_VMM, &vmm), EFAULT);
	vmm.nr_regions = DR_MAX_REGIONS + 1;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_VMM, &vmm), EINVAL);
	vmm.nr_regions = ~0U;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_VMM, &vmm), EINVAL);
	close(fd);
	CHECK_EQ(gm_attr(NULL, "migrating"), 0);
	close(ro);
}

TEST(regions_round_trip)
{
	struct dr_region set[DR_MAX_REGIONS], got[DR_MAX_REGIONS + 1];
	struct dr_guest_info info;
	int fd, file;
	__u64 ino;

	gm_need_denseram();
	fd = gm_device(O_RDWR);
	file = gm_create("f", SIZE);
	ino = ino_of(file);
	CHECK_EQ(get_regions(fd, got, 4), 0);
	for (int i = 0; i < DR_MAX_REGIONS; i++)
		set[i] = (struct dr_region){
			.gpa = i * 3 * PAGE, .size = 2 * PAGE, .ino = ino,
			.offset = i * 2 * PAGE,
		};
	CHECK_OK(set_regions(fd, set, DR_MAX_REGIONS));
	memset(got, 0xff, sizeof(got));
	CHECK_EQ(get_regions(fd, got, DR_MAX_REGIONS + 1), DR_MAX_REGIONS);
	CHECK(memcmp(got, set, sizeof(set)) == 0);
	ASSERT_OK(gm_info(NULL, &info));
	CHECK_EQ(info.nr_regions, DR_MAX_REGIONS);
	/* Little room: the true number, and no more written than fits. */
	memset(got, 0xff, sizeof(got));
	CHECK_EQ(get_regions(fd, got, 2), DR_MAX_REGIONS);
	CHECK(memcmp(got, set, 2 * sizeof(set[0])) == 0);
	CHECK_EQ(got[2].gpa, ~0ULL);
	CHECK_EQ(get_regions(fd, NULL, 0), DR_MAX_REGIONS);
	CHECK_OK(set_regions(fd, NULL, 0));
	CHECK_EQ(get_regions(fd, got, 2), 0);
	close(file);
	close(fd);
}

/* Each with one thing wrong; what was set before must stay. */
TEST(regions_refused)
{
	struct dr_region good[2], bad[2];
	__u64 ino;
	int fd, file;

	gm_need_denseram();
	fd = gm_device(O_RDWR);
	file = gm_create("f", SIZE);
	ino = ino_of(file);
	good[0] = (struct dr_region){ 0, MIB, ino, 0 };
	good[1] = (struct dr_region){ 4 * MIB, MIB, ino, MIB };
	ASSERT_OK(set_regions(fd, good, 2));
#define REFUSED(change)							\
	do {								\
		memcpy(bad, good, sizeof(bad));				\
		change;							\
		CHECK_ERR(set_regions(fd, bad, 2), EINVAL);		\
		CHECK_EQ(get_regions(fd, bad, 2), 2);			\
		CHECK(memcmp(bad, good, sizeof(bad)) == 0);		\
	} while (0)
	REFUSED(bad[1].gpa = 0);			/* overlap */
	REFUSED(bad[1].gpa = MIB - PAGE);		/* overlap by a page */
	REFUSED(bad[0].gpa = 8 * MIB);			/* not sorted */
	REFUSED(bad[0].size = 0);
	REFUSED(bad[0].size = PAGE + 1);
	REFUSED(bad[0].gpa = 1);
	REFUSED(bad[1].offset = 512);
	REFUSED(bad[1].ino = ino + 12345);
	REFUSED(bad[1].ino = 0);
	REFUSED(bad[1].size = ~0ULL - 4095);
	REFUSED(bad[1].gpa = ~0ULL - 4095);		/* wraps around */
	REFUSED(bad[1].offset = ~0ULL - 4095);
#undef REFUSED
	close(file);
	close(fd);
}

/* The ino of another guest's file is no ino of this one. */
TEST(regions_of_another_guest)
{
	struct dr_region region = { .size = MIB };
	char path[300];
	int fd, file;

	gm_need_denseram();
	fd = gm_device(O_RDWR);
	snprintf(path, sizeof(path), "%s/%s.other", gm_root, gm_name);
	file = open(path, O_RDWR | O_CREAT, 0600);
	ASSERT(file >= 0);
	ASSERT_OK(ftruncate(file, SIZE));
	region.ino = ino_of(file);
	CHECK_ERR(set_regions(fd, &region, 1), EINVAL);
	close(file);
	CHECK_OK(unlink(path));
	close(fd);
}

TEST(regions_bad_input)
{
	struct dr_region region;
	struct dr_guest_regions get = { .count = 1 };
	int fd;

	gm_need_denseram();
	fd = gm_device(O_RDONLY);
	get.regions = (unsigned long)&region;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_REGIONS, &get), ENOENT);
	get.id = gm_id();
	get.flags = 1;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_REGIONS, &get), EINVAL);
	close(fd);
}

/* What each page of the trim tests holds: zero, one word, or all different. */
enum content { ZERO, SAME, UNIQUE, NR_CONTENTS };

static enum content content_of(__u64 page)
{
	return page * 2654435761U / 7 % NR_CONTENTS;
}

static void fill_page(char *at, __u64 page, enum content content)
{
	__u64 word = content == SAME ? 0x0101010101010101ULL * (page % 255 + 1) :
		     0;

	if (content == UNIQUE)
		pat_fill(at, PAGE, page * PAGE, 1);
	else
		for (size_t i = 0; i < PAGE; i += 8)
			memcpy(at + i, &word, 8);
}

static void fill_mixed(char *map, __u64 *nr)
{
	for (__u64 page = 0; page < SIZE / PAGE; page++) {
		fill_page(map + page * PAGE, page, content_of(page));
		nr[content_of(page)]++;
	}
}

static int mixed_bad(const char *map)
{
	char want[PAGE];
	int bad = 0;

	for (__u64 page = 0; page < SIZE / PAGE; page++) {
		fill_page(want, page, content_of(page));
		bad += memcmp(map + page * PAGE, want, PAGE) != 0;
	}
	return bad;
}

static int mixed_bad_by_read(int fd)
{
	char want[PAGE], got[PAGE];
	int bad = 0;

	for (__u64 page = 0; page < SIZE / PAGE; page++) {
		fill_page(want, page, content_of(page));
		bad += pread(fd, got, PAGE, page * PAGE) != (ssize_t)PAGE ||
		       memcmp(got, want, PAGE) != 0;
	}
	return bad;
}

TEST(trim_zero_pages)
{
	__u64 nr[NR_CONTENTS] = { 0 };
	struct dr_guest_trim trim;
	char *map;
	int fd;

	gm_need_denseram();
	fd = gm_create("f", SIZE);
	map = gm_map_skew(fd, SIZE, 0, RW, PAGE);
	fill_mixed(map, nr);
	trim = gm_trim(DR_TRIM_ZERO);
	CHECK_EQ(trim.scanned, SIZE / PAGE);
	CHECK_EQ(trim.freed, nr[ZERO]);
	CHECK_EQ(trim.busy, 0);
	CHECK_EQ(gm_event(DR_EV_TRIM_ZERO), nr[ZERO]);
	CHECK_EQ(gm_usage().pages, nr[SAME] + nr[UNIQUE]);
	CHECK_EQ(gm_usage().resident, SIZE - nr[ZERO] * PAGE);
	CHECK_EQ(mixed_bad_by_read(fd), 0);
	CHECK_EQ(gm_usage().resident, SIZE - nr[ZERO] * PAGE);
	CHECK_EQ(mixed_bad(map), 0);
	close(fd);
}

TEST(trim_same_pages)
{
	__u64 nr[NR_CONTENTS] = { 0 };
	struct dr_guest_trim trim;
	char *map;
	int fd;

	gm_need_denseram();
	fd = gm_create("f", SIZE);
	map = gm_map_skew(fd, SIZE, 0, RW, PAGE);
	fill_mixed(map, nr);
	trim = gm_trim(DR_TRIM_ZERO | DR_TRIM_SAME);
	CHECK_EQ(trim.freed, nr[ZERO] + nr[SAME]);
	CHECK_EQ(gm_event(DR_EV_TRIM_SAME), nr[SAME]);
	CHECK_EQ(gm_usage().resident, nr[UNIQUE] * PAGE);
	CHECK_EQ(gm_usage().pages, nr[UNIQUE]);
	CHECK_EQ(mixed_bad_by_read(fd), 0);
	CHECK_EQ(gm_usage().resident, nr[UNIQUE] * PAGE);
	CHECK_EQ(mixed_bad(map), 0);
	/* A second pass finds what was loaded by reading, and frees it again. */
	gm_trim(DR_TRIM_ZERO | DR_TRIM_SAME);
	CHECK_EQ(gm_usage().resident, nr[UNIQUE] * PAGE);
	CHECK_EQ(mixed_bad(map), 0);
	close(fd);
}

/* A write into a trimmed page changes that page and no other. */
TEST(write_after_trim)
{
	__u64 nr[NR_CONTENTS] = { 0 };
	char want[PAGE], *map;
	int fd, bad = 0;

	gm_need_denseram();
	fd = gm_create("f", SIZE);
	map = gm_map_skew(fd, SIZE, 0, RW, PAGE);
	fill_mixed(map, nr);
	gm_trim(DR_TRIM_ALL);
	for (__u64 page = 0; page < SIZE / PAGE; page += 2)
		pat_fill(map + page * PAGE + 100, 8, page, 9);
	for (__u64 page = 0; page < SIZE / PAGE; page++) {
		fill_page(want, page, content_of(page));
		if (page % 2 == 0)
			pat_fill(want + 100, 8, page, 9);
		bad += memcmp(map + page * PAGE, want, PAGE) != 0;
	}
	CHECK_EQ(bad, 0);
	/* And by write(2), to trimmed pages that no one has touched. */
	gm_trim(DR_TRIM_ALL);
	for (__u64 page = 1; page < SIZE / PAGE; page += 2) {
		fill_page(want, page, content_of(page));
		want[7] = 42;
		ASSERT(pwrite(fd, want + 7, 1, page * PAGE + 7) == 1);
		bad += memcmp(map + page * PAGE, want, PAGE) != 0;
	}
	CHECK_EQ(bad, 0);
	close(fd);
}

TEST(trim_blocks)
{
	struct dr_guest_trim trim;
	__u64 nr[NR_CONTENTS] = { 0 };
	char *map;
	int fd;

	gm_need_blocks();
	fd = gm_create("f", SIZE);
	map = gm_map(fd, SIZE);
	fill_mixed(map, nr);
	CHECK_EQ(gm_usage().blocks, SIZE / BLOCK);
	trim = gm_trim(DR_TRIM_ZERO | DR_TRIM_SAME);
	CHECK_EQ(trim.freed, 0);
	CHECK_EQ(gm_usage().blocks, SIZE / BLOCK);
	CHECK_EQ(mixed_bad(map), 0);
	/* Two thirds of each block would be saved: all are broken up. */
	trim = gm_trim(DR_TRIM_ALL);
	CHECK_EQ(trim.freed, nr[ZERO] + nr[SAME]);
	CHECK_EQ(gm_usage().blocks, 0);
	CHECK_EQ(gm_usage().resident, nr[UNIQUE] * PAGE);
	CHECK_EQ(mixed_bad(map), 0);
	close(fd);
}

TEST(trim_keeps_full_blocks)
{
	struct dr_guest_trim trim;
	char *map;
	int fd;

	gm_need_blocks();
	fd = gm_create("f", SIZE);
	map = gm_map(fd, SIZE);
	pat_fill(map, SIZE, 0, 1);
	/* A few zero pages do not pay for breaking up a block. */
	memset(map, 0, 50 * PAGE);
	trim = gm_trim(DR_TRIM_ALL);
	CHECK_EQ(trim.freed, 0);
	CHECK_EQ(gm_usage().blocks, SIZE / BLOCK);
	CHECK_EQ(zero_bad(map, 50 * PAGE), -1);
	CHECK_EQ(pat_bad(map + 50 * PAGE, SIZE - 50 * PAGE, 50 * PAGE, 1), -1);
	close(fd);
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* A signal every millisecond, or none any more. */
static void alarms(bool on)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval timer = {
		.it_interval.tv_usec = on ? 1000 : 0,
		.it_value.tv_usec = on ? 1000 : 0,
	};

	ASSERT_OK(sigaction(SIGALRM, &action, NULL));
	ASSERT_OK(setitimer(ITIMER_REAL, &timer, NULL));
}

/* Trim until a signal has come in the middle of it. */
static struct dr_guest_trim trim_interrupted(void)
{
	const struct dr_guest_trim ask = { .flags = DR_TRIM_ALL, .id = gm_id() };
	__u64 end = now_ms() + 60000;
	int ret, fd = gm_device(O_RDWR);
	struct dr_guest_trim trim;

	alarms(true);
	do {
		trim = ask;
		trim.scanned = ~0ULL;
		ret = ioctl(fd, DR_IOC_GUEST_TRIM, &trim);
	} while (ret == 0 && now_ms() < end);
	CHECK_ERR(ret, EINTR);
	alarms(false);
	close(fd);
	return trim;
}

/* It says how far it got, has changed no byte, and can be asked again. */
static void interrupt(size_t skew)
{
	int fd = gm_create("f", SIZE);
	char *map = gm_map_skew(fd, SIZE, 0, RW, skew);
	struct dr_guest_trim trim;

	pat_fill(map, SIZE, 0, 1);
	trim = trim_interrupted();
	CHECK_RANGE(trim.scanned, 0, SIZE / PAGE);
	CHECK_EQ(trim.freed, 0);
	CHECK_EQ(pat_bad(map, SIZE, 0, 1), -1);
	trim = gm_trim(DR_TRIM_ALL);
	CHECK_EQ(trim.scanned, SIZE / PAGE);
	CHECK_EQ(trim.freed, 0);
	memset(map, 0, SIZE);
	trim = gm_trim(DR_TRIM_ALL);
	CHECK_EQ(trim.freed, SIZE / PAGE);
	CHECK_EQ(gm_usage().resident, 0);
	close(fd);
	ASSERT_OK(unlink(gm_path("f")));
}

TEST(trim_interrupted_among_pages)
{
	gm_need_denseram();
	interrupt(PAGE);
}

TEST(trim_interrupted_among_blocks)
{
	gm_need_blocks();
	interrupt(0);
}

TEST(trim_empty_guest)
{
	struct dr_guest_trim trim;

	gm_need_denseram();
	trim = gm_trim(DR_TRIM_ALL);
	CHECK_EQ(trim.scanned, 0);
	CHECK_EQ(trim.freed, 0);
	CHECK_EQ(trim.busy, 0);
}

TEST(trim_bad_input)
{
	struct dr_guest_trim trim = { .flags = DR_TRIM_ZERO };
	int fd, ro;

	gm_need_denseram();
	fd = gm_device(O_RDWR);
	ro = gm_device(O_RDONLY);
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_TRIM, &trim), ENOENT);
	trim.id = gm_id();
	CHECK_ERR(ioctl(ro, DR_IOC_GUEST_TRIM, &trim), EBADF);
	trim.flags = 0;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_TRIM, &trim), EINVAL);
	trim.flags = DR_TRIM_BLOCKS;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_TRIM, &trim), EINVAL);
	trim.flags = DR_TRIM_ALL + 1;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_TRIM, &trim), EINVAL);
	trim.flags = DR_TRIM_ZERO;
	trim.pad = 1;
	CHECK_ERR(ioctl(fd, DR_IOC_GUEST_TRIM, &trim), EINVAL);
	close(ro);
	close(fd);
}
