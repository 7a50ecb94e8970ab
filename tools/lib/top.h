/* SPDX-License-Identifier: GPL-2.0-only */
/* What "denseram top" shows, and what keys do. Pure. */
#ifndef DR_TOP_H
#define DR_TOP_H

#include <stdbool.h>

#include "screen.h"
#include "view.h"

/* Keys that are no characters. */
enum dr_top_key {
	DR_KEY_ENTER = '\n',
	DR_KEY_ESCAPE = 27,
	DR_KEY_UP = 256,
	DR_KEY_DOWN,
	DR_KEY_PAGE_UP,
	DR_KEY_PAGE_DOWN,
	DR_KEY_HOME,
	DR_KEY_END,
};

enum dr_top_page {
	DR_TOP_LIST,
	DR_TOP_EXPLAIN,
	DR_TOP_HELP,
};

/**
 * struct dr_top - what is to be seen
 * @page: the guests, one guest's explanation, or help
 * @sort: column the guests are sorted by, see dr_top_sort_find()
 * @reverse: the least first
 * @marked: id of the guest that the cursor is on; 0 for the first
 * @first: of the page, lines above the screen
 * @rows: lines of the terminal; 0 for as many as there are
 */
struct dr_top {
	enum dr_top_page page;
	unsigned int sort;
	bool reverse;
	uint64_t marked;
	size_t first;
	size_t rows;
};

/* A terminal that is smaller shows less, and nothing below this. */
#define DR_TOP_ROWS_MIN	10
#define DR_TOP_COLS_MIN	40

/* Number of a column by its name in small letters, -EINVAL if there is none. */
int dr_top_sort_find(const char *name);

/* Names of the columns one can sort by, in order; NULL after the last. */
const char *dr_top_sort_name(unsigned int sort);

/**
 * dr_top_press - a key was pressed
 * @top: changed as the key says
 * @view: the guests
 * @key: a character or enum dr_top_key
 *
 * Returns false for the end of the program.
 */
bool dr_top_press(struct dr_top *top, const struct dr_view *view, int key);

/**
 * dr_top_draw - the lines to be seen
 * @top: what to show; where the cursor is beyond the end it is moved
 * @view: of the host
 * @clock: time of day
 * @explanation: of the marked guest, when that is what is shown
 * @screen: out: no more than @top->rows lines
 */
void dr_top_draw(struct dr_top *top, const struct dr_view *view,
		 const char *clock, const char *explanation,
		 struct dr_screen *screen);

/* The guest that the cursor is on; NULL when there are none. */
const struct dr_view_guest *dr_top_marked(const struct dr_top *top,
					  const struct dr_view *view);

#endif /* DR_TOP_H */
