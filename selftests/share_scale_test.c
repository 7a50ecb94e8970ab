// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sharing by the numbers: what the index costs a page, that a page with very
 * many users costs no more to join and to leave than one with few, and that
 * the end of sharing goes no further than there is room for the copies.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/time.h>

#include "lib/gmem.h"
#include "lib/hog.h"
#include "lib/share.h"
#include "lib/swap.h"

#define METADATA_MAX	24	/* bytes a resident page, all told */

static void full_speed(void)
{
	gm_need_denseram();
	share_set("budget", "100");
	share_set("budget_fast", "100");
	share_set("block_gain", "1");
	share_set("interval", "1");
	share_set("enabled", "1");
}

static void usual_speed(void)
{
	share_usual();
	share_set("enabled", "0");
}

static bool so_many_shared(void *arg)
{
	return gm_usage().shared >= *(__u64 *)arg || ktap_failed();
}

/* Time in ms until so many pages are shared. */
static __u64 time_to_share(__u64 pages)
{
	__u64 start = now_ms();

	CHECK(poll_until(so_many_shared, &pages, 600000));
	return now_ms() - start;
}

/* A file of 4 KiB pages. */
static char *map_pages(int *fd, __u64 size)
{
	*fd = gm_create("f", size);
	return gm_map_skew(*fd, size, 0, PROT_READ | PROT_WRITE, PAGE);
}

static void remove_file(int fd, char *map, __u64 size)
{
	munmap(map, size);
	close(fd);
	ASSERT_OK(unlink(gm_path("f")));
	CHECK(share_ends());
}

/* Some find no room in their buckets: so many pages have been hashed. */
static bool all_hashed(void *arg)
{
	return gm_event(DR_EV_SCAN) >= *(__u64 *)arg || ktap_failed();
}

static bool most_have_hints(void *arg)
{
	return share_figure("table_hints") >= *(__u64 *)arg / 2 || ktap_failed();
}

/* Pages that differ are the worst case: each has a hint of its own. */
TEST_SECS(metadata, 300)
{
	__u64 size = 128 * MIB, pages = size / PAGE, bytes;
	char *map;
	int fd;

	full_speed();
	map = map_pages(&fd, size);
	for (__u64 i = 0; i < pages; i++)
		memcpy(map + i * PAGE + 8, &i, sizeof(i));
	for (__u64 i = 0; i < pages; i++)
		map[i * PAGE] = 1;
	CHECK(poll_until(all_hashed, &pages, 200000));
	CHECK_EQ(gm_usage().pages, pages);
	/* Some were hashed more than once, before their last bytes came. */
	CHECK(poll_until(most_have_hints, &pages, 200000));
	bytes = gm_usage().metadata + share_figure("table_bytes");
	ktap_diag("%llu pages: index %llu, table %llu bytes: %.2f a page",
		  pages, gm_usage().metadata, share_figure("table_bytes"),
		  (double)bytes / pages);
	CHECK(bytes <= METADATA_MAX * pages);
	usual_speed();
	remove_file(fd, map, size);
}

static __u64 break_some(char *map, __u64 first, __u64 nr)
{
	__u64 start = now_ms();

	for (__u64 i = first; i < first + nr; i++)
		map[i * PAGE]++;
	return now_ms() - start;
}

/*
 * One page with as many users as the host has memory for tables: a million
 * on 4 GiB. The last users join and leave as fast as the first.
 */
TEST_SECS(one_page_with_a_million_users, 900)
{
	__u64 free = file_kb("/proc/meminfo", "MemAvailable") * KIB;
	__u64 size = getenv("DR_SLOW") ? 64 * MIB : 4096 * MIB;
	__u64 part = 64 * MIB, nr = part / PAGE, breaks = 4096;
	__u64 joins[2] = {}, leaves[2], used;
	char *map;
	int fd;

	full_speed();
	while (size / 32 + 2 * part > free)
		size /= 2;
	map = map_pages(&fd, size);
	for (__u64 at = 0; at < size; at += part) {
		/* By parts: unshared, they must not fill the host. */
		for (__u64 i = 0; i < nr; i++)
			map[at + i * PAGE] = 0x5a;
		used = time_to_share((at + part) / PAGE);
		if (!at)
			joins[0] = used;
		joins[1] = used;
	}
	CHECK_EQ(share_figure("kept"), PAGE);
	share_set("enabled", "0");
	leaves[0] = break_some(map, 0, breaks);
	CHECK_EQ(gm_usage().shared, size / PAGE - breaks);
	gm_punch(fd, 2 * breaks * PAGE, size - 2 * breaks * PAGE);
	leaves[1] = break_some(map, breaks, breaks);
	/* The last of them has no copy to make. */
	CHECK_EQ(share_figure("kept"), 0);
	ktap_diag("%llu users: ms to join for %llu pages: %llu first, %llu last; to leave for %llu pages: %llu with most users, %llu with fewest",
		  size / PAGE, nr, joins[0], joins[1], breaks, leaves[0],
		  leaves[1]);
	/* A pass starts up to 2 s late; other work on the machine. */
	CHECK(joins[1] <= 4 * joins[0] + 4000);
	CHECK(leaves[0] <= 4 * leaves[1] + 1000);
	usual_speed();
	remove_file(fd, map, size);
}

static char *share_equal(int *fd, __u64 size)
{
	char *map;

	full_speed();
	map = map_pages(fd, size);
	for (__u64 i = 0; i < size / PAGE; i++)
		map[i * PAGE] = 0x5a;
	time_to_share(size / PAGE);
	usual_speed();
	return map;
}

static void check_equal(const char *map, __u64 size)
{
	for (__u64 i = 0; i < size / PAGE; i++)
		ASSERT(map[i * PAGE] == 0x5a && map[i * PAGE + 1] == 0);
}

static void wake(int sig)
{
	(void)sig;
}

/*
 * Write "off" with a timer running out again and again, so that it does so
 * while the write is under way; 0 or a negative errno.
 */
static int off_with_timer(unsigned int us)
{
	struct itimerval timer = {
		.it_value = { .tv_usec = us },
		.it_interval = { .tv_usec = us },
	};
	int err;

	setitimer(ITIMER_REAL, &timer, NULL);
	err = share_mode(gm_name, "off");
	timer = (struct itimerval){};
	setitimer(ITIMER_REAL, &timer, NULL);
	return err;
}

TEST_SECS(unsharing_is_interrupted, 300)
{
	const struct sigaction act = { .sa_handler = wake };
	const __u64 size = 32 * MIB;
	struct dr_guest_info info;
	char *map;
	int fd;

	map = share_equal(&fd, size);
	ASSERT_OK(sigaction(SIGALRM, &act, NULL));
	CHECK_EQ(off_with_timer(1000), -EINTR);
	ASSERT_OK(gm_info(NULL, &info));
	CHECK_EQ(info.share, DR_SHARE_DOMAIN);
	CHECK(info.usage.shared > 0);
	check_equal(map, size);
	CHECK_EQ(share_mode(gm_name, "off"), 0);
	CHECK_EQ(gm_usage().shared, 0);
	check_equal(map, size);
	remove_file(fd, map, size);
}

/* A copy is growth as well, and beyond its limit a guest waits for the pager. */
TEST_SECS(copies_are_held, 60)
{
	const __u64 size = 64 * MIB, limit = 8 * MIB;
	__u64 peak = 0, now, held;
	char *map;
	int fd;

	map = share_equal(&fd, size);
	swap_limit(limit);
	held = gm_event(DR_EV_FAULT_HELD);
	for (__u64 i = 0; i < size / PAGE; i++) {
		ASSERT(map[i * PAGE] == 0x5a);
		memcpy(map + i * PAGE + 8, &i, sizeof(i));
		now = i % 64 ? 0 : gm_usage().resident;
		peak = now > peak ? now : peak;
	}
	held = gm_event(DR_EV_FAULT_HELD) - held;
	ktap_diag("limit %llu KiB, peak %llu KiB, %llu faults held",
		  limit / KIB, peak / KIB, held);
	CHECK_RANGE(peak, limit / 2, 3 * limit);
	/* Unless copies take so long here that the pager keeps up by itself. */
	CHECK(held > 0 || peak < limit + limit / 2);
	swap_limit(0);
	for (__u64 i = 0; i < size / PAGE; i++) {
		ASSERT(map[i * PAGE] == 0x5a);
		ASSERT(memcmp(map + i * PAGE + 8, &i, sizeof(i)) == 0);
	}
	remove_file(fd, map, size);
}

/* No room for the copies: refused, with nobody killed for it. */
TEST_SECS(no_room_to_unshare, 300)
{
	__u64 total_kb = file_kb("/proc/meminfo", "MemTotal");
	const __u64 size = 64 * MIB;
	__u64 leave_kb = total_kb / 50 + size / KIB / 2;
	struct dr_guest_info info;
	pid_t pid;
	char *map;
	int fd;

	hog_need_small_host();
	map = share_equal(&fd, size);
	pid = hog_start(leave_kb);
	CHECK_EQ(share_mode(gm_name, "off"), -ENOMEM);
	ASSERT_OK(gm_info(NULL, &info));
	CHECK_EQ(info.share, DR_SHARE_DOMAIN);
	CHECK_EQ(info.usage.shared, size / PAGE);
	hog_end(pid);
	check_equal(map, size);
	CHECK_EQ(share_mode(gm_name, "off"), 0);
	CHECK_EQ(gm_usage().shared, 0);
	check_equal(map, size);
	remove_file(fd, map, size);
}

static bool copies_are_made(void *arg)
{
	return gm_usage().shared < *(__u64 *)arg / PAGE || ktap_failed();
}

/* Take what is left of the room for the copies once some have been made. */
static int take_the_room(void *arg)
{
	__u64 keep_kb = file_kb("/proc/meminfo", "MemTotal") / 50;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!poll_until(copies_are_made, arg, 60000) ||
	    !hog_fill(keep_kb - 4 * 1024))
		return 1;
	for (;;)
		pause();
}

/* A host so short of memory pages out as well, and the figures move meanwhile. */
static bool all_are_there(void *arg)
{
	struct dr_usage usage = gm_usage();

	return usage.shared + usage.pages + usage.swapped ==
	       *(__u64 *)arg / PAGE;
}

/*
 * There was room for all copies at the start, and is none half-way: if the hog
 * is quick enough. It cannot be made to be on a machine that has other work.
 */
TEST_SECS(room_to_unshare_runs_out, 300)
{
	__u64 total_kb = file_kb("/proc/meminfo", "MemTotal");
	const __u64 size = 64 * MIB, spare = 16 * MIB;
	struct dr_guest_info info;
	pid_t first, second;
	int fd, err;
	char *map;

	hog_need_small_host();
	map = share_equal(&fd, size);
	first = hog_start(total_kb / 50 + (size + spare) / KIB);
	second = spawn(take_the_room, (void *)&size);
	err = share_mode(gm_name, "off");
	if (!err) {
		hog_end(second);
		hog_end(first);
		check_equal(map, size);
		remove_file(fd, map, size);
		ktap_skip("all was copied before the room was gone");
	}
	CHECK_EQ(err, -ENOMEM);
	ASSERT_OK(gm_info(NULL, &info));
	/* The copies stay, and the guest is where it was. */
	CHECK_EQ(info.share, DR_SHARE_DOMAIN);
	CHECK_RANGE(info.usage.shared, 1, size / PAGE - 1);
	CHECK(poll_until(all_are_there, (void *)&size, 5000));
	ktap_diag("%llu of %llu pages were copied, %llu paged out since",
		  info.usage.pages + info.usage.swapped, size / PAGE,
		  info.usage.swapped);
	check_equal(map, size);
	hog_end(second);
	hog_end(first);
	CHECK_EQ(share_mode(gm_name, "off"), 0);
	CHECK_EQ(gm_usage().shared, 0);
	check_equal(map, size);
	remove_file(fd, map, size);
}
