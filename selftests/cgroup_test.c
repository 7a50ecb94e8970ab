// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose memory it is: charged to the memory cgroup of who touches it first,
 * bounded by its limit, given back when it is freed; and taken from the NUMA
 * nodes that the mapping's policy names.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <linux/mempolicy.h>
#include <sys/syscall.h>

#include "lib/cgroup.h"
#include "lib/gmem.h"
#include "lib/share.h"

#define RW	(PROT_READ | PROT_WRITE)
#define SMALL	(16 * MIB)
#define LARGE	(128 * MIB)
#define LIMIT	"50331648"	/* 48 MiB, between the two */

/* With a limit. */
static void make_group(void)
{
	cgroup_make();
	ASSERT(write_text(cgroup_file("memory.max"), LIMIT) == 0);
	/* No way out: the test is about the limit. */
	write_text(cgroup_file("memory.swap.max"), "0");
}

static bool nearly_empty(void *arg)
{
	(void)arg;
	return cgroup_bytes() < 2 * MIB;
}

static long long event(const char *name)
{
	char text[500], *line;

	CHECK_EQ(read_text(cgroup_file("memory.events"), text, sizeof(text)), 0);
	line = strstr(text, name);
	return line ? atoll(line + strlen(name) + 1) : -1;
}

/**
 * struct toucher - what the child in the cgroup does
 * @fd: the file
 * @size: bytes to touch
 * @skew: alignment of the mapping
 * @by: by mapping, write(2) or fallocate(2)
 */
struct toucher {
	int fd;
	size_t size;
	size_t skew;
	enum { BY_MAP, BY_WRITE, BY_FALLOCATE } by;
};

/* 3: the right error for it; 4: another one. */
static int no_memory(void)
{
	return errno == ENOMEM || errno == ENOSPC ? 3 : 4;
}

static int touch(void *arg)
{
	struct toucher *t = arg;
	char *map, buf[PAGE] = "x";

	if (cgroup_enter())
		return 2;
	if (t->by == BY_FALLOCATE)
		return fallocate(t->fd, 0, 0, t->size) ? no_memory() : 0;
	map = gm_map_skew(t->fd, t->size, 0, RW, t->skew);
	for (size_t at = 0; at < t->size; at += PAGE) {
		if (t->by == BY_MAP)
			set_byte(map + at, 1);
		else if (pwrite(t->fd, buf, PAGE, at) != (ssize_t)PAGE)
			return no_memory();
	}
	return 0;
}

static void charged_while_it_lives(struct toucher t)
{
	__u64 before, low = SMALL, high = SMALL + 4 * MIB;

	make_group();
	t.size = SMALL;
	t.fd = gm_create("f", SMALL);
	before = cgroup_bytes();
	CHECK_EQ(in_child(touch, &t), 0);
	/* The process is gone, its memory is not. */
	CHECK_RANGE(cgroup_bytes() - before, low - MIB / 2, high);
	CHECK_EQ(gm_usage().resident, SMALL);
	gm_punch(t.fd, 0, SMALL / 2);
	CHECK_RANGE(cgroup_bytes() - before, low / 2 - MIB / 2, high);
	close(t.fd);
	ASSERT_OK(unlink(gm_path("f")));
	if (!CHECK(poll_until(nearly_empty, NULL, 30000)))
		ktap_diag("memory.current is %llu", cgroup_bytes());
	CHECK_EQ(event("oom_kill"), 0);
	cgroup_remove();
}

TEST(charged_pages)
{
	charged_while_it_lives((struct toucher){ .skew = PAGE });
}

TEST(charged_blocks)
{
	charged_while_it_lives((struct toucher){ .skew = 0 });
}

TEST(charged_writes)
{
	charged_while_it_lives((struct toucher){ .by = BY_WRITE });
}

TEST(charged_fallocate)
{
	charged_while_it_lives((struct toucher){ .by = BY_FALLOCATE });
}

/* Their pages are counted one by one. */
static bool halves_left(void *arg)
{
	struct dr_usage u = gm_usage();

	(void)arg;
	return u.blocks == 0 && u.pages == SMALL / PAGE / 2;
}

/* Blocks broken up by a kernel thread: the copies are the same group's. */
TEST(charged_copies)
{
	struct toucher t = { .skew = 0 };
	__u64 before;

	make_group();
	t.size = SMALL;
	t.fd = gm_create("f", SMALL);
	before = cgroup_bytes();
	CHECK_EQ(in_child(touch, &t), 0);
	if (!gm_usage().blocks)
		ktap_skip("no 2 MiB block to be had");
	for (__u64 at = 0; at < SMALL; at += BLOCK)
		gm_punch(t.fd, at, BLOCK / 2);
	CHECK(poll_until(halves_left, NULL, 20000));
	CHECK_EQ(gm_usage().pages, SMALL / PAGE / 2);
	CHECK_RANGE(cgroup_bytes() - before, SMALL / 2 - MIB / 2, SMALL / 2 + MIB);
	close(t.fd);
	ASSERT_OK(unlink(gm_path("f")));
	CHECK(poll_until(nearly_empty, NULL, 30000));
	cgroup_remove();
}

/**
 * struct holder - a child in the cgroup that keeps a file mapped
 * @t: what it touches first; then the file has the pages of pattern 1
 * @ready: it writes a byte here when it has
 * @end: it ends when this is closed
 */
struct holder {
	struct toucher t;
	int ready[2];
	int end[2];
};

static int hold(void *arg)
{
	struct holder *h = arg;
	char *map, byte = 0;

	if (cgroup_enter())
		return 2;
	close(h->end[1]);
	map = gm_map_skew(h->t.fd, h->t.size, 0, RW, PAGE);
	pat_fill(map, h->t.size, 0, 1);
	if (write(h->ready[1], &byte, 1) != 1)
		return 3;
	return read(h->end[0], &byte, 1) == 0 ? 0 : 4;
}

/* The table of contents is bounded: a few may be found late. */
static bool most_shared(void *arg)
{
	(void)arg;
	return gm_usage().shared >= SMALL / PAGE / 10 * 9;
}

/* Sharing ends by somebody else's order: the guest's cgroup pays the copies. */
TEST_SECS(charged_unsharing, 240)
{
	struct holder h = { .t.size = SMALL };
	char dir[300], file[320], byte;
	__u64 shared, before;
	pid_t child;
	char *map;
	int fd;

	make_group();
	share_set("interval", "1");
	share_set("enabled", "1");
	/* Another guest, of no cgroup, holds the same bytes. */
	snprintf(dir, sizeof(dir), "%s.b", gm_dir);
	snprintf(file, sizeof(file), "%s/g", dir);
	ASSERT_OK(mkdir(dir, 0755));
	fd = open(file, O_RDWR | O_CREAT, 0600);
	ASSERT(fd >= 0);
	ASSERT_OK(ftruncate(fd, SMALL));
	map = gm_map_skew(fd, SMALL, 0, RW, PAGE);
	pat_fill(map, SMALL, 0, 1);
	h.t.fd = gm_create("f", SMALL);
	ASSERT_OK(pipe(h.ready));
	ASSERT_OK(pipe(h.end));
	child = spawn(hold, &h);
	close(h.end[0]);
	ASSERT(read(h.ready[0], &byte, 1) == 1);
	CHECK(poll_until(most_shared, NULL, 120000));
	share_set("enabled", "0");
	before = cgroup_bytes();
	shared = gm_usage().shared * PAGE;
	CHECK_EQ(share_mode(gm_name, "off"), 0);
	CHECK_EQ(gm_usage().shared, 0);
	CHECK_RANGE(cgroup_bytes() - before, shared - MIB, shared + MIB);
	close(h.end[1]);
	CHECK_EQ(join(child), 0);
	share_set("interval", "10");
	munmap(map, SMALL);
	close(fd);
	close(h.t.fd);
	ASSERT_OK(unlink(file));
	ASSERT_OK(rmdir(dir));
	ASSERT_OK(unlink(gm_path("f")));
	CHECK(poll_until(nearly_empty, NULL, 30000));
	cgroup_remove();
}

/* More than the limit: the end of the process or an error, within its group. */
static void over_the_limit(struct toucher t)
{
	int ret;

	make_group();
	t.size = LARGE;
	t.fd = gm_create("f", LARGE);
	ret = in_child(touch, &t);
	ktap_diag("%s%d, %lld of %lld reclaim attempts ended in the OOM killer",
		  ret > 128 ? "signal " : "exit ", ret > 128 ? ret - 128 : ret,
		  event("oom_kill"), event("max"));
	CHECK(ret == 128 + SIGKILL || ret == 128 + SIGBUS || ret == 3);
	CHECK(event("\nmax") > 0);
	CHECK_RANGE(gm_usage().resident, MIB, 48 * MIB);
	/* We are outside: the same file can grow on our account. */
	CHECK_EQ(pwrite(t.fd, "x", 1, LARGE - 1), 1);
	close(t.fd);
	ASSERT_OK(unlink(gm_path("f")));
	if (!CHECK(poll_until(nearly_empty, NULL, 30000)))
		ktap_diag("memory.current is %llu", cgroup_bytes());
	cgroup_remove();
}

TEST_SECS(limit_pages, 120)
{
	over_the_limit((struct toucher){ .skew = PAGE });
}

TEST_SECS(limit_blocks, 120)
{
	over_the_limit((struct toucher){ .skew = 0 });
}

TEST_SECS(limit_writes, 120)
{
	over_the_limit((struct toucher){ .by = BY_WRITE });
}

TEST_SECS(limit_fallocate, 120)
{
	over_the_limit((struct toucher){ .by = BY_FALLOCATE });
}

#define NR_SPANS	2000

static int touch_sparsely(void *arg)
{
	int fd = *(int *)arg;

	if (cgroup_enter())
		return 2;
	for (__u64 i = 0; i < NR_SPANS; i++)
		if (pwrite(fd, "x", 1, i * BLOCK) != 1)
			return 3;
	return 0;
}

/* The index of a sparse file is memory, too. */
TEST(index_is_charged)
{
	struct dr_usage u;
	__u64 before;
	int fd;

	make_group();
	before = cgroup_bytes();
	fd = gm_create("f", NR_SPANS * BLOCK);
	CHECK_EQ(in_child(touch_sparsely, &fd), 0);
	u = gm_usage();
	CHECK_EQ(u.pages, NR_SPANS);
	CHECK(u.metadata > NR_SPANS * PAGE);
	CHECK(cgroup_bytes() - before >= u.resident + u.metadata * 3 / 4);
	close(fd);
	ASSERT_OK(unlink(gm_path("f")));
	CHECK(poll_until(nearly_empty, NULL, 30000));
	cgroup_remove();
}

static int nr_nodes(void)
{
	char path[64];
	int nr = 0;

	for (int i = 0; i < 64; i++) {
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%d",
			 i);
		nr += access(path, F_OK) == 0;
	}
	return nr;
}

static int node_of(void *addr)
{
	int status = -1000;

	CHECK_OK(syscall(SYS_move_pages, 0, 1UL, &addr, NULL, &status, 0));
	return status;
}

static void bind_and_touch(int fd, size_t skew, int node)
{
	unsigned long mask = 1UL << node;
	const size_t size = 4 * BLOCK;
	char *map = gm_map_skew(fd, size, 0, RW, skew);
	int wrong = 0;

	CHECK_OK(syscall(SYS_mbind, map, size, MPOL_BIND, &mask, 64UL, 0));
	memset(map, 1, size);
	for (size_t at = 0; at < size; at += 16 * PAGE)
		wrong += node_of(map + at) != node;
	CHECK_EQ(wrong, 0);
	munmap(map, size);
	gm_punch(fd, 0, size);
}

TEST(numa_policy)
{
	int fd, nodes = nr_nodes();

	gm_need_denseram();
	fd = gm_create("f", 4 * BLOCK);
	for (int node = 0; node < nodes; node++) {
		bind_and_touch(fd, PAGE, node);
		bind_and_touch(fd, 0, node);
	}
	close(fd);
	if (nodes < 2)
		ktap_skip("one NUMA node: mbind works, nothing to choose");
}
