/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_RESOLVE_H
#define _DR_RESOLVE_H

#include "alloc.h"
#include "gmem.h"

/**
 * struct dr_resolve - a request for the page at an offset, and its answer
 * @gm: the file
 * @index: page offset
 * @write: the page will be written, so no stand-in will do
 * @block_ok: an empty span may be backed by a 2 MiB block
 * @grow: answer beyond the end of the file; the caller holds the inode lock
 * @nowait: do not wait for a page to be read: -EBUSY when one has to be
 * @async: the caller only wants to know when the page is there: -EALREADY when
 *	it has been read for somebody who could not wait
 * @held: a page the caller has a reference to, through which it will neither
 *	read nor write; NULL if none
 * @place: where a fresh page or block should come from
 * @page: out: the page, with a reference and its folio locked
 * @writable: out: the page is the file's own; it may be mapped writable
 * @soft: out: the page was there already
 * @own: out: the page is the file's own
 * @probed: out: its span, if some of it is being sampled
 * @fetched: a read was started and has ended
 * @spare: fresh page kept between tries; all zero
 */
struct dr_resolve {
	struct dr_gmem *gm;
	pgoff_t index;
	bool write;
	bool block_ok;
	bool grow;
	bool nowait;
	bool async;
	const struct page *held;
	struct dr_place place;
	struct page *page;
	bool writable;
	bool soft;
	bool own;
	struct dr_span *probed;
	bool fetched;
	struct page *spare;
};

int dr_resolve(struct dr_resolve *r);
int dr_resolve_read(struct dr_gmem *gm, pgoff_t index, struct page **pagep);

#endif /* _DR_RESOLVE_H */
