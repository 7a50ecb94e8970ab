// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mountable file system: options, super block, statfs.
 */
#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/statfs.h>

#include "denseram.h"
#include "gmem_dir.h"
#include "mount.h"

/* Which options a mount(2) named; bits of given in struct dr_mount_opts. */
enum { OPT_MODE, OPT_UID, OPT_GID, OPT_SIZE, OPT_HUGE, OPT_SHARE };

static const struct constant_table huge_values[] = {
	{ "never",	0 },
	{ "always",	1 },
	{}
};

static const struct constant_table share_values[] = {
	{ "off",	DR_SHARE_OFF },
	{ "guest",	DR_SHARE_GUEST },
	{ "domain",	DR_SHARE_DOMAIN },
	{ "all",	DR_SHARE_ALL },
	{}
};

static const struct fs_parameter_spec fs_params[] = {
	fsparam_u32oct("mode",	OPT_MODE),
	fsparam_uid("uid",	OPT_UID),
	fsparam_gid("gid",	OPT_GID),
	fsparam_string("size",	OPT_SIZE),
	fsparam_enum("huge",	OPT_HUGE, huge_values),
	fsparam_enum("share",	OPT_SHARE, share_values),
	{}
};

/* "512M", or "50%" of the host's memory, in pages; 0 is no limit. */
static int parse_size(struct fs_context *fc, const char *value,
		      unsigned long *pages)
{
	char *rest;
	u64 size;

	if (*value < '0' || *value > '9')
		return invalf(fc, "denseram: bad size '%s'", value);
	size = memparse(value, &rest);
	if (*rest == '%') {
		if (size > 100)
			return invalf(fc, "denseram: size above 100%%");
		size = div_u64(size * totalram_pages(), 100) << PAGE_SHIFT;
		rest++;
	}
	if (*rest || size > DR_MAX_FILE_SIZE)
		return invalf(fc, "denseram: bad size '%s'", value);
	*pages = DIV_ROUND_UP(size, PAGE_SIZE);
	return 0;
}

static int fs_parse_param(struct fs_context *fc, struct fs_parameter *param)
{
	struct dr_mount_opts *o = fc->fs_private;
	struct fs_parse_result result;
	int opt = fs_parse(fc, fs_params, param, &result);

	if (opt < 0)
		return opt;
	switch (opt) {
	case OPT_MODE:
		if (result.uint_32 & ~S_IALLUGO)
			return invalf(fc, "denseram: bad mode %o",
				      result.uint_32);
		o->mode = result.uint_32;
		break;
	case OPT_UID:
		o->uid = result.uid;
		break;
	case OPT_GID:
		o->gid = result.gid;
		break;
	case OPT_SIZE:
		opt = parse_size(fc, param->string, &o->max_pages);
		if (opt)
			return opt;
		opt = OPT_SIZE;
		break;
	case OPT_HUGE:
		o->huge = result.uint_32;
		break;
	case OPT_SHARE:
		o->share = result.uint_32;
		break;
	}
	o->given |= BIT(opt);
	return 0;
}

static int fs_statfs(struct dentry *dentry, struct kstatfs *buf)
{
	struct dr_mount *m = dr_mount_of(dentry->d_sb);
	unsigned long max = READ_ONCE(m->max_pages);
	u64 used = percpu_counter_sum_positive(&m->charged);
	int err = simple_statfs(dentry, buf);

	if (err)
		return err;
	buf->f_blocks = max ? max : totalram_pages();
	buf->f_bfree = buf->f_blocks > used ? buf->f_blocks - used : 0;
	buf->f_bavail = buf->f_bfree;
	return 0;
}

static int fs_show_options(struct seq_file *seq, struct dentry *root)
{
	const struct dr_mount *m = dr_mount_of(root->d_sb);

	seq_printf(seq, ",mode=%03o", m->mode);
	if (!uid_eq(m->uid, GLOBAL_ROOT_UID))
		seq_printf(seq, ",uid=%u",
			   from_kuid_munged(&init_user_ns, m->uid));
	if (!gid_eq(m->gid, GLOBAL_ROOT_GID))
		seq_printf(seq, ",gid=%u",
			   from_kgid_munged(&init_user_ns, m->gid));
	if (m->max_pages)
		seq_printf(seq, ",size=%luk",
			   m->max_pages << (PAGE_SHIFT - 10));
	seq_printf(seq, ",huge=%s", m->huge ? "always" : "never");
	seq_printf(seq, ",share=%s", share_values[m->share].name);
	return 0;
}

static const struct super_operations fs_super_ops = {
	.statfs = fs_statfs,
	.drop_inode = inode_just_drop,
	.evict_inode = dr_evict_inode,
	.show_options = fs_show_options,
};

static int fs_fill_super(struct super_block *sb, struct fs_context *fc)
{
	struct inode *root;

	/* Freed by fs_kill_super(), also when this fails. */
	sb->s_fs_info = dr_mount_create(fc->fs_private);
	if (!sb->s_fs_info)
		return -ENOMEM;
	sb->s_magic = DR_SUPER_MAGIC;
	sb->s_maxbytes = DR_MAX_FILE_SIZE;
	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_time_gran = 1;
	sb->s_iflags |= SB_I_NOEXEC | SB_I_NODEV;
	sb->s_op = &fs_super_ops;
	root = dr_root_inode(sb);
	sb->s_root = d_make_root(root);
	return sb->s_root ? 0 : -ENOMEM;
}

static int fs_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, fs_fill_super);
}

/*
 * A remount may change size, huge, and share for new guests; the rest must be
 * as it is.
 */
static int fs_reconfigure(struct fs_context *fc)
{
	struct dr_mount *m = dr_mount_of(fc->root->d_sb);
	const struct dr_mount_opts *o = fc->fs_private;

	if ((o->given & BIT(OPT_MODE) && o->mode != m->mode) ||
	    (o->given & BIT(OPT_UID) && !uid_eq(o->uid, m->uid)) ||
	    (o->given & BIT(OPT_GID) && !gid_eq(o->gid, m->gid)))
		return invalf(fc, "denseram: only size, huge and share can be remounted");
	if (o->given & BIT(OPT_SIZE)) {
		if (o->max_pages &&
		    percpu_counter_sum(&m->charged) > (s64)o->max_pages)
			return invalf(fc, "denseram: size below what is in use");
		WRITE_ONCE(m->max_pages, o->max_pages);
	}
	if (o->given & BIT(OPT_HUGE))
		WRITE_ONCE(m->huge, o->huge);
	if (o->given & BIT(OPT_SHARE))
		WRITE_ONCE(m->share, o->share);
	return 0;
}

static void fs_free_context(struct fs_context *fc)
{
	kfree(fc->fs_private);
}

static const struct fs_context_operations fs_context_ops = {
	.parse_param = fs_parse_param,
	.get_tree = fs_get_tree,
	.reconfigure = fs_reconfigure,
	.free = fs_free_context,
};

static int fs_init_context(struct fs_context *fc)
{
	struct dr_mount_opts *o = kzalloc(sizeof(*o), GFP_KERNEL);

	if (!o)
		return -ENOMEM;
	o->mode = 0755;
	o->uid = GLOBAL_ROOT_UID;
	o->gid = GLOBAL_ROOT_GID;
	o->huge = true;
	o->share = DR_SHARE_DOMAIN;
	fc->fs_private = o;
	fc->ops = &fs_context_ops;
	return 0;
}

static void fs_kill_super(struct super_block *sb)
{
	struct dr_mount *m = dr_mount_of(sb);

	dr_kill_super(sb);
	if (m)
		dr_mount_destroy(m);
}

static struct file_system_type fs_type = {
	.owner = THIS_MODULE,
	.name = "denseram",
	.init_fs_context = fs_init_context,
	.parameters = fs_params,
	.kill_sb = fs_kill_super,
};
MODULE_ALIAS_FS("denseram");

int dr_fs_init(void)
{
	return register_filesystem(&fs_type);
}

void dr_fs_exit(void)
{
	unregister_filesystem(&fs_type);
}
