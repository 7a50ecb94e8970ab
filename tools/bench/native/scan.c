// SPDX-License-Identifier: GPL-2.0-only
#include "scan.h"

#include <x86intrin.h>

#include "../../../host-kmod/bytes.h"
#include "hash.h"

static u32 item_page(struct dr_item item)
{
	return dr_item_is_share(item) ? dr_item_pfn(item) :
					dr_item_index(item);
}

static inline __attribute__((always_inline)) void
step_done(struct scan *s, bool split, enum scan_step step, u64 *since)
{
	unsigned int cpu;
	u64 now;

	if (!split)
		return;
	now = __rdtscp(&cpu);
	s->ticks[step] += now - *since;
	*since = now;
}

/* One page; with @split the time of each step is taken. */
static inline __attribute__((always_inline)) void
scan_page(struct scan *s, const struct pages *p, struct table *t, u64 seed,
	  u32 index, bool split)
{
	const void *page = page_at(p, index);
	struct dr_item item, put = dr_item_hint(1, index);
	unsigned int cpu;
	u64 since = split ? __rdtscp(&cpu) : 0, key;
	bool found, zero = dr_bytes_zero(page);

	step_done(s, split, SCAN_ZERO, &since);
	if (zero) {
		s->zero++;
		return;
	}
	key = dr_page_key(page, seed);
	step_done(s, split, SCAN_HASH, &since);
	found = table_find(t, key, &item);
	step_done(s, split, SCAN_FIND, &since);
	if (found) {
		bool equal = dr_bytes_same(page,
					   page_at(p, item_page(item)));

		step_done(s, split, SCAN_COMPARE, &since);
		s->merged += equal;
		s->unlike += !equal;
		if (equal && dr_item_is_share(item))
			return;
		if (equal)
			put = dr_item_share(item_page(item));
	}
	table_put(t, key, put);
	step_done(s, split, SCAN_PUT, &since);
}

void scan_whole(struct scan *s, const struct pages *p, struct table *t,
		u64 seed)
{
	memset(s, 0, sizeof(*s));
	for (u32 i = 0; i < p->nr; i++)
		scan_page(s, p, t, seed, p->order[i], false);
}

void scan_split(struct scan *s, const struct pages *p, struct table *t,
		u64 seed)
{
	memset(s, 0, sizeof(*s));
	for (u32 i = 0; i < p->nr; i++)
		scan_page(s, p, t, seed, p->order[i], true);
}
