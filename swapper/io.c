// SPDX-License-Identifier: GPL-2.0-only
/*
 * Direct I/O to swap areas, without waiting.
 *
 * Transfers are started in the kernel's name: security modules would otherwise ask
 * whether the VMM that touches its memory may read the swap file. By a thread of its
 * own, for who touches it may hold locks of a file system's in the order that suits
 * that one; but a read of a block device takes none, and is started in the fault if
 * that waits for it. No memory is reclaimed for them: what they need is small, and
 * there is memory back in the end.
 */
#include <linux/completion.h>
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/uio.h>

#include "io.h"

static struct workqueue_struct *io_wq;
static const struct cred *io_cred;

static void io_put(struct dr_io *io)
{
	if (atomic_dec_and_test(&io->ref))
		io->done(io);
}

/* The number of bytes, or an error; the end of the file is an error too. */
static void note_result(struct dr_io *io, long ret)
{
	if (ret == (long)io->nr * PAGE_SIZE)
		io->result = 0;
	else
		io->result = ret < 0 ? ret : -EIO;
}

/* The transfer went on after it was started, and has ended. */
static void io_complete(struct kiocb *iocb, long ret)
{
	struct dr_io *io = container_of(iocb, struct dr_io, iocb);

	if (io->write)
		kiocb_end_write(iocb);
	note_result(io, ret);
	io_put(io);
}

/* A file may have been made shorter since it was added: do not lengthen it. */
static bool is_inside(const struct dr_io *io)
{
	struct inode *inode = io->file->f_mapping->host;

	return (io->slot + io->nr) * PAGE_SIZE <= i_size_read(inode);
}

static long transfer(struct dr_io *io)
{
	struct iov_iter iter;

	if (!is_inside(io))
		return -EIO;
	iov_iter_bvec(&iter, io->write ? ITER_SOURCE : ITER_DEST, io->bvec,
		      io->nr, (size_t)io->nr * PAGE_SIZE);
	if (io->write)
		return vfs_iocb_iter_write(io->file, &io->iocb, &iter);
	return vfs_iocb_iter_read(io->file, &io->iocb, &iter);
}

/**
 * dr_io_start() - start a transfer
 * @io: what
 *
 * Context: in the kernel's name; may sleep.
 */
void dr_io_start(struct dr_io *io)
{
	unsigned int flags = memalloc_noreclaim_save();
	long ret;

	init_sync_kiocb(&io->iocb, io->file);
	io->iocb.ki_pos = (loff_t)io->slot * PAGE_SIZE;
	io->iocb.ki_flags |= IOCB_DIRECT;
	io->iocb.ki_complete = io_complete;
	atomic_set(&io->ref, 2);
	ret = transfer(io);
	if (ret != -EIOCBQUEUED) {
		note_result(io, ret);
		io_put(io);
	}
	io_put(io);
	memalloc_noreclaim_restore(flags);
}

void dr_io_work(struct work_struct *work)
{
	dr_io_start(container_of(work, struct dr_io, work));
}

static bool may_start_here(const struct dr_io *io)
{
	return io->here && !io->write &&
	       S_ISBLK(file_inode(io->file)->i_mode);
}

/**
 * dr_io_queue() - have a transfer started
 * @io: what; its work is initialised with dr_io_work()
 *
 * Context: any; may sleep if @io->here says so.
 */
void dr_io_queue(struct dr_io *io)
{
	const struct cred *old;

	if (!may_start_here(io)) {
		queue_work(io_wq, &io->work);
		return;
	}
	old = override_creds(io_cred);
	dr_io_start(io);
	revert_creds(old);
}

/**
 * dr_io_finish() - have done what is to be done after a transfer, by a thread
 * @work: it
 *
 * Context: any.
 */
void dr_io_finish(struct work_struct *work)
{
	queue_work(io_wq, work);
}

/**
 * struct waited - a transfer that somebody waits for
 * @io: the transfer
 * @bvec: its page
 * @end: it has ended
 */
struct waited {
	struct dr_io io;
	struct bio_vec bvec;
	struct completion end;
};

static void waited_done(struct dr_io *io)
{
	complete(&container_of(io, struct waited, io)->end);
}

/**
 * dr_io_wait() - transfer a page and wait for it
 * @file: of the area
 * @write: to the slot
 * @slot: the slot
 * @page: the page
 *
 * Context: may sleep; needs no memory of the caller.
 * Return: 0 or an error.
 */
int dr_io_wait(struct file *file, bool write, u64 slot, struct page *page)
{
	struct waited w = {
		.io = {
			.file = file,
			.write = write,
			.slot = slot,
			.bvec = &w.bvec,
			.nr = 1,
			.here = true,
			.done = waited_done,
		},
	};

	bvec_set_page(&w.bvec, page, PAGE_SIZE, 0);
	init_completion(&w.end);
	INIT_WORK_ONSTACK(&w.io.work, dr_io_work);
	dr_io_queue(&w.io);
	wait_for_completion_io(&w.end);
	destroy_work_on_stack(&w.io.work);
	return w.io.result;
}

int dr_io_init(void)
{
	io_cred = prepare_kernel_cred(&init_task);
	if (!io_cred)
		return -ENOMEM;
	io_wq = alloc_workqueue("denseram_io", WQ_UNBOUND | WQ_HIGHPRI |
				WQ_MEM_RECLAIM, 0);
	if (io_wq)
		return 0;
	put_cred(io_cred);
	return -ENOMEM;
}

void dr_io_exit(void)
{
	destroy_workqueue(io_wq);
	put_cred(io_cred);
}
