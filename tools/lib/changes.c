// SPDX-License-Identifier: GPL-2.0-only
#include "args.h"
#include "balloon.h"
#include "changes.h"
#include "words.h"

#include <stdio.h>
#include <string.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))

/* What is less than this part of a guest's size is not worth a line. */
#define SLACK_PART	16

/**
 * struct teller - who is told
 * @tell: how
 * @arg: for it
 * @nr: what was told so far
 */
struct teller {
	void (*tell)(void *arg, const struct dr_change *change);
	void *arg;
	size_t nr;
};

static void tell(struct teller *t, const struct dr_change *change)
{
	t->tell(t->arg, change);
	t->nr++;
}

static void tell_words(struct teller *t, struct dr_change *change,
		       const char *before, const char *after)
{
	if (!strcmp(before, after))
		return;
	change->kind = DR_CHANGE_WORDS;
	snprintf(change->words[0], DR_CHANGE_WORD, "%s", before);
	snprintf(change->words[1], DR_CHANGE_WORD, "%s", after);
	tell(t, change);
}

static void tell_numbers(struct teller *t, struct dr_change *change,
			 uint64_t before, uint64_t after)
{
	if (before == after)
		return;
	change->numbers[0] = before;
	change->numbers[1] = after;
	tell(t, change);
}

static const char *on_off(bool on)
{
	return on ? "on" : "off";
}

static const char *host_level(const struct dr_view *v)
{
	return dr_level_word(v->policy.level);
}

static const char *host_stalls(const struct dr_view *v)
{
	return v->policy.strained ? "many" : "few";
}

static const char *host_paging(const struct dr_view *v)
{
	return v->swap.stop == DR_SWAP_STOP_NONE ?
	       "possible" : dr_swap_stop_name(v->swap.stop);
}

static const char *host_policy(const struct dr_view *v)
{
	return on_off(v->policy.enabled);
}

static const char *host_scanner(const struct dr_view *v)
{
	return on_off(v->share.enabled);
}

/* States of the host. */
static const struct host_word {
	const char *what;
	const char *(*word)(const struct dr_view *v);
} host_states[] = {
	{ "level", host_level },
	{ "stalls", host_stalls },
	{ "paging", host_paging },
	{ "policy", host_policy },
	{ "sharing", host_scanner },
};

static const struct dr_swap_area *area_find(const struct dr_view *v,
					    uint32_t id)
{
	for (size_t i = 0; i < v->nr_areas; i++)
		if (v->areas[i].id == id)
			return &v->areas[i];
	return NULL;
}

/* "-" stands for an area that is not there. */
static const char *area_word(const struct dr_swap_area *area)
{
	return area ? dr_area_state_name(area) : "-";
}

static void compare_areas(struct teller *t, const struct dr_view *before,
			  const struct dr_view *after)
{
	struct dr_change change = { .what = "swap_area" };

	for (size_t i = 0; i < after->nr_areas; i++) {
		change.area = &after->areas[i];
		tell_words(t, &change,
			   area_word(area_find(before, change.area->id)),
			   area_word(change.area));
	}
	for (size_t i = 0; i < before->nr_areas; i++) {
		change.area = &before->areas[i];
		if (!area_find(after, change.area->id))
			tell_words(t, &change, area_word(change.area), "-");
	}
}

static void compare_host(struct teller *t, const struct dr_view *before,
			 const struct dr_view *after)
{
	for (size_t i = 0; i < ARRAY_SIZE(host_states); i++) {
		const struct host_word *state = &host_states[i];
		struct dr_change change = { .what = state->what };

		tell_words(t, &change, state->word(before), state->word(after));
	}
	compare_areas(t, before, after);
}

static const char *guest_state(const struct dr_view_guest *g)
{
	return dr_guest_state_name(&g->info);
}

static const char *guest_share(const struct dr_view_guest *g)
{
	return dr_share_mode_name(g->info.share);
}

static const char *guest_scan(const struct dr_view_guest *g)
{
	return on_off(g->info.state & DR_GUEST_SCANNED);
}

static const char *guest_parking(const struct dr_view_guest *g)
{
	return on_off(g->info.state & DR_GUEST_PARKING);
}

static const char *guest_balloon(const struct dr_view_guest *g)
{
	return dr_balloon_state_name(g->balloon.state);
}

static const char *guest_driver(const struct dr_view_guest *g)
{
	return on_off(g->balloon.features & DR_BALLOON_DRIVER);
}

static const char *guest_pinned(const struct dr_view_guest *g)
{
	return on_off(g->info.limits.pinned);
}

/* States of a guest. */
static const struct guest_word {
	const char *what;
	const char *(*word)(const struct dr_view_guest *g);
} guest_states[] = {
	{ "state", guest_state },
	{ "share", guest_share },
	{ "scan", guest_scan },
	{ "pinned", guest_pinned },
	{ "parking", guest_parking },
	{ "balloon_driver", guest_driver },
	{ "balloon", guest_balloon },
};

#define SIZE(_what, _field, _moves) \
	{ _what, DR_CHANGE_SIZES, offsetof(struct dr_view_guest, _field), _moves }
#define COUNT(_event, _what) \
	{ _what, DR_CHANGE_COUNTS, \
	  offsetof(struct dr_view_guest, info.events[_event]), false }

/* Numbers of a guest; @moves: it does so all the time. */
static const struct guest_number {
	const char *what;
	enum dr_change_kind kind;
	size_t offset;
	bool moves;
} guest_numbers[] = {
	SIZE("size", info.usage.size, false),
	SIZE("min", info.limits.min, false),
	SIZE("max", info.limits.max, false),
	SIZE("limit", info.limits.limit, false),
	SIZE("target", target, true),
	SIZE("balloon_wanted", balloon.wanted, true),
	SIZE("balloon_actual", balloon.actual, true),
	/* What must not happen. */
	COUNT(DR_EV_FAULT_SIGBUS, "fault_sigbus"),
	COUNT(DR_EV_FAULT_OOM, "fault_oom"),
	COUNT(DR_EV_SWAP_ERROR, "swap_error"),
	COUNT(DR_EV_SWAP_DAMAGED, "swap_damaged"),
};

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* Worth telling of what moves all the time? */
static bool is_move(const struct dr_view_guest *g, uint64_t before,
		    uint64_t after)
{
	uint64_t size = g->info.usage.size;

	if (before == after)
		return false;
	return before == DR_CHANGE_NONE || after == DR_CHANGE_NONE || !after ||
	       after == size || distance(before, after) >= size / SLACK_PART;
}

static void compare_numbers(struct teller *t, const struct dr_view_guest *before,
			    struct dr_view_guest *after)
{
	for (size_t i = 0; i < ARRAY_SIZE(guest_numbers); i++) {
		const struct guest_number *n = &guest_numbers[i];
		struct dr_change change = {
			.kind = n->kind, .what = n->what, .guest = after,
		};
		uint64_t was, is;

		memcpy(&was, (const char *)before + n->offset, sizeof(was));
		memcpy(&is, (const char *)after + n->offset, sizeof(is));
		if (!n->moves || is_move(after, was, is))
			tell_numbers(t, &change, was, is);
		else
			memcpy((char *)after + n->offset, &was, sizeof(was));
	}
}

static void compare_guest(struct teller *t, const struct dr_view_guest *before,
			  struct dr_view_guest *after)
{
	for (size_t i = 0; i < ARRAY_SIZE(guest_states); i++) {
		const struct guest_word *state = &guest_states[i];
		struct dr_change change = { .what = state->what, .guest = after };

		tell_words(t, &change, state->word(before), state->word(after));
	}
	compare_numbers(t, before, after);
}

static void tell_guest(struct teller *t, const struct dr_view_guest *guest,
		       enum dr_change_kind kind)
{
	const struct dr_change change = {
		.kind = kind, .guest = guest,
		.what = kind == DR_CHANGE_CAME ? "came" : "went",
	};

	tell(t, &change);
}

/* Both are sorted by id, and an id is never used again. */
static void compare_guests(struct teller *t, const struct dr_view *before,
			   struct dr_view *after)
{
	size_t b = 0, a = 0;

	while (b < before->nr_guests || a < after->nr_guests) {
		const struct dr_view_guest *old = &before->guests[b];
		struct dr_view_guest *new = &after->guests[a];

		if (a == after->nr_guests || (b < before->nr_guests &&
					      old->info.id < new->info.id)) {
			tell_guest(t, old, DR_CHANGE_WENT);
			b++;
		} else if (b == before->nr_guests || new->info.id < old->info.id) {
			tell_guest(t, new, DR_CHANGE_CAME);
			a++;
		} else {
			compare_guest(t, old, new);
			a++;
			b++;
		}
	}
}

size_t dr_changes(const struct dr_view *before, struct dr_view *after,
		  void (*fn)(void *arg, const struct dr_change *change),
		  void *arg)
{
	struct teller t = { .tell = fn, .arg = arg };

	compare_host(&t, before, after);
	compare_guests(&t, before, after);
	return t.nr;
}
