// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breaking up blocks: no byte changes, zeros are given back, and it works when
 * there is no memory for it, neither in the memory cgroup that pays nor in the
 * host.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "lib/cgroup.h"
#include "lib/gmem.h"

#define RW		(PROT_READ | PROT_WRITE)
#define MIN_FREE	"/proc/sys/vm/min_free_kbytes"

static long long reserve(const char *key)
{
	char text[500], *line;

	ASSERT(read_text(DEBUGFS "/reserve", text, sizeof(text)) == 0);
	line = strstr(text, key);
	ASSERT(line);
	return atoll(line + strlen(key));
}

/* Blocks full of the pattern, but every @zero-th page; 0: none. */
static char *fill_blocks(int fd, size_t size, unsigned int zero)
{
	char *map = gm_map(fd, size);

	gm_no_scan();
	pat_fill(map, size, 0, 1);
	for (size_t at = 0; zero && at < size; at += zero * PAGE)
		memset(map + at, 0, PAGE);
	ASSERT(gm_usage().blocks == size / BLOCK);
	return map;
}

static void check_blocks(const char *map, size_t size, unsigned int zero)
{
	for (size_t at = 0; at < size && !ktap_failed(); at += PAGE) {
		if (zero && at % (zero * PAGE) == 0)
			CHECK_EQ(zero_bad(map + at, PAGE), -1);
		else
			CHECK_EQ(pat_bad(map + at, PAGE, at, 1), -1);
	}
}

TEST(bytes_stay)
{
	const size_t size = 4 * BLOCK;
	int fd = gm_create("f", size);
	__u64 start;
	char *map;

	gm_need_blocks();
	map = fill_blocks(fd, size, 4);
	start = now_ms();
	gm_evacuate();
	ktap_diag("%llu ms for %llu blocks", now_ms() - start, size / BLOCK);
	CHECK_EQ(gm_usage().blocks, 0);
	CHECK_EQ(gm_usage().resident, size / 4 * 3);
	CHECK_EQ(gm_event(DR_EV_BLOCK_EVACUATE), size / BLOCK);
	CHECK_EQ(gm_event(DR_EV_BLOCK_RESERVE), 0);
	check_blocks(map, size, 4);
	set_byte(map, 1);
	CHECK_EQ(gm_usage().resident, size / 4 * 3 + PAGE);
	close(fd);
}

static int fill_in_group(void *arg)
{
	const size_t size = 8 * BLOCK;
	int fd = *(int *)arg;

	if (cgroup_enter())
		return 2;
	fill_blocks(fd, size, 0);
	return 0;
}

/*
 * The cgroup that pays for the blocks has no room for a single page more. The
 * pages are charged to it all the same, once the block is not any more.
 */
TEST(cgroup_at_its_limit)
{
	const size_t size = 8 * BLOCK;
	int fd = gm_create("f", size);
	long long lost = reserve("lost");
	char text[40], *map;
	__u64 before;

	gm_need_blocks();
	cgroup_make();
	ASSERT(in_child(fill_in_group, &fd) == 0);
	before = cgroup_bytes();
	CHECK_RANGE(before, size, size + 4 * MIB);
	snprintf(text, sizeof(text), "%llu", before);
	ASSERT(write_text(cgroup_file("memory.max"), text) == 0);
	gm_evacuate();
	CHECK_EQ(gm_usage().blocks, 0);
	CHECK_EQ(gm_usage().resident, size);
	CHECK_EQ(gm_event(DR_EV_BLOCK_RESERVE), size / BLOCK);
	CHECK_EQ(reserve("pages"), PAGES_A_BLOCK);
	CHECK_EQ(reserve("tables"), 1);
	CHECK_EQ(reserve("lost"), lost);
	ktap_diag("charged before %llu KiB, after %llu KiB", before / KIB,
		  cgroup_bytes() / KIB);
	CHECK_RANGE(cgroup_bytes(), size, before + MIB);
	map = gm_map(fd, size);
	check_blocks(map, size, 0);
	munmap(map, size);
	close(fd);
	ASSERT_OK(unlink(gm_path("f")));
	CHECK(cgroup_bytes() < 2 * MIB);
	cgroup_remove();
}

/*
 * Somebody the host may kill for memory instead of those who matter. The lab
 * knows the name.
 */
static int be_a_victim(void *arg)
{
	static char waste[16 * MIB];

	(void)arg;
	prctl(PR_SET_NAME, "oom_victim");
	write_text("/proc/self/oom_score_adj", "1000");
	memset(waste, 1, sizeof(waste));
	pause();
	return 0;
}

/**
 * struct famine - a host that refuses to hand out any page
 * @fd: of the knob
 * @old: its value
 * @victims: see be_a_victim()
 */
struct famine {
	int fd;
	char old[40];
	pid_t victims[3];
};

/*
 * The watermark below which only the kernel's own emergencies get pages is set
 * above all the memory there is. All other processes are stopped meanwhile: an
 * allocation by one of them would have somebody killed for memory, and again
 * and again.
 */
static void famine_begin(struct famine *f)
{
	char all[40];

	ASSERT(read_text(MIN_FREE, f->old, sizeof(f->old)) == 0);
	f->fd = open(MIN_FREE, O_WRONLY | O_CLOEXEC);
	if (f->fd < 0)
		ktap_skip("no %s", MIN_FREE);
	for (size_t i = 0; i < ARRAY_SIZE(f->victims); i++)
		f->victims[i] = spawn(be_a_victim, NULL);
	/* Time to become one. */
	sleep_ms(200);
	write_text("/proc/self/oom_score_adj", "-1000");
	snprintf(all, sizeof(all), "%lld", file_kb("/proc/meminfo", "MemTotal"));
	ASSERT_OK(mlockall(MCL_CURRENT));
	ASSERT_OK(kill(-1, SIGSTOP));
	CHECK(pwrite(f->fd, all, strlen(all), 0) > 0);
}

static void famine_end(struct famine *f)
{
	CHECK(pwrite(f->fd, f->old, strlen(f->old), 0) > 0);
	ASSERT_OK(kill(-1, SIGCONT));
	munlockall();
	for (size_t i = 0; i < ARRAY_SIZE(f->victims); i++) {
		kill(f->victims[i], SIGKILL);
		waitpid(f->victims[i], NULL, 0);
	}
	close(f->fd);
}

TEST(no_free_memory)
{
	const size_t size = 32 * BLOCK;
	int fd = gm_create("f", size), order = gm_order_fd("evacuate");
	long long lost = reserve("lost"), loans = reserve("loans");
	struct famine famine;
	__u64 start;
	ssize_t ret;
	char *map;

	gm_need_blocks();
	map = fill_blocks(fd, size, 2);
	/* Not to be locked in memory. */
	munmap(map, size);
	famine_begin(&famine);
	start = now_ms();
	ret = write(order, gm_name, strlen(gm_name));
	start = now_ms() - start;
	famine_end(&famine);
	CHECK_EQ(ret, strlen(gm_name));
	ktap_diag("%llu ms for %llu blocks", start, size / BLOCK);
	CHECK_EQ(gm_usage().blocks, 0);
	CHECK_EQ(gm_usage().resident, size / 2);
	CHECK_EQ(gm_event(DR_EV_BLOCK_RESERVE), size / BLOCK);
	CHECK_EQ(reserve("loans") - loans, size / BLOCK);
	CHECK_EQ(reserve("pages"), PAGES_A_BLOCK);
	CHECK_EQ(reserve("lost"), lost);
	map = gm_map(fd, size);
	check_blocks(map, size, 2);
	close(order);
	close(fd);
}
