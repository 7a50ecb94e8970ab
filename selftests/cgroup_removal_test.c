// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory cgroup of a VMM goes, its guest's memory does not: the cgroup above
 * pays for it until the file is removed, whatever is done with it meanwhile.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "lib/cgroup.h"
#include "lib/gmem.h"
#include "lib/swap.h"

#define SIZE		(8 * BLOCK)
#define KEY		31
#define PATIENCE_MS	30000

/* What the VMM's cgroup is called within that of the test. */
#define INNER		"inner"

/* struct vmm - a process in the inner cgroup */
struct vmm {
	int fd;
	size_t skew;
	int ready[2];
	bool stays;
};

static int run(void *arg)
{
	struct vmm *vmm = arg;
	char *map;

	if (write_text(cgroup_file(INNER "/cgroup.procs"), "0"))
		return 2;
	map = gm_map_skew(vmm->fd, SIZE, 0, PROT_READ | PROT_WRITE, vmm->skew);
	soft_fill(map, SIZE, 0, KEY);
	if (write(vmm->ready[1], "x", 1) != 1)
		return 3;
	while (vmm->stays)
		pause();
	return 0;
}

static pid_t start(struct vmm *vmm)
{
	char byte;
	pid_t pid;

	cgroup_make();
	gm_no_scan();
	ASSERT_OK(write_text(cgroup_file("cgroup.subtree_control"), "+memory"));
	ASSERT_OK(mkdir(cgroup_file(INNER), 0755));
	vmm->fd = gm_create("f", SIZE);
	ASSERT_OK(pipe(vmm->ready));
	pid = spawn(run, vmm);
	ASSERT(read(vmm->ready[0], &byte, 1) == 1);
	return pid;
}

/* The last process may be on its way out still. */
static bool is_removed(void *arg)
{
	(void)arg;
	return rmdir(cgroup_file(INNER)) == 0;
}

static ssize_t bad_byte(int fd)
{
	static char buf[SIZE];

	ASSERT(pread(fd, buf, SIZE, 0) == (ssize_t)SIZE);
	return soft_bad(buf, SIZE, 0, KEY);
}

static bool nearly_empty(void *arg)
{
	(void)arg;
	return cgroup_bytes() < 2 * MIB;
}

static void check_charged(__u64 bytes)
{
	CHECK_RANGE(cgroup_bytes(), bytes - MIB / 2, bytes + 2 * MIB);
}

static bool no_blocks(void *arg)
{
	(void)arg;
	return !gm_usage().blocks;
}

static void check_end(struct vmm *vmm)
{
	/* Copies are for the account of who paid before. */
	gm_evacuate();
	CHECK(poll_until(no_blocks, NULL, PATIENCE_MS));
	check_charged(SIZE);
	CHECK_EQ(bad_byte(vmm->fd), -1);
	/* What is in the pool is on nobody's. */
	CHECK(swap_squeeze(SIZE / 2));
	CHECK_EQ(bad_byte(vmm->fd), -1);
	CHECK(cgroup_bytes() < SIZE / 2 + 2 * MIB);
	swap_limit(0);
	close(vmm->fd);
	ASSERT_OK(unlink(gm_path("f")));
	if (!CHECK(poll_until(nearly_empty, NULL, PATIENCE_MS)))
		ktap_diag("memory.current is %llu",
			  (unsigned long long)cgroup_bytes());
	cgroup_remove();
}

static void remove_under_guest(struct vmm vmm)
{
	pid_t pid = start(&vmm);

	CHECK_EQ(join(pid), 0);
	CHECK(poll_until(is_removed, NULL, PATIENCE_MS));
	check_charged(SIZE);
	check_end(&vmm);
}

TEST(removed_under_pages)
{
	remove_under_guest((struct vmm){ .skew = PAGE });
}

TEST(removed_under_blocks)
{
	remove_under_guest((struct vmm){ .skew = 0 });
}

/* A cgroup with a process in it does not go; that process can be killed by it. */
TEST(killed_by_cgroup)
{
	struct vmm vmm = { .stays = true };
	pid_t pid = start(&vmm);

	CHECK_ERR(rmdir(cgroup_file(INNER)), EBUSY);
	CHECK_EQ(gm_attr(NULL, "vmm_pid"), pid);
	CHECK_EQ(write_text(cgroup_file(INNER "/cgroup.kill"), "1"), 0);
	CHECK_EQ(join(pid), 128 + SIGKILL);
	CHECK_EQ(gm_attr(NULL, "vmm_pid"), 0);
	CHECK(poll_until(is_removed, NULL, PATIENCE_MS));
	check_charged(SIZE);
	check_end(&vmm);
}
