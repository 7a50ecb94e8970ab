// SPDX-License-Identifier: GPL-2.0-only
/*
 * The content that guests share most, zeros, needs no copy at all: a page of
 * zeros becomes absent.
 */
#include <linux/highmem.h>

#include "bytes.h"
#include "dedup.h"

static bool zero_fits(struct page *page)
{
	void *bytes = kmap_local_page(page);
	bool zero = dr_bytes_zero(bytes);

	kunmap_local(bytes);
	return zero;
}

static int zero_take(struct dr_grab *grab)
{
	if (!zero_fits(grab->page)) {
		dr_gmem_putback(grab);
		return -EAGAIN;
	}
	dr_gmem_commit(grab, dr_entry_make(DR_ABSENT, 0));
	return 0;
}

const struct dr_pass_ops dr_zero_pass = {
	.flag = DR_TRIM_ZERO,
	.event = DR_EV_TRIM_ZERO,
	.fits = zero_fits,
	.take = zero_take,
};
