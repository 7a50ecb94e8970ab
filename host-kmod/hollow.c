// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hollow blocks: those that are holes for at least one half, and should be
 * broken up.
 *
 * Not at once, for a balloon that works its way through 2 MiB page by page is
 * only half done then. Were the block broken up under it, the guest would
 * touch the other half to put it into the balloon and get a fresh block for
 * that. So a hollow block is left alone until it has not changed for a while;
 * if it is all holes by then, it is gone already, without a copy.
 */
#include <linux/jiffies.h>
#include <linux/workqueue.h>

#include "evacuate.h"
#include "hollow.h"
#include "span.h"

/* A block is at rest when it has as many holes as that long ago. */
#define DR_HOLLOW_REST	HZ

/* Marks a hollow span in the file's index. */
#define DR_MARK_HOLLOW	XA_MARK_0

static struct workqueue_struct *hollow_wq;

/* How many holes the block of a span has now; 0 when there is no block. */
static unsigned int count_holes(struct dr_span *span)
{
	unsigned int holes = 0;

	down_read(&span->sem);
	if (span->block)
		holes = bitmap_weight(span->holes, DR_SPAN_PAGES);
	up_read(&span->sem);
	return holes;
}

/* Return true to look at the span again later. */
static bool visit(struct dr_gmem *gm, struct dr_span *span)
{
	unsigned int holes = count_holes(span);

	if (holes < DR_EVACUATE_HOLES)
		return false;
	if (holes != span->holes_seen) {
		span->holes_seen = holes;
		return true;
	}
	/* Pins are short. Without memory for the copies it stays as it is. */
	return dr_block_evacuate(gm, span) == -EBUSY;
}

static void hollow_work(struct work_struct *work)
{
	struct dr_gmem *gm = container_of(to_delayed_work(work),
					  struct dr_gmem, hollow);
	struct dr_span *span;
	bool again = false;
	unsigned long i;

	xa_for_each_marked(&gm->spans, i, span, DR_MARK_HOLLOW) {
		/* Before the look: a hole punched meanwhile marks it anew. */
		xa_clear_mark(&gm->spans, i, DR_MARK_HOLLOW);
		if (visit(gm, span)) {
			xa_set_mark(&gm->spans, i, DR_MARK_HOLLOW);
			again = true;
		}
		cond_resched();
	}
	if (again)
		queue_delayed_work(hollow_wq, &gm->hollow, DR_HOLLOW_REST);
}

void dr_hollow_start(struct dr_gmem *gm)
{
	INIT_DELAYED_WORK(&gm->hollow, hollow_work);
}

/**
 * dr_hollow_stop() - look after a file's blocks no more
 * @gm: a file that nobody punches any more
 *
 * Context: may sleep, until a visit under way is over.
 */
void dr_hollow_stop(struct dr_gmem *gm)
{
	cancel_delayed_work_sync(&gm->hollow);
}

/**
 * dr_hollow_note() - a block has become hollow, or more so
 * @gm: the file
 * @span: its span
 */
void dr_hollow_note(struct dr_gmem *gm, struct dr_span *span)
{
	xa_set_mark(&gm->spans, span->start >> DR_SPAN_ORDER, DR_MARK_HOLLOW);
	queue_delayed_work(hollow_wq, &gm->hollow, DR_HOLLOW_REST);
}

int dr_hollow_init(void)
{
	hollow_wq = alloc_workqueue("denseram", WQ_UNBOUND, 0);
	return hollow_wq ? 0 : -ENOMEM;
}

void dr_hollow_exit(void)
{
	destroy_workqueue(hollow_wq);
}
