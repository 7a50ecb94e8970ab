/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_IO_H
#define _DR_IO_H

#include <linux/bvec.h>
#include <linux/fs.h>
#include <linux/workqueue.h>

/**
 * struct dr_io - a transfer between pages and slots in a row
 * @file: of the area
 * @write: to the slots
 * @slot: the first
 * @bvec: a whole page each
 * @nr: how many
 * @here: whoever asks for it may sleep, and start it
 * @done: what to do at the end, in any context; @result says how it went. The
 *	structure may be freed or used again from then on
 * @result: 0, or a negative error
 * @iocb: the transfer as the core knows it
 * @ref: the transfer, and whoever started it: the core looks at @iocb after
 *	the end of a transfer that was quick
 * @work: starts it
 *
 * The caller's memory; the caller fills in the fields down to @done.
 */
struct dr_io {
	struct file *file;
	bool write;
	u64 slot;
	struct bio_vec *bvec;
	unsigned int nr;
	bool here;
	void (*done)(struct dr_io *io);
	long result;
	struct kiocb iocb;
	atomic_t ref;
	struct work_struct work;
};

/*
 * Was there no memory for a transfer, or was it not the moment? That says nothing
 * about the area: later on the same transfer may do.
 */
static inline bool dr_io_is_shortage(long err)
{
	return err == -ENOMEM || err == -EAGAIN || err == -EINTR;
}

int dr_io_init(void);
void dr_io_exit(void);
void dr_io_start(struct dr_io *io);
void dr_io_queue(struct dr_io *io);
void dr_io_finish(struct work_struct *work);
int dr_io_wait(struct file *file, bool write, u64 slot, struct page *page);
void dr_io_work(struct work_struct *work);

#endif /* _DR_IO_H */
