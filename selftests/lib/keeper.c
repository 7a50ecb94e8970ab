// SPDX-License-Identifier: GPL-2.0-only
/* See keeper.h. */
#include <stdlib.h>
#include <string.h>

#include "keeper.h"
#include "swap.h"

/* Content by a number: 0 is zeros, then one word, soft, and hard bytes. */
static void fill_page(char *page, __u64 content)
{
	if (!content || content % 4 == 1)
		memset(page, content, PAGE);
	else if (content % 4 == 2)
		pat_fill(page, PAGE, 0, content);
	else
		soft_fill(page, PAGE, 0, content);
}

static void check_page(struct keeper *k, __u64 page, __u64 content)
{
	char want[PAGE], got[PAGE];

	fill_page(want, content);
	ASSERT(pread(k->fd, got, PAGE, page * PAGE) == (ssize_t)PAGE);
	CHECK(memcmp(got, want, PAGE) == 0);
	CHECK(memcmp(k->map + page * PAGE, want, PAGE) == 0);
}

static __u64 renew_page(struct keeper *k, __u64 page)
{
	__u64 content = rng_below(&k->rng, 250);
	char buf[PAGE];

	if (content < 10) {
		gm_punch(k->fd, page * PAGE, PAGE);
		return 0;
	}
	fill_page(buf, content);
	if (rng_below(&k->rng, 4))
		memcpy(k->map + page * PAGE, buf, PAGE);
	else
		ASSERT(pwrite(k->fd, buf, PAGE, page * PAGE) == (ssize_t)PAGE);
	return content;
}

static void *keep(void *keeper)
{
	struct keeper *k = keeper;
	__u64 *contents = calloc(k->pages, sizeof(*contents)), page;

	ASSERT(contents);
	while (crew_goes_on(k->crew)) {
		page = rng_below(&k->rng, k->pages / k->of) * k->of + k->nr;
		check_page(k, page, contents[page]);
		if (rng_below(&k->rng, 2))
			contents[page] = renew_page(k, page);
		__atomic_add_fetch(k->visits, 1, __ATOMIC_RELAXED);
	}
	for (page = k->nr; page < k->pages; page += k->of)
		check_page(k, page, contents[page]);
	free(contents);
	return NULL;
}

void keepers_start(struct keeper keepers[], unsigned int nr,
		   const struct keeper *common)
{
	for (unsigned int i = 0; i < nr; i++) {
		keepers[i] = *common;
		keepers[i].nr = i;
		keepers[i].of = nr;
		keepers[i].rng.state = opts.seed + i;
		crew_add(common->crew, keep, &keepers[i]);
	}
}
