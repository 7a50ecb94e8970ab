// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/denseram: what a developer asks. Absent without debugfs,
 * and nothing depends on it.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "collapse.h"
#include "evacuate.h"
#include "files.h"
#include "gmem.h"
#include "guest.h"
#include "promise.h"
#include "reserve.h"
#include "span.h"

static struct dentry *root;

static int recount_guest(struct seq_file *seq, struct dr_guest *guest)
{
	struct dr_gmem *gm = NULL;
	int bad = 0;

	while ((gm = dr_files_next(guest, gm))) {
		if (!dr_gmem_recount(gm))
			continue;
		seq_printf(seq, "guest %llu %s inode %lu: totals are wrong\n",
			   guest->id, dr_guest_name(guest).text,
			   (unsigned long)gm->inode->i_ino);
		bad++;
	}
	return bad;
}

static int recount_show(struct seq_file *seq, void *unused)
{
	struct dr_guest *guest;
	int bad = 0;
	u64 id = 0;

	while ((guest = dr_guest_next(id))) {
		id = guest->id;
		bad += recount_guest(seq, guest);
		dr_guest_put(guest);
	}
	if (dr_promise_recount()) {
		seq_puts(seq, "what is promised to guests: totals are wrong\n");
		bad++;
	}
	if (!bad)
		seq_puts(seq, "ok\n");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(recount);

/* One letter a page: . absent, p private, c clean, s shared, w swapped. */
static void map_table(struct seq_file *seq, struct dr_span *span)
{
	static const char letters[DR_NR_TYPES] = {
		[DR_ABSENT] = '.', [DR_PRIVATE] = 'p', [DR_SHARED] = 's',
		[DR_SWAPPED] = 'w', [DR_CLEAN] = 'c',
	};
	int i;

	for (i = 0; i < DR_SPAN_PAGES; i++) {
		struct dr_entry e = dr_word_read(&span->table[i]);

		if (i % 64 == 0)
			seq_printf(seq, "%s    ", i ? "\n" : "");
		seq_putc(seq, letters[dr_entry_type(e)]);
	}
	seq_putc(seq, '\n');
}

static void map_span(struct seq_file *seq, struct dr_span *span)
{
	down_read(&span->sem);
	if (span->block)
		seq_printf(seq, "  %lu block holes=%u\n", span->start,
			   bitmap_weight(span->holes, DR_SPAN_PAGES));
	else
		seq_printf(seq, "  %lu %s\n", span->start,
			   span->table ? "table" : "empty");
	if (span->table)
		map_table(seq, span);
	up_read(&span->sem);
}

static void map_guest(struct seq_file *seq, struct dr_guest *guest)
{
	struct dr_gmem *gm = NULL;
	struct dr_span *span;
	unsigned long i;

	while ((gm = dr_files_next(guest, gm))) {
		seq_printf(seq, "guest %llu inode %lu size %lld\n", guest->id,
			   (unsigned long)gm->inode->i_ino,
			   i_size_read(gm->inode));
		xa_for_each(&gm->spans, i, span)
			map_span(seq, span);
	}
}

static int map_show(struct seq_file *seq, void *unused)
{
	struct dr_guest *guest;
	u64 id = 0;

	while ((guest = dr_guest_next(id))) {
		id = guest->id;
		map_guest(seq, guest);
		dr_guest_put(guest);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(map);

static int reserve_show(struct seq_file *seq, void *unused)
{
	struct dr_reserve_stat stat;

	dr_reserve_stat(&stat);
	seq_printf(seq, "pages %u\ntables %u\nloans %llu\nlost %llu\n",
		   stat.pages, stat.tables, stat.loans, stat.lost);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(reserve);

static void evacuate_guest(struct dr_guest *guest)
{
	struct dr_gmem *gm = NULL;
	struct dr_span *span;
	unsigned long i;

	while ((gm = dr_files_next(guest, gm)))
		xa_for_each(&gm->spans, i, span)
			dr_block_evacuate(gm, span);
}

static void collapse_guest(struct dr_guest *guest)
{
	dr_collapse_guest(guest, DR_COLLAPSE_ABSENT, NULL);
}

/* What to do with the guest whose name is written to a file. */
struct guest_order {
	void (*run)(struct dr_guest *guest);
};

static const struct guest_order evacuate_order = { evacuate_guest };
static const struct guest_order collapse_order = { collapse_guest };

static ssize_t order_write(struct file *file, const char __user *text,
			   size_t len, loff_t *pos)
{
	const struct guest_order *order = file->private_data;
	struct dr_guest *guest;
	char name[DR_NAME_LEN];

	if (len >= sizeof(name))
		return -ENAMETOOLONG;
	if (copy_from_user(name, text, len))
		return -EFAULT;
	name[len] = '\0';
	guest = dr_guest_find_name(strim(name));
	if (!guest)
		return -ENOENT;
	order->run(guest);
	dr_guest_put(guest);
	return len;
}

static const struct file_operations order_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = order_write,
};

void dr_debugfs_init(void)
{
	root = debugfs_create_dir("denseram", NULL);
	debugfs_create_file("recount", 0400, root, NULL, &recount_fops);
	debugfs_create_file("map", 0400, root, NULL, &map_fops);
	debugfs_create_file("reserve", 0400, root, NULL, &reserve_fops);
	debugfs_create_file("evacuate", 0200, root, (void *)&evacuate_order,
			    &order_fops);
	debugfs_create_file("collapse", 0200, root, (void *)&collapse_order,
			    &order_fops);
}

void dr_debugfs_exit(void)
{
	debugfs_remove(root);
}
