// SPDX-License-Identifier: GPL-2.0-only
/*
 * Free page reporting: the guest's free blocks are named to the host now and
 * then, and need no memory there until they are used.
 */
#include "denseram_balloon.h"

#include <linux/page_reporting.h>

/*
 * The core keeps the pages out of the allocator until this returns. When the
 * host does not answer, it returns after the reset that makes it forget them.
 */
static int report(struct page_reporting_dev_info *info, struct scatterlist *sg,
		  unsigned int nr)
{
	struct dr_balloon *b = container_of(info, struct dr_balloon,
					    reporting);
	int err;

	mutex_lock(&b->report.lock);
	err = dr_wire_blocks(b, sg, nr);
	mutex_unlock(&b->report.lock);
	if (!err)
		dr_count(b, DR_COUNT_REPORTED, nr * DR_BLOCK_PAGES);
	return err;
}

/**
 * dr_report_init() - report free blocks from now on
 * @b: the balloon, ready
 *
 * A guest can do without: another driver may be reporting already.
 */
void dr_report_init(struct dr_balloon *b)
{
	int err;

	if (!b->report.vq ||
	    virtqueue_get_vring_size(b->report.vq) < PAGE_REPORTING_CAPACITY)
		return;
	b->reporting.report = report;
	b->reporting.order = DR_BLOCK_ORDER;
	err = page_reporting_register(&b->reporting);
	b->is_reporting = !err;
	if (err)
		dev_info(&b->vdev->dev, "free memory is not reported: %d\n",
			 err);
}

/**
 * dr_report_exit() - report no more
 * @b: the balloon; messages have been forgotten, so nobody waits for them
 */
void dr_report_exit(struct dr_balloon *b)
{
	if (b->is_reporting)
		page_reporting_unregister(&b->reporting);
	b->is_reporting = false;
}
