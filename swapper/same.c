// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tier that stores nothing: a page filled with one 32 bit word is that
 * word, kept in the entry itself.
 */
#include <linux/highmem.h>
#include <linux/string.h>

#include "handle.h"
#include "same.h"
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

/**
 * dr_same_take() - keep a page as one word, if it is one
 * @grab: the page; the grab has ended when this returns 0, and goes on if not
 * @word: out: the word
 *
 * Return: 0, or -EAGAIN when other words are in it.
 */
int dr_same_take(struct dr_grab *grab, u32 *word)
{
	if (!page_same_word(grab->page, word))
		return -EAGAIN;
	/* Zeros cost not even that, and nobody need be charged for them. */
	if (*word) {
		atomic_long_inc(&grab->gm->swapped.same);
		dr_gmem_commit(grab, dr_handle_entry(DR_TIER_SAME, *word));
	} else {
		dr_gmem_commit(grab, dr_entry_make(DR_ABSENT, 0));
	}
	return 0;
}

static int same_take(struct dr_grab *grab)
{
	u32 word;
	int err = dr_same_take(grab, &word);

	if (err)
		dr_gmem_putback(grab);
	return err;
}

/**
 * dr_same_fill() - make a page of the word it is kept as
 * @id: the word
 * @dst: the page
 */
void dr_same_fill(unsigned long id, struct page *dst)
{
	void *bytes = kmap_local_page(dst);

	memset32(bytes, id, WORDS_PER_PAGE);
	kunmap_local(bytes);
}

/**
 * dr_same_free() - forget a page that is kept as a word
 * @gm: its file
 */
void dr_same_free(struct dr_gmem *gm)
{
	atomic_long_dec(&gm->swapped.same);
}

const struct dr_pass_ops dr_same_pass = {
	.flag = DR_TRIM_SAME,
	.event = DR_EV_TRIM_SAME,
	.fits = same_fits,
	.take = same_take,
};
