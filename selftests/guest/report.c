// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines that scripts read: "@dr " and one JSON object each.
 *
 * Each line is one write(2), so that kernel messages on the same console
 * cannot land inside it.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "workload.h"

#define BAD_DETAILS 8

atomic_size_t bad_units;
static int report_fd = STDOUT_FILENO;

int report_open(const char *path)
{
	report_fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	return report_fd < 0 ? -1 : 0;
}

/* A line under construction; what does not fit is cut */
struct line {
	char text[1600];
	size_t len;
	char separator;
};

static void __attribute__((format(printf, 2, 3)))
add(struct line *l, const char *fmt, ...)
{
	size_t room = sizeof(l->text) - l->len - 1;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(l->text + l->len, room, fmt, args);
	va_end(args);
	if (n > 0)
		l->len += (size_t)n < room ? (size_t)n : room - 1;
}

static struct line begin(void)
{
	struct line l = { .separator = '{' };

	add(&l, "@dr ");
	return l;
}

static void add_key(struct line *l, const char *key)
{
	add(l, "%c\"%s\":", l->separator, key);
	l->separator = ',';
}

static void add_text(struct line *l, const char *key, const char *value)
{
	add_key(l, key);
	add(l, "\"%s\"", value);
}

static void add_true(struct line *l, const char *key)
{
	add_key(l, key);
	add(l, "true");
}

static void add_number(struct line *l, const char *key, uint64_t value)
{
	add_key(l, key);
	add(l, "%" PRIu64, value);
}

static void add_real(struct line *l, const char *key, double value)
{
	add_key(l, key);
	add(l, "%.3f", value);
}

static void add_hex(struct line *l, const char *key, uint64_t value)
{
	add_key(l, key);
	add(l, "\"%016" PRIx64 "\"", value);
}

static void end(struct line *l)
{
	add(l, "}");
	l->text[l->len++] = '\n';
	if (write(report_fd, l->text, l->len) < 0)
		return;	/* nobody to tell */
}

void report_error(const char *what)
{
	struct line l = begin();

	add_text(&l, "error", what);
	end(&l);
}

uint64_t meminfo_kib(const char *key)
{
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128];
	uint64_t kib = 0;
	size_t len = strlen(key);

	while (f && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, key, len) && line[len] == ':') {
			sscanf(line + len + 1, "%" SCNu64, &kib);
			break;
		}
	}
	if (f)
		fclose(f);
	return kib;
}

/*
 * Interrupts by which KVM says that a page is there that had to be waited for
 * (asynchronous page faults), all CPUs together.
 */
static uint64_t async_faults(void)
{
	FILE *f = fopen("/proc/interrupts", "re");
	uint64_t sum = 0, n;
	char line[512], *at;
	int len;

	while (f && fgets(line, sizeof(line), f)) {
		at = strstr(line, "HYP:");
		if (!at)
			continue;
		for (at += 4; sscanf(at, " %" SCNu64 "%n", &n, &len) == 1;
		     at += len)
			sum += n;
	}
	if (f)
		fclose(f);
	return sum;
}

static double uptime_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* "wall" lets the host measure from the start of the VMM: kvm-clock is exact */
void report_start(const struct options *opt)
{
	struct line l = begin();
	struct timespec wall;

	clock_gettime(CLOCK_REALTIME, &wall);
	add_true(&l, "boot");
	add_text(&l, "mode", opt->mode);
	add_real(&l, "boot_s", uptime_s());
	add_real(&l, "wall", wall.tv_sec + wall.tv_nsec / 1e9);
	add_number(&l, "mem_total_kib", meminfo_kib("MemTotal"));
	add_number(&l, "mem_available_kib", meminfo_kib("MemAvailable"));
	add_number(&l, "seed", opt->seed);
	end(&l);
}

void report_ready(const struct options *opt, const struct totals *now)
{
	struct line l = begin();

	add_true(&l, "ready");
	add_text(&l, "mode", opt->mode);
	add_real(&l, "uptime_s", uptime_s());
	add_real(&l, "setup_s", now->setup_s);
	add_real(&l, "arena_mib", now->arena / (double)MIB);
	add_number(&l, "bad", bad_units);
	end(&l);
}

void report_second(const struct options *opt, const struct totals *now,
		   const struct totals *last)
{
	double dt = now->t - last->t;
	struct line l = begin();

	add_real(&l, "t", now->t);
	add_text(&l, "mode", opt->mode);
	add_number(&l, "ops", now->ops);
	add_number(&l, "ops_per_s",
		   dt > 0 ? (now->ops - last->ops) / dt : 0);
	add_number(&l, "bad", bad_units);
	add_number(&l, "verified_mib", now->verified / MIB);
	add_number(&l, "sweeps", now->sweeps);
	add_real(&l, "echoed_mib", echoed_bytes / (double)MIB);
	add_number(&l, "async_faults", async_faults());
	end(&l);
}

/* Asked for by the host: exact counts at one moment, for differences */
void report_mark(const struct totals *now, unsigned int nr)
{
	struct line l = begin();
	unsigned int b;
	char sep = '{';

	add_number(&l, "mark", nr);
	add_real(&l, "t", now->t);
	add_number(&l, "ops", now->ops);
	if (now->asked)
		add_number(&l, "asked", now->asked);
	add_number(&l, "bad", bad_units);
	add_key(&l, "took");
	for (b = 0; b < LATENCY_BUCKETS; b++) {
		if (!now->took[b])
			continue;
		add(&l, "%c\"%u\":%" PRIu64, sep, b, now->took[b]);
		sep = ',';
	}
	add(&l, sep == '{' ? "{}" : "}");
	end(&l);
}

void report_wake(double seconds)
{
	struct line l = begin();

	add_real(&l, "wake_s", seconds);
	add_number(&l, "bad", bad_units);
	end(&l);
}

void report_final(const struct options *opt, const struct totals *sum)
{
	struct line l = begin();

	add_true(&l, "final");
	add_text(&l, "mode", opt->mode);
	add_number(&l, "seed", opt->seed);
	add_number(&l, "ops", sum->ops);
	add_real(&l, "ops_per_s", sum->run_s > 0 ? sum->ops / sum->run_s : 0);
	add_real(&l, "run_s", sum->run_s);
	add_real(&l, "setup_s", sum->setup_s);
	add_number(&l, "bad", bad_units);
	add_real(&l, "arena_mib", sum->arena / (double)MIB);
	add_number(&l, "verified_mib", sum->verified / MIB);
	add_number(&l, "sweeps", sum->sweeps);
	add_real(&l, "echoed_mib", echoed_bytes / (double)MIB);
	end(&l);
}

/* What is there now is printed too: words 0 and 1 tell whose bytes they are */
void report_bad(const void *addr, struct desc d, size_t offset, uint64_t want,
		const uint64_t *unit)
{
	struct line l = begin();

	if (++bad_units > BAD_DETAILS)
		return;
	add_hex(&l, "bad_page", (uintptr_t)addr);
	add_number(&l, "kind", d.kind);
	add_number(&l, "id", d.id);
	add_number(&l, "ver", d.ver);
	add_number(&l, "offset", offset);
	add_hex(&l, "want", want);
	add_hex(&l, "got", unit[offset / sizeof(*unit)]);
	add_hex(&l, "word0", unit[0]);
	add_hex(&l, "word1", unit[1]);
	end(&l);
}
