/* SPDX-License-Identifier: GPL-2.0-only */
/* What has changed from one view to the next. Pure. */
#ifndef DR_CHANGES_H
#define DR_CHANGES_H

#include <stdbool.h>

#include "view.h"

#define DR_CHANGE_WORD	24	/* room for a word */
#define DR_CHANGE_NONE	(~0ULL)	/* a number that is not there */

/**
 * enum dr_change_kind - what a change is of
 * @DR_CHANGE_CAME: a guest is new; nothing else is said of it
 * @DR_CHANGE_WENT: a guest is gone, likewise
 * @DR_CHANGE_WORDS: a state, from one word to another
 * @DR_CHANGE_SIZES: a size in bytes
 * @DR_CHANGE_COUNTS: a number
 */
enum dr_change_kind {
	DR_CHANGE_CAME,
	DR_CHANGE_WENT,
	DR_CHANGE_WORDS,
	DR_CHANGE_SIZES,
	DR_CHANGE_COUNTS,
};

/**
 * struct dr_change - something that changed
 * @kind: see there
 * @what: a stable name
 * @guest: whose it is; NULL for the host's
 * @area: or that of a swap area
 * @words: before and after, of %DR_CHANGE_WORDS
 * @numbers: likewise, of sizes and counts; %DR_CHANGE_NONE for none
 */
struct dr_change {
	enum dr_change_kind kind;
	const char *what;
	const struct dr_view_guest *guest;
	const struct dr_swap_area *area;
	char words[2][DR_CHANGE_WORD];
	uint64_t numbers[2];
};

/**
 * dr_changes - tell what has changed
 * @before: a view
 * @after: a later one
 * @tell: called for each change, the host's first, then guests by id
 * @arg: for @tell
 *
 * Targets and balloons move all the time: what is less than a sixteenth of the
 * guest's size away from what was told last is not told, and @after remembers
 * the old value in its place, so that a slow drift is told in the end. The one
 * exception is a move to an end: to nothing, or to the guest's size.
 *
 * Returns how many there were.
 */
size_t dr_changes(const struct dr_view *before, struct dr_view *after,
		  void (*tell)(void *arg, const struct dr_change *change),
		  void *arg);

#endif /* DR_CHANGES_H */
