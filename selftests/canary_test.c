// SPDX-License-Identifier: GPL-2.0-only
/*
 * No byte of a guest that is gone, or that has given memory back, reaches another one.
 * A guest is filled with canaries, which go each of the ways that a page can go; then
 * other guests take memory in all the ways there are, and look for one in every byte
 * that they can see.
 *
 * A kernel that zeroes all memory it hands out hides what the module forgets: the lab
 * runs this with init_on_alloc=0.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "lib/disk.h"
#include "lib/fuse.h"
#include "lib/gmem.h"
#include "lib/share.h"
#include "lib/swap.h"

#define SIZE	(8 * BLOCK)
#define NR	(SIZE / PAGE)
#define LIMIT	(4 * MIB)
#define AREA	(18 * MIB)
#define RW	(PROT_READ | PROT_WRITE)

/* ---- canaries */

#define LINE	64

static const char canary[] = "\xc5\x1b" "canary";
#define CANARY_LEN	(sizeof(canary) - 1)

/*
 * One in each line of a page, with the line's number, so that pages differ. What is
 * behind it is by chance for a page that is to be no smaller when it is compressed.
 */
static void fill(char *buf, size_t len, __u64 offset, bool hard)
{
	struct rng rng = { offset };

	for (size_t at = 0; at < len; at += LINE) {
		__u64 *words = (__u64 *)(buf + at);

		memcpy(words, canary, CANARY_LEN);
		words[1] = offset + at;
		for (size_t i = 2; i < LINE / sizeof(*words); i++)
			words[i] = hard ? rng_next(&rng) : i;
	}
}

static bool is_canary_page(const char *buf, __u64 offset, bool hard)
{
	char want[PAGE];

	fill(want, PAGE, offset, hard);
	return !memcmp(buf, want, PAGE);
}

/* Is there one, or what is left of one? */
static void look(const char *what, const char *buf, size_t len)
{
	const char *found = memmem(buf, len, canary, CANARY_LEN);

	if (!found)
		return;
	ktap_diag("%s: a canary at %zu", what, (size_t)(found - buf));
	ASSERT(!found);
}

/**
 * struct cage - a guest full of canaries
 * @dir: the guest's directory
 * @path: of its file
 * @fd: the file
 * @map: mapped
 * @hard: its pages get no smaller
 */
struct cage {
	char dir[300];
	char path[320];
	int fd;
	char *map;
	bool hard;
};

/* In the test's own guest when @suffix is empty, else in one of its own. */
static struct cage cage_open(const char *suffix, size_t skew, bool hard)
{
	struct cage c = { .hard = hard };

	snprintf(c.dir, sizeof(c.dir), "%s%s", gm_dir, suffix);
	snprintf(c.path, sizeof(c.path), "%s/canaries", c.dir);
	if (*suffix)
		ASSERT_OK(mkdir(c.dir, 0755));
	c.fd = open(c.path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ASSERT(c.fd >= 0);
	ASSERT_OK(ftruncate(c.fd, SIZE));
	c.map = gm_map_skew(c.fd, SIZE, 0, RW, skew);
	for (__u64 at = 0; at < SIZE; at += PAGE)
		fill(c.map + at, PAGE, at, hard);
	return c;
}

static void cage_close(struct cage *c)
{
	munmap(c->map, SIZE);
	close(c->fd);
	ASSERT_OK(unlink(c->path));
	if (strcmp(c->dir, gm_dir))
		ASSERT_OK(rmdir(c->dir));
}

/* All of them are where they were put. */
static void cage_check(const struct cage *c)
{
	for (__u64 at = 0; at < SIZE; at += PAGE)
		if (!CHECK(is_canary_page(c->map + at, at, c->hard)))
			break;
}

/* ---- those who look */

/* One for each way; all hold their memory until the end. */
static struct {
	char name[16];
	int fd;
	char *map;
} seers[8];
static unsigned int nr_seers;

static int see_by(const char *name, size_t skew, char **map)
{
	unsigned int nr = nr_seers++;

	snprintf(seers[nr].name, sizeof(seers[nr].name), "%s", name);
	seers[nr].fd = gm_create(name, SIZE);
	*map = gm_map_skew(seers[nr].fd, SIZE, 0, RW, skew);
	seers[nr].map = *map;
	return seers[nr].fd;
}

static void see_no_more(void)
{
	while (nr_seers) {
		nr_seers--;
		munmap(seers[nr_seers].map, SIZE);
		close(seers[nr_seers].fd);
		ASSERT_OK(unlink(gm_path(seers[nr_seers].name)));
	}
}

/* By faults: to read, then to write a byte of each page. */
static void see_by_touch(const char *name, size_t skew)
{
	char *map;

	see_by(name, skew, &map);
	look(name, map, SIZE);
	for (__u64 at = 0; at < SIZE; at += PAGE)
		map[at + at / PAGE % PAGE] = 1;
	look(name, map, SIZE);
}

/* By read(2), in odd pieces. */
static void look_by_read(const char *name, int fd)
{
	char buf[3 * PAGE + 77];
	ssize_t got;

	for (__u64 at = 0; at < SIZE; at += got) {
		got = pread(fd, buf, sizeof(buf), at);
		if (!CHECK(got > 0))
			break;
		look(name, buf, got);
	}
}

/* By write(2): some bytes in the middle of each page. */
static void see_by_write(void)
{
	char *map;
	int fd = see_by("write", 0, &map);

	for (__u64 at = 0; at < SIZE; at += PAGE)
		ASSERT(pwrite(fd, "abc", 3, at + 2000) == 3);
	look_by_read("write, read", fd);
	look("write, mapped", map, SIZE);
}

/* What the kernel cannot read of the source is not what it finds in the page. */
static void see_by_failed_write(void)
{
	char *map, *edge = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS,
				-1, 0);
	int fd = see_by("failed", PAGE, &map);

	ASSERT(edge != MAP_FAILED);
	ASSERT_OK(munmap(edge + PAGE, PAGE));
	for (__u64 at = 0; at < SIZE; at += PAGE)
		ASSERT(pwrite(fd, edge + PAGE - 100, 1000, at + 50) <= 100);
	look_by_read("failed write, read", fd);
	look("failed write, mapped", map, SIZE);
	munmap(edge, PAGE);
}

static void see_by_fallocate(void)
{
	char *map;
	int fd = see_by("allocated", 0, &map);

	ASSERT_OK(fallocate(fd, 0, 0, SIZE));
	look("allocated", map, SIZE);
	look_by_read("allocated, read", fd);
}

#define COLLAPSED	(2 * BLOCK)

/*
 * Most of its pages are there, and become blocks, which have memory for the others
 * too. Few of them, and before others take memory, so that there are blocks of canaries
 * left to be found.
 */
static void see_by_collapse(void)
{
	__u64 before;
	char *map;
	int fd;

	if (access(DEBUGFS, F_OK))
		return;
	fd = see_by("collapsed", 0, &map);
	for (__u64 at = 0; at < COLLAPSED; at += PAGE)
		if (at / PAGE % 64)
			ASSERT(pwrite(fd, "x", 1, at) == 1);
	before = gm_event(DR_EV_BLOCK_COLLAPSE);
	gm_collapse();
	CHECK(gm_event(DR_EV_BLOCK_COLLAPSE) > before);
	look("collapsed", map, COLLAPSED);
	look_by_read("collapsed, read", fd);
	gm_evacuate();
	look("broken up", map, COLLAPSED);
}

static int disk = -1;

/* A disk brings 512 bytes of a page, and the rest of it is no older. */
static void see_by_disk(void)
{
	char *map;
	int fd = see_by("disk", PAGE, &map);

	for (__u64 at = 0; at < SIZE; at += 8 * PAGE)
		ASSERT(pread(disk, map + at + 1024, 512, at) == 512);
	look("disk", map, SIZE);
	look_by_read("disk, read", fd);
}

static void look_everywhere(void)
{
	see_by_collapse();
	see_by_touch("blocks", 0);
	see_by_touch("pages", PAGE);
	see_by_write();
	see_by_failed_write();
	see_by_fallocate();
	see_by_disk();
	see_no_more();
}

static void begin(void)
{
	char line[4096] = "";

	gm_need_denseram();
	gm_no_scan();
	/* First of all, for it may bring mounts of the test's own. */
	disk = disk_open();
	read_text("/proc/cmdline", line, sizeof(line));
	if (!strstr(line, "init_on_alloc=0"))
		ktap_diag("this kernel may zero what it hands out, and hide a leak");
}

/* ---- the ways */

static void free_all(size_t skew)
{
	struct cage c;

	begin();
	c = cage_open("", skew, true);
	cage_close(&c);
	look_everywhere();
}

TEST_SECS(canaries_through_free_blocks, 300)
{
	free_all(0);
}

TEST_SECS(canaries_through_free_pages, 300)
{
	free_all(PAGE);
}

/* What a guest has given back is zeros for itself, too, as by its balloon. */
static void punch_some(size_t skew)
{
	struct cage c;

	begin();
	c = cage_open("", skew, true);
	for (__u64 at = 0; at < SIZE / 2; at += 2 * PAGE)
		gm_punch(c.fd, at, PAGE);
	gm_punch(c.fd, SIZE / 2 + 100, SIZE / 4);
	ASSERT_OK(madvise(c.map + SIZE / 4 * 3 + BLOCK, BLOCK, MADV_REMOVE));
	for (__u64 at = 0; at < SIZE / 2; at += 2 * PAGE)
		look("hole", c.map + at, PAGE);
	look("large hole", c.map + SIZE / 2 + 100, SIZE / 4);
	look("removed", c.map + SIZE / 4 * 3 + BLOCK, BLOCK);
	look_everywhere();
	cage_close(&c);
}

TEST_SECS(canaries_through_holes_in_blocks, 300)
{
	punch_some(0);
}

TEST_SECS(canaries_through_holes_in_pages, 300)
{
	punch_some(PAGE);
}

static bool much_is_shared(void *arg)
{
	const struct cage *c = arg;
	struct dr_guest_info info;

	ASSERT_OK(gm_info(strrchr(c->dir, '/') + 1, &info));
	return info.usage.shared >= NR - NR / 8;
}

/* Two guests with the same canaries, which the host keeps once. */
static void share_two(struct cage *a, struct cage *b)
{
	begin();
	*a = cage_open(".a", PAGE, true);
	*b = cage_open(".b", PAGE, true);
	share_set("enabled", "1");
	/*
	 * Once: each asks for a pass over all, and pages that were unlike others
	 * in many of them are made a block again.
	 */
	share_set("interval", "1");
	CHECK(poll_until(much_is_shared, a, 120000));
	CHECK(poll_until(much_is_shared, b, 120000));
	share_set("enabled", "0");
}

TEST_SECS(canaries_through_merge, 400)
{
	struct cage a, b;

	share_two(&a, &b);
	/* Copies, by faults and by write(2): the other guest sees none of them. */
	for (__u64 at = 0; at < SIZE / 2; at += PAGE)
		memset(b.map + at, 0, PAGE);
	for (__u64 at = SIZE / 2; at < SIZE; at += PAGE)
		ASSERT(pwrite(b.fd, "mine", 4, at + LINE) == 4);
	cage_check(&a);
	look("written by the guest", b.map, SIZE / 2);
	look_everywhere();
	cage_check(&a);
	/* Its user, and the last one. */
	cage_close(&b);
	cage_check(&a);
	cage_close(&a);
	look_everywhere();
	share_usual();
}

/* A page of each kind is cut: what was behind the end is zeros ever after. */
static void cut_and_grow(const struct cage *c)
{
	const __u64 ends[] = { SIZE - 100, SIZE / 2 + 77, SIZE / 4 + PAGE + 1,
			       BLOCK + 2048, 4095 };

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		ASSERT_OK(ftruncate(c->fd, ends[i]));
		ASSERT_OK(ftruncate(c->fd, SIZE));
		CHECK_EQ(zero_bad(c->map + ends[i], SIZE - ends[i]), -1);
		CHECK_EQ(gm_pread_nonzero(c->fd, SIZE - ends[i], ends[i]), -1);
	}
}

TEST_SECS(truncate_and_grow_shared, 400)
{
	struct cage a, b;

	share_two(&a, &b);
	cut_and_grow(&b);
	cage_check(&a);
	cage_close(&a);
	cage_close(&b);
	look_everywhere();
	share_usual();
}

/* ---- paged out */

/* To the pool, or past it to the area. */
static struct cage page_out(const char *pool_limit, bool hard)
{
	struct cage c;

	ASSERT_OK(swap_set("pool_limit", pool_limit));
	c = cage_open("", PAGE, hard);
	CHECK(swap_squeeze(LIMIT));
	swap_limit(0);
	return c;
}

/* Half of it is given back, half is written anew, and then it is gone. */
static void leave(struct cage *c)
{
	gm_punch(c->fd, 0, SIZE / 2);
	look("hole", c->map, SIZE / 2);
	for (__u64 at = SIZE / 2; at < SIZE; at += PAGE)
		memset(c->map + at, 1, PAGE);
	look("written anew", c->map, SIZE);
	look_everywhere();
	cage_close(c);
	look_everywhere();
}

TEST_SECS(canaries_through_pool, 400)
{
	struct cage c;

	begin();
	c = page_out("1G", false);
	CHECK(swap_guest().tiers.pool > NR / 2);
	leave(&c);
}

TEST_SECS(truncate_and_grow_in_the_pool, 400)
{
	struct cage c;

	begin();
	c = page_out("1G", false);
	cut_and_grow(&c);
	cage_close(&c);
	look_everywhere();
}

/* With an area; pages that get no smaller go straight there. */
static struct fuse_file area;
static int area_id;

static struct cage page_out_to_disk(void)
{
	struct cage c;

	begin();
	swap_rm_all();
	fuse_start(&area, "canaries", AREA);
	area_id = swap_add(area.path, 0);
	ASSERT(area_id >= 0);
	c = page_out("0", true);
	CHECK(swap_guest().tiers.disk > NR / 2);
	return c;
}

static void set(int *what, int value)
{
	__atomic_store_n(what, value, __ATOMIC_SEQ_CST);
}

static void remove_area(void)
{
	set(&area.ctl->read_errno, 0);
	set(&area.ctl->half_reads, 0);
	swap_rm_all();
	fuse_stop(&area);
	CHECK_OK(swap_set("pool_limit", "1G"));
}

TEST_SECS(canaries_through_disk, 400)
{
	struct cage c = page_out_to_disk();

	leave(&c);
	remove_area();
}

TEST_SECS(truncate_and_grow_on_disk, 400)
{
	struct cage c = page_out_to_disk();

	cut_and_grow(&c);
	cage_close(&c);
	look_everywhere();
	remove_area();
}

/* Where a page comes back, or does not, in every way of asking for it. */
static unsigned int look_at_what_comes(const char *what, int fd, char *map)
{
	char buf[PAGE];
	unsigned int lost = 0;

	for (__u64 at = 0; at < SIZE; at += PAGE) {
		memset(buf, 0, sizeof(buf));
		if (pread(fd, buf, PAGE, at) != (ssize_t)PAGE)
			lost++;
		look(what, buf, PAGE);
		if (!try_read(map + at))
			look(what, map + at, PAGE);
	}
	return lost;
}

/* Another guest, in memory and in slots that were the canaries'. */
static char *take_over(int *fd, const struct cage *c)
{
	struct cage gone = *c;
	char *map;

	cage_close(&gone);
	*fd = gm_create("heir", SIZE);
	map = gm_map_skew(*fd, SIZE, 0, RW, PAGE);
	pat_fill(map, SIZE, 0, 5);
	CHECK(swap_squeeze(LIMIT));
	swap_limit(0);
	return map;
}

/* A disk that keeps what it had: an old page is not what was asked for. */
TEST_SECS(canaries_through_lost_writes, 400)
{
	struct cage c = page_out_to_disk();
	unsigned int lost;
	char *map;
	int fd;

	set(&area.ctl->lose_writes, 1);
	map = take_over(&fd, &c);
	lost = look_at_what_comes("lost write", fd, map);
	ktap_diag("%u pages are lost", lost);
	CHECK_RANGE(lost, NR / 2, NR);
	CHECK(gm_event(DR_EV_SWAP_DAMAGED) > 0);
	munmap(map, SIZE);
	close(fd);
	ASSERT_OK(unlink(gm_path("heir")));
	set(&area.ctl->lose_writes, 0);
	look_everywhere();
	remove_area();
}

/* Pages whose reads fail, some of them in the middle. */
static void fail_reads(const char *what, int err, int half)
{
	struct cage c = page_out_to_disk();
	unsigned int lost;
	char *map;
	int fd;

	map = take_over(&fd, &c);
	set(&area.ctl->read_errno, err);
	set(&area.ctl->half_reads, half);
	lost = look_at_what_comes(what, fd, map);
	ktap_diag("%s: %u pages do not come", what, lost);
	CHECK_RANGE(lost, NR / 2, NR);
	look_everywhere();
	set(&area.ctl->read_errno, 0);
	set(&area.ctl->half_reads, 0);
	CHECK_EQ(pat_bad(map, SIZE, 0, 5), -1);
	munmap(map, SIZE);
	close(fd);
	ASSERT_OK(unlink(gm_path("heir")));
	remove_area();
}

TEST_SECS(canaries_through_failed_reads, 400)
{
	fail_reads("failed read", EIO, 0);
}

TEST_SECS(canaries_through_half_reads, 400)
{
	fail_reads("half a read", 0, 1);
}
