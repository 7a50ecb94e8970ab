// SPDX-License-Identifier: GPL-2.0-only
/*
 * LZ4: the fastest way back, which a guest that waits for a page notices most.
 */
#include <linux/errno.h>
#include <linux/lz4.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "comp.h"

static void *lz4_create(void)
{
	return kvmalloc(LZ4_MEM_COMPRESS, GFP_KERNEL);
}

static void lz4_destroy(void *ctx)
{
	kvfree(ctx);
}

static int lz4_compress(void *ctx, const void *src, void *dst, size_t room)
{
	int len = LZ4_compress_default(src, dst, PAGE_SIZE, room, ctx);

	return len > 0 ? len : -E2BIG;
}

static int lz4_decompress(void *ctx, const void *src, size_t len, void *dst)
{
	return LZ4_decompress_safe(src, dst, len, PAGE_SIZE) == PAGE_SIZE ?
		0 : -EIO;
}

const struct dr_comp_ops dr_comp_lz4 = {
	.name = "lz4",
	.create = lz4_create,
	.destroy = lz4_destroy,
	.compress = lz4_compress,
	.decompress = lz4_decompress,
};
