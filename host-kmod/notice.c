// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Notices
 *
 * A daemon has to learn at once that a balloon is to have another size, and
 * must not lose that while it is busy, restarts or is killed. A queue of events
 * would overflow when nobody reads, so there is none. All notices have numbers
 * from one counter; each state of a guest remembers the number of its last
 * change, and each open file the number up to which it has read. What is to be
 * read are the states with a greater number, by rising number.
 *
 * A new file has read nothing: it begins with all states that ever changed,
 * which is what a daemon needs that has just started.
 */
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "guest.h"
#include "notice.h"

/* Notices found in one walk over the guests. */
#define BATCH	32

/* Guards @last_seq and the numbers in all struct dr_notices. */
static DEFINE_SPINLOCK(seq_lock);
static u64 last_seq;
static struct dr_notices list_notices;
static DECLARE_WAIT_QUEUE_HEAD(readers);

/**
 * struct reader - an open file
 * @lock: one read at a time
 * @seen: all notices up to this number have been read or were overtaken
 */
struct reader {
	struct mutex lock;	/* @seen */
	u64 seen;
};

/**
 * struct batch - the notices with the lowest numbers in a range
 * @after: numbers above this
 * @last: and not above this: later ones may have been missed by the walk
 * @nr: how many were found
 * @found: by rising number
 */
struct batch {
	u64 after;
	u64 last;
	unsigned int nr;
	struct dr_notice found[BATCH];
};

/**
 * dr_notice_raise() - tell readers that a state has changed
 * @notices: whose
 * @kind: which
 *
 * Context: any but hard interrupts; after the change.
 */
void dr_notice_raise(struct dr_notices *notices, enum dr_notice_kind kind)
{
	spin_lock_bh(&seq_lock);
	notices->seq[kind] = ++last_seq;
	spin_unlock_bh(&seq_lock);
	wake_up_interruptible_poll(&readers, EPOLLIN | EPOLLRDNORM);
}

/**
 * dr_notice_list() - tell readers that guests came, went or were renamed
 */
void dr_notice_list(void)
{
	dr_notice_raise(&list_notices, DR_NOTICE_LIST);
}

static u64 current_seq(void)
{
	u64 seq;

	spin_lock_bh(&seq_lock);
	seq = last_seq;
	spin_unlock_bh(&seq_lock);
	return seq;
}

/* Keep the lowest numbers, in order; the highest falls out. */
static void batch_insert(struct batch *b, const struct dr_notice *n)
{
	unsigned int i = b->nr;

	if (i == BATCH) {
		if (n->seq > b->found[BATCH - 1].seq)
			return;
		i--;
	} else {
		b->nr++;
	}
	for (; i && b->found[i - 1].seq > n->seq; i--)
		b->found[i] = b->found[i - 1];
	b->found[i] = *n;
}

static void batch_add(struct batch *b, u64 id, struct dr_notices *notices)
{
	struct dr_notices copy;
	u32 kind;

	spin_lock_bh(&seq_lock);
	copy = *notices;
	spin_unlock_bh(&seq_lock);
	for (kind = 0; kind < DR_NR_NOTICES; kind++) {
		struct dr_notice n = {
			.seq = copy.seq[kind], .id = id, .kind = kind,
		};

		if (n.seq > b->after && n.seq <= b->last)
			batch_insert(b, &n);
	}
}

static void batch_fill(struct batch *b, u64 after)
{
	struct dr_guest *guest;
	u64 id = 0;

	b->after = after;
	b->last = current_seq();
	b->nr = 0;
	batch_add(b, 0, &list_notices);
	while ((guest = dr_guest_next(id))) {
		id = guest->id;
		batch_add(b, id, &guest->notices);
		dr_guest_put(guest);
	}
}

/*
 * Copy out up to @room notices. When the walk found fewer than it could hold,
 * there is nothing else up to its limit.
 */
static ssize_t read_some(struct reader *r, struct batch *b, char __user *to,
			 size_t room)
{
	size_t nr;

	batch_fill(b, r->seen);
	nr = min_t(size_t, room, b->nr);
	if (copy_to_user(to, b->found, nr * sizeof(b->found[0])))
		return -EFAULT;
	if (nr == b->nr && b->nr < BATCH)
		r->seen = b->last;
	else
		r->seen = b->found[nr - 1].seq;
	return nr * sizeof(b->found[0]);
}

static int wait_for_news(struct reader *r)
{
	return wait_event_interruptible(readers, current_seq() != r->seen);
}

ssize_t dr_notice_read(struct file *file, char __user *to, size_t len,
		       loff_t *pos)
{
	size_t room = len / sizeof(struct dr_notice);
	struct reader *r = file->private_data;
	struct batch *b;
	ssize_t got = 0;

	if (!room)
		return -EINVAL;
	b = kmalloc(sizeof(*b), GFP_KERNEL);
	if (!b)
		return -ENOMEM;
	if (mutex_lock_interruptible(&r->lock)) {
		kfree(b);
		return -ERESTARTSYS;
	}
	/* A guest may go between its notice and the walk: look again. */
	while (!got) {
		if (current_seq() != r->seen)
			got = read_some(r, b, to, room);
		else if (file->f_flags & O_NONBLOCK)
			got = -EAGAIN;
		else
			got = wait_for_news(r);
	}
	mutex_unlock(&r->lock);
	kfree(b);
	return got;
}

__poll_t dr_notice_poll(struct file *file, poll_table *wait)
{
	struct reader *r = file->private_data;

	poll_wait(file, &readers, wait);
	return current_seq() != READ_ONCE(r->seen) ? EPOLLIN | EPOLLRDNORM : 0;
}

int dr_notice_open(struct inode *inode, struct file *file)
{
	struct reader *r = kzalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);

	if (!r)
		return -ENOMEM;
	mutex_init(&r->lock);
	file->private_data = r;
	return nonseekable_open(inode, file);
}

int dr_notice_release(struct inode *inode, struct file *file)
{
	struct reader *r = file->private_data;

	mutex_destroy(&r->lock);
	kfree(r);
	return 0;
}
