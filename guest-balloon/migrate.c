// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compaction may move the single pages of the balloon: the host gets the new
 * page and gives back the old one. Blocks are not moved: a whole block is in
 * nobody's way.
 */
#include "denseram_balloon.h"

#include <linux/mm.h>
#include <linux/virtio_config.h>

#ifdef DR_BALLOON_MIGRATION
static int tell(struct dr_balloon *b, struct dr_wire *wire, struct page *page)
{
	int err;

	wire->frames[0] = dr_pages_frame(b, page);
	err = dr_wire_frames(b, wire, 1);
	mutex_unlock(&wire->lock);
	return err;
}

/*
 * A wire in use means that the balloon is being resized, and whoever compacts
 * has other pages to move. Once the host has the new page the old one is ours,
 * even if it does not hear of that any more.
 */
static int migrate(struct balloon_dev_info *info, struct page *newpage,
		   struct page *page, enum migrate_mode mode)
{
	struct dr_balloon *b = container_of(info, struct dr_balloon,
					    migratable);

	if (!mutex_trylock(&b->inflate.lock))
		return -EAGAIN;
	if (!mutex_trylock(&b->deflate.lock)) {
		mutex_unlock(&b->inflate.lock);
		return -EAGAIN;
	}
	if (tell(b, &b->inflate, newpage)) {
		mutex_unlock(&b->deflate.lock);
		return -EAGAIN;
	}
	dr_balloon_migrated(info, newpage, page,
			    !virtio_has_feature(b->vdev,
						VIRTIO_BALLOON_F_DEFLATE_ON_OOM));
	dr_count(b, DR_COUNT_MIGRATIONS, 1);
	/* It unlocks that wire, and the balloon may be gone afterwards. */
	tell(b, &b->deflate, page);
	dr_balloon_released(page);
	return 0;
}
#endif

/**
 * dr_migrate_init() - make single pages known to compaction
 * @b: a new balloon, its features known
 */
void dr_migrate_init(struct dr_balloon *b)
{
	balloon_devinfo_init(&b->migratable);
#ifdef DR_BALLOON_MIGRATION
	b->migratable.migratepage = migrate;
#endif
	dr_balloon_adjust(&b->migratable,
			  !virtio_has_feature(b->vdev,
					      VIRTIO_BALLOON_F_DEFLATE_ON_OOM));
}
