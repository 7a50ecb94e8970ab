// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file or a device becomes a swap area.
 */
#include <linux/blkdev.h>
#include <linux/file.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "area.h"
#include "area_ctl.h"
#include "cluster.h"
#include "io.h"
#include "out.h"
#include "swap.h"

/* Smaller ones are a mistake. */
#define SIZE_MIN	BIT_ULL(20)

/* More would need a bitmap of slots that is larger than an allocation may be. */
#define SIZE_MAX_BYTES	BIT_ULL(45)

/* Areas are added and removed one at a time. */
DEFINE_MUTEX(dr_area_ctl_lock);

/* Every block of a file must be there: a hole would need room to be written. */
static int check_file(struct file *file)
{
	loff_t size = i_size_read(file_inode(file));

	if (file_inode(file)->i_sb->s_magic == DR_SUPER_MAGIC)
		return -ELOOP;
	if (!(file->f_mode & FMODE_CAN_ODIRECT))
		return -EOPNOTSUPP;
	/* Direct I/O in units of a page. */
	if (i_blocksize(file_inode(file)) > PAGE_SIZE)
		return -EOPNOTSUPP;
	return vfs_llseek(file, 0, SEEK_HOLE) < size ? -ENODATA : 0;
}

static int check_size(loff_t size)
{
	if (size < (loff_t)SIZE_MIN)
		return -ERANGE;
	return size > (loff_t)SIZE_MAX_BYTES ? -EFBIG : 0;
}

/* The device, for us alone: nobody can mount it meanwhile. */
static struct file *open_bdev(struct file *user)
{
	static const char holder[] = "denseram";
	struct file *file;

	file = bdev_file_open_by_dev(file_inode(user)->i_rdev,
				     BLK_OPEN_READ | BLK_OPEN_WRITE,
				     (void *)holder, NULL);
	if (IS_ERR(file))
		return file;
	if (bdev_logical_block_size(file_bdev(file)) > PAGE_SIZE) {
		bdev_fput(file);
		return ERR_PTR(-EOPNOTSUPP);
	}
	return file;
}

static struct file *open_area(struct file *user)
{
	int err;

	if (!(user->f_mode & FMODE_READ) || !(user->f_mode & FMODE_WRITE))
		return ERR_PTR(-EBADF);
	if (dr_area_known(file_inode(user)))
		return ERR_PTR(-EEXIST);
	if (S_ISBLK(file_inode(user)->i_mode))
		return open_bdev(user);
	if (!S_ISREG(file_inode(user)->i_mode))
		return ERR_PTR(-EINVAL);
	err = check_file(user);
	return err ? ERR_PTR(err) : get_file(user);
}

/**
 * dr_area_close() - let go of the file of an area
 * @area: the area
 */
void dr_area_close(struct dr_area *area)
{
	if (area->is_bdev)
		bdev_fput(area->file);
	else
		fput(area->file);
}

/* Say whose it is. A device that cannot be written is found out here. */
static int write_header(struct dr_area *area)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	void *bytes;
	int err;

	if (!page)
		return -ENOMEM;
	bytes = kmap_local_page(page);
	memcpy(bytes, DR_SWAP_MAGIC, sizeof(DR_SWAP_MAGIC));
	kunmap_local(bytes);
	err = dr_io_wait(area->file, true, DR_AREA_HEADER, page);
	__free_page(page);
	return err;
}

static void note_path(struct dr_area *area, struct file *user)
{
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL);
	char *path = buf ? file_path(user, buf, PATH_MAX) : NULL;

	strscpy(area->path, IS_ERR_OR_NULL(path) ? "?" : path);
	kfree(buf);
}

static struct dr_area *make_area(struct file *user, struct file *file,
				 int prio)
{
	loff_t size = i_size_read(file->f_mapping->host);
	struct dr_area *area;
	int err = check_size(size);

	if (err)
		return ERR_PTR(err);
	area = dr_area_alloc(size / PAGE_SIZE);
	if (!area)
		return ERR_PTR(-ENOMEM);
	area->file = file;
	area->is_bdev = S_ISBLK(file_inode(user)->i_mode);
	area->prio = prio;
	note_path(area, user);
	err = write_header(area);
	if (!err)
		err = dr_area_list(area);
	if (!err)
		return area;
	dr_area_free(area);
	return ERR_PTR(err);
}

static void close_file(struct file *user, struct file *file)
{
	if (S_ISBLK(file_inode(user)->i_mode))
		bdev_fput(file);
	else
		fput(file);
}

static int add_file(struct file *user, struct dr_swap_add *add)
{
	struct file *file = open_area(user);
	struct dr_area *area;

	if (IS_ERR(file))
		return PTR_ERR(file);
	area = make_area(user, file, add->prio);
	if (IS_ERR(area)) {
		close_file(user, file);
		return PTR_ERR(area);
	}
	add->id = area->id;
	pr_info("swap area %s: %llu MiB, priority %d\n", area->path,
		(area->slots.nr - 1) >> (20 - PAGE_SHIFT), area->prio);
	return 0;
}

/**
 * dr_swap_area_add() - make a file or a device a swap area
 * @add: as the ioctl has it, checked; @add->id is filled in
 *
 * Context: may sleep.
 * Return: 0 or an error, see struct dr_swap_add.
 */
int dr_swap_area_add(struct dr_swap_add *add)
{
	struct file *user = fget(add->fd);
	int err;

	if (!user)
		return -EBADF;
	err = mutex_lock_interruptible(&dr_area_ctl_lock);
	if (err)
		goto put_user;
	err = dr_clusters_make();
	if (!err)
		err = add_file(user, add);
	mutex_unlock(&dr_area_ctl_lock);
put_user:
	fput(user);
	if (err)
		pr_warn_ratelimited("a swap area was refused (%d)\n", err);
	else
		dr_pager_note_room();
	return err;
}
