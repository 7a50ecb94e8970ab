// SPDX-License-Identifier: GPL-2.0-only
/*
 * native - the price of finding equal pages on this machine's own processor.
 * One line of JSON a measurement. Times are of the thread's CPU clock, so that
 * other work on the machine costs cache, not time.
 *
 * usage: native [--mib N] [--reps N] [--seed N] [--entries N]
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <x86intrin.h>

#include "scan.h"

static struct {
	u64 mib;
	u64 reps;
	u64 seed;
	u64 entries;
} opt = { .mib = 1024, .reps = 7, .seed = 42, .entries = 100000000 };

static double cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* What a pair of readings of the counter takes, to be left out. */
static double ticks_empty(void)
{
	unsigned int cpu;
	u64 least = ~0ULL;

	for (int i = 0; i < 100000; i++) {
		u64 since = __rdtscp(&cpu), ticks = __rdtscp(&cpu) - since;

		if (ticks < least)
			least = ticks;
	}
	return least;
}

static double ticks_per_ns(void)
{
	double start = cpu_seconds();
	u64 ticks = __rdtsc();

	while (cpu_seconds() - start < 0.2)
		;
	return (__rdtsc() - ticks) / ((cpu_seconds() - start) * 1e9);
}

static void check_scan(const struct scan *s, const struct pages *p)
{
	if (!s->unlike && !s->zero && s->merged <= p->copies)
		return;
	fprintf(stderr, "native: %u of %u merged, %u unlike, %u zero\n",
		s->merged, p->copies, s->unlike, s->zero);
	exit(1);
}

static void measure_whole(const struct pages *p, u32 percent, u64 rep)
{
	struct table t;
	struct scan s;
	double took;

	table_init(&t, p->nr, p->nr);
	took = -cpu_seconds();
	scan_whole(&s, p, &t, opt.seed);
	took += cpu_seconds();
	check_scan(&s, p);
	printf("{\"what\":\"scan\",\"dup\":%u,\"rep\":%llu,\"gib_per_s\":%.4f,\"ns_per_page\":%.2f,\"copies\":%u,\"merged\":%u,\"held\":%llu,\"bytes_per_page\":%.3f}\n",
	       percent, rep, p->nr * 4096.0 / (1 << 30) / took,
	       took * 1e9 / p->nr, p->copies, s.merged, table_held(&t),
	       (double)table_bytes(&t) / p->nr);
	table_exit(&t);
}

static void measure_split(const struct pages *p, u32 percent, u64 rep)
{
	static const char *const names[] = {
		"zero", "hash", "find", "compare", "put",
	};
	double per_ns = ticks_per_ns(), empty = ticks_empty();
	struct table t;
	struct scan s;

	table_init(&t, p->nr, p->nr);
	scan_split(&s, p, &t, opt.seed);
	table_exit(&t);
	check_scan(&s, p);
	printf("{\"what\":\"split\",\"dup\":%u,\"rep\":%llu", percent, rep);
	for (int i = 0; i < SCAN_NR_STEPS; i++) {
		/* Each page is compared at most once, and mostly put. */
		double times = i == SCAN_COMPARE ? s.merged : p->nr;
		double ticks = s.ticks[i] - times * empty;

		printf(",\"%s\":%.2f", names[i],
		       ticks > 0 ? ticks / per_ns / p->nr : 0);
	}
	puts("}");
}

static void measure_scans(void)
{
	static const u32 percents[] = { 0, 30, 70 };
	struct pages p;

	pages_init(&p, opt.mib << 8);
	for (size_t i = 0; i < ARRAY_SIZE(percents); i++) {
		pages_fill(&p, opt.seed, percents[i]);
		for (u64 rep = 1; rep <= opt.reps; rep++) {
			measure_whole(&p, percents[i], rep);
			measure_split(&p, percents[i], rep);
			fflush(stdout);
		}
	}
	pages_exit(&p);
}

/* Nanoseconds a key to look for what is not there and put it, as for a new page. */
static double time_new(struct table *t, u64 from, u64 nr)
{
	double took = -cpu_seconds();
	struct dr_item item;

	for (u64 i = from; i < from + nr; i++) {
		u64 key = nth_random(opt.seed + i);

		if (!table_find(t, key, &item))
			table_put(t, key, dr_item_hint(1, i));
	}
	return (took + cpu_seconds()) * 1e9 / nr;
}

/* Nanoseconds a key to find what is there, in random order. */
static double time_found(struct table *t, u64 held, u64 nr)
{
	double took = -cpu_seconds();
	struct dr_item item;
	u64 found = 0;

	for (u64 i = 0; i < nr; i++)
		found += table_find(t, nth_random(opt.seed +
						  nth_random(i) % held), &item);
	took += cpu_seconds();
	if (found < nr - nr / 100) {
		fprintf(stderr, "native: %llu of %llu found\n", found, nr);
		exit(1);
	}
	return took * 1e9 / nr;
}

/* @nr new ones and away again, over and over. */
static void measure_table(u64 held)
{
	u64 nr = held / 20 < 200000 ? held / 20 : 200000;
	struct table t;
	double fill;

	table_init(&t, held, 2 * held);
	fill = time_new(&t, 0, held);
	for (u64 rep = 1; rep <= 4 * opt.reps; rep++) {
		double fresh = time_new(&t, held, nr);

		printf("{\"what\":\"table\",\"entries\":%llu,\"rep\":%llu,\"new_ns\":%.2f,\"found_ns\":%.2f,\"fill_ns\":%.2f,\"bytes_per_entry\":%.3f}\n",
		       held, rep, fresh, time_found(&t, held, nr), fill,
		       (double)table_bytes(&t) / table_held(&t));
		for (u64 i = held; i < held + nr; i++)
			table_remove(&t, nth_random(opt.seed + i),
				     dr_item_hint(1, i));
	}
	fflush(stdout);
	table_exit(&t);
}

/* How long a lock is held while a stripe of 4096 slots gets a quarter more. */
static void measure_rehash(void)
{
	const u32 from = 832, to = 1088;

	for (u64 rep = 1; rep <= 50 * opt.reps; rep++) {
		struct dr_stripe s = {
			.buckets = buckets_new(from), .nr_buckets = from,
		};
		struct dr_bucket *old = s.buckets, *buckets = buckets_new(to);
		double took;

		for (u32 i = 0; i < from * DR_BUCKET_SLOTS * 17 / 20; i++)
			dr_stripe_put(&s, nth_random(rep << 32 | i),
				      dr_item_hint(1, i), true);
		took = -cpu_seconds();
		dr_stripe_rehash(&s, buckets, to);
		took += cpu_seconds();
		printf("{\"what\":\"rehash\",\"rep\":%llu,\"entries\":%u,\"us\":%.2f}\n",
		       rep, s.nr_hints, took * 1e6);
		free(old);
		free(buckets);
	}
}

static void parse_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "mib", required_argument, NULL, 'm' },
		{ "reps", required_argument, NULL, 'r' },
		{ "seed", required_argument, NULL, 's' },
		{ "entries", required_argument, NULL, 'e' },
		{ }
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		u64 value = optarg ? strtoull(optarg, NULL, 0) : 0;

		switch (c) {
		case 'm':
			opt.mib = value;
			break;
		case 'r':
			opt.reps = value;
			break;
		case 's':
			opt.seed = value;
			break;
		case 'e':
			opt.entries = value;
			break;
		default:
			exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	parse_options(argc, argv);
	measure_scans();
	measure_rehash();
	for (u64 n = 100000; n <= opt.entries; n *= 10)
		measure_table(n);
	return 0;
}
