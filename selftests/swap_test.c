// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paging to the first tier: a guest keeps to its limit, what is cold goes and
 * what is hot stays, no byte is lost, and a full pool stops it cleanly.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>

#include "lib/gmem.h"
#include "lib/swap.h"

/* A file that needs several spans. */
#define SIZE	(16 * MIB)
#define NR	(SIZE / PAGE)
#define LIMIT	(4 * MIB)
#define KEY	7

static int fd;
static char *map;

static void set_up(void (*fill)(void *buf, size_t len, __u64 offset,
				__u64 key))
{
	gm_need_denseram();
	/* Only the pager is to find anything, whatever a test before left. */
	gm_no_scan();
	ASSERT_OK(swap_set("pool_limit", "1G"));
	ASSERT_OK(swap_set("compressor", "lz4"));
	fd = gm_create("f", SIZE);
	map = gm_map(fd, SIZE);
	fill(map, SIZE, 0, KEY);
}

static void tear_down(void)
{
	swap_limit(0);
	munmap(map, SIZE);
	close(fd);
	gm_check_recount();
}

/* Read it all without bringing it back. */
static void check_by_read(ssize_t (*bad)(const void *buf, size_t len,
					 __u64 offset, __u64 key))
{
	char *buf = malloc(BLOCK);

	ASSERT(buf);
	for (__u64 at = 0; at < SIZE; at += BLOCK) {
		ASSERT(pread(fd, buf, BLOCK, at) == (ssize_t)BLOCK);
		CHECK_EQ(bad(buf, BLOCK, at, KEY), -1);
	}
	free(buf);
}

static __u64 sum(const __u64 *latency)
{
	__u64 all = 0;

	for (int i = 0; i < DR_LATENCY_BUCKETS; i++)
		all += latency[i];
	return all;
}

TEST(limit_is_kept)
{
	struct dr_guest_swap s;

	set_up(soft_fill);
	CHECK(swap_squeeze(LIMIT));
	s = swap_guest();
	CHECK_RANGE(s.tiers.pool, (SIZE - LIMIT) / PAGE, NR);
	CHECK_EQ(gm_usage().swapped, s.tiers.pool + s.tiers.same);
	/* A quarter of each page is random, the rest is not. */
	CHECK_RANGE(s.tiers.pool_bytes / s.tiers.pool, PAGE / 8, PAGE / 2);
	CHECK_EQ(gm_event(DR_EV_SWAP_OUT), s.tiers.pool);
	check_by_read(soft_bad);
	CHECK_EQ(gm_event(DR_EV_SWAP_IN), 0);
	swap_limit(0);
	CHECK_EQ(soft_bad(map, SIZE, 0, KEY), -1);
	s = swap_guest();
	CHECK_EQ(s.tiers.pool, 0);
	CHECK_EQ(s.tiers.pool_bytes, 0);
	CHECK_EQ(gm_usage().swapped, 0);
	CHECK_EQ(sum(s.latency), gm_event(DR_EV_SWAP_IN));
	CHECK(sum(swap_status().latency) >= sum(s.latency));
	tear_down();
}

/* Pages of one word need no storage, pages of zeros not even an entry. */
static void fill_words(void *buf, size_t len, __u64 offset, __u64 key)
{
	unsigned int *words = buf;

	for (size_t i = 0; i < len / sizeof(*words); i++) {
		__u64 page = (offset + i * sizeof(*words)) / PAGE;

		words[i] = page % 2 ? page * key : 0;
	}
}

static ssize_t words_bad(const void *buf, size_t len, __u64 offset, __u64 key)
{
	char *want = malloc(len);
	ssize_t bad = -1;

	ASSERT(want);
	fill_words(want, len, offset, key);
	if (memcmp(buf, want, len))
		bad = 0;
	free(want);
	return bad;
}

TEST(words_need_no_storage)
{
	struct dr_guest_swap s;

	set_up(fill_words);
	CHECK(swap_squeeze(PAGE));
	s = swap_guest();
	CHECK_EQ(s.tiers.pool, 0);
	CHECK_RANGE(s.tiers.same, NR / 2 - 1, NR / 2);
	CHECK_EQ(gm_usage().swapped, s.tiers.same);
	check_by_read(words_bad);
	swap_limit(0);
	CHECK_EQ(words_bad(map, SIZE, 0, KEY), -1);
	tear_down();
}

static bool stiff_found(void *arg)
{
	(void)arg;
	return gm_event(DR_EV_SWAP_STIFF) >= NR / 2;
}

/* Random bytes get no smaller: the pages stay, and nothing else happens. */
static bool all_resident(void *arg)
{
	(void)arg;
	return gm_usage().resident == SIZE;
}

TEST(incompressible_stays)
{
	set_up(pat_fill);
	gm_evacuate();
	swap_limit(LIMIT);
	CHECK(poll_until(stiff_found, NULL, 60000));
	CHECK_EQ(swap_guest().tiers.pool, 0);
	CHECK(all_resident(NULL));
	CHECK(swap_stop_is("none"));
	CHECK_EQ(pat_bad(map, SIZE, 0, KEY), -1);
	tear_down();
}

/* All of the file was looked at, and more than once. */
static bool blocks_tried(void *arg)
{
	(void)arg;
	return gm_event(DR_EV_SWAP_STIFF) >= 16 * SIZE / BLOCK;
}

/* And blocks of such pages stay blocks: nothing would be gained. */
TEST(incompressible_blocks_stay)
{
	set_up(pat_fill);
	ASSERT(gm_usage().blocks == SIZE / BLOCK);
	swap_limit(LIMIT);
	CHECK(poll_until(blocks_tried, NULL, 60000));
	CHECK_EQ(gm_usage().blocks, SIZE / BLOCK);
	CHECK_EQ(gm_event(DR_EV_BLOCK_EVACUATE), 0);
	CHECK_EQ(pat_bad(map, SIZE, 0, KEY), -1);
	tear_down();
}

/* A quarter of the pages gets smaller. */
static void fill_quarter(void *buf, size_t len, __u64 offset, __u64 key)
{
	for (size_t at = 0; at < len; at += PAGE) {
		bool soft = (offset + at) / PAGE % 4 == 0;

		(soft ? soft_fill : pat_fill)(buf + at, PAGE, offset + at, key);
	}
}

static ssize_t quarter_bad(const void *buf, size_t len, __u64 offset,
			   __u64 key)
{
	for (size_t at = 0; at < len; at += PAGE) {
		bool soft = (offset + at) / PAGE % 4 == 0;
		ssize_t bad = (soft ? soft_bad : pat_bad)(buf + at, PAGE,
							  offset + at, key);

		if (bad >= 0)
			return at + bad;
	}
	return -1;
}

/* Where some do, a few tries find that, and these go. */
TEST(blocks_with_some_that_fit)
{
	set_up(fill_quarter);
	CHECK(swap_squeeze(SIZE - SIZE / 8));
	CHECK_RANGE(swap_guest().tiers.pool, NR / 16, NR / 4);
	swap_limit(0);
	CHECK_EQ(quarter_bad(map, SIZE, 0, KEY), -1);
	tear_down();
}

/* The last page of each block gets smaller, and no other: few tries would find it. */
static void fill_last(void *buf, size_t len, __u64 offset, __u64 key)
{
	pat_fill(buf, len, offset, key);
	for (size_t end = BLOCK; end <= len; end += BLOCK)
		soft_fill(buf + end - PAGE, PAGE, offset + end - PAGE, key);
}

static ssize_t last_bad(const void *buf, size_t len, __u64 offset, __u64 key)
{
	for (size_t at = 0; at < len; at += BLOCK) {
		size_t last = at + BLOCK - PAGE;

		if (pat_bad(buf + at, BLOCK - PAGE, offset + at, key) >= 0)
			return at;
		if (soft_bad(buf + last, PAGE, offset + last, key) >= 0)
			return last;
	}
	return -1;
}

static bool all_soft_is_out(void *arg)
{
	(void)arg;
	return swap_guest().tiers.pool == SIZE / BLOCK;
}

/* To park a guest is to look at all of it, and what gets smaller goes. */
TEST(parking_looks_at_all)
{
	set_up(fill_last);
	swap_park();
	CHECK(poll_until(all_soft_is_out, NULL, 60000));
	swap_limit(0);
	CHECK_EQ(last_bad(map, SIZE, 0, KEY), -1);
	tear_down();
}

static bool pool_full(void *arg)
{
	(void)arg;
	return swap_stop_is("pool full");
}

static void restore_pool(__u64 limit)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)limit);
	CHECK_OK(swap_set("pool_limit", text));
}

TEST(full_pool_stops_and_goes_on)
{
	__u64 limit = swap_figure("pool_limit"), pool, keep = LIMIT;

	set_up(soft_fill);
	CHECK_OK(swap_set("pool_limit", "2M"));
	swap_limit(LIMIT);
	CHECK(poll_until(pool_full, NULL, 30000));
	pool = swap_figure("pool_memory");
	CHECK_RANGE(pool, MIB, 3 * MIB);
	CHECK(gm_event(DR_EV_SWAP_FULL) > 0);
	CHECK(gm_usage().resident > LIMIT);
	/* The guest runs on, at the price of the limit. */
	CHECK_EQ(soft_bad(map, SIZE, 0, KEY), -1);
	restore_pool(limit);
	CHECK(swap_squeeze(keep));
	CHECK(swap_stop_is("none"));
	CHECK_EQ(soft_bad(map, SIZE, 0, KEY), -1);
	tear_down();
}

TEST(compressors)
{
	set_up(soft_fill);
	CHECK_ERR(swap_set("compressor", "snail") < 0 ? -1 : 0, EINVAL);
	CHECK_OK(swap_set("compressor", "zstd"));
	CHECK(!strcmp(swap_status().compressor, "zstd"));
	CHECK(swap_squeeze(8 * MIB));
	/* Pages of two compressors in one pool. */
	CHECK_OK(swap_set("compressor", "lz4"));
	CHECK(!strcmp(swap_status().compressor, "lz4"));
	CHECK(swap_squeeze(LIMIT));
	check_by_read(soft_bad);
	swap_limit(0);
	CHECK_EQ(soft_bad(map, SIZE, 0, KEY), -1);
	tear_down();
}

static bool pool_empty(void *arg)
{
	(void)arg;
	return swap_status().tiers.pool == 0;
}

/* Holes, a shorter file, and no file: the pool lets go of what was there. */
TEST(dropped_pages_leave_the_pool)
{
	__u64 pool;

	set_up(soft_fill);
	CHECK(swap_squeeze(LIMIT));
	pool = swap_guest().tiers.pool;
	gm_punch(fd, 0, SIZE / 2);
	CHECK(swap_guest().tiers.pool < pool);
	CHECK_EQ(gm_pread_nonzero(fd, SIZE / 2, 0), -1);
	CHECK_EQ(soft_bad(map + SIZE / 2, SIZE / 2, SIZE / 2, KEY), -1);
	CHECK(swap_squeeze(LIMIT));
	CHECK_OK(ftruncate(fd, SIZE / 2));
	CHECK_EQ(swap_guest().tiers.pool, 0);
	CHECK_OK(ftruncate(fd, SIZE));
	soft_fill(map, SIZE, 0, KEY);
	CHECK(swap_squeeze(LIMIT));
	munmap(map, SIZE);
	close(fd);
	CHECK_OK(unlink(gm_path("f")));
	CHECK(poll_until(pool_empty, NULL, 10000));
}

/* Writes to what is in the pool, through the file and through the mapping. */
TEST(rewritten_pages)
{
	set_up(soft_fill);
	CHECK(swap_squeeze(LIMIT));
	for (__u64 at = 0; at < SIZE; at += PAGE)
		CHECK_EQ(pwrite(fd, "x", 1, at), 1);
	CHECK(swap_squeeze(LIMIT));
	for (__u64 at = 0; at < SIZE; at += PAGE) {
		if (map[at] != 'x' || map[at + PAGE - 1] != 'a' + 15)
			CHECK_EQ(at, -1);
		map[at + PAGE - 1] = 'y';
	}
	CHECK(swap_squeeze(LIMIT));
	for (__u64 at = 0; at < SIZE; at += PAGE)
		if (map[at] != 'x' || map[at + PAGE - 1] != 'y')
			CHECK_EQ(at, -1);
	tear_down();
}

#define HOT	(3 * MIB)

static int over;
static __u64 slowest_ms;

/* A page is in use if it is touched within its second chance, 100 ms. */
static void *touch_hot(void *arg)
{
	__u64 start, took;

	(void)arg;
	while (!__atomic_load_n(&over, __ATOMIC_RELAXED)) {
		start = now_ms();
		for (__u64 at = 0; at < HOT; at += PAGE)
			get_byte(map + at);
		sleep_ms(10);
		took = now_ms() - start;
		if (took > __atomic_load_n(&slowest_ms, __ATOMIC_RELAXED))
			__atomic_store_n(&slowest_ms, took, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* Second chance: a page in use comes back by a soft fault, and stays. */
TEST(hot_pages_stay)
{
	pthread_t thread;
	__u64 in;

	set_up(soft_fill);
	gm_evacuate();
	ASSERT(!pthread_create(&thread, NULL, touch_hot, NULL));
	CHECK(swap_squeeze(LIMIT));
	in = gm_event(DR_EV_SWAP_IN);
	sleep_ms(1000);
	ktap_diag("%llu of %llu hot pages were paged out, %llu in a second at rest; %llu soft faults",
		  (unsigned long long)in, (unsigned long long)(HOT / PAGE),
		  (unsigned long long)(gm_event(DR_EV_SWAP_IN) - in),
		  (unsigned long long)gm_event(DR_EV_FAULT_SOFT));
	/* On a slow kernel the thread may not get around in time: then they are not. */
	if (!getenv("DR_SLOW") ||
	    __atomic_load_n(&slowest_ms, __ATOMIC_RELAXED) < 50)
		CHECK_RANGE(in, 0, HOT / PAGE / 4);
	CHECK(gm_event(DR_EV_FAULT_SOFT) > 0);
	__atomic_store_n(&over, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	CHECK_EQ(soft_bad(map, SIZE, 0, KEY), -1);
	tear_down();
}

/* Even all of it in use, a guest gets below its limit, and stays about there. */
TEST(all_hot_is_paged_out_too)
{
	__u64 now, peak = 0, sweep_ms;
	pthread_t thread;

	set_up(soft_fill);
	ASSERT(!pthread_create(&thread, NULL, touch_hot, NULL));
	sleep_ms(500);
	sweep_ms = __atomic_load_n(&slowest_ms, __ATOMIC_RELAXED);
	CHECK(swap_squeeze(HOT / 2));
	/* Until the pager knows, the guest may take it all back. */
	sleep_ms(3000);
	for (int i = 0; i < 200; i++) {
		now = gm_usage().resident;
		peak = now > peak ? now : peak;
		sleep_ms(10);
	}
	ktap_diag("limit %llu KiB, peak %llu KiB, %llu faults held; all touched each %llu ms",
		  HOT / 2 / KIB, (unsigned long long)peak / KIB,
		  (unsigned long long)gm_event(DR_EV_FAULT_HELD),
		  (unsigned long long)sweep_ms);
	/* Slower, pages are cold now and then, and may come back as they like. */
	if (sweep_ms < 50 && !getenv("DR_SLOW"))
		CHECK_RANGE(peak, 0, HOT / 2 + HOT / 8);
	__atomic_store_n(&over, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	CHECK_EQ(soft_bad(map, SIZE, 0, KEY), -1);
	tear_down();
}

/* A page of each block all the time, and all of the first half, one after another. */
static void *touch_mixed(void *arg)
{
	__u64 at = 0;

	(void)arg;
	while (!__atomic_load_n(&over, __ATOMIC_RELAXED)) {
		for (__u64 block = SIZE / 2; block < SIZE; block += BLOCK)
			get_byte(map + block);
		for (int i = 0; i < 8; i++, at = (at + PAGE) % (SIZE / 2))
			get_byte(map + at);
		sleep_ms(2);
	}
	return NULL;
}

static bool blocks_are_gone(void *arg)
{
	(void)arg;
	return !gm_usage().blocks;
}

/* All of the half in use has come back, and stays. */
static bool nothing_returns(void *arg)
{
	__u64 in = gm_event(DR_EV_SWAP_IN);

	(void)arg;
	sleep_ms(1000);
	return gm_event(DR_EV_SWAP_IN) - in < 16;
}

/*
 * A block is kept for a single page in use, while pages looked at seldom go and
 * come back. Then blocks are broken up, and what was cold in them goes.
 */
TEST(blocks_give_way)
{
	pthread_t thread;

	set_up(soft_fill);
	gm_evacuate();
	gm_punch(fd, SIZE / 2, SIZE / 2);
	soft_fill(map + SIZE / 2, SIZE / 2, SIZE / 2, KEY);
	ASSERT(gm_usage().blocks == SIZE / 2 / BLOCK);
	ASSERT(!pthread_create(&thread, NULL, touch_mixed, NULL));
	CHECK(swap_squeeze(SIZE - SIZE / 4));
	CHECK(poll_until(blocks_are_gone, NULL, 60000));
	CHECK(poll_until(nothing_returns, NULL, 60000));
	ktap_diag("%llu pages out, %llu in",
		  (unsigned long long)gm_event(DR_EV_SWAP_OUT),
		  (unsigned long long)gm_event(DR_EV_SWAP_IN));
	__atomic_store_n(&over, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	CHECK_EQ(soft_bad(map, SIZE, 0, KEY), -1);
	tear_down();
}

/* What one thread has touched, and the faults that took. */
struct touched {
	__u64 hot, hot_faults, all;
};

static struct touched touched;

static __u64 my_faults(void)
{
	struct rusage u;

	getrusage(RUSAGE_THREAD, &u);
	return u.ru_minflt + u.ru_majflt;
}

/* Half of all touches go to a few pages, the others anywhere. */
static void *touch_skewed(void *arg)
{
	unsigned int seed = KEY;

	(void)arg;
	while (!__atomic_load_n(&over, __ATOMIC_RELAXED)) {
		__u64 nr = rand_r(&seed), before = my_faults();
		bool hot = nr % 2;

		get_byte(map + nr / 2 % (hot ? NR / 16 : NR) * PAGE);
		if (hot) {
			__atomic_add_fetch(&touched.hot, 1, __ATOMIC_RELAXED);
			__atomic_add_fetch(&touched.hot_faults,
					   my_faults() - before,
					   __ATOMIC_RELAXED);
		}
		__atomic_add_fetch(&touched.all, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static bool has_touched(void *arg)
{
	return __atomic_load_n(&touched.all, __ATOMIC_RELAXED) >=
	       *(const __u64 *)arg;
}

/*
 * Where all that goes comes back, from memory, pages are taken by chance: no
 * soft faults tell which are hot. That they come back soon after does. By chance
 * alone, one in 13 touches of a hot page would find it gone.
 */
TEST(what_returns_soon_is_spared)
{
	__u64 enough, soft, out;
	struct touched before;
	pthread_t thread;

	set_up(soft_fill);
	gm_evacuate();
	touched = (struct touched){};
	ASSERT(!pthread_create(&thread, NULL, touch_skewed, NULL));
	swap_limit(SIZE / 2);
	enough = 20 * NR;
	CHECK(poll_until(has_touched, &enough, 120000));
	before = touched;
	soft = gm_event(DR_EV_FAULT_SOFT);
	out = gm_event(DR_EV_SWAP_OUT);
	enough = before.all + 20 * NR;
	CHECK(poll_until(has_touched, &enough, 120000));
	soft = gm_event(DR_EV_FAULT_SOFT) - soft;
	out = gm_event(DR_EV_SWAP_OUT) - out;
	before.hot = touched.hot - before.hot;
	before.hot_faults = touched.hot_faults - before.hot_faults;
	ktap_diag("%llu touches of hot pages, %llu faults; %llu pages paged out, %llu soft faults",
		  (unsigned long long)before.hot,
		  (unsigned long long)before.hot_faults,
		  (unsigned long long)out, (unsigned long long)soft);
	/* Where the pager lags behind, by then much has happened to a page. */
	if (!getenv("DR_SLOW")) {
		CHECK_RANGE(before.hot_faults, 0, before.hot / 15);
		CHECK_RANGE(soft, 0, out);
	}
	CHECK(out > NR);
	__atomic_store_n(&over, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	CHECK_EQ(soft_bad(map, SIZE, 0, KEY), -1);
	tear_down();
}

/* A guest that grows faster than it is paged out waits for the pager. */
TEST(growth_is_held)
{
	const __u64 size = 64 * MIB, limit = 8 * MIB;
	int big = gm_create("big", size);
	char *mem = gm_map(big, size);
	__u64 peak = 0, now;

	gm_need_denseram();
	gm_no_scan();
	swap_limit(limit);
	for (__u64 at = 0; at < size; at += PAGE) {
		soft_fill(mem + at, PAGE, at, KEY);
		if (at % (256 * KIB))
			continue;
		now = gm_usage().resident;
		peak = now > peak ? now : peak;
	}
	ktap_diag("limit %llu KiB, peak %llu KiB, %llu faults held",
		  (unsigned long long)(limit / KIB),
		  (unsigned long long)(peak / KIB),
		  (unsigned long long)gm_event(DR_EV_FAULT_HELD));
	CHECK_RANGE(peak, 0, 3 * limit);
	swap_limit(0);
	CHECK_EQ(soft_bad(mem, size, 0, KEY), -1);
	munmap(mem, size);
	close(big);
	gm_check_recount();
}

TEST(ioctls_refuse_junk)
{
	struct dr_swap_status status = { .flags = 1 };
	struct dr_guest_swap guest = { .id = 1ULL << 60 };
	int dev;

	gm_need_denseram();
	dev = gm_device(O_RDONLY);
	CHECK_ERR(ioctl(dev, DR_IOC_SWAP_STATUS, &status), EINVAL);
	CHECK_ERR(ioctl(dev, DR_IOC_GUEST_SWAP, &guest), ENOENT);
	guest.flags = 1;
	CHECK_ERR(ioctl(dev, DR_IOC_GUEST_SWAP, &guest), EINVAL);
	guest.flags = 0;
	guest.pad = 1;
	CHECK_ERR(ioctl(dev, DR_IOC_GUEST_SWAP, &guest), EINVAL);
	CHECK_ERR(swap_set("pool_limit", "lots") < 0 ? -1 : 0, EINVAL);
	CHECK_ERR(swap_set("async_us", "soon") < 0 ? -1 : 0, EINVAL);
	CHECK_ERR(swap_set("async_us", "1000001") < 0 ? -1 : 0, ERANGE);
	close(dev);
}
