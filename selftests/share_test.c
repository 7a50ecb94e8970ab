// SPDX-License-Identifier: GPL-2.0-only
/*
 * Content-based sharing: equal pages of guests become one, within a trust
 * domain and never beyond, and a write is seen by nobody but who made it.
 */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "lib/gmem.h"
#include "lib/share.h"

#define RW	(PROT_READ | PROT_WRITE)
#define SHARING	SYSFS "/sharing"

/* Pages of a file too small for a block. */
#define NR	64
#define SIZE	(NR * PAGE)

static void scanner(const char *on)
{
	share_set("enabled", on);
}

static __u64 figure(const char *name)
{
	return share_figure(name);
}

/* struct wait - until a guest (NULL: the test's own) has so many pages */
struct wait {
	const char *name;
	__u64 pages;
};

static bool shares_so_many(void *arg)
{
	const struct wait *w = arg;
	struct dr_guest_info info;

	return !gm_info(w->name, &info) && info.usage.shared == w->pages;
}

/* Until a guest (NULL: the test's own) has so many shared pages. */
static void wait_shared(const char *name, __u64 shared)
{
	struct wait w = { name, shared };
	struct dr_guest_info info = {};

	if (poll_until(shares_so_many, &w, 60000))
		return;
	gm_info(name, &info);
	CHECK_EQ(info.usage.shared, shared);
}

/* Two routine passes over each of two files. */
static bool passes_over(void *arg)
{
	return figure("passes") >= *(__u64 *)arg;
}

static void let_scan(void)
{
	__u64 until = figure("passes") + 4;

	share_set("interval", "1");
	CHECK(poll_until(passes_over, &until, 60000));
}

/* A second guest, with a file that has the pages @key. */
struct other {
	char dir[300];
	char file[320];
	const char *name;
	int fd;
	char *map;
};

static void other_open(struct other *o, const char *suffix, __u64 key)
{
	snprintf(o->dir, sizeof(o->dir), "%s.%s", gm_dir, suffix);
	snprintf(o->file, sizeof(o->file), "%s/f", o->dir);
	o->name = strrchr(o->dir, '/') + 1;
	ASSERT_OK(mkdir(o->dir, 0755));
	o->fd = open(o->file, O_RDWR | O_CREAT, 0600);
	ASSERT(o->fd >= 0);
	ASSERT_OK(ftruncate(o->fd, SIZE));
	o->map = gm_map(o->fd, SIZE);
	pat_fill(o->map, SIZE, 0, key);
}

static void other_close(struct other *o)
{
	munmap(o->map, SIZE);
	close(o->fd);
	ASSERT_OK(unlink(o->file));
	ASSERT_OK(rmdir(o->dir));
}

static void set_share(const char *name, const char *mode, int err)
{
	CHECK_ERR(write_text(gm_attr_path(name, "share"), mode) < 0 ? -1 : 0,
		  err);
}

static int own_file(char **map, __u64 key)
{
	int fd = gm_create("f", SIZE);

	*map = gm_map(fd, SIZE);
	pat_fill(*map, SIZE, 0, key);
	return fd;
}

static void file_close(int fd, char *map, __u64 size)
{
	munmap(map, size);
	close(fd);
	ASSERT_OK(unlink(gm_path("f")));
}

static void own_close(int fd, char *map)
{
	file_close(fd, map, SIZE);
}

/* Two guests of the same pages, and a scanner that has not seen them yet. */
static void equal_pair(struct other *o, int *fd, char **map, __u64 key)
{
	gm_need_denseram();
	scanner("0");
	*fd = own_file(map, key);
	other_open(o, "b", key);
}

/* A file that blocks fit, and no scanner yet. */
static char *block_file(int *fd, __u64 size)
{
	gm_need_blocks();
	scanner("0");
	*fd = gm_create("f", size);
	return gm_map(*fd, size);
}

TEST(two_guests)
{
	struct other o;
	char *map;
	int fd;

	gm_need_denseram();
	scanner("1");
	fd = own_file(&map, 7);
	other_open(&o, "b", 7);
	wait_shared(NULL, NR);
	wait_shared(o.name, NR);
	CHECK_EQ(figure("kept"), SIZE);
	CHECK_EQ(figure("shared"), 2 * SIZE);
	CHECK_EQ(figure("saved"), SIZE);
	CHECK_EQ(gm_usage().pages, 0);
	CHECK_EQ(pat_bad(map, SIZE, 0, 7), -1);
	CHECK_EQ(pat_bad(o.map, SIZE, 0, 7), -1);
	CHECK_EQ(gm_pread_bad(o.fd, SIZE, 0, 7), -1);
	other_close(&o);
	CHECK_EQ(pat_bad(map, SIZE, 0, 7), -1);
	CHECK_EQ(figure("kept"), SIZE);
	own_close(fd, map);
	CHECK_EQ(figure("kept"), 0);
}

/* Scanner off at once, so that what a write breaks up stays so. */
static void shared_pair(struct other *o, int *fd, char **map, __u64 key)
{
	gm_need_denseram();
	scanner("1");
	*fd = own_file(map, key);
	other_open(o, "b", key);
	wait_shared(NULL, NR);
	wait_shared(o->name, NR);
	scanner("0");
}

TEST(write_is_private)
{
	struct other o;
	char *map;
	int fd;

	shared_pair(&o, &fd, &map, 8);
	for (int i = 0; i < NR; i += 2)
		map[i * PAGE + 100]++;
	CHECK_EQ(gm_usage().shared, NR / 2);
	CHECK_EQ(gm_event(DR_EV_SHARE_BREAK), NR / 2);
	CHECK_EQ(pat_bad(o.map, SIZE, 0, 8), -1);
	for (int i = 0; i < NR; i += 2)
		map[i * PAGE + 100]--;
	CHECK_EQ(pat_bad(map, SIZE, 0, 8), -1);
	CHECK_EQ(figure("kept"), SIZE);
	other_close(&o);
	own_close(fd, map);
}

/* By a system call, and through a mapping that has read the page before. */
TEST(write_after_read)
{
	struct other o;
	char *map, byte = 1;
	int fd;

	shared_pair(&o, &fd, &map, 9);
	CHECK_EQ(pat_bad(map, SIZE, 0, 9), -1);
	CHECK_EQ(pat_bad(o.map, SIZE, 0, 9), -1);
	map[0]++;
	CHECK(pwrite(fd, &byte, 1, PAGE + 5) == 1);
	CHECK_EQ(map[PAGE + 5], 1);
	CHECK_EQ(pat_bad(o.map, SIZE, 0, 9), -1);
	CHECK_EQ(gm_pread_bad(o.fd, SIZE, 0, 9), -1);
	other_close(&o);
	own_close(fd, map);
}

TEST(last_user_keeps_the_page)
{
	struct other o;
	char *map;
	int fd;

	shared_pair(&o, &fd, &map, 10);
	other_close(&o);
	CHECK_EQ(figure("kept"), SIZE);
	for (int i = 0; i < NR; i++)
		map[i * PAGE]++;
	CHECK_EQ(gm_event(DR_EV_SHARE_CLAIM), NR);
	CHECK_EQ(gm_event(DR_EV_SHARE_BREAK), 0);
	CHECK_EQ(figure("kept"), 0);
	CHECK_EQ(gm_usage().pages, NR);
	for (int i = 0; i < NR; i++)
		map[i * PAGE]--;
	CHECK_EQ(pat_bad(map, SIZE, 0, 10), -1);
	own_close(fd, map);
}

/* A pipe has a page, until it is read or closed. */
static void pin_page(char *page, int pipes[2])
{
	struct iovec iov = { .iov_base = page, .iov_len = PAGE };

	ASSERT_OK(pipe(pipes));
	ASSERT(vmsplice(pipes[1], &iov, 1, 0) == (ssize_t)PAGE);
}

/* Whose scan it was, of the two that have the page. */
static bool was_busy(void *arg)
{
	return share_event("share_busy") > *(__u64 *)arg;
}

/* The next routine pass would be an hour away. */
TEST(busy_is_tried_again)
{
	__u64 busy = share_event("share_busy");
	struct other o;
	int fd, pipes[2];
	char *map;

	share_set("interval", "3600");
	equal_pair(&o, &fd, &map, 13);
	pin_page(map, pipes);
	scanner("1");
	CHECK(poll_until(was_busy, &busy, 60000));
	CHECK(gm_usage().shared < NR);
	close(pipes[0]);
	close(pipes[1]);
	wait_shared(NULL, NR);
	CHECK_EQ(pat_bad(map, SIZE, 0, 13), -1);
	other_close(&o);
	own_close(fd, map);
}

/* What is in flight to a disk or pipe must not change under it. */
TEST(pinned_by_a_former_user)
{
	char got[PAGE];
	struct other o;
	int fd, pipes[2];
	char *map;

	shared_pair(&o, &fd, &map, 11);
	pin_page(map, pipes);
	/* We leave; the pipe still has the page. */
	map[0]++;
	/* The other one is its last user now, and writes. */
	memset(o.map, 0xee, PAGE);
	CHECK_EQ(gm_event(DR_EV_SHARE_CLAIM), 0);
	ASSERT(read(pipes[0], got, PAGE) == (ssize_t)PAGE);
	CHECK_EQ(pat_bad(got, PAGE, 0, 11), -1);
	close(pipes[0]);
	close(pipes[1]);
	other_close(&o);
	own_close(fd, map);
}

TEST(pinned_is_not_merged)
{
	struct other o;
	int fd, pipes[2];
	char *map;

	equal_pair(&o, &fd, &map, 12);
	pin_page(map, pipes);
	scanner("1");
	wait_shared(NULL, NR - 1);
	let_scan();
	CHECK_EQ(gm_usage().shared, NR - 1);
	close(pipes[0]);
	close(pipes[1]);
	wait_shared(NULL, NR);
	CHECK_EQ(pat_bad(map, SIZE, 0, 12), -1);
	other_close(&o);
	own_close(fd, map);
}

TEST(zero_pages_are_given_back)
{
	char *map;
	int fd;

	gm_need_denseram();
	scanner("0");
	fd = own_file(&map, 13);
	memset(map, 0, SIZE / 2);
	CHECK_EQ(gm_usage().pages, NR);
	scanner("1");
	let_scan();
	CHECK_EQ(gm_usage().pages, NR / 2);
	CHECK_EQ(gm_event(DR_EV_SCAN_ZERO), NR / 2);
	CHECK_EQ(zero_bad(map, SIZE / 2), -1);
	own_close(fd, map);
}

/* Within one guest: all its pages are one. */
TEST(one_page_many_times)
{
	char *map;
	int fd;

	gm_need_denseram();
	scanner("1");
	fd = gm_create("f", SIZE);
	map = gm_map(fd, SIZE);
	memset(map, 0x5a, SIZE);
	wait_shared(NULL, NR);
	CHECK_EQ(figure("kept"), PAGE);
	for (size_t i = 0; i < SIZE; i++)
		ASSERT(map[i] == 0x5a);
	own_close(fd, map);
}

TEST(off_shares_nothing)
{
	struct other o;
	char *map;
	int fd;

	equal_pair(&o, &fd, &map, 14);
	set_share(NULL, "off", 0);
	scanner("1");
	let_scan();
	CHECK_EQ(figure("shared"), 0);
	set_share(NULL, "domain", 0);
	wait_shared(NULL, NR);
	set_share(NULL, "off", 0);
	CHECK_EQ(gm_usage().shared, 0);
	CHECK_EQ(gm_usage().pages, NR);
	CHECK_EQ(pat_bad(map, SIZE, 0, 14), -1);
	set_share(NULL, "nonsense", EINVAL);
	other_close(&o);
	own_close(fd, map);
}

TEST(guest_shares_with_itself_only)
{
	struct other o;
	char *map;
	int fd;

	gm_need_denseram();
	scanner("0");
	fd = own_file(&map, 15);
	memcpy(map + SIZE / 2, map, SIZE / 2);
	other_open(&o, "b", 15);
	set_share(NULL, "guest", 0);
	scanner("1");
	wait_shared(NULL, NR);
	let_scan();
	CHECK_EQ(figure("kept"), SIZE / 2);
	CHECK_EQ(gm_attr(o.name, "shared"), 0);
	other_close(&o);
	own_close(fd, map);
}

TEST(owners_are_domains)
{
	struct other o;
	char *map;
	int fd;

	equal_pair(&o, &fd, &map, 16);
	ASSERT_OK(chown(o.dir, 12345, 0));
	scanner("1");
	let_scan();
	CHECK_EQ(figure("shared"), 0);
	/* Equal pages of two domains do not even meet. */
	CHECK_EQ(gm_event(DR_EV_SHARE_DOMAIN), 0);
	ASSERT_OK(chown(o.dir, 0, 0));
	wait_shared(NULL, NR);
	wait_shared(o.name, NR);
	/* A new owner takes nothing of the old one's along. */
	ASSERT_OK(chown(o.dir, 12345, 0));
	CHECK_EQ(gm_attr(o.name, "shared"), 0);
	let_scan();
	CHECK_EQ(gm_attr(o.name, "shared"), 0);
	CHECK_EQ(pat_bad(o.map, SIZE, 0, 16), -1);
	/* All share with all who do. */
	set_share(NULL, "all", 0);
	let_scan();
	CHECK_EQ(gm_attr(o.name, "shared"), 0);
	set_share(o.name, "all", 0);
	wait_shared(o.name, NR);
	wait_shared(NULL, NR);
	CHECK_EQ(figure("kept"), SIZE);
	other_close(&o);
	own_close(fd, map);
}

static bool scanned_so_many(void *arg)
{
	const struct wait *w = arg;
	struct dr_guest_info info;

	return !gm_info(w->name, &info) && info.events[DR_EV_SCAN] >= w->pages;
}

/* Until all pages of a guest (NULL: the test's own) were visited once more. */
static void wait_scanned(const char *name)
{
	struct dr_guest_info info;
	struct wait w = { name, NR };

	ASSERT_OK(gm_info(name, &info));
	w.pages += info.events[DR_EV_SCAN];
	share_set("interval", "1");
	CHECK(poll_until(scanned_so_many, &w, 60000));
}

static void set_migrating(int dev, __u32 migrating)
{
	struct dr_guest_vmm vmm = {
		.flags = DR_VMM_MIGRATING,
		.migrating = migrating,
		.id = gm_id(),
	};

	ASSERT_OK(ioctl(dev, DR_IOC_GUEST_VMM, &vmm));
}

/*
 * The scanner knows the pages of both guests. Nobody merges with the one that
 * is not to be touched, whoever is visited.
 */
TEST(unscanned_and_migrating)
{
	struct other o;
	char *map;
	int fd, dev;

	gm_need_denseram();
	scanner("1");
	fd = own_file(&map, 17);
	wait_scanned(NULL);
	dev = gm_device(O_RDWR);
	set_migrating(dev, 1);
	other_open(&o, "b", 17);
	wait_scanned(o.name);
	CHECK_EQ(figure("shared"), 0);
	ASSERT_OK(write_text(gm_attr_path(o.name, "scan"), "0"));
	set_migrating(dev, 0);
	wait_scanned(NULL);
	CHECK_EQ(figure("shared"), 0);
	ASSERT_OK(write_text(gm_attr_path(o.name, "scan"), "1"));
	wait_shared(NULL, NR);
	close(dev);
	other_close(&o);
	own_close(fd, map);
}

/* The same pages have the same numbers in both guests. */
TEST(list_of_shared_pages)
{
	struct dr_guest_shares s = { .count = NR };
	__u64 ours[NR], theirs[NR + 1];
	struct dr_guest_info info;
	struct other o;
	int fd, dev;
	char *map;

	shared_pair(&o, &fd, &map, 18);
	dev = gm_device(O_RDONLY);
	s.id = gm_id();
	s.pages = (__u64)(unsigned long)ours;
	ASSERT_OK(ioctl(dev, DR_IOC_GUEST_SHARES, &s));
	CHECK_EQ(s.count, NR);
	s.count = NR;
	ASSERT_OK(ioctl(dev, DR_IOC_GUEST_SHARES, &s));
	CHECK_EQ(s.count, 0);
	ASSERT_OK(gm_info(o.name, &info));
	s = (struct dr_guest_shares){ .id = info.id };
	for (int i = 0; i < NR; i++) {
		s.count = 1;
		s.pages = (__u64)(unsigned long)&theirs[i];
		ASSERT_OK(ioctl(dev, DR_IOC_GUEST_SHARES, &s));
		CHECK_EQ(s.count, 1);
	}
	CHECK_EQ(memcmp(ours, theirs, sizeof(ours)), 0);
	s = (struct dr_guest_shares){ .id = info.id, .count = NR, .sample = 17 };
	CHECK_ERR(ioctl(dev, DR_IOC_GUEST_SHARES, &s), EINVAL);
	close(dev);
	other_close(&o);
	own_close(fd, map);
}

/* A file of whole blocks that are copies of each other inside. */
TEST(blocks_are_broken_up)
{
	const __u64 size = 4 * BLOCK;
	char *map;
	int fd;

	map = block_file(&fd, size);
	for (__u64 at = 0; at < size; at += 16 * PAGE)
		pat_fill(map + at, 16 * PAGE, 0, 19);
	CHECK_EQ(gm_usage().blocks, 4);
	scanner("1");
	wait_shared(NULL, size / PAGE);
	CHECK_EQ(gm_usage().blocks, 0);
	CHECK_EQ(figure("kept"), 16 * PAGE);
	for (__u64 at = 0; at < size; at += 16 * PAGE)
		ASSERT(pat_bad(map + at, 16 * PAGE, 0, 19) == -1);
	file_close(fd, map, size);
}

/*
 * No block is left, and most is shared. Not all: a hint is lost where the table is
 * full, as it is of hints of files that are gone, and its page waits for a later pass.
 */
static bool shares_most(void *arg)
{
	struct dr_usage usage = gm_usage();

	return !usage.blocks && usage.shared >= *(__u64 *)arg * 3 / 4;
}

/* What is copied out of a block is looked up on the way, and not again. */
TEST(block_pages_are_hashed_once)
{
	const __u64 half = 4 * BLOCK;
	__u64 hashed, busy, pages = 2 * half / PAGE;
	char *map;
	int fd;

	/* No routine pass comes between. */
	share_set("interval", "3600");
	map = block_file(&fd, 2 * half);
	pat_fill(map, half, 0, 21);
	pat_fill(map + half, half, 0, 21);
	CHECK_EQ(gm_usage().blocks, 8);
	scanner("1");
	CHECK(poll_until(shares_most, &pages, 60000));
	scanner("0");
	ktap_diag("%llu of %llu shared, %llu hints, %llu shares, %llu slots",
		  gm_usage().shared, pages, figure("table_hints"),
		  figure("table_shares"), figure("table_slots"));
	hashed = gm_event(DR_EV_SCAN);
	/*
	 * Of two equal blocks that two scanners break up at one time, one is
	 * looked up again: each found the other one busy. How often, who holds
	 * whom for how long says; but nothing else is a reason.
	 */
	busy = gm_event(DR_EV_SHARE_BUSY);
	CHECK(hashed >= pages);
	CHECK(hashed <= pages + busy);
	ktap_diag("%llu pages, hashed %llu times, %llu times busy",
		  pages, hashed, busy);
	CHECK_RANGE(figure("kept"), half * 3 / 4, half);
	CHECK_EQ(pat_bad(map, half, 0, 21), -1);
	CHECK_EQ(pat_bad(map + half, half, 0, 21), -1);
	file_close(fd, map, 2 * half);
}

TEST(knobs)
{
	static const char *const names[] = {
		"budget", "budget_fast", "interval", "block_gain",
	};
	char path[128], text[24];
	__u64 was;

	gm_need_denseram();
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), SHARING "/%s", names[i]);
		was = figure(names[i]);
		CHECK_EQ(write_text(path, "0"), -ERANGE);
		CHECK_EQ(write_text(path, "3601"), -ERANGE);
		CHECK_EQ(write_text(path, "x"), -EINVAL);
		CHECK_EQ(figure(names[i]), was);
		CHECK_OK(write_text(path, "33"));
		CHECK_EQ(figure(names[i]), 33);
		snprintf(text, sizeof(text), "%llu", was);
		CHECK_OK(write_text(path, text));
	}
}

/* What is private for long becomes a block again where memory is plentiful. */
TEST(private_ranges_become_blocks)
{
	const __u64 size = 2 * BLOCK;
	char *map;
	int fd;

	map = block_file(&fd, size);
	pat_fill(map, size, 0, 20);
	gm_evacuate();
	CHECK_EQ(gm_usage().blocks, 0);
	CHECK_EQ(gm_usage().pages, size / PAGE);
	scanner("1");
	/* Each of these passes visits every page, and all are older then. */
	for (int i = 0; i < 8 && gm_usage().blocks < 2; i++)
		let_scan();
	CHECK_EQ(gm_usage().blocks, 2);
	CHECK_EQ(gm_usage().pages, 0);
	CHECK_EQ(pat_bad(map, size, 0, 20), -1);
	file_close(fd, map, size);
}
