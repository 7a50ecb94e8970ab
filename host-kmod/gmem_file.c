// SPDX-License-Identifier: GPL-2.0-only
/*
 * A RAM file as user space sees it: mmap, read, write, seek, fallocate,
 * truncate. What it does not do is refused with the errno that memfd or tmpfs
 * users know, and one line in the log.
 */
#include <linux/falloc.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/splice.h>
#include <linux/uio.h>

#include "gmem.h"
#include "gmem_fault.h"
#include "gmem_file.h"
#include "guest.h"
#include "mount.h"
#include "promise.h"
#include "punch.h"
#include "remap.h"
#include "resolve.h"
#include "span.h"

static int file_mmap(DR_MMAP_PARAMS)
{
	/* VM_SHARED is off for a shared mapping of a read-only descriptor. */
	if (!(dr_mapping_flags(map) & VM_MAYSHARE)) {
		pr_warn_ratelimited("%pD: private mapping refused: map guest RAM shared (QEMU: share=on)\n",
				    map->vm_file);
		return -EINVAL;
	}
	map->vm_ops = &dr_gmem_vm_ops;
	dr_remap_mmap(map);
	return 0;
}

/*
 * A page was copied, or not: @ret is the bytes or the error. Add it to what is
 * @done. Is there to be another page?
 */
static bool copy_goes_on(ssize_t *done, ssize_t *ret)
{
	if (*ret < 0)
		return false;
	*done += *ret;
	if (fatal_signal_pending(current)) {
		*ret = -EINTR;
		return false;
	}
	cond_resched();
	return true;
}

/* Copy from one page, or zeros. Return the bytes copied, never 0, or an error. */
static ssize_t read_page(struct dr_gmem *gm, loff_t pos, size_t len,
			 struct iov_iter *to)
{
	struct page *page;
	size_t copied;
	int err;

	err = dr_resolve_read(gm, pos >> PAGE_SHIFT, &page);
	if (err)
		return err;
	if (page)
		copied = copy_page_to_iter(page, offset_in_page(pos), len, to);
	else
		copied = iov_iter_zero(len, to);
	if (page)
		put_page(page);
	return copied ? copied : -EFAULT;
}

static ssize_t file_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	ssize_t done = 0, ret = 0;

	while (iov_iter_count(to)) {
		loff_t pos = iocb->ki_pos + done, size = i_size_read(inode);
		size_t len = PAGE_SIZE - offset_in_page(pos);

		if (pos >= size)
			break;
		len = min3(len, iov_iter_count(to), (size_t)(size - pos));
		ret = read_page(dr_gmem_of(inode), pos, len, to);
		if (!copy_goes_on(&done, &ret))
			break;
	}
	iocb->ki_pos += done;
	return done ? done : ret;
}

static ssize_t write_page(struct dr_resolve *r, loff_t pos, size_t len,
			  struct iov_iter *from)
{
	size_t copied;
	int err;

	/*
	 * Unlocked while copying: the source may be this very page. The
	 * reference is a pin, so the page stays the file's own.
	 */
	err = dr_resolve(r);
	if (err)
		return err;
	unlock_page(r->page);
	copied = copy_page_from_iter(r->page, offset_in_page(pos), len, from);
	put_page(r->page);
	return copied ? copied : -EFAULT;
}

/* Does [pos, end) cover all of the span that @pos lies in? */
static bool covers_span(loff_t pos, loff_t end)
{
	loff_t start = round_down(pos, DR_BLOCK_SIZE);

	return pos == start && end >= start + DR_BLOCK_SIZE;
}

static ssize_t write_pages(struct kiocb *iocb, struct iov_iter *from)
{
	struct dr_gmem *gm = dr_gmem_of(file_inode(iocb->ki_filp));
	ssize_t done = 0, ret = 0;

	while (iov_iter_count(from)) {
		loff_t pos = iocb->ki_pos + done;
		size_t len = min(PAGE_SIZE - offset_in_page(pos),
				 iov_iter_count(from));
		struct dr_resolve r = {
			.gm = gm,
			.index = pos >> PAGE_SHIFT,
			.write = true,
			.block_ok = covers_span(pos, pos +
						iov_iter_count(from)),
			.grow = true,
		};

		ret = write_page(&r, pos, len, from);
		if (!copy_goes_on(&done, &ret))
			break;
	}
	return done ? done : ret;
}

/*
 * Write at the position of @iocb, as far as it goes. Bytes between the old end
 * of the file and the new ones read as zero. The inode is locked.
 */
static ssize_t write_locked(struct kiocb *iocb, struct iov_iter *from)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	struct dr_gmem *gm = dr_gmem_of(inode);
	loff_t size = i_size_read(inode);
	loff_t end = iocb->ki_pos + iov_iter_count(from);
	ssize_t ret;

	/* Whole or not at all: what a write may grow to is promised before. */
	ret = dr_promise_grow(gm, end);
	if (ret)
		return ret;
	if (iocb->ki_pos > size)
		ret = dr_gmem_resize(gm, iocb->ki_pos);
	if (!ret)
		ret = write_pages(iocb, from);
	if (ret > 0) {
		iocb->ki_pos += ret;
		size = max(size, iocb->ki_pos);
	}
	/* What a failed copy left beyond the end must not show up later. */
	if (end > size)
		dr_gmem_punch(gm, size, round_up(end, PAGE_SIZE));
	i_size_write(inode, size);
	dr_promise_trim(gm, size);
	return ret;
}

static ssize_t file_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	ssize_t ret;

	inode_lock(inode);
	ret = generic_write_checks(iocb, from);
	if (ret > 0) {
		ret = file_remove_privs(iocb->ki_filp);
		if (!ret)
			ret = file_update_time(iocb->ki_filp);
		if (!ret)
			ret = write_locked(iocb, from);
	}
	inode_unlock(inode);
	return ret;
}

static bool page_has_data(struct dr_span *span, pgoff_t index)
{
	return span->block ||
	       (span->table &&
		dr_entry_type(dr_word_read(dr_span_word(span, index))));
}

/*
 * First page at or after @index, and before @end, that holds data or, with
 * @hole, that does not; @end when there is none. Holes within a block count as
 * data.
 */
static pgoff_t seek_page(struct dr_gmem *gm, pgoff_t index, pgoff_t end,
			 bool hole)
{
	while (index < end) {
		pgoff_t next = min(end, (index | DR_SPAN_MASK) + 1);
		struct dr_span *span = dr_span_find(gm, index);

		if (!span) {
			if (hole)
				return index;
			index = next;
			continue;
		}
		down_read(&span->sem);
		while (index < next && page_has_data(span, index) == hole)
			index++;
		up_read(&span->sem);
		if (index < next)
			break;
		cond_resched();
	}
	return min(index, end);
}

static loff_t seek_data_hole(struct inode *inode, loff_t from, bool hole)
{
	loff_t size = i_size_read(inode), pos;
	pgoff_t index;

	if (from < 0 || from >= size)
		return -ENXIO;
	index = seek_page(dr_gmem_of(inode), from >> PAGE_SHIFT,
			  DIV_ROUND_UP(size, PAGE_SIZE), hole);
	pos = max(from, (loff_t)index << PAGE_SHIFT);
	if (pos < size)
		return pos;
	return hole ? size : -ENXIO;
}

static loff_t file_llseek(struct file *file, loff_t offset, int whence)
{
	struct inode *inode = file_inode(file);

	if (whence != SEEK_DATA && whence != SEEK_HOLE)
		return generic_file_llseek(file, offset, whence);
	inode_lock(inode);
	offset = seek_data_hole(inode, offset, whence == SEEK_HOLE);
	if (offset >= 0)
		offset = vfs_setpos(file, offset, inode->i_sb->s_maxbytes);
	inode_unlock(inode);
	return offset;
}

/*
 * Could the host hold a range at all? Better to refuse now than with all of
 * its memory gone. Pages the file has anywhere already count in its favour.
 */
static bool host_has_room(const struct dr_gmem *gm, loff_t from, loff_t to)
{
	u64 need = DIV_ROUND_UP(to - from, PAGE_SIZE);

	return need <= dr_gmem_charged(gm) + si_mem_available();
}

/* Allocate all pages of a range. What fails leaves the range part done. */
static int populate(struct dr_gmem *gm, loff_t from, loff_t to)
{
	loff_t pos = round_down(from, PAGE_SIZE);
	int err = host_has_room(gm, from, to) ? 0 : -ENOMEM;

	while (!err && pos < to) {
		struct dr_resolve r = {
			.gm = gm,
			.index = pos >> PAGE_SHIFT,
			.write = true,
			.block_ok = covers_span(pos, to),
			.grow = true,
		};

		err = dr_resolve(&r);
		if (err)
			break;
		pos += PAGE_SIZE;
		if (folio_test_large(page_folio(r.page)))
			pos = round_up(pos, DR_BLOCK_SIZE);
		unlock_page(r.page);
		put_page(r.page);
		if (signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

/* A file that cannot grow to its new size keeps the old one. */
static int allocate(struct inode *inode, loff_t from, loff_t to)
{
	struct dr_gmem *gm = dr_gmem_of(inode);
	loff_t size = i_size_read(inode);
	int err = 0;

	if (to > size) {
		err = inode_newsize_ok(inode, to);
		if (!err)
			err = dr_gmem_resize(gm, to);
	}
	if (err)
		return err;
	err = populate(gm, from, to);
	if (err && to > size)
		dr_gmem_resize(gm, size);
	return err;
}

static int punch(struct inode *inode, loff_t from, loff_t to)
{
	loff_t size = i_size_read(inode);

	if (from >= size)
		return 0;
	return dr_gmem_punch(dr_gmem_of(inode), from,
			     to < size ? to : round_up(size, PAGE_SIZE));
}

/* Punch a hole, or allocate, but nothing beyond an end that is to stay. */
static bool fallocate_valid(const struct inode *inode, int mode, loff_t end)
{
	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
		return false;
	return mode != FALLOC_FL_KEEP_SIZE || end <= i_size_read(inode);
}

static long file_fallocate(struct file *file, int mode, loff_t offset,
			   loff_t len)
{
	struct inode *inode = file_inode(file);
	long err = -EOPNOTSUPP;

	inode_lock(inode);
	if (!fallocate_valid(inode, mode, offset + len))
		pr_warn_ratelimited("%pD: fallocate mode %#x refused\n", file,
				    mode);
	else if (mode & FALLOC_FL_PUNCH_HOLE)
		err = punch(inode, offset, offset + len);
	else
		err = allocate(inode, offset, offset + len);
	if (!err)
		err = file_update_time(file);
	inode_unlock(inode);
	return err;
}

static int file_setattr(struct mnt_idmap *idmap, struct dentry *dentry,
			struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	int err;

	err = setattr_prepare(idmap, dentry, attr);
	/* A file in the root is a guest by itself. */
	if (!err && attr->ia_valid & ATTR_UID && IS_ROOT(dentry->d_parent))
		err = dr_guest_set_owner(dr_gmem_of(inode)->guest,
					 from_vfsuid(idmap, i_user_ns(inode),
						     attr->ia_vfsuid));
	if (err)
		return err;
	if (attr->ia_valid & ATTR_SIZE) {
		err = dr_gmem_resize(dr_gmem_of(inode), attr->ia_size);
		if (err)
			return err;
	}
	setattr_copy(idmap, inode, attr);
	return 0;
}

static int file_getattr(struct mnt_idmap *idmap, const struct path *path,
			struct kstat *stat, u32 request_mask,
			unsigned int flags)
{
	struct inode *inode = d_inode(path->dentry);
	struct dr_usage u = {};

	generic_fillattr(idmap, request_mask, inode, stat);
	dr_gmem_usage(dr_gmem_of(inode), &u);
	/* In units of 512 bytes, as everywhere. */
	stat->blocks = u.resident >> 9;
	stat->blksize = dr_mount_of(inode->i_sb)->huge ? DR_BLOCK_SIZE :
							  PAGE_SIZE;
	return 0;
}

const struct file_operations dr_file_ops = {
	.owner = THIS_MODULE,
	DR_MMAP_OP(file_mmap),
	.get_unmapped_area = dr_remap_unmapped_area,
	.read_iter = file_read_iter,
	.write_iter = file_write_iter,
	.splice_read = copy_splice_read,
	.splice_write = iter_file_splice_write,
	.llseek = file_llseek,
	.fallocate = file_fallocate,
	.fsync = noop_fsync,
};

const struct inode_operations dr_file_inode_ops = {
	.setattr = file_setattr,
	.getattr = file_getattr,
};

/* The core marks pages dirty through this; there is nothing else to do. */
const struct address_space_operations dr_file_aops = {
	.dirty_folio = noop_dirty_folio,
};
