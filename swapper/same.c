// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tier that stores nothing: a page filled with one 32 bit word is that
 * word, kept in the entry itself.
 */
#include <linux/highmem.h>
#include <linux/string.h>

#include "handle.h"
#include "swap.h"

#define WORDS_PER_PAGE	(PAGE_SIZE / sizeof(u32))

static bool page_same_word(struct page *page, u32 *word)
{
	void *bytes = kmap_local_page(page);
	bool same = dr_same_word(bytes, WORDS_PER_PAGE, word);

	kunmap_local(bytes);
	return same;
}

static bool same_fits(struct page *page)
{
	u32 word;

	return page_same_word(page, &word);
}

static int same_take(struct dr_grab *grab)
{
	u32 word;

	if (!page_same_word(grab->page, &word)) {
		dr_gmem_putback(grab);
		return -EAGAIN;
	}
	dr_gmem_commit(grab, dr_handle_entry(DR_TIER_SAME, word));
	return 0;
}

static int swap_load(struct dr_gmem *gm, struct dr_entry e, struct page *dst)
{
	void *bytes;

	if (WARN_ON_ONCE(dr_handle_tier(e) != DR_TIER_SAME))
		return -EIO;
	bytes = kmap_local_page(dst);
	memset32(bytes, dr_handle_id(e), WORDS_PER_PAGE);
	kunmap_local(bytes);
	return 0;
}

const struct dr_store_ops dr_swap_store = {
	.name = "swap",
	.load = swap_load,
};

const struct dr_pass_ops dr_same_pass = {
	.flag = DR_TRIM_SAME,
	.event = DR_EV_TRIM_SAME,
	.fits = same_fits,
	.take = same_take,
};
