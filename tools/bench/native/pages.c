// SPDX-License-Identifier: GPL-2.0-only
#include "pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Huge pages, as the kernel's own mapping of all memory has. */
void pages_init(struct pages *p, u32 nr)
{
	size_t bytes = (size_t)nr * PAGE_BYTES;

	p->nr = nr;
	p->order = malloc(nr * sizeof(*p->order));
	p->bytes = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p->bytes == MAP_FAILED || !p->order) {
		perror("native: pages");
		exit(1);
	}
	madvise(p->bytes, bytes, MADV_HUGEPAGE);
}

void pages_exit(struct pages *p)
{
	munmap(p->bytes, (size_t)p->nr * PAGE_BYTES);
	free(p->order);
}

static void fill_page(char *page, u64 seed)
{
	for (u64 i = 0; i < PAGE_BYTES / sizeof(u64); i++) {
		u64 word = nth_random(seed + i);

		memcpy(page + i * sizeof(word), &word, sizeof(word));
	}
}

static void shuffle(u32 *order, u32 nr, u64 seed)
{
	for (u32 i = 0; i < nr; i++) {
		u32 j = nth_random(seed + i) % (i + 1);

		order[i] = order[j];
		order[j] = i;
	}
}

/* @percent of the pages are copies of a random one before them. */
void pages_fill(struct pages *p, u64 seed, u32 percent)
{
	p->copies = 0;
	for (u32 i = 0; i < p->nr; i++) {
		u64 r = nth_random(seed + (u64)i * PAGE_BYTES);

		if (i && r % 100 < percent) {
			memcpy(page_at(p, i), page_at(p, (r >> 16) % i),
			       PAGE_BYTES);
			p->copies++;
		} else {
			fill_page(page_at(p, i), r);
		}
	}
	shuffle(p->order, p->nr, seed);
}
