// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tracepoints say what happened, to which guest, file and page. In a
 * buffer of our own: whoever traces the host meanwhile is not disturbed.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "lib/gmem.h"
#include "lib/share.h"

#define TRACING		"/sys/kernel/tracing"
#define INSTANCE	TRACING "/instances/denseram_test"
#define TEXT_SIZE	(8 * MIB)

#define NR	16
#define SIZE	(NR * PAGE)

static char *text;	/* what was traced, as traced() has read it last */
static __u64 guest;

/* One that a failed test has left pins the module. */
__attribute__((destructor)) static void trace_end(void)
{
	rmdir(INSTANCE);
}

static void trace_begin(void)
{
	trace_end();
	gm_need_denseram();
	if (mkdir(INSTANCE, 0700))
		ktap_skip("no instances of tracefs at " TRACING);
	text = malloc(TEXT_SIZE);
	ASSERT(text);
	guest = gm_id();
	ASSERT_OK(write_text(INSTANCE "/buffer_size_kb", "4096"));
}

static void trace_event(const char *name)
{
	char path[200];

	snprintf(path, sizeof(path), INSTANCE "/events/denseram/%s/enable",
		 name);
	ASSERT_OK(write_text(path, "1"));
}

static void read_trace(void)
{
	ASSERT_OK(read_text(INSTANCE "/trace", text, TEXT_SIZE));
}

/*
 * Events of the test's guest in @text: all those with this name and these
 * last fields; of one page unless @index is negative, of one file unless @ino
 * is 0.
 */
static unsigned int count_events(const char *name, unsigned long ino,
				 long index, const char *rest)
{
	unsigned long at_ino, at_index;
	char mark[40], *line = text;
	unsigned int nr = 0;
	__u64 id;
	int len;

	snprintf(mark, sizeof(mark), ": %s: ", name);
	while ((line = strstr(line, mark))) {
		line += strlen(mark);
		len = 0;
		sscanf(line, "guest=%llu ino=%lu index=%lu %n", &id, &at_ino,
		       &at_index, &len);
		if (!CHECK(len))
			break;
		nr += id == guest && (!ino || ino == at_ino) &&
		      (index < 0 || (unsigned long)index == at_index) &&
		      !strncmp(line + len, rest, strlen(rest)) &&
		      line[len + strlen(rest)] == '\n';
	}
	return nr;
}

static unsigned int traced(const char *name, unsigned long ino, long index,
			   const char *rest)
{
	read_trace();
	return count_events(name, ino, index, rest);
}

/* Each page of a file has one such event. */
static void check_pages(const char *name, unsigned long ino,
			unsigned long pages, const char *rest)
{
	read_trace();
	for (unsigned long i = 0; i < pages; i++)
		if (!CHECK_EQ(count_events(name, ino, i, rest), 1))
			ktap_diag("%s of page %lu, %s", name, i, rest);
}

static unsigned long ino_of(int fd)
{
	struct stat st;

	ASSERT_OK(fstat(fd, &st));
	return st.st_ino;
}

static bool so_many_shared(void *arg)
{
	return gm_usage().shared == *(__u64 *)arg;
}

static void share_until(__u64 pages)
{
	share_set("enabled", "1");
	share_set("interval", "1");
	CHECK(poll_until(so_many_shared, &pages, 60000));
	CHECK_EQ(gm_usage().shared, pages);
}

/* Both sides of a merge, and both ends of sharing. */
TEST(merge_and_break)
{
	int fd[2];
	char *map[2];

	trace_begin();
	share_set("enabled", "0");
	for (int i = 0; i < 2; i++) {
		fd[i] = gm_create(i ? "b" : "a", SIZE);
		map[i] = gm_map(fd[i], SIZE);
		pat_fill(map[i], SIZE, 0, 30);
	}
	trace_event("dr_merge");
	trace_event("dr_break");
	share_until(2 * NR);
	share_set("enabled", "0");
	check_pages("dr_merge", ino_of(fd[0]), NR, "err=0");
	check_pages("dr_merge", ino_of(fd[1]), NR, "err=0");
	CHECK_EQ(gm_event(DR_EV_SHARE_MERGE), 2 * NR);
	CHECK_EQ(traced("dr_break", 0, -1, "claimed=0"), 0);
	for (int i = 0; i < NR; i++)
		map[0][i * PAGE]++;
	check_pages("dr_break", ino_of(fd[0]), NR, "claimed=0");
	/* The last user has nobody to leave a copy to. */
	for (int i = 0; i < NR; i++)
		map[1][i * PAGE]++;
	check_pages("dr_break", ino_of(fd[1]), NR, "claimed=1");
	CHECK_EQ(count_events("dr_break", 0, -1, "claimed=0"), NR);
	CHECK_EQ(count_events("dr_break", 0, -1, "claimed=1"), NR);
	trace_end();
}

/* Blocks that the scanner is looking at stay, this time. */
static bool all_evacuated(void *arg)
{
	(void)arg;
	gm_evacuate();
	return !gm_usage().blocks;
}

/* A block that is broken up joins pages that others share, one by one. */
TEST(evacuate_and_collapse)
{
	const __u64 size = 2 * BLOCK;
	int fd, block;
	char *map, *at;

	gm_need_blocks();
	trace_begin();
	share_set("enabled", "0");
	share_set("block_gain", "100");
	fd = gm_create("a", SIZE);
	map = gm_map(fd, SIZE);
	memset(map, 0x5a, SIZE);
	share_until(NR);
	share_set("enabled", "0");
	block = gm_create("b", size);
	at = gm_map(block, size);
	pat_fill(at, size, 0, 31);
	memset(at, 0x5a, SIZE);
	CHECK_EQ(gm_usage().blocks, 2);
	trace_event("dr_merge");
	trace_event("dr_evacuate");
	trace_event("dr_collapse");
	share_set("enabled", "1");
	CHECK(poll_until(all_evacuated, NULL, 30000));
	share_set("enabled", "0");
	CHECK_EQ(traced("dr_evacuate", ino_of(block), 0, "err=0"), 1);
	CHECK_EQ(count_events("dr_evacuate", ino_of(block), PAGES_A_BLOCK,
			      "err=0"), 1);
	CHECK_EQ(count_events("dr_evacuate", 0, -1, "err=0"), 2);
	CHECK_EQ(gm_usage().shared, 2 * NR);
	check_pages("dr_merge", ino_of(block), NR, "err=0");
	gm_collapse();
	/* The first range is not private all over. */
	CHECK_EQ(gm_usage().blocks, 1);
	CHECK_EQ(traced("dr_collapse", ino_of(block), PAGES_A_BLOCK, "err=0"),
		 1);
	CHECK_EQ(count_events("dr_collapse", 0, -1, "err=0"), 1);
	trace_end();
}

TEST(faults)
{
	char *map;
	int fd;

	trace_begin();
	fd = gm_create("f", SIZE);
	map = gm_map(fd, 2 * SIZE);
	trace_event("dr_fault");
	set_byte(map + 3 * PAGE, 1);
	get_byte(map + 5 * PAGE);
	CHECK_EQ(try_read(map + SIZE), SIGBUS);
	CHECK_EQ(traced("dr_fault", ino_of(fd), 3, "write=1 err=0"), 1);
	CHECK_EQ(count_events("dr_fault", ino_of(fd), 5, "write=0 err=0"), 1);
	CHECK_EQ(count_events("dr_fault", ino_of(fd), NR, "write=0 err=-34"),
		 1);
	CHECK_EQ(count_events("dr_fault", 0, 4, "write=0 err=0"), 0);
	trace_end();
}

TEST(trims)
{
	struct iovec iov = { .iov_len = PAGE };
	int fd, pipes[2];
	char *map;

	trace_begin();
	fd = gm_create("f", SIZE);
	map = gm_map(fd, SIZE);
	gm_no_scan();
	pat_fill(map, SIZE, 0, 32);
	memset(map + 2 * PAGE, 0, 2 * PAGE);
	ASSERT_OK(pipe(pipes));
	iov.iov_base = map + 3 * PAGE;
	ASSERT(vmsplice(pipes[1], &iov, 1, 0) == (ssize_t)PAGE);
	trace_event("dr_trim");
	CHECK_EQ(gm_trim(DR_TRIM_ZERO).freed, 1);
	CHECK_EQ(traced("dr_trim", ino_of(fd), 2, "err=0"), 1);
	CHECK_EQ(count_events("dr_trim", ino_of(fd), 3, "err=-16"), 1);
	CHECK_EQ(count_events("dr_trim", ino_of(fd), -1, "err=0"), 1);
	close(pipes[0]);
	close(pipes[1]);
	trace_end();
}

static bool period_is_traced(void *arg)
{
	unsigned int samples, back, looks, touched, changed, part, low, high;
	char *line, want[40];

	(void)arg;
	read_trace();
	snprintf(want, sizeof(want), ": dr_wss: guest=%llu ",
		 (unsigned long long)guest);
	line = strstr(text, want);
	if (!line)
		return false;
	CHECK_EQ(sscanf(line + strlen(want),
			"samples=%u back=%u looks=%u touched=%u changed=%u part=%u low=%u high=%u",
			&samples, &back, &looks, &touched, &changed, &part, &low,
			&high), 8);
	CHECK(samples >= 64);
	/* Nobody has touched a page since it was filled. */
	CHECK_EQ(back, 0);
	CHECK_EQ(looks, 0);
	CHECK_EQ(touched, 0);
	CHECK_EQ(changed, 0);
	CHECK_EQ(part, 0);
	CHECK_EQ(low, 0);
	CHECK(high > 0 && high <= 65536);
	return true;
}

TEST(periods)
{
	int fd;

	trace_begin();
	fd = gm_create("f", 2 * MIB);
	gm_pwrite_pattern(fd, 2 * MIB, 0, 33);
	trace_event("dr_wss");
	ASSERT_OK(write_text(SYSFS "/wss/period_ms", "1000"));
	ASSERT_OK(write_text(SYSFS "/wss/enabled", "1"));
	CHECK(poll_until(period_is_traced, NULL, 30000));
	CHECK_OK(write_text(SYSFS "/wss/enabled", "0"));
	CHECK_OK(write_text(SYSFS "/wss/period_ms", "10000"));
	trace_end();
}
