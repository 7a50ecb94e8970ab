// SPDX-License-Identifier: GPL-2.0-only
/*
 * The RAM files: all of them by number, and those of a guest: walk them, sum
 * them up.
 */
#include <linux/xarray.h>

#include "dedup.h"
#include "files.h"

static DEFINE_XARRAY_ALLOC(files);

/**
 * dr_files_add() - give a file a number
 * @gm: the file, ready to be found by it; @gm->id is set
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, or -EBUSY when there are too many files.
 */
int dr_files_add(struct dr_gmem *gm)
{
	return xa_alloc(&files, &gm->id, gm, XA_LIMIT(0, DR_FILE_ID_MAX),
			GFP_KERNEL_ACCOUNT);
}

void dr_files_remove(struct dr_gmem *gm)
{
	xa_erase(&files, gm->id);
}

/**
 * dr_files_find() - find a file by its number
 * @id: the number
 *
 * Return: the file, pinned, for dr_gmem_unpin(); or NULL.
 */
struct dr_gmem *dr_files_find(u32 id)
{
	struct dr_gmem *gm;

	xa_lock(&files);
	gm = xa_load(&files, id);
	if (gm)
		dr_gmem_pin(gm);
	xa_unlock(&files);
	return gm;
}

/**
 * dr_files_next() - walk the files of a guest
 * @guest: the guest
 * @after: the file before, put by this; NULL for the first
 *
 * A file that comes or goes meanwhile may be missed, none is seen twice.
 *
 * Context: may sleep.
 * Return: the file, kept by dr_gmem_get(), or NULL at the end.
 */
struct dr_gmem *dr_files_next(struct dr_guest *guest, struct dr_gmem *after)
{
	struct dr_gmem *gm;

	mutex_lock(&guest->lock);
	gm = list_prepare_entry(after, &guest->files, node);
	list_for_each_entry_continue(gm, &guest->files, node)
		if (dr_gmem_get(gm))
			break;
	if (list_entry_is_head(gm, &guest->files, node))
		gm = NULL;
	mutex_unlock(&guest->lock);
	if (after)
		dr_gmem_put(after);
	return gm;
}

/**
 * dr_files_pin_next() - walk the files of a guest, as dr_files_next() does
 * @guest: the guest
 * @after: the file before, unpinned by this; NULL for the first
 *
 * For callers that must not be the ones to evict a file, and with it the
 * guest: those who come from the guest's own directory in sysfs, which would
 * wait for them to leave.
 *
 * Context: may sleep.
 * Return: the file, pinned, for dr_gmem_unpin(); or NULL at the end.
 */
struct dr_gmem *dr_files_pin_next(struct dr_guest *guest,
				  struct dr_gmem *after)
{
	struct dr_gmem *gm;

	mutex_lock(&guest->lock);
	gm = list_prepare_entry(after, &guest->files, node);
	gm = list_next_entry(gm, node);
	if (list_entry_is_head(gm, &guest->files, node))
		gm = NULL;
	else
		dr_gmem_pin(gm);
	mutex_unlock(&guest->lock);
	if (after)
		dr_gmem_unpin(after);
	return gm;
}

/**
 * dr_files_usage() - add the memory of a guest to a sum
 * @guest: the guest
 * @u: what to add to
 *
 * Context: may sleep.
 */
void dr_files_usage(struct dr_guest *guest, struct dr_usage *u)
{
	struct dr_gmem *gm;

	mutex_lock(&guest->lock);
	list_for_each_entry(gm, &guest->files, node)
		dr_gmem_usage(gm, u);
	mutex_unlock(&guest->lock);
	u->saved = dr_shares_saved(u->shared);
}

/**
 * dr_files_resident() - memory of the host that a guest holds
 * @guest: the guest
 *
 * Context: may sleep.
 * Return: pages.
 */
u64 dr_files_resident(struct dr_guest *guest)
{
	struct dr_gmem *gm;
	u64 pages = 0;

	mutex_lock(&guest->lock);
	list_for_each_entry(gm, &guest->files, node)
		pages += dr_gmem_resident(gm);
	mutex_unlock(&guest->lock);
	return pages;
}

/**
 * dr_files_tiers() - add the swapped pages of a guest, by tier, to a sum
 * @guest: the guest
 * @t: what to add to
 *
 * Context: may sleep.
 */
void dr_files_tiers(struct dr_guest *guest, struct dr_tiers *t)
{
	struct dr_gmem *gm;

	mutex_lock(&guest->lock);
	list_for_each_entry(gm, &guest->files, node) {
		t->same += atomic_long_read(&gm->swapped.same);
		t->pool += atomic_long_read(&gm->swapped.pool);
		t->pool_bytes += atomic_long_read(&gm->swapped.pool_bytes);
		t->disk += atomic_long_read(&gm->swapped.disk);
		t->clean += atomic_long_read(&gm->nr[DR_CLEAN]);
	}
	mutex_unlock(&guest->lock);
}
