// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: Shared pages
 *
 * A shared page is an ordinary 4 KiB page that several entries point to. It
 * never changes: it is mapped read-only, and a write fault makes a copy. It
 * belongs to no file. All the module needs to know of it lies in fields of
 * struct page that nobody else uses for a page like that, so a shared page
 * costs nothing besides itself:
 *
 * - users: entries that point to it. The last one to leave frees it. Nobody
 *   keeps a list of them, so that a page may have a million users and to
 *   break one's share costs the same;
 * - key: the hash it is found by in the table of contents;
 * - domain: the trust domain it was made in, for good.
 *
 * A page with a single user left becomes private again without a copy, when
 * that user writes or another pass grabs it. Not always: while somebody has
 * the page pinned, who may be a guest that shared it until a moment ago and
 * still has it written to its disk, its bytes must stay as they are.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/pagemap.h>

#include "dedup.h"
#include "gmem.h"
#include "share.h"
#include "table.h"

/**
 * struct dr_share - a shared page, laid over its struct page
 * @flags: as in struct folio
 * @domain: in the place of the LRU list, on which it is not. Bit 0 is clear,
 *	as it must be: it tells tail pages from others
 * @unused: the other half of the list
 * @mapping: &share_inode.i_data, for fast GUP asks for one
 * @key: hash, in the place of the page cache index
 * @users: entries that point here, and those just about to
 */
struct dr_share {
	unsigned long flags;
	unsigned long domain;
	unsigned long unused;
	struct address_space *mapping;
	unsigned long key;
	atomic_long_t users;
};

#define SHARE_MATCH(theirs, ours)					\
	static_assert(offsetof(struct folio, theirs) ==			\
		      offsetof(struct dr_share, ours))
SHARE_MATCH(flags, flags);
SHARE_MATCH(lru, domain);
SHARE_MATCH(mapping, mapping);
SHARE_MATCH(index, key);
SHARE_MATCH(private, users);
static_assert(sizeof(struct dr_share) <= offsetof(struct folio, _mapcount));

/* What shared pages carry as their mapping; nobody can open or map it. */
static struct inode share_inode;

static const struct address_space_operations share_aops = {
	.dirty_folio = noop_dirty_folio,
};

static atomic_long_t kept = ATOMIC_LONG_INIT(0);
static atomic_long_t nr_users = ATOMIC_LONG_INIT(0);

static struct dr_share *share_of(const struct page *page)
{
	return (struct dr_share *)page;
}

long dr_shares_kept(void)
{
	return atomic_long_read(&kept);
}

long dr_shares_users(void)
{
	return atomic_long_read(&nr_users);
}

struct dr_domain dr_share_domain(const struct page *page)
{
	return (struct dr_domain){ .v = share_of(page)->domain };
}

/**
 * dr_share_make() - turn a page into a shared one
 * @page: a page in the hands of a grab, which ends in dr_gmem_give()
 * @key: hash of its bytes
 * @domain: the trust domain
 * @users: entries that will point to it, and the caller if it wants to keep it
 *
 * Return: the page.
 */
struct page *dr_share_make(struct page *page, u64 key, struct dr_domain domain,
			   long users)
{
	struct dr_share *share = share_of(page);

	WARN_ON_ONCE(page_ref_count(page));
	share->mapping = &share_inode.i_data;
	share->domain = domain.v;
	share->key = key;
	atomic_long_set(&share->users, users);
	atomic_long_inc(&kept);
	atomic_long_add(users, &nr_users);
	return page;
}

/**
 * dr_share_get() - become a user of a shared page found in the table
 * @item: the item, the lock of its stripe held
 *
 * Return: false if its last user is on the way out, or its memory has failed.
 */
bool dr_share_get(struct dr_item item)
{
	struct page *page = pfn_to_page(dr_item_pfn(item));

	/* Nobody is to join, or read, memory that has failed. */
	if (PageHWPoison(page) ||
	    !atomic_long_inc_not_zero(&share_of(page)->users))
		return false;
	atomic_long_inc(&nr_users);
	return true;
}

/* Nobody uses the page any more, and nobody finds it: end the share. */
static void share_end(struct page *page)
{
	share_of(page)->mapping = NULL;
	set_page_private(page, 0);
	atomic_long_dec(&kept);
}

/**
 * dr_share_put() - be a user of a shared page no more
 * @page: the page, not mapped for this user any more
 *
 * Context: may sleep, for the folio lock.
 */
void dr_share_put(struct page *page)
{
	struct dr_share *share = share_of(page);

	atomic_long_dec(&nr_users);
	if (!atomic_long_dec_and_test(&share->users))
		return;
	dr_table_remove(share->key, dr_item_share(page_to_pfn(page)));
	/* A fault answered with it is over: its entry has been left. */
	lock_page(page);
	share_end(page);
	unlock_page(page);
	put_page(page);
}

/* The page of an entry, which is one of its users. */
static struct page *share_page(struct dr_entry e)
{
	struct page *page = pfn_to_page(dr_entry_pfn(e));

	WARN_ON_ONCE(share_of(page)->mapping != &share_inode.i_data ||
		     atomic_long_read(&share_of(page)->users) < 1);
	return page;
}

static struct page *share_peek(struct dr_gmem *gm, struct dr_entry e)
{
	return share_page(e);
}

static int share_load(struct dr_gmem *gm, struct dr_entry e, struct page *dst)
{
	struct page *page = share_page(e);

	if (PageHWPoison(page))
		return -EIO;
	copy_highpage(dst, page);
	return 0;
}

/**
 * dr_share_sole() - has a shared page one user left?
 * @e: the entry of that user, locked
 *
 * Return: true if so; a hint, for another one may join.
 */
bool dr_share_sole(struct dr_entry e)
{
	return atomic_long_read(&share_of(share_page(e))->users) == 1;
}

static void share_drop(struct dr_gmem *gm, struct dr_entry e)
{
	dr_share_put(share_page(e));
}

static struct page *share_claim(struct dr_gmem *gm, struct dr_entry e)
{
	struct page *page = share_page(e);
	struct dr_share *share = share_of(page);

	/* At 0 users nobody becomes one. */
	if (atomic_long_cmpxchg(&share->users, 1, 0) != 1)
		return NULL;
	dr_table_remove(share->key, dr_item_share(page_to_pfn(page)));
	return page;
}

static void share_claimed(struct page *page, bool taken)
{
	if (taken) {
		atomic_long_dec(&nr_users);
		share_end(page);
	} else {
		/* A share still, though one that no other page will join. */
		atomic_long_set(&share_of(page)->users, 1);
	}
}

const struct dr_store_ops dr_share_store = {
	.name = "share",
	.peek = share_peek,
	.load = share_load,
	.drop = share_drop,
	.claim = share_claim,
	.claimed = share_claimed,
};

void dr_share_init(void)
{
	inode_init_once(&share_inode);
	share_inode.i_mapping = &share_inode.i_data;
	share_inode.i_data.host = &share_inode;
	share_inode.i_data.a_ops = &share_aops;
	mapping_set_unevictable(&share_inode.i_data);
}

void dr_share_exit(void)
{
	WARN_ON_ONCE(dr_shares_kept());
}
