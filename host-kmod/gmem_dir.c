// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tree of the file system and the guests it stands for.
 *
 * mkdir makes a guest of the new directory. A directory that gets
 * subdirectories is no guest any more (libvirt builds libvirt/qemu/1-vm1 and
 * puts files into the last one only), and may not have files then. A file
 * belongs to the guest of its directory; in the root each file is a guest.
 */
#include <linux/pagemap.h>

#include "gmem.h"
#include "gmem_dir.h"
#include "gmem_file.h"
#include "guest.h"
#include "hollow.h"
#include "mount.h"
#include "punch.h"

static const struct inode_operations dir_inode_ops;
static const struct inode_operations root_inode_ops;

/*
 * Guards i_private of directories. Their inode locks would not do: a rename
 * within one directory does not lock the directory that is renamed.
 */
static DEFINE_MUTEX(dir_lock);

static bool is_root(const struct inode *dir)
{
	return dir->i_op == &root_inode_ops;
}

/* The guest of a directory, with a holder for the caller, or NULL. */
static struct dr_guest *dir_hold_guest(const struct inode *dir)
{
	struct dr_guest *guest;

	mutex_lock(&dir_lock);
	guest = dir->i_private;
	if (guest)
		dr_guest_hold(guest);
	mutex_unlock(&dir_lock);
	return guest;
}

/* Let a directory hold another guest than before, or none. */
static void dir_set_guest(struct inode *dir, struct dr_guest *guest)
{
	struct dr_guest *old;

	mutex_lock(&dir_lock);
	old = dir->i_private;
	dir->i_private = guest;
	mutex_unlock(&dir_lock);
	if (old)
		dr_guest_leave(old);
}

static struct inode *inode_create(struct mnt_idmap *idmap,
				  struct super_block *sb, struct inode *dir,
				  umode_t mode)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_ino = get_next_ino();
	inode_init_owner(idmap, inode, dir, mode);
	simple_inode_init_ts(inode);
	return inode;
}

static struct inode *dir_inode_create(struct mnt_idmap *idmap,
				      struct super_block *sb,
				      struct inode *dir, umode_t mode)
{
	struct inode *inode = inode_create(idmap, sb, dir, mode | S_IFDIR);

	if (!inode)
		return NULL;
	inode->i_op = dir ? &dir_inode_ops : &root_inode_ops;
	inode->i_fop = &simple_dir_operations;
	inc_nlink(inode);
	return inode;
}

static struct inode *file_inode_create(struct mnt_idmap *idmap,
				       struct inode *dir, umode_t mode,
				       struct dr_guest *guest)
{
	struct inode *inode;

	/*
	 * The memory of a guest is for its owner alone, whatever its VMM asks
	 * for: QEMU asks for 0644, which suits a file on a disk. Who wants
	 * others to read it says so by chmod.
	 */
	inode = inode_create(idmap, dir->i_sb, dir, (mode & ~077) | S_IFREG);
	if (!inode)
		return NULL;
	inode->i_private = dr_gmem_create(inode, guest);
	if (!inode->i_private) {
		iput(inode);
		return NULL;
	}
	dr_hollow_start(inode->i_private);
	inode->i_op = &dr_file_inode_ops;
	inode->i_fop = &dr_file_ops;
	inode->i_mapping->a_ops = &dr_file_aops;
	mapping_set_unevictable(inode->i_mapping);
	/*
	 * NUMA balancing asks this mask whether it could migrate the pages.
	 * It could not, and would only unmap them over and over.
	 */
	mapping_set_gfp_mask(inode->i_mapping, GFP_USER | GFP_DMA32);
	return inode;
}

/* A guest for a directory that has none, its subdirectories being gone. */
static struct dr_guest *dir_new_guest(struct inode *dir,
				      struct dentry *parent)
{
	struct name_snapshot name;
	struct dr_guest *guest;

	take_dentry_name_snapshot(&name, parent);
	guest = dr_guest_create(name.name.name, dir->i_uid,
				dr_mount_of(dir->i_sb)->share);
	release_dentry_name_snapshot(&name);
	if (IS_ERR(guest))
		return guest;
	dr_guest_hold(guest);
	dir_set_guest(dir, guest);
	return guest;
}

/*
 * The guest a new file in @dir belongs to, with a holder for the caller. The
 * name counts in the root only. The inode of @dir is locked.
 */
static struct dr_guest *guest_for_file(struct inode *dir,
				       struct dentry *parent,
				       const char *name)
{
	struct dr_guest *guest;

	if (is_root(dir))
		return dr_guest_create(name, current_fsuid(),
				       dr_mount_of(dir->i_sb)->share);
	guest = dir_hold_guest(dir);
	return guest ? guest : dir_new_guest(dir, parent);
}

/* A file in @dir; the caller instantiates the dentry. */
static struct inode *file_create(struct mnt_idmap *idmap, struct inode *dir,
				 struct dentry *parent, const char *name,
				 umode_t mode)
{
	struct dr_guest *guest = guest_for_file(dir, parent, name);
	struct inode *inode;

	if (IS_ERR(guest))
		return ERR_CAST(guest);
	inode = file_inode_create(idmap, dir, mode, guest);
	/* The file holds the guest now. */
	dr_guest_leave(guest);
	return inode ? inode : ERR_PTR(-ENOSPC);
}

static void dir_touch(struct inode *dir)
{
	inode_set_mtime_to_ts(dir, inode_set_ctime_current(dir));
}

static int dir_create(DR_CREATE_PARAMS)
{
	struct inode *inode = file_create(idmap, dir, dentry->d_parent,
					  dentry->d_name.name, mode);

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	dr_dentry_add(dentry, inode);
	dir_touch(dir);
	return 0;
}

static int dir_tmpfile(struct mnt_idmap *idmap, struct inode *dir,
		       struct file *file, umode_t mode)
{
	struct dentry *parent = file->f_path.dentry->d_parent;
	struct inode *inode;

	/* No operation of the directory is under way: open takes no lock. */
	inode_lock(dir);
	inode = file_create(idmap, dir, parent, "tmpfile", mode);
	inode_unlock(dir);
	if (IS_ERR(inode))
		return finish_open_simple(file, PTR_ERR(inode));
	d_tmpfile(file, inode);
	return finish_open_simple(file, 0);
}

/* Make a directory one that may have subdirectories. */
static int dir_give_up_guest(struct inode *dir)
{
	struct dr_guest *guest = is_root(dir) ? NULL : dir_hold_guest(dir);
	int err = 0;

	if (!guest)
		return 0;
	if (dr_guest_has_files(guest)) {
		pr_warn_ratelimited("guest %s: no directory in it, it has RAM files\n",
				    dr_guest_name(guest).text);
		err = -EBUSY;
	} else {
		dir_set_guest(dir, NULL);
	}
	dr_guest_leave(guest);
	return err;
}

static int dir_make_subdir(struct mnt_idmap *idmap, struct inode *dir,
			   struct dentry *dentry, umode_t mode)
{
	struct dr_guest *guest;
	struct inode *inode;
	int err;

	guest = dr_guest_create(dentry->d_name.name, current_fsuid(),
				dr_mount_of(dir->i_sb)->share);
	if (IS_ERR(guest))
		return PTR_ERR(guest);
	inode = dir_inode_create(idmap, dir->i_sb, dir, mode);
	/* Last, for it is not to be had back. */
	err = inode ? dir_give_up_guest(dir) : -ENOSPC;
	if (err) {
		iput(inode);
		dr_guest_leave(guest);
		return err;
	}
	dir_set_guest(inode, guest);
	dr_dentry_add(dentry, inode);
	inc_nlink(dir);
	dir_touch(dir);
	return 0;
}

static DR_MKDIR_TYPE dir_mkdir(struct mnt_idmap *idmap, struct inode *dir,
			       struct dentry *dentry, umode_t mode)
{
	return DR_MKDIR_RETURN(dir_make_subdir(idmap, dir, dentry, mode));
}

static int dir_rmdir(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	int err = simple_rmdir(dir, dentry);

	/* The name is gone, whoever may still have the directory open. */
	if (!err)
		dir_set_guest(inode, NULL);
	return err;
}

/* May @inode be known under a name in another directory from now on? */
static int rename_check(const struct inode *inode, struct inode *from,
			struct inode *to)
{
	if (from == to)
		return 0;
	return S_ISDIR(inode->i_mode) ? dir_give_up_guest(to) : -EXDEV;
}

static void rename_guest(struct inode *inode, struct inode *dir,
			 const char *name)
{
	struct dr_guest *guest = NULL;

	if (S_ISDIR(inode->i_mode)) {
		guest = dir_hold_guest(inode);
	} else if (is_root(dir)) {
		guest = dr_gmem_of(inode)->guest;
		dr_guest_hold(guest);
	}
	if (!guest)
		return;
	if (dr_guest_rename(guest, name))
		pr_warn_ratelimited("guest %s keeps its name: out of memory\n",
				    dr_guest_name(guest).text);
	dr_guest_leave(guest);
}

static int dir_rename(struct mnt_idmap *idmap, struct inode *old_dir,
		      struct dentry *old, struct inode *new_dir,
		      struct dentry *new, unsigned int flags)
{
	struct inode *inode = d_inode(old), *victim = d_inode(new);
	int err;

	if (flags & ~RENAME_NOREPLACE)
		return -EINVAL;
	err = rename_check(inode, old_dir, new_dir);
	if (!err)
		err = simple_rename(idmap, old_dir, old, new_dir, new, flags);
	if (err)
		return err;
	if (victim && S_ISDIR(victim->i_mode))
		dir_set_guest(victim, NULL);
	rename_guest(inode, new_dir, new->d_name.name);
	return 0;
}

static int dir_chown(struct inode *inode, kuid_t owner)
{
	struct dr_guest *guest = dir_hold_guest(inode);
	int err;

	if (!guest)
		return 0;
	err = dr_guest_set_owner(guest, owner);
	dr_guest_leave(guest);
	return err;
}

/*
 * A guest belongs to whoever owns its directory. What it shares with guests of
 * the old owner is copied before the call returns.
 */
static int dir_setattr(struct mnt_idmap *idmap, struct dentry *dentry,
		       struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	int err = setattr_prepare(idmap, dentry, attr);

	if (!err && attr->ia_valid & ATTR_UID)
		err = dir_chown(inode, from_vfsuid(idmap, i_user_ns(inode),
						   attr->ia_vfsuid));
	return err ? err : simple_setattr(idmap, dentry, attr);
}

/*
 * Two of a kind: the root is told from the other directories by its address.
 */
#define DIR_INODE_OPS {				\
	.lookup = simple_lookup,		\
	.create = dir_create,			\
	.tmpfile = dir_tmpfile,			\
	.unlink = simple_unlink,		\
	.mkdir = dir_mkdir,			\
	.rmdir = dir_rmdir,			\
	.rename = dir_rename,			\
	.setattr = dir_setattr,			\
	.getattr = simple_getattr,		\
}

static const struct inode_operations dir_inode_ops = DIR_INODE_OPS;
static const struct inode_operations root_inode_ops = DIR_INODE_OPS;

/**
 * dr_root_inode() - make the root directory of a mount
 * @sb: its super block, s_fs_info in place
 *
 * Return: the inode, or NULL.
 */
struct inode *dr_root_inode(struct super_block *sb)
{
	struct dr_mount *m = dr_mount_of(sb);
	struct inode *inode;

	inode = dir_inode_create(&nop_mnt_idmap, sb, NULL, m->mode);
	if (!inode)
		return NULL;
	inode->i_uid = m->uid;
	inode->i_gid = m->gid;
	return inode;
}

static void file_evict(struct dr_gmem *gm)
{
	dr_gmem_unlist(gm);
	dr_hollow_stop(gm);
	dr_gmem_clear(gm);
	dr_gmem_destroy(gm);
}

void dr_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(inode->i_mapping);
	clear_inode(inode);
	if (S_ISDIR(inode->i_mode))
		dir_set_guest(inode, NULL);
	else if (inode->i_private)
		file_evict(dr_gmem_of(inode));
}
