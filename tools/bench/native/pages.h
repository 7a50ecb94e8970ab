/* SPDX-License-Identifier: GPL-2.0-only */
/* Pages to scan: random contents, some of them more than once. */
#ifndef NATIVE_PAGES_H
#define NATIVE_PAGES_H

#define PAGE_BYTES	4096

/**
 * struct pages - the memory that is scanned
 * @bytes: the pages
 * @order: in which they are looked at: each once, at random
 * @nr: how many there are
 * @copies: how many have the content of one before them
 */
struct pages {
	char *bytes;
	u32 *order;
	u32 nr;
	u32 copies;
};

/* Another random number for each @i (splitmix64). */
static inline u64 nth_random(u64 i)
{
	i = (i + 1) * 0x9e3779b97f4a7c15;
	i = (i ^ i >> 30) * 0xbf58476d1ce4e5b9;
	i = (i ^ i >> 27) * 0x94d049bb133111eb;
	return i ^ i >> 31;
}

static inline char *page_at(const struct pages *p, u32 i)
{
	return p->bytes + (size_t)i * PAGE_BYTES;
}

void pages_init(struct pages *p, u32 nr);
void pages_exit(struct pages *p);
void pages_fill(struct pages *p, u64 seed, u32 percent);

#endif /* NATIVE_PAGES_H */
