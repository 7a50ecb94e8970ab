/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's own keeping of movable balloon pages, in its two forms: newer
 * kernels do most of it themselves, and have another header.
 */
#ifndef _DR_BALLOON_CORE_H
#define _DR_BALLOON_CORE_H

#ifdef DR_HAVE_BALLOON_H

#include <linux/balloon.h>

#ifdef CONFIG_BALLOON_MIGRATION
#define DR_BALLOON_MIGRATION
#endif

/* The core counts managed pages for single pages. */
#define DR_BALLOON_ADJUSTS	true

static inline void dr_balloon_adjust(struct balloon_dev_info *info, bool adjust)
{
	info->adjust_managed_page_count = adjust;
}

/* It puts the new page in the place of the old one, too. */
static inline void dr_balloon_migrated(struct balloon_dev_info *info,
				       struct page *newpage, struct page *page,
				       bool adjust)
{
}

static inline void dr_balloon_released(struct page *page)
{
}

#else

#include <linux/balloon_compaction.h>
#include <linux/mm.h>
#include <linux/vmstat.h>

#ifdef CONFIG_BALLOON_COMPACTION
#define DR_BALLOON_MIGRATION
#endif

#define DR_BALLOON_ADJUSTS	false

static inline void dr_balloon_adjust(struct balloon_dev_info *info, bool adjust)
{
}

/* The new page takes the place of the old one in the list. */
static inline void dr_balloon_migrated(struct balloon_dev_info *info,
				       struct page *newpage, struct page *page,
				       bool adjust)
{
	unsigned long flags;

	get_page(newpage);
	if (adjust && page_zone(page) != page_zone(newpage)) {
		adjust_managed_page_count(page, 1);
		adjust_managed_page_count(newpage, -1);
	}
	spin_lock_irqsave(&info->pages_lock, flags);
	balloon_page_insert(info, newpage);
	info->isolated_pages--;
	__count_vm_event(BALLOON_MIGRATE);
	spin_unlock_irqrestore(&info->pages_lock, flags);
}

/* Of the old one, nobody but the caller of the migration knows any more. */
static inline void dr_balloon_released(struct page *page)
{
	balloon_page_finalize(page);
	put_page(page);
}

#endif

#ifdef DR_BALLOON_MIGRATION
#define DR_MOVABLE_GFP		GFP_HIGHUSER_MOVABLE
#else
#define DR_MOVABLE_GFP		GFP_HIGHUSER
#endif

#endif /* _DR_BALLOON_CORE_H */
