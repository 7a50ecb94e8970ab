// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a balloon did, for people who look for the reason of something:
 * /sys/kernel/debug/denseram_balloon/DEVICE/counters.
 */
#include "denseram_balloon.h"

#include <linux/debugfs.h>
#include <linux/seq_file.h>

static const char *const names[] = {
	[DR_COUNT_MESSAGES]		= "messages",
	[DR_COUNT_BLOCKS_IN]		= "blocks_in",
	[DR_COUNT_PAGES_IN]		= "pages_in",
	[DR_COUNT_BLOCKS_OUT]		= "blocks_out",
	[DR_COUNT_PAGES_OUT]		= "pages_out",
	[DR_COUNT_BLOCK_FAILS]		= "block_fails",
	[DR_COUNT_PAGE_FAILS]		= "page_fails",
	[DR_COUNT_PAUSES]		= "pauses",
	[DR_COUNT_YIELD_SHRINKER]	= "yield_shrinker",
	[DR_COUNT_YIELD_OOM]		= "yield_oom",
	[DR_COUNT_YIELD_STALL]		= "yield_stall",
	[DR_COUNT_MIGRATIONS]		= "migrations",
	[DR_COUNT_REPORTED]		= "reported",
	[DR_COUNT_HINTED]		= "hinted",
	[DR_COUNT_STATS]		= "stats",
};

static_assert(ARRAY_SIZE(names) == DR_NR_COUNTS);

static struct dentry *root;

static int counters_show(struct seq_file *m, void *unused)
{
	struct dr_balloon *b = m->private;
	int i;

	seq_printf(m, "held %u\n", dr_pages_held(b));
	seq_printf(m, "held_blocks %u\n", READ_ONCE(b->nr_blocks));
	seq_printf(m, "yielded %u\n", READ_ONCE(b->yielded));
	for (i = 0; i < DR_NR_COUNTS; i++)
		seq_printf(m, "%s %lld\n", names[i],
			   (long long)atomic64_read(&b->counts[i]));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counters);

void dr_counters_init(void)
{
	root = debugfs_create_dir("denseram_balloon", NULL);
}

void dr_counters_exit(void)
{
	debugfs_remove(root);
}

/**
 * dr_counters_add() - make a balloon's counters readable
 * @b: the balloon
 */
void dr_counters_add(struct dr_balloon *b)
{
	b->debugfs = debugfs_create_dir(dev_name(&b->vdev->dev), root);
	debugfs_create_file("counters", 0444, b->debugfs, b, &counters_fops);
}

/**
 * dr_counters_del() - the balloon goes
 * @b: the balloon; nobody reads its counters afterwards
 */
void dr_counters_del(struct dr_balloon *b)
{
	debugfs_remove(b->debugfs);
}
