/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The program that fills, uses and checks the memory of a test guest.
 *
 * It is PID 1 of a guest's initramfs, or an ordinary process (--native).
 * Memory is an array of units (4 KiB, or less for small values) whose
 * content is a known function of a descriptor, so that every byte can be
 * checked at any time: see pattern.c and arena.c.
 */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MIB		(1024ul * 1024)
#define UNIT_PAGE	4096u

/* ---- options.c: "key=value" words, from argv or the kernel command line */

struct options {
	char mode[16];
	uint64_t seed;		/* everything random follows from it */
	uint64_t mem_mib;	/* size of the arena ... */
	uint64_t mem_pct;	/* ... or its share of MemAvailable */
	uint64_t secs;		/* how long to run; 0: until told to stop */
	uint64_t threads;
	uint64_t zero, same;	/* fill: percent of the pages */
	uint64_t ws_mib;	/* toucher: working set, 0: the whole arena */
	uint64_t rate;		/* operations a second, 0: full speed */
	uint64_t write;		/* percent of operations that write */
	uint64_t verify;	/* percent of the time spent on checks */
	uint64_t value;		/* zipf: bytes of a value */
	uint64_t chunk_kib;	/* file: bytes of one read */
	uint64_t dseed;		/* file: seed of the disk's content */
	uint64_t hold;		/* 1: begin when told to "go" */
	uint64_t text;		/* 1: what would be unique compresses well */
	uint64_t timed;		/* 1: note how long each operation takes */
	uint64_t burst_mib;	/* serve: memory taken besides, now and then ... */
	uint64_t period, duty;	/* ... each so many seconds, for a percentage of them */
	uint64_t offset;	/* seconds by which its periods are early */
	uint64_t age;		/* serve: 1: use all memory once before */
	uint64_t marks;		/* seconds between marks of its own accord */
	uint64_t corrupt;	/* self test: 1 at the end, 2 at the start */
	char disk[64];
	char load[128];		/* modules PID 1 loads, comma separated */
	char echo[48];		/* vsock:PORT or tcp:HOST:PORT */
	char ip[16];		/* own address on eth0 */
	char root[32];		/* PID 1: a disk with a root, which is to go on */
};

void options_init(struct options *opt);
/* Unknown words are refused when @prefix is empty, else only "prefix*" count */
int options_parse(struct options *opt, const char *word, const char *prefix);

/* ---- pattern.c: what a unit of memory holds */

enum kind {
	KIND_NONE,	/* never written: not checked */
	KIND_ZERO,
	KIND_SAME,	/* the same bytes in every guest */
	KIND_UNIQUE,
	KIND_TOUCH,	/* unique, but only the second word follows ->ver */
	KIND_DISK,	/* a page of the disk, the same for each reader */
	KIND_TEXT,	/* unique, but compresses well */
	KIND_BAD,	/* found wrong once: counted, not checked again */
};

struct desc {
	uint32_t id;
	uint32_t ver : 28;
	uint32_t kind : 4;
};

struct pattern {
	uint64_t head, ver, base;
};

uint64_t mix64(uint64_t x);
uint64_t rng_next(uint64_t *state);
struct pattern pattern_of(struct desc d, uint64_t seed);
uint64_t pattern_word(const struct pattern *p, size_t i);
void pattern_fill(uint64_t *mem, size_t words, struct desc d, uint64_t seed);
/* Index of the first wrong word, or -1 */
long pattern_check(const uint64_t *mem, size_t words, struct desc d,
		   uint64_t seed);

/* ---- arena.c: a piece of memory and what should be in it */

struct worker;

struct arena {
	unsigned char *mem;
	struct desc *desc;
	size_t unit;		/* bytes, a power of two */
	size_t nr;
	size_t first_id;	/* id of unit 0, so that slices differ */
	size_t cursor;		/* where the background check goes on */
};

int arena_init(struct arena *a, size_t bytes, size_t unit);
void arena_exit(struct arena *a);
void *arena_at(const struct arena *a, size_t i);
void arena_write(struct worker *w, size_t i, struct desc d);
bool arena_check(struct worker *w, size_t i);
/* Checks up to @max units from the cursor on */
void arena_check_some(struct worker *w, size_t max);
void arena_check_all(struct worker *w);
/* Counts unit @i as wrong at @word */
void arena_bad(struct worker *w, size_t i, size_t word);
void arena_corrupt(struct worker *w);

/* ---- latency.c: how long single operations take */

/*
 * Bucket 0 is below LATENCY_FLOOR_US; each four buckets more mean twice the time.
 * The last one has no end.
 */
#define LATENCY_FLOOR_US	8
#define LATENCY_BUCKETS		73

/* The next operation begins now */
void latency_begin(struct worker *w);
/* It has ended, and another one may begin */
void latency_note(struct worker *w);
/* One that took so long */
void latency_add(struct worker *w, double seconds);

/* ---- worker.c: one thread, its slice of the memory and its mode */

struct mode {
	const char *name;
	/* Writes the memory; its time counts when there is no ->step */
	int (*setup)(struct worker *w);
	/* A small batch of operations; returns how many */
	unsigned int (*step)(struct worker *w);
	unsigned int verify;	/* default of options.verify */
	bool small_units;	/* units of options.value bytes, not pages */
	bool paced;		/* ->step waits itself: no rate, no checks besides */
};

struct worker {
	atomic_int state;	/* enum worker_state */
	const struct options *opt;
	const struct mode *mode;
	struct arena arena;
	unsigned int index;
	uint64_t seed;
	uint64_t rng;
	void *priv;		/* of the mode */
	double setup_s;
	uint64_t since;		/* nanoseconds: the last operation ended */
	atomic_uint took[LATENCY_BUCKETS];
	atomic_size_t ops;
	atomic_size_t asked;	/* serve: of it, in the same time */
	atomic_size_t verified;	/* bytes */
	atomic_size_t sweeps;	/* times all memory was checked */
};

enum worker_state { WORKER_SETUP, WORKER_READY, WORKER_DONE, WORKER_FAILED };

extern atomic_bool stop_workers;
/* toucher: working set the host has asked for since, 0: as the options say */
extern atomic_size_t ws_mib_now;
void *worker_run(void *arg);
/* serve: when the host last said "wake", by now_s(); 0: it has not */
extern _Atomic double wake_asked_s;
/* serve: the host has said "burst on" or "burst off"; else they go by the clock */
enum { BURST_BY_CLOCK, BURST_ON, BURST_OFF };
extern atomic_int burst_told;
double now_s(void);
void sleep_s(double s);

extern const struct mode mode_idle, mode_fill, mode_toucher, mode_zipf,
			 mode_file, mode_wait, mode_reread, mode_mix, mode_serve;
unsigned int fill_plain(struct worker *w, enum kind kind);
enum kind unique_kind(const struct options *opt);
enum kind fill_kind(const struct options *opt, uint32_t id);
int disk_make(const char *path, uint64_t mib, uint64_t dseed, enum kind kind);

/* ---- echo.c: a stream to the host and back */

extern atomic_size_t echoed_bytes;
int echo_start(const struct options *opt);
void echo_join(const struct options *opt);

/* ---- report.c: lines that scripts read */

struct totals {
	double t;		/* since the workers were ready */
	double run_s, setup_s;
	uint64_t ops, asked, verified, sweeps, arena;
	uint64_t took[LATENCY_BUCKETS];
};

extern atomic_size_t bad_units;
int report_open(const char *path);
void report_error(const char *what);
void report_start(const struct options *opt);
void report_ready(const struct options *opt, const struct totals *now);
void report_second(const struct options *opt, const struct totals *now,
		   const struct totals *last);
void report_mark(const struct totals *now, unsigned int nr);
void report_wake(double seconds);
void report_final(const struct options *opt, const struct totals *sum);
void report_bad(const void *addr, struct desc d, size_t offset, uint64_t want,
		const uint64_t *unit);
uint64_t meminfo_kib(const char *key);

/* ---- init.c: what PID 1 has to do besides */

void init_mount(void);
void init_options(struct options *opt);
void init_load_modules(const char *list);
/* Returns only if that root cannot be entered, or has no program for it */
void init_enter(const char *device);
_Noreturn void init_poweroff(void);

#endif
