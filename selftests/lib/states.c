// SPDX-License-Identifier: GPL-2.0-only
/* See states.h. */
#include "disk.h"
#include "share.h"
#include "states.h"
#include "swap.h"

#define RW		(PROT_READ | PROT_WRITE)
#define NR		(STATE_SIZE / PAGE)
#define LITTLE		(STATE_SIZE / 16)
#define SHARE_MS	60000

/*
 * Each is made without a change to those before: what is paged out stays so
 * until it is touched, and the scanner has no more to do when it has merged.
 */
static struct {
	const char *name;
	size_t skew;
	__u64 key;
	int fd;
	char *map;
} files[NR_STATES] = {
	[STATE_DISK] = { "disk", PAGE, 1 },
	[STATE_POOL] = { "pool", PAGE, 2 },
	[STATE_SHARED] = { "shared", PAGE, 3 },
	[STATE_TWIN] = { "twin", PAGE, 3 },
	[STATE_PAGE] = { "page", PAGE, 4 },
	[STATE_BLOCK] = { "block", 0, 5 },
};

static int area = -1;

const char *state_name(enum state state)
{
	return files[state].name;
}

char *state_map(enum state state)
{
	return files[state].map;
}

int state_fd(enum state state)
{
	return files[state].fd;
}

void states_begin(void)
{
	char path[DISK_PATH];
	int disk;

	swap_rm_all();
	disk = disk_loop("area", DISK_SIZE, path);
	area = swap_add(path, 0);
	ASSERT(area >= 0);
	close(disk);
}

/* Random bytes go to the disk alone, for they do not compress. */
static void fill(enum state state)
{
	if (state == STATE_POOL)
		soft_fill(files[state].map, STATE_SIZE, 0, files[state].key);
	else
		pat_fill(files[state].map, STATE_SIZE, 0, files[state].key);
}

static void make(enum state state)
{
	files[state].fd = gm_create(files[state].name, STATE_SIZE);
	files[state].map = gm_map_skew(files[state].fd, STATE_SIZE, 0, RW,
				       files[state].skew);
	fill(state);
}

static bool has_shares(void *arg)
{
	(void)arg;
	return gm_usage().shared >= 2 * NR / 10 * 9;
}

static void share(void)
{
	make(STATE_SHARED);
	make(STATE_TWIN);
	share_set("interval", "1");
	share_set("enabled", "1");
	CHECK(poll_until(has_shares, NULL, SHARE_MS));
	share_usual();
	share_set("enabled", "0");
}

static void check_states(void)
{
	struct dr_guest_swap s = swap_guest();
	struct dr_usage u = gm_usage();

	CHECK(s.tiers.disk >= NR / 2);
	CHECK(s.tiers.pool >= NR / 2);
	CHECK(u.shared >= 2 * NR / 10 * 9);
	CHECK(u.pages >= NR);
	/* Unless the host's memory is in pieces. */
	if (!u.blocks)
		ktap_diag("no 2 MiB block to be had");
}

void states_make(void)
{
	make(STATE_DISK);
	ASSERT_OK(swap_set("pool_limit", "0"));
	CHECK(swap_squeeze(LITTLE));
	swap_limit(0);
	ASSERT_OK(swap_set("pool_limit", "1G"));
	make(STATE_POOL);
	CHECK(swap_squeeze(LITTLE));
	swap_limit(0);
	share();
	make(STATE_PAGE);
	make(STATE_BLOCK);
	check_states();
}

static ssize_t read_bad(enum state state)
{
	static char buf[STATE_SIZE];

	if (state != STATE_POOL)
		return gm_pread_bad(files[state].fd, STATE_SIZE, 0,
				    files[state].key);
	ASSERT(pread(files[state].fd, buf, STATE_SIZE, 0) ==
	       (ssize_t)STATE_SIZE);
	return soft_bad(buf, STATE_SIZE, 0, files[state].key);
}

static ssize_t map_bad(enum state state)
{
	if (state == STATE_POOL)
		return soft_bad(files[state].map, STATE_SIZE, 0,
				files[state].key);
	return pat_bad(files[state].map, STATE_SIZE, 0, files[state].key);
}

static void check_all(ssize_t (*bad)(enum state state))
{
	for (enum state state = 0; state < NR_STATES; state++)
		if (!CHECK_EQ(bad(state), -1))
			ktap_diag("in the file %s", files[state].name);
}

void states_check_read(void)
{
	check_all(read_bad);
}

void states_check_map(void)
{
	check_all(map_bad);
}

void states_unmap(void)
{
	for (enum state state = 0; state < NR_STATES; state++)
		munmap(files[state].map, STATE_SIZE);
}

void states_close(void)
{
	for (enum state state = 0; state < NR_STATES; state++)
		close(files[state].fd);
}

void states_unlink(void)
{
	for (enum state state = 0; state < NR_STATES; state++)
		CHECK_OK(unlink(gm_path(files[state].name)));
}

void states_end(void)
{
	CHECK_EQ(swap_rm(area), 0);
}

void states_finish(void)
{
	states_check_read();
	states_check_map();
	states_unmap();
	states_close();
	states_unlink();
	states_end();
}
