// SPDX-License-Identifier: GPL-2.0-only
/*
 * Zstandard: a third smaller than LZ4, and several times slower.
 */
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/zstd.h>

#include "comp.h"

/* Beyond this, pages of 4 KiB get hardly smaller. */
#define ZSTD_LEVEL	1

/**
 * struct zstd_ctx - what one user needs
 * @params: the same for all
 * @cctx: to compress
 * @dctx: to decompress
 * @work: memory of both
 */
struct zstd_ctx {
	zstd_parameters params;
	zstd_cctx *cctx;
	zstd_dctx *dctx;
	void *work;
};

static void zstd_destroy(void *ctx)
{
	struct zstd_ctx *z = ctx;

	kvfree(z->work);
	kfree(z);
}

static void *zstd_create(void)
{
	struct zstd_ctx *z = kzalloc(sizeof(*z), GFP_KERNEL);
	size_t compress, decompress;

	if (!z)
		return NULL;
	z->params = zstd_get_params(ZSTD_LEVEL, PAGE_SIZE);
	compress = round_up(zstd_cctx_workspace_bound(&z->params.cParams), 64);
	decompress = zstd_dctx_workspace_bound();
	z->work = kvmalloc(compress + decompress, GFP_KERNEL);
	if (z->work) {
		z->cctx = zstd_init_cctx(z->work, compress);
		z->dctx = zstd_init_dctx(z->work + compress, decompress);
	}
	if (z->cctx && z->dctx)
		return z;
	zstd_destroy(z);
	return NULL;
}

static int zstd_compress(void *ctx, const void *src, void *dst, size_t room)
{
	struct zstd_ctx *z = ctx;
	size_t len = zstd_compress_cctx(z->cctx, dst, room, src, PAGE_SIZE,
					&z->params);

	return zstd_is_error(len) ? -E2BIG : len;
}

static int zstd_decompress(void *ctx, const void *src, size_t len, void *dst)
{
	struct zstd_ctx *z = ctx;

	return zstd_decompress_dctx(z->dctx, dst, PAGE_SIZE, src, len) ==
		PAGE_SIZE ? 0 : -EIO;
}

const struct dr_comp_ops dr_comp_zstd = {
	.name = "zstd",
	.create = zstd_create,
	.destroy = zstd_destroy,
	.compress = zstd_compress,
	.decompress = zstd_decompress,
};
