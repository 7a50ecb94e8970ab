/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _DR_AGE_H
#define _DR_AGE_H

#include "gmem.h"

/**
 * struct dr_age - what a look at a span finds
 * @block: it is a block
 * @cold: pages of its own that nobody has touched since the last look; of a
 *	block all of them or none
 * @nr_cold: how many
 */
struct dr_age {
	bool block;
	unsigned int nr_cold;
	DECLARE_BITMAP(cold, DR_SPAN_PAGES);
};

void dr_span_age(struct dr_gmem *gm, struct dr_span *span, struct dr_age *age);
void dr_span_rejuvenate(struct dr_span *span);

#endif /* _DR_AGE_H */
