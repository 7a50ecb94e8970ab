// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that is about to fail: the kernel would have its bytes moved elsewhere.
 * Guest memory is not moved, so that it refuses, and nothing changes; what is in
 * the compressed pool is moved. No byte is lost either way.
 *
 * Memory that is given up stays so until the next boot: only in the lab.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/pfn.h"
#include "lib/poolpage.h"
#include "lib/states.h"
#include "lib/swap.h"

#define BY_NUMBER	"/sys/devices/system/memory/soft_offline_page"
#define AT		(5 * PAGE)
#define TRIES		20

#ifndef MADV_SOFT_OFFLINE
#define MADV_SOFT_OFFLINE	101
#endif

static void set_up(void)
{
	gm_need_denseram();
	if (!getenv("LAB") || access(BY_NUMBER, W_OK))
		ktap_skip("not in the lab, or memory cannot be given up here");
	states_begin();
	states_make();
}

static int give_up(__u64 pfn)
{
	char text[32];

	snprintf(text, sizeof(text), "%#llx", (unsigned long long)pfn * PAGE);
	return write_text(BY_NUMBER, text);
}

static void check_stays(enum state state)
{
	char *addr = state_map(state) + AT;
	__u64 pfn = pfn_of(addr);

	CHECK_EQ(give_up(pfn), -EIO);
	CHECK_ERR(madvise(addr, PAGE, MADV_SOFT_OFFLINE), EIO);
	if (!CHECK_EQ(pfn_of(addr), pfn))
		ktap_diag("in the file %s", state_name(state));
	CHECK(!pfn_has_flag(pfn, KPF_HWPOISON));
	states_check_read();
}

TEST(guest_memory_stays)
{
	set_up();
	check_stays(STATE_PAGE);
	check_stays(STATE_SHARED);
	check_stays(STATE_BLOCK);
	states_finish();
}

/* It can be busy for a moment. */
static int give_up_patiently(__u64 pfn)
{
	int err = -EBUSY;

	for (int i = 0; err == -EBUSY && i < TRIES; i++) {
		err = give_up(pfn);
		sleep_ms(err ? 100 : 0);
	}
	return err;
}

TEST(pool_memory_moves)
{
	__u64 pfn;

	set_up();
	pfn = poolpage_find(state_fd(STATE_POOL), STATE_SIZE / 2);
	CHECK_EQ(give_up_patiently(pfn), 0);
	CHECK(pfn_has_flag(pfn, KPF_HWPOISON));
	CHECK(!pfn_has_flag(pfn, KPF_BUDDY));
	CHECK(poolpage_find(state_fd(STATE_POOL), STATE_SIZE / 2) != pfn);
	states_finish();
	CHECK(!pfn_has_flag(pfn, KPF_BUDDY));
}
