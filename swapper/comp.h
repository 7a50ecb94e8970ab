/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_COMP_H
#define _DR_COMP_H

#include <linux/types.h>

/*
 * A page that does not get smaller than this is not worth to be compressed:
 * the pool would use a page for it, and the guest pay for the way back.
 */
#define DR_COMP_MAX		3072

/* Names of compressors are not longer. */
#define DR_COMP_NAME_MAX	16

/**
 * struct dr_comp_ops - a compressor
 * @name: by which it is chosen
 * @create: make what one user at a time needs, or return NULL. May sleep
 * @destroy: undo @create
 * @compress: compress the page at @src to @dst, at most @room bytes. Return
 *	the length, or -E2BIG when it does not fit
 * @decompress: the way back, to the page at @dst. Return 0 or -EIO
 *
 * Instances are const and live in comp_*.c, one each; comp.c has the table of
 * them, and calls @compress and @decompress with a context of @create that
 * nobody else uses at that time. These two must not sleep or allocate.
 */
struct dr_comp_ops {
	const char *name;
	void *(*create)(void);
	void (*destroy)(void *ctx);
	int (*compress)(void *ctx, const void *src, void *dst, size_t room);
	int (*decompress)(void *ctx, const void *src, size_t len, void *dst);
};

extern const struct dr_comp_ops dr_comp_lz4;
extern const struct dr_comp_ops dr_comp_zstd;

/**
 * struct dr_stream - one user's place to compress at; see dr_stream_get()
 * @buf: room for a page and more
 * @page: room for a page, to have bytes that nobody changes
 */
struct dr_stream {
	u8 *buf;
	u8 *page;
};

int dr_comp_init(void);
void dr_comp_exit(void);

struct dr_stream *dr_stream_get(void);
void dr_stream_put(struct dr_stream *stream);
int dr_comp_compress(struct dr_stream *stream, unsigned int comp,
		     const void *src, void *dst, size_t room);
int dr_comp_decompress(struct dr_stream *stream, unsigned int comp,
		       const void *src, size_t len, void *dst);

unsigned int dr_comp_current(void);
const char *dr_comp_name(unsigned int comp);
int dr_comp_select(const char *name);

#endif /* _DR_COMP_H */
