// SPDX-License-Identifier: GPL-2.0-only
/*
 * One pair {page, guest} for each use, sorted by page: the users of a page then
 * stand side by side, and no table of sets is needed.
 */
#include "sharing.h"

#include <errno.h>
#include <stdlib.h>

struct use {
	uint64_t page;
	size_t guest;
};

/*
 * @uses: @nr of them, room for @room; @pairs: nr_guests * nr_guests counts;
 * @users: the guests of one page, for the time of counting it.
 */
struct dr_sharing {
	size_t nr_guests;
	struct use *uses;
	size_t nr, room;
	uint64_t *pairs;
	uint64_t *totals;
	size_t *users;
};

struct dr_sharing *dr_sharing_create(size_t nr_guests)
{
	struct dr_sharing *sharing = calloc(1, sizeof(*sharing));
	size_t nr = nr_guests ? nr_guests : 1;

	if (!sharing)
		return NULL;
	sharing->nr_guests = nr_guests;
	sharing->pairs = calloc(nr, nr * sizeof(*sharing->pairs));
	sharing->totals = calloc(nr, sizeof(*sharing->totals));
	sharing->users = calloc(nr, sizeof(*sharing->users));
	if (!sharing->pairs || !sharing->totals || !sharing->users) {
		dr_sharing_destroy(sharing);
		return NULL;
	}
	return sharing;
}

void dr_sharing_destroy(struct dr_sharing *sharing)
{
	if (!sharing)
		return;
	free(sharing->uses);
	free(sharing->pairs);
	free(sharing->totals);
	free(sharing->users);
	free(sharing);
}

static int make_room(struct dr_sharing *sharing, size_t nr)
{
	size_t room = sharing->room ? sharing->room : 1024;
	struct use *uses;

	while (room - sharing->nr < nr)
		room *= 2;
	if (room == sharing->room)
		return 0;
	uses = reallocarray(sharing->uses, room, sizeof(*uses));
	if (!uses)
		return -ENOMEM;
	sharing->uses = uses;
	sharing->room = room;
	return 0;
}

int dr_sharing_add(struct dr_sharing *sharing, size_t guest,
		   const uint64_t *pages, size_t nr)
{
	int err = make_room(sharing, nr);

	if (err)
		return err;
	for (size_t i = 0; i < nr; i++)
		sharing->uses[sharing->nr++] = (struct use) {
			.page = pages[i],
			.guest = guest,
		};
	sharing->totals[guest] += nr;
	return 0;
}

static int by_page_and_guest(const void *left, const void *right)
{
	const struct use *a = left, *b = right;

	if (a->page != b->page)
		return a->page < b->page ? -1 : 1;
	return a->guest < b->guest ? -1 : a->guest > b->guest;
}

static void add_pair(struct dr_sharing *sharing, size_t a, size_t b)
{
	sharing->pairs[a * sharing->nr_guests + b]++;
}

/* The uses of one page: each user meets the users before it. */
static void count_page(struct dr_sharing *sharing, const struct use *uses,
		       size_t nr)
{
	size_t nr_users = 0;

	for (size_t i = 0; i < nr; i++) {
		size_t guest = uses[i].guest;

		if (i && uses[i - 1].guest == guest) {
			add_pair(sharing, guest, guest);
			continue;
		}
		for (size_t j = 0; j < nr_users; j++) {
			add_pair(sharing, guest, sharing->users[j]);
			add_pair(sharing, sharing->users[j], guest);
		}
		sharing->users[nr_users++] = guest;
	}
}

void dr_sharing_count(struct dr_sharing *sharing)
{
	const struct use *uses = sharing->uses;
	size_t start = 0;

	if (!sharing->nr)
		return;
	qsort(sharing->uses, sharing->nr, sizeof(*uses), by_page_and_guest);
	for (size_t i = 1; i <= sharing->nr; i++) {
		if (i < sharing->nr && uses[i].page == uses[start].page)
			continue;
		count_page(sharing, uses + start, i - start);
		start = i;
	}
}

uint64_t dr_sharing_pair(const struct dr_sharing *sharing, size_t a, size_t b)
{
	return sharing->pairs[a * sharing->nr_guests + b];
}

uint64_t dr_sharing_uses(const struct dr_sharing *sharing, size_t guest)
{
	return sharing->totals[guest];
}
