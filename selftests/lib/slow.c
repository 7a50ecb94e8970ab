// SPDX-License-Identifier: GPL-2.0-only
/* See slow.h. */
#include "fuse.h"
#include "gmem.h"
#include "slow.h"
#include "swap.h"

static struct fuse_file file;
static int area;

void slow_begin(__u64 size)
{
	gm_need_denseram();
	gm_no_scan();
	swap_rm_all();
	fuse_start(&file, "slow", size);
	area = swap_add(file.path, 0);
	ASSERT(area >= 0);
	ASSERT_OK(swap_set("pool_limit", "0"));
}

void slow_delay(unsigned int read_ms, unsigned int write_ms)
{
	__atomic_store_n(&file.ctl->read_ms, read_ms, __ATOMIC_SEQ_CST);
	__atomic_store_n(&file.ctl->write_ms, write_ms, __ATOMIC_SEQ_CST);
}

void slow_end(void)
{
	slow_delay(0, 0);
	CHECK_EQ(swap_rm(area), 0);
	CHECK_OK(swap_set("pool_limit", "1G"));
	fuse_stop(&file);
}
