// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VMM is killed, whatever it is at: it ends, and when its file is removed all
 * memory is back. Killed in first faults: lifetime_test:sigkill_in_the_middle.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "lib/gmem.h"
#include "lib/share.h"
#include "lib/slow.h"
#include "lib/swap.h"

#define RW		(PROT_READ | PROT_WRITE)
#define SIZE		(4 * BLOCK)
#define LIMIT		(SIZE / 4)
#define AREA		(32 * MIB)
#define ROUNDS		4
#define REACH_MS	60000
#define BACK_MS		30000
#define KEY		21

/**
 * struct phase - what a VMM is at when it is killed
 * @prepare: before it starts, if there is anything to do
 * @run: what it does, until it is killed
 * @reached: it is at it; NULL: when it has taken a step
 */
struct phase {
	void (*prepare)(void);
	int (*run)(void *arg);
	bool (*reached)(void *arg);
};

/* Steps the VMM has taken, in memory shared with it. */
static unsigned long *steps;

static void step(void)
{
	__atomic_add_fetch(steps, 1, __ATOMIC_RELAXED);
}

static bool has_stepped(void *arg)
{
	(void)arg;
	return __atomic_load_n(steps, __ATOMIC_RELAXED) > 0;
}

/* The guest's counter when the VMM started, of the event that matters. */
static enum dr_event awaited;
static __u64 count_before;

static bool has_happened(void *arg)
{
	(void)arg;
	return gm_event(awaited) > count_before;
}

static bool all_is_back(void *arg)
{
	const struct dr_usage *before = arg, now = gm_total();
	struct dr_swap_status s = swap_status();

	return now.size == before->size && now.resident == before->resident &&
	       now.swapped == before->swapped && !s.tiers.pool && !s.tiers.disk;
}

static void kill_once(const struct phase *phase, unsigned int after_ms)
{
	pid_t pid;

	*steps = 0;
	if (phase->prepare)
		phase->prepare();
	count_before = gm_event(awaited);
	pid = spawn(phase->run, NULL);
	CHECK(poll_until(phase->reached ? phase->reached : has_stepped, NULL,
			 REACH_MS));
	sleep_ms(after_ms);
	kill(pid, SIGKILL);
	CHECK_EQ(join(pid), 128 + SIGKILL);
	CHECK_EQ(gm_attr(NULL, "vmm_pid"), 0);
}

static void kill_in(const struct phase *phase)
{
	struct rng rng = { opts.seed };
	struct dr_usage before = gm_total();

	steps = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT(steps != MAP_FAILED);
	for (int i = 0; i < ROUNDS && !ktap_failed(); i++) {
		kill_once(phase, rng_below(&rng, 50));
		unlink(gm_path("f"));
		unlink(gm_path("g"));
		CHECK(poll_until(all_is_back, &before, BACK_MS));
		gm_check_recount();
	}
	munmap(steps, PAGE);
}

static int create_and_unlink(void *arg)
{
	(void)arg;
	for (;; step()) {
		close(gm_create("f", SIZE));
		ASSERT_OK(unlink(gm_path("f")));
	}
	return 0;
}

TEST(creating)
{
	gm_need_denseram();
	kill_in(&(struct phase){ .run = create_and_unlink });
}

static int resize(void *arg)
{
	int fd = gm_create("f", SIZE);

	(void)arg;
	for (;; step()) {
		ASSERT_OK(fallocate(fd, 0, 0, SIZE));
		ASSERT_OK(ftruncate(fd, BLOCK + PAGE));
		ASSERT_OK(ftruncate(fd, SIZE));
	}
	return 0;
}

TEST(sizing)
{
	gm_need_denseram();
	kill_in(&(struct phase){ .run = resize });
}

static int map_and_unmap(void *arg)
{
	int fd = gm_create("f", SIZE);

	(void)arg;
	for (size_t skew = 0;; skew ^= PAGE, step()) {
		char *map = gm_map_skew(fd, SIZE, 0, RW, skew);

		for (__u64 at = 0; at < SIZE; at += BLOCK)
			set_byte(map + at, 1);
		munmap(map, SIZE);
	}
	return 0;
}

TEST(mapping)
{
	gm_need_denseram();
	kill_in(&(struct phase){ .run = map_and_unmap });
}

/* A file that is in the area for the most part. */
static void page_out(void)
{
	int fd = gm_create("f", SIZE);

	slow_delay(0, 0);
	gm_pwrite_pattern(fd, SIZE, 0, KEY);
	CHECK(swap_squeeze(LIMIT));
	swap_limit(0);
	close(fd);
	slow_delay(100, 0);
}

static int read_back(void *arg)
{
	int fd = open(gm_path("f"), O_RDWR | O_CLOEXEC);
	char *map = gm_map(fd, SIZE);

	(void)arg;
	for (__u64 at = 0;; at = (at + 5 * PAGE) % SIZE) {
		get_byte(map + at);
		step();
	}
	return 0;
}

TEST(reading_from_disk)
{
	slow_begin(AREA);
	awaited = DR_EV_FAULT_MAJOR;
	kill_in(&(struct phase){ page_out, read_back, has_happened });
	slow_end();
}

static void set_limit(void)
{
	swap_limit(LIMIT);
}

static int fill_hard(void *arg)
{
	char *map = gm_map_skew(gm_create("f", SIZE), SIZE, 0, RW, PAGE);

	(void)arg;
	for (__u64 key = KEY;; key++, step())
		pat_fill(map, SIZE, 0, key);
	return 0;
}

/* Faults wait for a pager that waits for the disk. */
TEST(held)
{
	slow_begin(AREA);
	slow_delay(0, 50);
	awaited = DR_EV_FAULT_HELD;
	kill_in(&(struct phase){ set_limit, fill_hard, has_happened });
	slow_end();
}

static int fill_soft(void *arg)
{
	char *map = gm_map(gm_create("f", SIZE), SIZE);

	(void)arg;
	for (__u64 key = KEY;; key++, step())
		soft_fill(map, SIZE, 0, key);
	return 0;
}

TEST(being_evicted)
{
	gm_need_denseram();
	gm_no_scan();
	awaited = DR_EV_SWAP_OUT;
	kill_in(&(struct phase){ set_limit, fill_soft, has_happened });
}

static void make_twin(void)
{
	int fd = gm_create("g", SIZE);

	gm_pwrite_pattern(fd, SIZE, 0, KEY);
	close(fd);
}

static int fill_alike(void *arg)
{
	char *map = gm_map_skew(gm_create("f", SIZE), SIZE, 0, RW, PAGE);

	(void)arg;
	for (;; step()) {
		for (__u64 at = 0; at < SIZE; at += PAGE) {
			if (pat_bad(map + at, PAGE, at, KEY) >= 0)
				pat_fill(map + at, PAGE, at, KEY);
			else
				set_byte(map + at, ~get_byte(map + at));
		}
	}
	return 0;
}

TEST(being_merged)
{
	gm_need_denseram();
	share_set("interval", "1");
	share_set("enabled", "1");
	awaited = DR_EV_SHARE_MERGE;
	kill_in(&(struct phase){ make_twin, fill_alike, has_happened });
	CHECK(share_ends());
	share_usual();
}

static int fill_and_wait(void *arg)
{
	char *map = gm_map(gm_create("f", SIZE), SIZE);

	(void)arg;
	soft_fill(map, SIZE, 0, KEY);
	for (;; step())
		pause();
	return 0;
}

static bool has_begun(void *arg)
{
	if (gm_usage().resident == SIZE && gm_event(awaited) == count_before)
		swap_park();
	return has_happened(arg);
}

static bool is_away(void *arg)
{
	return has_begun(arg) && gm_usage().resident == 0;
}

TEST(being_parked)
{
	gm_need_denseram();
	gm_no_scan();
	awaited = DR_EV_SWAP_OUT;
	kill_in(&(struct phase){ .run = fill_and_wait, .reached = has_begun });
}

TEST(parked)
{
	gm_need_denseram();
	gm_no_scan();
	awaited = DR_EV_SWAP_OUT;
	kill_in(&(struct phase){ .run = fill_and_wait, .reached = is_away });
}

/* The VMM of a guest that gives half of its memory, and takes it back. */
static int inflate(void *arg)
{
	struct dr_balloon_set set = { .id = gm_id() };
	struct dr_balloon_report report = {
		.flags = DR_REPORT_ACTUAL, .id = gm_id(),
	};
	char *map = gm_map(gm_create("f", SIZE), SIZE);
	int dev = gm_device(O_RDWR);

	(void)arg;
	for (;; step()) {
		set.wanted = set.wanted ? 0 : SIZE / 2;
		ASSERT_OK(ioctl(dev, DR_IOC_BALLOON_SET, &set));
		for (__u64 at = 0; at < set.wanted; at += 4 * PAGE)
			ASSERT_OK(madvise(map + at, 3 * PAGE, MADV_REMOVE));
		report.actual = set.wanted;
		ASSERT_OK(ioctl(dev, DR_IOC_BALLOON_REPORT, &report));
		if (!set.wanted)
			soft_fill(map, SIZE, 0, KEY);
	}
	return 0;
}

TEST(ballooned)
{
	gm_need_denseram();
	awaited = DR_EV_PUNCH;
	kill_in(&(struct phase){ .run = inflate, .reached = has_happened });
}
