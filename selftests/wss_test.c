// SPDX-License-Identifier: GPL-2.0-only
/*
 * The working set, as the sampler finds it, of files of which threads use a known
 * part: in 4 KiB pages, in whole blocks, and some pages of each block. With a
 * period of a second, so that it settles in some.
 *
 * What is in use is touched all the time, so that each page of it is within any
 * period. The estimate is checked against 5 % of the file.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/crew.h"
#include "lib/gmem.h"
#include "lib/swap.h"

#define SIZE		(64 * MIB)
#define NR		(SIZE / PAGE)
#define NR_BLOCKS	(SIZE / BLOCK)
#define KEY		23

#define WSS		SYSFS "/wss"
#define PERIOD_MS	1000
#define BOUND		50	/* permille of the file */

/* An average with a memory of eight periods goes from 75 to 25 %, and some. */
#define DOWN_PERIODS	30
#define UP_PERIODS	3
#define STAY_PERIODS	4

/* Pages of a block in use, where it is few. */
#define FEW		16

/* The page by which a block is entered, as by a guest's page table in it. */
#define DOOR		123

/**
 * struct set - pages in use
 * @nr: how many
 * @swept: touched in this order, not by chance
 * @entered: the same page of a block is touched first each time
 * @pages: which
 */
struct set {
	unsigned int nr;
	bool swept;
	bool entered;
	unsigned int pages[NR];
};

static struct set sets[2];
static const struct set *in_use;
static struct crew crew;
static int fd;
static char *map;

static int knob(const char *name, const char *value)
{
	char path[100];

	snprintf(path, sizeof(path), WSS "/%s", name);
	return write_text(path, value);
}

static __u64 knob_is(const char *name)
{
	char path[100];
	__u64 value = 0;

	snprintf(path, sizeof(path), WSS "/%s", name);
	ASSERT_OK(read_u64(path, &value));
	return value;
}

/* The tests run in children: this is the end of the program. */
__attribute__((destructor)) static void usual(void)
{
	knob("period_ms", "10000");
	knob("enabled", "0");
}

static __u64 figure(const char *name)
{
	char attr[40];

	snprintf(attr, sizeof(attr), "wss/%s", name);
	return gm_attr(NULL, attr);
}

/* Write now and then, but only what is there. */
static void use(const struct set *set, struct rng *rng, __u64 nr)
{
	__u64 i = set->swept ? nr % set->nr : rng_below(rng, set->nr);
	char *at = map + set->pages[i] * PAGE + nr % PAGE;

	if (set->entered)
		get_byte(map + set->pages[i] / PAGES_A_BLOCK * BLOCK + DOOR * PAGE);
	if (nr % 4)
		get_byte(at);
	else
		__atomic_fetch_or(at, 0, __ATOMIC_RELAXED);
}

static void *toucher(void *arg)
{
	struct rng rng = { opts.seed + (unsigned long)arg };
	const struct set *set;
	__u64 nr = 0;

	while (crew_goes_on(&crew)) {
		set = __atomic_load_n(&in_use, __ATOMIC_ACQUIRE);
		for (int i = 0; set->nr && i < 4096; i++)
			use(set, &rng, nr++);
		sleep_ms(1);
	}
	return NULL;
}

/* The set that is not in use, empty. */
static struct set *next_set(void)
{
	struct set *set = &sets[in_use == &sets[0]];

	set->nr = 0;
	set->swept = false;
	set->entered = false;
	return set;
}

/* Pages here and there, or the first ones: whole blocks. */
static void use_pages(unsigned int percent, bool scattered)
{
	struct set *set = next_set();

	for (unsigned int i = 0; i < NR; i++)
		if (scattered ? i % 4 < percent / 25 : i < NR * percent / 100)
			set->pages[set->nr++] = i;
	__atomic_store_n(&in_use, set, __ATOMIC_RELEASE);
}

static void set_up(bool huge)
{
	gm_need_denseram();
	if (huge)
		gm_need_blocks();
	gm_no_scan();
	/* Nothing is known yet of a guest that has been filled only now. */
	ASSERT_OK(knob("enabled", "0"));
	fd = gm_create("f", SIZE);
	map = gm_map(fd, SIZE);
	if (!huge)
		ASSERT_OK(madvise(map, SIZE, MADV_NOHUGEPAGE));
	soft_fill(map, SIZE, 0, KEY);
	ASSERT(gm_usage().blocks == (huge ? NR_BLOCKS : 0));
	use_pages(0, false);
}

static void sample(void)
{
	ASSERT_OK(knob("period_ms", "1000"));
	ASSERT_OK(knob("enabled", "1"));
}

static void start(void)
{
	crew_add(&crew, toucher, (void *)1);
	crew_add(&crew, toucher, (void *)2);
	/* All of it has been touched before the first sample. */
	sleep_ms(500);
	sample();
}

static void tear_down(void)
{
	crew_work(&crew, 0);
	ASSERT_OK(knob("enabled", "0"));
	CHECK_EQ(soft_bad(map, SIZE, 0, KEY), -1);
	munmap(map, SIZE);
	close(fd);
}

static bool is_past(void *arg)
{
	return figure("periods") > *(__u64 *)arg;
}

static void wait_period(void)
{
	__u64 now = figure("periods");

	ASSERT(poll_until(is_past, &now, 30 * PERIOD_MS));
}

/* Of an estimate that is known to have settled, or is about to. */
static void check_interval(void)
{
	__u64 part = figure("active_permille");

	/* Read one after another: the estimate may have moved in between. */
	CHECK(figure("active_low") <= part + BOUND);
	CHECK(figure("active_high") + BOUND >= part);
	CHECK_RANGE(figure("samples"), 64, 512);
	CHECK_RANGE(figure("working_set"), 0, SIZE);
}

/* Return how many periods it takes to get there; it has to stay. */
static unsigned int settles(const char *what, unsigned int low,
			    unsigned int high, unsigned int periods)
{
	unsigned int nr, stay;
	__u64 part = figure("active_permille");

	for (nr = 0; nr < periods && (part < low || part > high); nr++) {
		wait_period();
		part = figure("active_permille");
	}
	CHECK_RANGE(part, low, high);
	ktap_diag("%s: %llu permille after %u periods, %llu samples", what,
		  (unsigned long long)part, nr,
		  (unsigned long long)figure("samples"));
	for (stay = 0; stay < STAY_PERIODS; stay++) {
		wait_period();
		CHECK_RANGE(figure("active_permille"), low, high);
	}
	check_interval();
	return nr;
}

static void settles_near(unsigned int percent, unsigned int bound,
			 unsigned int periods)
{
	unsigned int truth = percent * 10;
	char what[40];

	snprintf(what, sizeof(what), "%u %% in use", percent);
	settles(what, truth > bound ? truth - bound : 0,
		truth + bound < 1000 ? truth + bound : 1000, periods);
}

static void settles_at(unsigned int percent, unsigned int periods)
{
	settles_near(percent, BOUND, periods);
}

/*
 * Up, and down again. Where each page counts for itself an estimate that follows a
 * step is as good as the period's sample: of some 300 pages one in twenty is more than
 * BOUND off. (estimate_test has the statistics.)
 */
static void follow_steps(bool scattered)
{
	unsigned int bound = scattered ? 3 * BOUND : BOUND;

	use_pages(25, scattered);
	start();
	wait_period();
	settles_near(25, bound, UP_PERIODS);
	use_pages(50, scattered);
	settles_near(50, bound, UP_PERIODS);
	use_pages(75, scattered);
	settles_near(75, bound, UP_PERIODS);
	use_pages(25, scattered);
	settles_near(25, bound, DOWN_PERIODS);
	use_pages(75, scattered);
	settles_near(75, bound, UP_PERIODS);
}

TEST_SECS(pages, 300)
{
	set_up(false);
	follow_steps(true);
	tear_down();
}

TEST_SECS(blocks, 300)
{
	set_up(true);
	follow_steps(false);
	CHECK_EQ(gm_usage().blocks, NR_BLOCKS);
	/* Each can be mapped as one entry still. */
	ASSERT_OK(knob("enabled", "0"));
	for (__u64 at = 0; at < SIZE; at += BLOCK)
		get_byte(map + at);
	CHECK_EQ(smaps_kb(map, "FilePmdMapped"), SIZE / KIB);
	tear_down();
}

/* All of some blocks, page after page: not one page of each. */
TEST(swept_blocks)
{
	set_up(true);
	use_pages(50, false);
	sets[in_use == &sets[1]].swept = true;
	start();
	wait_period();
	settles_at(50, UP_PERIODS);
	tear_down();
}

/* A few pages of each block are not all of it. */
TEST(few_pages_of_each_block)
{
	struct rng rng = { opts.seed };
	struct set *set;

	set_up(true);
	set = next_set();
	for (unsigned int b = 0; b < NR_BLOCKS; b++)
		for (unsigned int i = 0; i < FEW; i++)
			set->pages[set->nr++] = b * PAGES_A_BLOCK + 1 +
				rng_below(&rng, PAGES_A_BLOCK - 2);
	in_use = set;
	start();
	wait_period();
	ktap_diag("%u of %llu pages in use: %llu permille", FEW,
		  PAGES_A_BLOCK, FEW * 1000 / PAGES_A_BLOCK);
	settles("few of each", FEW * 500 / PAGES_A_BLOCK,
		FEW * 1000 / PAGES_A_BLOCK + BOUND, UP_PERIODS);
	tear_down();
}

/* As a guest does whose page tables lie in the block that they map. */
TEST(blocks_entered_by_one_page)
{
	set_up(true);
	use_pages(50, false);
	sets[in_use == &sets[1]].entered = true;
	start();
	wait_period();
	settles_at(50, UP_PERIODS);
	tear_down();
}

/* Half of the blocks in use as a whole, and of the others two pages each. */
TEST(two_kinds_of_blocks)
{
	struct set *set;

	set_up(true);
	set = next_set();
	for (unsigned int i = 0; i < NR; i++)
		if (i / PAGES_A_BLOCK % 2 || i % PAGES_A_BLOCK / 2 == 50)
			set->pages[set->nr++] = i;
	in_use = set;
	start();
	wait_period();
	settles("two kinds", 502 - 2 * BOUND, 502 + 2 * BOUND, 2 * UP_PERIODS);
	tear_down();
}

/*
 * Mappings that cannot be put back are left as they are, and no claim is made about
 * what is in their blocks.
 */
TEST(locked_blocks_stay_whole)
{
	set_up(true);
	use_pages(50, false);
	ASSERT_OK(mlock(map, SIZE));
	CHECK_EQ(smaps_kb(map, "FilePmdMapped"), SIZE / KIB);
	start();
	wait_period();
	settles_at(50, UP_PERIODS);
	CHECK(figure("active_low") <= 10);
	CHECK(figure("active_high") >= 500);
	ASSERT_OK(knob("enabled", "0"));
	for (__u64 at = 0; at < SIZE; at += BLOCK)
		get_byte(map + at);
	CHECK_EQ(smaps_kb(map, "FilePmdMapped"), SIZE / KIB);
	tear_down();
}

TEST(nothing_in_use)
{
	set_up(false);
	start();
	wait_period();
	settles("nothing in use", 0, 10, UP_PERIODS);
	CHECK(figure("working_set") <= SIZE / 100);
	tear_down();
}

/*
 * The half that is not in use goes in the middle of a period. Were it counted,
 * a half would be in use.
 */
TEST(what_is_punched_is_not_counted)
{
	set_up(false);
	use_pages(50, false);
	start();
	ASSERT_OK(knob("period_ms", "4000"));
	wait_period();
	wait_period();
	CHECK_RANGE(figure("active_permille"), 500 - 2 * BOUND, 500 + 2 * BOUND);
	sleep_ms(500);
	gm_punch(fd, SIZE / 2, SIZE / 2);
	wait_period();
	CHECK_RANGE(figure("active_permille"), 1000 - BOUND, 1000);
	soft_fill(map + SIZE / 2, SIZE / 2, SIZE / 2, KEY);
	tear_down();
}

TEST(what_is_paged_out_is_not_counted)
{
	set_up(false);
	use_pages(50, false);
	start();
	wait_period();
	wait_period();
	CHECK_RANGE(figure("active_permille"), 500 - 2 * BOUND, 500 + 2 * BOUND);
	/* Of five eighths, four are in use. */
	CHECK(swap_squeeze(SIZE / 8 * 5));
	ktap_diag("%llu MiB are left",
		  (unsigned long long)gm_usage().resident / MIB);
	settles("paged out", 800 - 3 * BOUND, 800 + 3 * BOUND, 2 * UP_PERIODS);
	swap_limit(0);
	tear_down();
}

TEST(unknown_is_all)
{
	set_up(false);
	CHECK_EQ(figure("periods"), 0);
	CHECK_EQ(figure("active_permille"), 1000);
	CHECK_EQ(figure("active_low"), 0);
	CHECK_EQ(figure("active_high"), 1000);
	CHECK_EQ(figure("working_set"), SIZE);
	sample();
	wait_period();
	wait_period();
	CHECK(figure("active_permille") < 1000);
	ASSERT_OK(knob("enabled", "0"));
	CHECK_EQ(figure("periods"), 0);
	CHECK_EQ(figure("active_permille"), 1000);
	tear_down();
}

/* There is nothing to be had from a guest that holds next to nothing. */
TEST(small_guests_are_left_alone)
{
	gm_need_denseram();
	fd = gm_create("f", MIB);
	map = gm_map(fd, MIB);
	sample();
	for (int i = 0; i < 3; i++) {
		set_byte(map, 1);
		sleep_ms(PERIOD_MS);
	}
	CHECK_EQ(figure("periods"), 0);
	munmap(map, MIB);
	close(fd);
	ASSERT_OK(knob("enabled", "0"));
}

TEST(knobs_refuse)
{
	static const char *const wrong[] = {
		"", "x", "-1", "1s", "0x3e8", "1e3", "1.5", "1000 2000",
	};
	static const char *const beyond[] = {
		"0", "999", "60001", "4294967296", "99999999999999999999",
	};

	gm_need_denseram();
	ASSERT_OK(knob("period_ms", "1000"));
	ASSERT_OK(knob("enabled", "1"));
	for (size_t i = 1; i < ARRAY_SIZE(wrong); i++) {
		CHECK_EQ(knob("period_ms", wrong[i]), -EINVAL);
		CHECK_EQ(knob("enabled", wrong[i]), -EINVAL);
	}
	for (size_t i = 0; i < ARRAY_SIZE(beyond); i++)
		CHECK_EQ(knob("period_ms", beyond[i]), -ERANGE);
	CHECK_EQ(knob("enabled", "2"), -ERANGE);
	CHECK_EQ(knob_is("period_ms"), 1000);
	CHECK_EQ(knob_is("enabled"), 1);
	CHECK_OK(knob("period_ms", "60000"));
	CHECK_EQ(knob_is("period_ms"), 60000);
	CHECK_OK(knob("enabled", "0"));
	CHECK_EQ(knob_is("enabled"), 0);
}

#define WILD	(8 * BLOCK)

static void *mapper(void *arg)
{
	struct rng rng = { opts.seed + 7 };
	int wild = *(int *)arg;
	char *at;

	while (crew_goes_on(&crew)) {
		at = gm_map(wild, WILD);
		for (int i = 0; i < 1000; i++)
			try_write(at + rng_below(&rng, WILD), 1);
		if (rng_below(&rng, 2))
			madvise(at, WILD, MADV_DONTNEED);
		munmap(at, WILD);
	}
	return NULL;
}

static void *puncher(void *arg)
{
	struct rng rng = { opts.seed + 8 };
	int wild = *(int *)arg;
	__u64 from;

	while (crew_goes_on(&crew)) {
		from = rng_below(&rng, WILD / PAGE) * PAGE;
		if (rng_below(&rng, 8))
			gm_punch(wild, from, rng_below(&rng, 600) * PAGE + PAGE);
		else
			CHECK_OK(ftruncate(wild, from));
		CHECK_OK(ftruncate(wild, WILD));
	}
	return NULL;
}

static void *shaper(void *arg)
{
	(void)arg;
	while (crew_goes_on(&crew)) {
		gm_evacuate();
		gm_collapse();
	}
	return NULL;
}

/* Files with numbers that others have had. */
static void *creator(void *arg)
{
	char *at;
	int tmp;

	(void)arg;
	while (crew_goes_on(&crew)) {
		tmp = gm_create("brief", 2 * BLOCK);
		at = gm_map(tmp, 2 * BLOCK);
		memset(at, 1, 2 * BLOCK);
		sleep_ms(30);
		CHECK_OK(unlink(gm_path("brief")));
		close(tmp);
		munmap(at, 2 * BLOCK);
	}
	return NULL;
}

static void *switcher(void *arg)
{
	(void)arg;
	while (crew_goes_on(&crew)) {
		sleep_ms(2500);
		CHECK_OK(knob("enabled", "0"));
		CHECK_OK(knob("enabled", "1"));
	}
	return NULL;
}

/* Whoever may open the file does all he can while it is sampled. */
TEST(hostile_users)
{
	int wild;

	set_up(false);
	use_pages(50, true);
	start();
	wild = gm_create("wild", WILD);
	crew_add(&crew, mapper, &wild);
	crew_add(&crew, puncher, &wild);
	crew_add(&crew, creator, NULL);
	crew_add(&crew, shaper, NULL);
	crew_add(&crew, switcher, NULL);
	crew_work(&crew, 3000 * opts.secs);
	close(wild);
	tear_down();
}
