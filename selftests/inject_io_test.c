// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every transfer to and from a swap area fails once.
 *
 * The kernel's fail_make_request fails the n-th request. What fails here is one page
 * of the device at a time, by a device-mapper table with the target "error" in it,
 * for one page after the other: what is transferred to or from there fails, all else
 * does not, so every transfer of a run has failed once when all pages have. It is
 * the same, but for the order in which they do, and needs no kernel built for it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "lib/disk.h"
#include "lib/gmem.h"
#include "lib/swap.h"

#define AREA		MIB
#define SLOTS		(AREA / PAGE)
#define SECTOR		512
#define A_SLOT		(PAGE / SECTOR)
/* Two writes, for the pager sends 64 pages at a time. */
#define PAGES		72
#define SIZE		(PAGES * PAGE)
#define KEY		19
#define PATIENCE_MS	30000
/* A write has 64 pages; in a few places of it one of them fails. */
#define WRITE_STEP	23
/* To fault pages in means to page them out again. */
#define FAULT_STEP	8

static int fd, disk;
static char *map;
static char loop[DISK_PATH];

/* All of the device, but for one slot; for none: SLOTS. */
static const char *table_without(unsigned int slot)
{
	static char table[512];
	unsigned int at = slot * A_SLOT, all = SLOTS * A_SLOT;
	int len = 0;

	if (slot >= SLOTS) {
		snprintf(table, sizeof(table), "0 %u linear %s 0", all, loop);
		return table;
	}
	if (at)
		len = snprintf(table, sizeof(table), "0 %u linear %s 0\n", at,
			       loop);
	len += snprintf(table + len, sizeof(table) - len, "%u %u error\n", at,
			(unsigned int)A_SLOT);
	at += A_SLOT;
	if (at < all)
		snprintf(table + len, sizeof(table) - len, "%u %u linear %s %u",
			 at, all - at, loop, at);
	return table;
}

static void set_up(void)
{
	gm_need_denseram();
	gm_no_scan();
	swap_rm_all();
	ASSERT_OK(swap_set("pool_limit", "0"));
	disk = disk_loop("disk", AREA, loop);
	disk_dm_create(table_without(SLOTS));
	fd = gm_create("f", SIZE);
	map = gm_map_skew(fd, SIZE, 0, PROT_READ | PROT_WRITE, PAGE);
	pat_fill(map, SIZE, 0, KEY);
}

static void tear_down(void)
{
	swap_limit(0);
	CHECK_EQ(pat_bad(map, SIZE, 0, KEY), -1);
	munmap(map, SIZE);
	swap_rm_all();
	disk_dm_remove();
	close(disk);
	gm_check_recount();
	close(fd);
	CHECK_OK(unlink(gm_path("f")));
	CHECK_OK(swap_set("pool_limit", "1G"));
}

static int add(void)
{
	int id = swap_add(DISK_DM, 0);

	ASSERT(id >= 0);
	return id;
}

/* The page that read(2) cannot have, or -1; all others are right. */
static int page_that_fails(void)
{
	char buf[PAGE];
	int found = -1;

	for (int i = 0; i < PAGES; i++) {
		if (pread(fd, buf, PAGE, i * PAGE) == (ssize_t)PAGE) {
			CHECK_EQ(pat_bad(buf, PAGE, i * PAGE, KEY), -1);
			continue;
		}
		CHECK_EQ(errno, EIO);
		CHECK_EQ(found, -1);
		found = i;
	}
	return found;
}

/* Who touches it is told; who touches the page before it, to no avail, is not. */
static void check_faults(int page)
{
	CHECK_EQ(try_read(map + page * PAGE), SIGBUS);
	if (page)
		CHECK_EQ(try_read(map + (page - 1) * PAGE), 0);
	CHECK_EQ(try_read(map + page * PAGE), SIGBUS);
}

/* All bytes are there when the device is well again. */
static void fault_and_mend(int page)
{
	check_faults(page);
	disk_dm_reload(table_without(SLOTS));
	CHECK_EQ(pat_bad(map, SIZE, 0, KEY), -1);
	CHECK(swap_squeeze(PAGE));
	swap_limit(0);
}

/* Has a page that is read been there? */
static bool fail_read(unsigned int slot)
{
	int page;

	disk_dm_reload(table_without(slot));
	page = page_that_fails();
	if (page >= 0 && slot % FAULT_STEP == 0)
		fault_and_mend(page);
	return page >= 0;
}

TEST_SECS(reads, 600)
{
	unsigned int failed = 0, slot;

	set_up();
	add();
	CHECK(swap_squeeze(PAGE));
	swap_limit(0);
	for (slot = 1; slot <= PAGES && !ktap_failed(); slot++)
		failed += fail_read(slot);
	disk_dm_reload(table_without(SLOTS));
	ktap_diag("%u pages could not be read, one at a time", failed);
	CHECK_RANGE(failed, PAGES - 1, PAGES);
	tear_down();
}

static bool area_failed(void *arg)
{
	struct dr_swap_area area = {};

	CHECK(swap_area(*(int *)arg, &area));
	return area.state & DR_SWAP_AREA_FAILED;
}

/* A write fails: its pages are the guest's again, and nothing more goes there. */
static void fail_write(unsigned int slot)
{
	struct dr_swap_area area = {};
	int id = add();

	disk_dm_reload(table_without(slot));
	swap_limit(PAGE);
	if (!CHECK(poll_until(area_failed, &id, PATIENCE_MS)))
		ktap_diag("slot %u", slot);
	CHECK(swap_area(id, &area));
	CHECK_EQ(area.write_errors, 1);
	swap_limit(0);
	CHECK_EQ(pat_bad(map, SIZE, 0, KEY), -1);
	CHECK_EQ(gm_event(DR_EV_SWAP_DAMAGED), 0);
	CHECK_EQ(swap_rm(id), 0);
	CHECK_EQ(pat_bad(map, SIZE, 0, KEY), -1);
	gm_check_recount();
	disk_dm_reload(table_without(SLOTS));
}

TEST_SECS(writes, 600)
{
	set_up();
	disk_dm_reload(table_without(0));
	/* The header is the first one. */
	CHECK_EQ(swap_add(DISK_DM, 0), -EIO);
	disk_dm_reload(table_without(SLOTS));
	for (unsigned int slot = 1; slot < PAGES && !ktap_failed();
	     slot += WRITE_STEP)
		fail_write(slot);
	tear_down();
}
