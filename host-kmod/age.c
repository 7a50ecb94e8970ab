// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Cold pages
 *
 * Nobody may look at the accessed bits of another process, and KVM's are its
 * own. What a file can do is to unmap its pages: whoever needs one takes a
 * *soft fault* that maps it again, and a page that is still unmapped a while
 * later has not been needed. That is a second chance, and it costs no memory:
 * whether a page is mapped is known to the core anyway.
 *
 * A look at a span finds the pages that have not come back since the look
 * before, and unmaps the others, all at once, for each unmapping stops all
 * CPUs of the guest for a moment.
 */
#include <linux/jiffies.h>
#include <linux/mm.h>

#include "age.h"
#include "dedup.h"
#include "span.h"

/* A page has so long to come back. */
#define SECOND_CHANCE	(HZ / 10)

/* Has the last look been long enough ago to tell? */
static bool rested(const struct dr_span *span)
{
	unsigned long aged = READ_ONCE(span->aged);

	return aged && time_after_eq(jiffies, aged + SECOND_CHANCE);
}

static void stamp(struct dr_span *span)
{
	/* 0 stands for never. */
	WRITE_ONCE(span->aged, jiffies | 1);
}

static void unmap_span(struct dr_gmem *gm, struct dr_span *span)
{
	unmap_mapping_pages(gm->inode->i_mapping, span->start, DR_SPAN_PAGES,
			    false);
	stamp(span);
}

static void age_block(struct dr_gmem *gm, struct dr_span *span,
		      struct dr_age *age)
{
	age->block = true;
	if (folio_mapped(span->block) || !READ_ONCE(span->aged)) {
		unmap_span(gm, span);
	} else if (rested(span)) {
		bitmap_fill(age->cold, DR_SPAN_PAGES);
		age->nr_cold = DR_SPAN_PAGES;
	}
}

/* May the page of an entry be taken away: is nobody else using it? */
static bool is_ours(struct dr_entry e)
{
	return dr_entry_own(e) ||
	       (dr_entry_type(e) == DR_SHARED && dr_share_sole(e));
}

/*
 * Is there a page that may be taken, and is it mapped? Return a negative number
 * when there is none or somebody works on it. The lock keeps the page.
 */
static int page_mapped_at(struct dr_gmem *gm, unsigned long *word)
{
	struct dr_entry e = dr_word_read(word);
	int mapped = -1;

	if ((!dr_entry_own(e) && dr_entry_type(e) != DR_SHARED) ||
	    !dr_word_trylock(word))
		return -1;
	e = dr_word_read(word);
	if (dr_entry_fresh(e)) {
		/* Brought back in advance: it has its chance from now on. */
		dr_gmem_set_entry(gm, word, dr_entry_mkold(e));
		mapped = 1;
	} else if (is_ours(e)) {
		mapped = folio_mapped(page_folio(pfn_to_page(dr_entry_pfn(e))));
	}
	dr_word_unlock(word);
	return mapped;
}

static void age_table(struct dr_gmem *gm, struct dr_span *span,
		      struct dr_age *age)
{
	bool cold = rested(span), mapped = false;
	unsigned int i;

	for (i = 0; i < DR_SPAN_PAGES; i++) {
		switch (page_mapped_at(gm, &span->table[i])) {
		case 0:
			if (cold) {
				__set_bit(i, age->cold);
				age->nr_cold++;
			}
			break;
		case 1:
			mapped = true;
			break;
		}
	}
	if (mapped)
		unmap_span(gm, span);
	else if (!READ_ONCE(span->aged))
		stamp(span);
}

/**
 * dr_span_age() - find out what is cold in a span, and begin to find out again
 * @gm: the file, kept by the caller
 * @span: the span
 * @age: out: what was found
 *
 * Finds nothing, and unmaps nothing, when the last look was just a moment ago.
 *
 * Context: may sleep; takes @span->sem for reading, i_mmap_rwsem.
 */
void dr_span_age(struct dr_gmem *gm, struct dr_span *span, struct dr_age *age)
{
	memset(age, 0, sizeof(*age));
	if (READ_ONCE(span->aged) && !rested(span)) {
		age->block = READ_ONCE(span->block);
		return;
	}
	down_read(&span->sem);
	if (span->block)
		age_block(gm, span, age);
	else if (span->table)
		age_table(gm, span, age);
	up_read(&span->sem);
}

/**
 * dr_span_rejuvenate() - give all pages of a span a second chance from now on
 * @span: a span whose pages have just been unmapped, all of them
 */
void dr_span_rejuvenate(struct dr_span *span)
{
	stamp(span);
}
