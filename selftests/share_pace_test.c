// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pace of the scanner: it keeps to its rate and to its budget, slows down
 * when it finds little, leaves pages alone that change all the time, and
 * breaks up blocks for less when the host is short of memory.
 *
 * Bounds are by counts, not by how fast this machine is. Only one side of each
 * is exact: a busy machine may do less than it is allowed to.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/gmem.h"
#include "lib/hog.h"
#include "lib/share.h"

static void begin(void)
{
	gm_need_denseram();
	share_usual();
	share_set("enabled", "0");
}

/**
 * struct ram - a file of 4 KiB pages, all unlike each other
 * @name: of the file
 * @fd: its descriptor
 * @map: its mapping
 * @size: in bytes
 */
struct ram {
	char name[16];
	int fd;
	char *map;
	__u64 size;
};

static void ram_fill(struct ram *ram, __u64 key)
{
	for (__u64 at = 0; at < ram->size; at += PAGE)
		pat_fill(ram->map + at, 64, at, key);
}

static struct ram ram_open(const char *name, __u64 size, __u64 key)
{
	struct ram ram = { .size = size };

	snprintf(ram.name, sizeof(ram.name), "%s", name);
	ram.fd = gm_create(name, size);
	ram.map = gm_map_skew(ram.fd, size, 0, PROT_READ | PROT_WRITE, PAGE);
	ram_fill(&ram, key);
	return ram;
}

static void ram_close(struct ram *ram)
{
	munmap(ram->map, ram->size);
	close(ram->fd);
	ASSERT_OK(unlink(gm_path(ram->name)));
}

TEST(rate_range)
{
	static const char *const good[] = { "100", "10000000", "12345", "0" };
	static const char *const high[] = { "1", "99", "10000001", "4294967295" };
	static const char *const bad[] = { "", "x", "-1", "100x", "1e3",
					   "4294967296" };
	char path[] = SYSFS "/sharing/rate_max";
	int err;

	begin();
	CHECK_EQ(share_figure("rate_max"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		CHECK_OK(write_text(path, good[i]));
		CHECK_EQ(share_figure("rate_max"), atoll(good[i]));
	}
	for (size_t i = 0; i < ARRAY_SIZE(high); i++)
		CHECK_EQ(write_text(path, high[i]), -ERANGE);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		err = write_text(path, bad[i]);
		/* sysfs passes an empty write on to nobody. */
		CHECK(err == -EINVAL || err == -ERANGE || !bad[i][0]);
	}
	CHECK_EQ(share_figure("rate_max"), 0);
}

static bool all_visited(void *arg)
{
	return gm_event(DR_EV_SCAN) >= *(__u64 *)arg || ktap_failed();
}

TEST_SECS(rate_is_kept, 300)
{
	const __u64 rate = 1000, ms = 6000, size = 64 * MIB;
	__u64 pages = size / PAGE, start, done, most;
	struct ram ram;

	begin();
	ram = ram_open("f", size, 1);
	share_set("budget", "100");
	share_set("budget_fast", "100");
	share_set("rate_max", "1000");
	share_set("enabled", "1");
	start = now_ms();
	sleep_ms(ms);
	done = gm_event(DR_EV_SCAN);
	/*
	 * Of each scanner, and they take turns on the file. It may be one span
	 * ahead of what it will rest for.
	 */
	most = share_figure("scanners") *
	       ((now_ms() - start) * rate / 1000 + PAGES_A_BLOCK);
	ktap_diag("%llu pages of at most %llu", done, most);
	CHECK(done <= most);
	CHECK(done > 0);
	/* That was the limit's work: without it there is time for all pages. */
	share_set("rate_max", "0");
	CHECK(poll_until(all_visited, &pages, 120000));
	ram_close(&ram);
}

/* CPU time in ns of the scanners in so many ms in which they find work. */
static __u64 cpu_time_of(unsigned int ms)
{
	__u64 start = share_figure("cpu_ns"), until = now_ms() + ms;

	while (now_ms() < until) {
		/* Starts a pass that visits everything, or the next one. */
		share_set("interval", "1");
		sleep_ms(50);
	}
	return share_figure("cpu_ns") - start;
}

TEST_SECS(budget_is_kept, 300)
{
	const unsigned int percent = 5, ms = 6000;
	__u64 scanners, kept, start, most, free;
	struct ram ram;

	begin();
	ram = ram_open("f", 64 * MIB, 2);
	share_set("budget", "5");
	share_set("budget_fast", "5");
	share_set("enabled", "1");
	scanners = share_figure("scanners");
	/* The slice it had started before. */
	sleep_ms(1000);
	start = now_ms();
	kept = cpu_time_of(ms);
	most = 2 * scanners * percent * (now_ms() - start) * 10000;
	share_set("budget", "100");
	share_set("budget_fast", "100");
	free = cpu_time_of(ms);
	ktap_diag("%llu ms CPU of at most %llu; %llu without a budget",
		  kept / 1000000, most / 1000000, free / 1000000);
	CHECK(kept <= most);
	CHECK(kept > 0);
	CHECK(free > 2 * kept);
	ram_close(&ram);
}

/* Passes that end in so many ms. */
static __u64 passes_in(unsigned int ms)
{
	__u64 start = share_figure("passes");

	sleep_ms(ms);
	return share_figure("passes") - start;
}

/* Pages that are unlike all others are looked at ever less often. */
TEST_SECS(passes_back_off, 300)
{
	const unsigned int window = 8000;
	__u64 first, second, pages;
	struct ram ram;

	begin();
	ram = ram_open("f", 64 * PAGE, 3);
	pages = ram.size / PAGE;
	share_set("enabled", "1");
	/* The first pass over what is new is no routine. */
	CHECK(poll_until(all_visited, &pages, 60000));
	sleep_ms(1000);
	share_set("interval", "1");
	first = passes_in(window);
	second = passes_in(window);
	ktap_diag("%llu passes in %u ms, then %llu", first, window, second);
	CHECK(first >= 2);
	CHECK(second < first);
	ram_close(&ram);
}

/* A pass that visits every page of a guest, from now on. */
static void visit_all(struct ram *ram)
{
	__u64 until = gm_event(DR_EV_SCAN) + ram->size / PAGE;

	share_set("interval", "1");
	CHECK(poll_until(all_visited, &until, 60000));
}

/* Pages that a guest has visited in the routine passes of some time. */
static __u64 routine_visits(struct ram *ram, bool change)
{
	__u64 start, passes;

	/* Seen so often that they are as old as they get. */
	for (int i = 0; i < 9; i++) {
		if (change)
			ram_fill(ram, 100 + i);
		visit_all(ram);
	}
	start = gm_event(DR_EV_SCAN);
	passes = share_figure("passes") + 2;
	while (share_figure("passes") < passes && !ktap_failed()) {
		if (change)
			ram_fill(ram, now_ms());
		sleep_ms(500);
	}
	return gm_event(DR_EV_SCAN) - start;
}

/*
 * Two passes find one page in 8 of those at rest due, and one in 128 of those
 * that are another page each time. Too few pages for the scanner to make a
 * block of.
 */
TEST_SECS(volatile_pages_are_left_alone, 300)
{
	struct ram ram;
	__u64 rest, busy;

	begin();
	ram = ram_open("f", 256 * PAGE, 4);
	share_set("enabled", "1");
	rest = routine_visits(&ram, false);
	CHECK_EQ(gm_event(DR_EV_SCAN_VOLATILE), 0);
	busy = routine_visits(&ram, true);
	ktap_diag("visits of %llu pages: %llu at rest, %llu volatile",
		  ram.size / PAGE, rest, busy);
	CHECK(gm_event(DR_EV_SCAN_VOLATILE) >= 8 * ram.size / PAGE);
	CHECK(rest > 0);
	CHECK(rest > 2 * busy);
	ram_close(&ram);
}

/*
 * What a block would save is estimated from a sample of its contents. Of this
 * pattern, pages are in the sample about as often as chance would have it.
 */
#define COPIES_KEY	6

static bool broken_up(void *arg)
{
	share_set("interval", "1");
	sleep_ms(100);
	return gm_usage().blocks == 0 && gm_usage().shared >= *(__u64 *)arg;
}

static bool level_is(void *arg)
{
	char text[16];

	ASSERT(!read_text(SYSFS "/sharing/level", text, sizeof(text)));
	return strncmp(text, arg, strlen(arg)) == 0;
}

/* A block of which so many pages, spread over it, are copies of a file's. */
static char *block_with(int fd, const struct ram *ram)
{
	__u64 copies = ram->size / PAGE, step = PAGES_A_BLOCK / copies;
	char *map = gm_map(fd, BLOCK);

	pat_fill(map, BLOCK, 0, 5);
	for (__u64 i = 0; i < copies; i++)
		memcpy(map + i * step * PAGE, ram->map + i * PAGE, PAGE);
	ASSERT(gm_usage().blocks == 1);
	return map;
}

static void check_block(const char *map, const struct ram *ram)
{
	__u64 copies = ram->size / PAGE, step = PAGES_A_BLOCK / copies;

	for (__u64 i = 0; i < PAGES_A_BLOCK && !ktap_failed(); i++) {
		if (i % step == 0 && i / step < copies)
			CHECK(!memcmp(map + i * PAGE,
				      ram->map + i / step * PAGE, PAGE));
		else
			CHECK_EQ(pat_bad(map + i * PAGE, PAGE, i * PAGE, 5),
				 -1);
	}
}

/*
 * With memory to spare block_gain decides: 100 leaves every block alone. With
 * @permille of the host's memory left, at @level, so many copies are enough.
 */
static void break_up_at(const char *level, unsigned int permille,
			unsigned int copies)
{
	__u64 total_kb = file_kb("/proc/meminfo", "MemTotal");
	__u64 shared = 2 * copies;
	struct ram ram;
	char *map;
	pid_t pid;
	int fd;

	gm_need_blocks();
	hog_need_small_host();
	begin();
	/* The level is to be what the hog leaves, not what it stirs up. */
	CHECK_EQ(write_text(SYSFS "/policy/stall_limit", "0"), 0);
	ram = ram_open("copies", copies * PAGE, 0);
	pat_fill(ram.map, ram.size, 0, COPIES_KEY);
	fd = gm_create("f", BLOCK);
	map = block_with(fd, &ram);
	share_set("block_gain", "100");
	share_set("enabled", "1");
	CHECK(!poll_until(broken_up, &shared, 5000));
	CHECK_EQ(gm_usage().blocks, 1);
	pid = hog_start(total_kb * permille / 1000);
	CHECK(poll_until(level_is, (void *)level, 10000));
	CHECK(poll_until(broken_up, &shared, 60000));
	CHECK_EQ(gm_usage().shared, shared);
	hog_end(pid);
	check_block(map, &ram);
	munmap(map, BLOCK);
	close(fd);
	ASSERT_OK(unlink(gm_path("f")));
	ram_close(&ram);
}

/* A quarter is enough, and a third is there. */
TEST_SECS(blocks_at_level_soft, 300)
{
	break_up_at("soft", 50, PAGES_A_BLOCK / 3);
}

/* 6 percent are enough; an eighth is less than soft asks for. */
TEST_SECS(blocks_at_level_hard, 300)
{
	break_up_at("hard", 30, PAGES_A_BLOCK / 8);
}
