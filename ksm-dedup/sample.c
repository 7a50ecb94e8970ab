// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Sampling a block
 *
 * Would it pay to break up a block? Hashing all its 512 pages to find out
 * costs as much as scanning it. A random sample does not do either: of two
 * copies of a page, two samples of one page in 16 hold both only one time in
 * 256. So the *contents* are sampled (as Manber's "Finding similar files",
 * USENIX 1994, does with the pieces of a file): a few words of each page
 * decide whether it is in the sample, so that copies are either all in it or
 * none is. Those in the sample are hashed and looked up, and leave hints for
 * each other: their share of duplicates stands for that of the whole block. Pages
 * of zeros are counted one by one, since a look at most others ends at once.
 */
#include <linux/highmem.h>

#include "bytes.h"
#include "hash.h"
#include "merge.h"
#include "scan.h"
#include "share.h"

/* One page content in this many is in the sample; a power of two. */
#define SAMPLE_PART	16

/* Where in a page to look: once in each 512 bytes, not at their start. */
#define SAMPLE_STRIDE	(512 / sizeof(u64))
#define SAMPLE_OFFSET	(96 / sizeof(u64))

/* So few pages in the sample say less than the block's size would have it. */
#define SAMPLE_MIN	4U

/**
 * struct tally - what the look at a block has come to
 * @zero: pages of zeros
 * @sampled: pages in the sample
 * @same: those of the sample that are known from elsewhere
 */
struct tally {
	unsigned int zero;
	unsigned int sampled;
	unsigned int same;
};

static bool in_sample(const u64 *words)
{
	u64 mix = 0;
	int i;

	for (i = SAMPLE_OFFSET; i < PAGE_SIZE / sizeof(u64);
	     i += SAMPLE_STRIDE)
		mix = (mix ^ words[i]) * 0x9e3779b97f4a7c15ULL;
	return !(mix >> 32 & (SAMPLE_PART - 1));
}

/* Does another page have these bytes? If not, say that this one has. */
static bool seen_elsewhere(struct dr_visit *v, pgoff_t index, u64 key)
{
	struct dr_item item;

	if (!dr_merge_find(v->gm, index, key, &item))
		return false;
	if (dr_item_is_share(item)) {
		dr_share_put(pfn_to_page(dr_item_pfn(item)));
		return true;
	}
	return dr_item_file(item) != v->gm->id || dr_item_index(item) != index;
}

/* Look at a page; of those in the sample, look for another one like it. */
static void sample_page(struct dr_visit *v, struct page *page, pgoff_t index,
			struct tally *tally)
{
	bool zero, sampled;
	void *bytes;

	if (PageHWPoison(page))
		return;
	bytes = kmap_local_page(page);
	zero = dr_bytes_zero(bytes);
	sampled = !zero && in_sample(bytes);
	kunmap_local(bytes);
	tally->zero += zero;
	if (!sampled || dr_domain_none(v->domain))
		return;
	v->visited++;
	tally->sampled++;
	tally->same += seen_elsewhere(v, index, dr_domain_key(v->domain,
							dr_scan_hash(page)));
}

static struct dr_gain gain_of(const struct tally *tally)
{
	unsigned int rest = DR_SPAN_PAGES - tally->zero;

	return (struct dr_gain){
		.zero = tally->zero,
		.same = rest * tally->same / max(tally->sampled, SAMPLE_MIN),
	};
}

/**
 * dr_sample_block() - how many pages would be saved by breaking up a block
 * @v: the visit
 * @span: the block's span
 * @block: the block, with a reference; the guest may write to it meanwhile
 *
 * Context: may sleep.
 * Return: an estimate, 0 to %DR_SPAN_PAGES in all.
 */
struct dr_gain dr_sample_block(struct dr_visit *v, struct dr_span *span,
			       struct folio *block)
{
	struct tally tally = {};
	unsigned int i;

	for (i = 0; i < DR_SPAN_PAGES; i++) {
		sample_page(v, folio_page(block, i), span->start + i, &tally);
		cond_resched();
	}
	return gain_of(&tally);
}
