// SPDX-License-Identifier: GPL-2.0-only
/*
 * One merge: from "the table knows this hash" to "both entries point to one
 * page", or to the reason why not.
 *
 * The hash is only a hint. What decides is that all bytes are equal while
 * both pages are in the hands of a grab, so that nobody can write to them, and
 * that both guests are in one trust domain at that very time: whoever ends the
 * sharing of a guest sets its domain first and then waits for the lock of each
 * of its words, so either this sees the new domain, or that sees the share.
 */
#include <linux/highmem.h>
#include <linux/sched/mm.h>

#include "bytes.h"
#include "dedup.h"
#include "files.h"
#include "grab.h"
#include "guest.h"
#include "hash.h"
#include "merge.h"
#include "note.h"
#include "scan.h"
#include "share.h"
#include "table.h"
#include "trace.h"

static bool same_bytes(struct page *a, struct page *b)
{
	void *bytes_a = kmap_local_page(a);
	void *bytes_b = kmap_local_page(b);
	bool same = dr_bytes_same(bytes_a, bytes_b);

	kunmap_local(bytes_b);
	kunmap_local(bytes_a);
	return same;
}

static struct dr_entry shared_entry(const struct dr_grab *grab,
				    struct page *page)
{
	u16 note = dr_entry_note(dr_word_read(grab->word));

	return dr_entry_page(DR_SHARED, page_to_pfn(page), note);
}

/* Join a shared page as the user that the caller is already. */
static int join(struct dr_grab *grab, struct page *share)
{
	if (!dr_scan_wanted(grab->gm))
		return -EBUSY;
	if (!dr_domain_same(dr_guest_domain(grab->gm->guest),
			    dr_share_domain(share)))
		return -EXDEV;
	return same_bytes(grab->page, share) ? 0 : -EAGAIN;
}

static int merge_share(struct dr_gmem *gm, pgoff_t index, struct page *share)
{
	struct dr_grab grab;
	int err = dr_gmem_grab(gm, index, &grab);

	if (err) {
		dr_share_put(share);
		return err;
	}
	err = join(&grab, share);
	if (!err) {
		dr_gmem_commit(&grab, shared_entry(&grab, share));
		return 0;
	}
	dr_gmem_putback(&grab);
	dr_share_put(share);
	return err;
}

/* May two grabbed pages become one? If so, in which domain? */
static int pair(const struct dr_grab *a, const struct dr_grab *b, u64 key,
		struct dr_domain *domain)
{
	*domain = dr_guest_domain(a->gm->guest);
	if (!dr_scan_wanted(a->gm) || !dr_scan_wanted(b->gm))
		return -EBUSY;
	if (!dr_domain_same(*domain, dr_guest_domain(b->gm->guest)))
		return -EXDEV;
	/* The key too: the table must not lead to other bytes than it says. */
	if (!same_bytes(a->page, b->page) ||
	    dr_domain_key(*domain, dr_scan_hash(a->page)) != key)
		return -EAGAIN;
	return 0;
}

/*
 * End a grab by making its page a shared one, with the caller as a second user.
 * A fault that finds it by its entry takes a reference.
 */
static struct page *share_grabbed(struct dr_grab *grab, u64 key,
				  struct dr_domain domain)
{
	struct page *share = dr_share_make(grab->page, key, domain, 3);

	dr_count(grab->gm->guest, DR_EV_SHARE_MERGE);
	trace_dr_merge(grab->gm, grab->index, 0);
	dr_gmem_give(grab, shared_entry(grab, share));
	/* The third user is this function: the table must not outlive it. */
	dr_table_put(key, dr_item_share(page_to_pfn(share)));
	dr_share_put(share);
	return share;
}

static int merge_grabbed(struct dr_grab *a, struct dr_gmem *gm, pgoff_t index,
			 u64 key)
{
	struct dr_domain domain;
	struct page *share;
	struct dr_grab b;
	int err = dr_gmem_grab(gm, index, &b);

	if (err)
		return err;
	err = pair(a, &b, key, &domain);
	if (err) {
		dr_gmem_putback(&b);
		return err;
	}
	share = share_grabbed(&b, key, domain);
	dr_gmem_commit(a, shared_entry(a, share));
	return 0;
}

/*
 * Is it worth to disturb two guests? Only if the page of the hint still has
 * the bytes it had.
 */
static int hint_holds(struct dr_gmem *gm, pgoff_t index, struct page *page)
{
	struct page *other = dr_gmem_glance(gm, index);
	int err = 0;

	if (!other)
		return -ENODATA;
	if (!same_bytes(page, other))
		err = -EAGAIN;
	put_page(other);
	return err;
}

static int merge_pages(struct dr_gmem *gm, pgoff_t index,
		       struct dr_gmem *other, pgoff_t other_index, u64 key)
{
	struct page *page = dr_gmem_glance(gm, index);
	struct dr_grab a;
	int err;

	if (!page)
		return -ENODATA;
	err = hint_holds(other, other_index, page);
	put_page(page);
	if (!err)
		err = dr_gmem_grab(gm, index, &a);
	if (err)
		return err;
	err = merge_grabbed(&a, other, other_index, key);
	if (err)
		dr_gmem_putback(&a);
	return err;
}

/*
 * A page outside blocks has, or had, the bytes of this one inside: have the
 * block sampled again. Blocks do not do this to each other, so it ends.
 */
static void look_at_block(struct dr_gmem *gm, pgoff_t index)
{
	struct dr_span *span = dr_span_find(gm, index);

	if (span && READ_ONCE(span->block) && !READ_ONCE(span->fresh))
		dr_scan_note_fresh(gm, span, DR_SPAN_PAGES);
}

static bool is_page(struct dr_item item, const struct dr_gmem *gm, pgoff_t index)
{
	return dr_item_file(item) == gm->id && dr_item_index(item) == index;
}

static int merge_hint(struct dr_gmem *gm, pgoff_t index, struct dr_item item,
		      u64 key)
{
	struct dr_gmem *other;
	int err = -ENODATA;

	if (is_page(item, gm, index))
		return -ENOENT;
	other = dr_files_find(dr_item_file(item));
	if (!other)
		return -ENODATA;
	/* A hint may be older than the wish of its guest to be left alone. */
	if (dr_scan_wanted(other)) {
		err = merge_pages(gm, index, other, dr_item_index(item), key);
		if (err == -ENODATA)
			look_at_block(other, dr_item_index(item));
	}
	dr_gmem_unpin(other);
	return err;
}

/**
 * dr_merge_find() - what does the table know of a content? If nothing, this
 * @gm: a file
 * @index: offset of a page in it
 * @key: hash of that page
 * @item: out: the item, and if it is a share the caller is a user of it
 *
 * Of two scanners that look for one content at a time, the second finds the
 * first one's page.
 *
 * Context: may sleep.
 * Return: false if there was nothing; a hint of the page is left then. Hints
 * have room for the first 16 TiB of a file.
 */
bool dr_merge_find(struct dr_gmem *gm, pgoff_t index, u64 key,
		   struct dr_item *item)
{
	if (index > U32_MAX)
		return dr_table_find(key, item, dr_share_get);
	return dr_table_find_or_put(key, item, dr_share_get,
				    dr_item_hint(gm->id, index));
}

static void leave_hint(struct dr_gmem *gm, pgoff_t index, u64 key)
{
	if (index <= U32_MAX)
		dr_table_put(key, dr_item_hint(gm->id, index));
}

/* There was a hint, but its page is not like this one any more. */
static bool hint_is_stale(int err)
{
	return err == -ENODATA || err == -EISDIR || err == -EAGAIN;
}

static void count_merge(struct dr_gmem *gm, int err)
{
	switch (err) {
	case 0:
		dr_count(gm->guest, DR_EV_SHARE_MERGE);
		break;
	case -EAGAIN:
		dr_count(gm->guest, DR_EV_SHARE_CHANGED);
		break;
	case -EBUSY:
		dr_count(gm->guest, DR_EV_SHARE_BUSY);
		break;
	case -EXDEV:
		dr_count(gm->guest, DR_EV_SHARE_DOMAIN);
		break;
	}
}

/**
 * dr_merge() - share a page with those that have the same bytes, if any do
 * @gm: the file, kept by the caller
 * @index: page offset of a private page
 * @key: its hash, as seen at a glance
 *
 * When there is nobody there, or nobody like it, the page is the next hint:
 * those who come later find it.
 *
 * Context: may sleep.
 * Return: 0 when it is shared now; -ENOENT when the table knows no other page
 * like it; -ENODATA or -EISDIR when one of the pages is not a private 4 KiB
 * page any more; -EAGAIN when the bytes differ; -EBUSY when one is pinned or
 * contended, or its guest takes no part; -EXDEV when the guests are in two trust domains.
 */
int dr_merge(struct dr_gmem *gm, pgoff_t index, u64 key)
{
	struct dr_item item;
	int err;

	if (!dr_merge_find(gm, index, key, &item))
		return -ENOENT;
	if (dr_item_is_share(item))
		err = merge_share(gm, index, pfn_to_page(dr_item_pfn(item)));
	else
		err = merge_hint(gm, index, item, key);
	if (hint_is_stale(err))
		leave_hint(gm, index, key);
	count_merge(gm, err);
	if (err != -ENOENT)
		trace_dr_merge(gm, index, err);
	return err;
}

/**
 * struct match - a page of a block that is broken up, in search of its like
 * @gm: the file
 * @index: the page's offset
 * @page: the page: nobody can write to it
 * @domain: trust domain of its guest
 * @key: hash of the page in that domain
 * @share: out: the shared page, with the caller as a user
 */
struct match {
	struct dr_gmem *gm;
	pgoff_t index;
	struct page *page;
	struct dr_domain domain;
	u64 key;
	struct page *share;
};

static int match_share(struct match *m, struct page *share)
{
	int err = 0;

	if (!dr_domain_same(m->domain, dr_share_domain(share)))
		err = -EXDEV;
	else if (!same_bytes(m->page, share))
		err = -EAGAIN;
	if (err)
		dr_share_put(share);
	else
		m->share = share;
	return err;
}

/* May the page of a hint, in a grab, stand for both? */
static int match_grabbed(const struct match *m, const struct dr_grab *grab)
{
	if (!dr_scan_wanted(grab->gm))
		return -EBUSY;
	if (!dr_domain_same(m->domain, dr_guest_domain(grab->gm->guest)))
		return -EXDEV;
	return same_bytes(m->page, grab->page) ? 0 : -EAGAIN;
}

static int match_page(struct match *m, struct dr_gmem *gm, pgoff_t index)
{
	struct dr_grab grab;
	int err = dr_gmem_grab(gm, index, &grab);

	if (err == -EISDIR)
		look_at_block(gm, index);
	if (err)
		return err;
	err = match_grabbed(m, &grab);
	if (err)
		dr_gmem_putback(&grab);
	else
		m->share = share_grabbed(&grab, m->key, m->domain);
	return err;
}

static int match_hint(struct match *m, struct dr_item item)
{
	struct dr_gmem *other;
	int err = -ENODATA;

	/* Left when the block was sampled. */
	if (is_page(item, m->gm, m->index))
		return -ENOENT;
	other = dr_files_find(dr_item_file(item));
	if (!other)
		return -ENODATA;
	if (dr_scan_wanted(other))
		err = match_page(m, other, dr_item_index(item));
	dr_gmem_unpin(other);
	return err;
}

static int match_item(struct match *m)
{
	struct dr_item item;

	if (!dr_merge_find(m->gm, m->index, m->key, &item))
		return -ENOENT;
	if (dr_item_is_share(item))
		return match_share(m, pfn_to_page(dr_item_pfn(item)));
	return match_hint(m, item);
}

/* Return the shared page, or NULL and the note for a copy. */
static struct page *match(struct match *m, u64 hash, u16 *note)
{
	int err = match_item(m);

	if (hint_is_stale(err))
		leave_hint(m->gm, m->index, m->key);
	/* Whoever was busy may not be when the copy is visited. */
	if (err != -EBUSY)
		*note = dr_note_visited(0, hash);
	/* A match counts when its entry is made. */
	if (err)
		count_merge(m->gm, err);
	return m->share;
}

/**
 * dr_dedup_match() - a shared page in place of a page of a block
 * @gm: the file that page is from
 * @index: its offset
 * @page: the page; nobody can write to it, and it is not zero
 * @note: out: what is to be remembered of the copy, if there has to be one
 *
 * Spares the copy of a page of a block that is broken up, and a visit of that
 * copy: where nobody else has such a page a hint of it is left.
 *
 * Context: may sleep; allocates nothing that waits for I/O. Takes hold of a page
 * of another span, for which it does not wait. Whoever ends the sharing of the
 * guest waits for the caller, as he does for a grab.
 * Return: the shared page, with the caller as a user, for an entry or for
 * dr_dedup_unmatch(); or NULL.
 */
struct page *dr_dedup_match(struct dr_gmem *gm, pgoff_t index,
			    struct page *page, u16 *note)
{
	struct match m = { .gm = gm, .index = index, .page = page,
			   .domain = dr_guest_domain(gm->guest) };
	struct page *share;
	unsigned int flags;
	u64 hash;

	*note = 0;
	if (!dr_knob(DR_KNOB_ENABLED) || !dr_scan_wanted(gm) ||
	    dr_domain_none(m.domain))
		return NULL;
	dr_count(gm->guest, DR_EV_SCAN);
	hash = dr_scan_hash(page);
	m.key = dr_domain_key(m.domain, hash);
	/* The table of contents may grow; others wait for this span. */
	flags = memalloc_noio_save();
	share = match(&m, hash, note);
	memalloc_noio_restore(flags);
	return share;
}

/**
 * dr_dedup_unmatch() - do without a match after all
 * @share: what dr_dedup_match() gave
 */
void dr_dedup_unmatch(struct page *share)
{
	dr_share_put(share);
}
