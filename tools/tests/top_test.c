// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "../lib/text.h"
#include "../lib/top.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB		(UINT64_C(1) << 20)
#define NR_GUESTS	50

/**
 * struct bench - a host with many guests on a terminal
 */
struct bench {
	struct dr_top top;
	struct dr_view view;
	struct dr_screen screen;
	struct dr_view_guest guests[NR_GUESTS];
};

/* Resident memory falls as ids rise, names do not, targets rise. */
static void setup(struct bench *b, size_t nr, size_t rows, size_t cols)
{
	memset(b, 0, sizeof(*b));
	b->top.sort = (unsigned int)dr_top_sort_find("resident");
	b->top.rows = rows;
	dr_screen_init(&b->screen, cols);
	b->view.guests = b->guests;
	b->view.nr_guests = nr;
	b->view.status.host_total = 1024 * MIB;
	b->view.status.host_available = 256 * MIB;
	b->view.status.usage.resident = 512 * MIB;
	b->view.status.usage.size = 2048 * MIB;
	for (size_t i = 0; i < nr; i++) {
		struct dr_view_guest *g = &b->guests[i];

		g->info.id = i + 1;
		g->info.usage.size = 64 * MIB;
		g->info.usage.resident = (64 - i) * MIB;
		g->target = (i + 1) * MIB;
		snprintf(g->info.name, sizeof(g->info.name), "vm%02zu",
			 i * 7 % nr);
	}
}

static void draw(struct bench *b)
{
	dr_top_draw(&b->top, &b->view, "12:00:00", "one\ntwo\nthree\n",
		    &b->screen);
	assert_false(b->screen.failed);
	for (size_t i = 0; i < b->screen.nr; i++)
		assert_true(dr_text_columns(b->screen.lines[i].text) <=
			    b->screen.cols);
}

/* The last word of the marked line: its name. */
static const char *marked(const struct bench *b)
{
	const char *name = NULL;

	for (size_t i = 0; i < b->screen.nr; i++) {
		if (b->screen.lines[i].kind != DR_LINE_MARKED)
			continue;
		assert_null(name);
		name = strrchr(b->screen.lines[i].text, ' ') + 1;
	}
	return name;
}

static const struct dr_line *line_with(const struct bench *b, const char *text)
{
	for (size_t i = 0; i < b->screen.nr; i++)
		if (strstr(b->screen.lines[i].text, text))
			return &b->screen.lines[i];
	return NULL;
}

static void press(struct bench *b, int key)
{
	assert_true(dr_top_press(&b->top, &b->view, key));
	draw(b);
}

static void fits_the_smallest_terminal(void **state)
{
	struct bench b;

	(void)state;
	setup(&b, NR_GUESTS, 24, 80);
	draw(&b);
	assert_int_equal(b.screen.nr, 24);
	assert_string_equal(marked(&b), "vm00");
	assert_non_null(line_with(&b, "q quit"));
	assert_ptr_equal(line_with(&b, "q quit"), &b.screen.lines[23]);
	assert_non_null(line_with(&b, "*RESID") ?: line_with(&b, "* RESID"));
	dr_screen_free(&b.screen);
}

static void any_size_will_do(void **state)
{
	struct bench b;

	(void)state;
	for (size_t rows = 1; rows < 60; rows++) {
		for (size_t cols = 1; cols < 140; cols += 3) {
			setup(&b, NR_GUESTS, rows, cols);
			for (int page = DR_TOP_LIST; page <= DR_TOP_HELP;
			     page++) {
				b.top.page = (enum dr_top_page)page;
				draw(&b);
				assert_true(b.screen.nr <= rows);
			}
			dr_screen_free(&b.screen);
		}
	}
}

static void no_guests_no_harm(void **state)
{
	static const int keys[] = {
		DR_KEY_UP, DR_KEY_DOWN, DR_KEY_PAGE_UP, DR_KEY_PAGE_DOWN,
		DR_KEY_HOME, DR_KEY_END, DR_KEY_ENTER, 'R', '<', '>', 'x', 0,
	};
	struct bench b;

	(void)state;
	setup(&b, 0, 24, 80);
	draw(&b);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		press(&b, keys[i]);
	assert_int_equal(b.top.page, DR_TOP_LIST);
	assert_null(marked(&b));
	dr_screen_free(&b.screen);
}

static void the_cursor_moves(void **state)
{
	struct bench b;

	(void)state;
	setup(&b, NR_GUESTS, 24, 80);
	draw(&b);
	press(&b, DR_KEY_UP);
	assert_int_equal(b.top.marked, 1);
	press(&b, DR_KEY_DOWN);
	assert_int_equal(b.top.marked, 2);
	press(&b, DR_KEY_END);
	assert_int_equal(b.top.marked, NR_GUESTS);
	assert_non_null(marked(&b));
	press(&b, DR_KEY_DOWN);
	assert_int_equal(b.top.marked, NR_GUESTS);
	press(&b, DR_KEY_PAGE_UP);
	assert_int_equal(b.top.marked, NR_GUESTS - 16);
	press(&b, DR_KEY_HOME);
	assert_int_equal(b.top.marked, 1);
	for (int i = 0; i < 10; i++) {
		press(&b, DR_KEY_PAGE_DOWN);
		assert_non_null(marked(&b));
	}
	assert_int_equal(b.top.marked, NR_GUESTS);
	dr_screen_free(&b.screen);
}

static void the_cursor_stays_with_its_guest(void **state)
{
	struct bench b;

	(void)state;
	setup(&b, NR_GUESTS, 24, 80);
	draw(&b);
	press(&b, DR_KEY_DOWN);
	press(&b, 'R');
	assert_int_equal(b.top.marked, 2);
	assert_string_equal(marked(&b), b.guests[1].info.name);
	/* Others come before it. */
	b.guests[1].info.usage.resident = 0;
	draw(&b);
	assert_string_equal(marked(&b), b.guests[1].info.name);
	/* It goes: then the first one has the cursor. */
	memmove(&b.guests[1], &b.guests[2],
		(NR_GUESTS - 2) * sizeof(b.guests[0]));
	b.view.nr_guests--;
	draw(&b);
	assert_non_null(marked(&b));
	assert_int_not_equal(b.top.marked, 2);
	dr_screen_free(&b.screen);
}

static void columns_sort(void **state)
{
	struct bench b;

	(void)state;
	setup(&b, NR_GUESTS, 24, 80);
	draw(&b);
	press(&b, '>');
	assert_string_equal(dr_top_sort_name(b.top.sort), "target");
	press(&b, DR_KEY_HOME);
	assert_int_equal(b.top.marked, NR_GUESTS);
	press(&b, 'R');
	press(&b, DR_KEY_HOME);
	assert_int_equal(b.top.marked, 1);
	press(&b, 'R');
	press(&b, '<');
	press(&b, '<');
	press(&b, '<');
	assert_string_equal(dr_top_sort_name(b.top.sort), "name");
	press(&b, DR_KEY_HOME);
	assert_string_equal(marked(&b), "vm00");
	press(&b, DR_KEY_DOWN);
	assert_string_equal(marked(&b), "vm01");
	press(&b, '>');
	assert_string_equal(dr_top_sort_name(b.top.sort), "size");
	/* All have the same: by id. */
	press(&b, DR_KEY_HOME);
	assert_int_equal(b.top.marked, 1);
	assert_int_equal(dr_top_sort_find("sizes"), -EINVAL);
	dr_screen_free(&b.screen);
}

static void pages_open_and_close(void **state)
{
	struct bench b;

	(void)state;
	setup(&b, NR_GUESTS, 24, 80);
	draw(&b);
	press(&b, DR_KEY_ENTER);
	assert_non_null(line_with(&b, "two"));
	assert_non_null(line_with(&b, "vm00"));
	press(&b, DR_KEY_PAGE_DOWN);
	assert_non_null(line_with(&b, "one"));
	press(&b, DR_KEY_ESCAPE);
	assert_non_null(marked(&b));
	press(&b, 'h');
	assert_non_null(line_with(&b, "Enter"));
	press(&b, DR_KEY_DOWN);
	assert_int_equal(b.top.page, DR_TOP_HELP);
	press(&b, 'q');
	assert_int_equal(b.top.page, DR_TOP_LIST);
	assert_false(dr_top_press(&b.top, &b.view, 'q'));
	dr_screen_free(&b.screen);
}

/* A long text goes up to its last line, and no further. */
static void help_scrolls(void **state)
{
	struct bench b;

	(void)state;
	setup(&b, 1, 12, 80);
	draw(&b);
	press(&b, '?');
	assert_null(line_with(&b, "q       quit"));
	for (int i = 0; i < 40; i++)
		press(&b, DR_KEY_DOWN);
	assert_ptr_equal(line_with(&b, "q       quit"), &b.screen.lines[10]);
	press(&b, DR_KEY_UP);
	assert_null(line_with(&b, "q       quit"));
	press(&b, DR_KEY_HOME);
	assert_non_null(line_with(&b, "Host  "));
	dr_screen_free(&b.screen);
}

static void help_fits(void **state)
{
	struct bench wide, fits;

	(void)state;
	setup(&wide, 1, 60, 200);
	setup(&fits, 1, 60, 80);
	wide.top.page = DR_TOP_HELP;
	fits.top.page = DR_TOP_HELP;
	draw(&wide);
	draw(&fits);
	assert_int_equal(wide.screen.nr, fits.screen.nr);
	for (size_t i = 0; i < fits.screen.nr; i++)
		assert_string_equal(wide.screen.lines[i].text,
				    fits.screen.lines[i].text);
	dr_screen_free(&wide.screen);
	dr_screen_free(&fits.screen);
}

static void names_are_tame(void **state)
{
	struct bench b;

	(void)state;
	setup(&b, 2, 24, 80);
	strcpy(b.guests[0].info.name, "\033[2Jx");
	memset(b.guests[1].info.name, 'n', sizeof(b.guests[1].info.name) - 1);
	draw(&b);
	assert_null(line_with(&b, "\033"));
	assert_non_null(line_with(&b, "\\x1b[2Jx"));
	dr_screen_free(&b.screen);
}

static void a_batch_has_all(void **state)
{
	struct bench b;

	(void)state;
	setup(&b, NR_GUESTS, 0, 80);
	draw(&b);
	for (int i = 0; i < NR_GUESTS; i++)
		assert_non_null(line_with(&b, b.guests[i].info.name));
	assert_null(marked(&b));
	assert_null(line_with(&b, "q quit"));
	dr_screen_free(&b.screen);
}

static void legends_fit(void **state)
{
	struct bench b;

	(void)state;
	setup(&b, 1, 24, 80);
	b.view.status.host_total = 999 * 1024 * MIB;
	b.view.status.host_available = 1234 * MIB;
	b.view.status.usage.size = 1234 * 9 * MIB;
	b.view.status.usage.resident = 1234 * MIB;
	b.view.status.usage.pages = 1234 * 256;
	b.view.status.usage.shared = 1234 * 256;
	b.view.status.usage.metadata = 1234 * MIB;
	b.view.status.usage.swapped = 2 * 1234 * 256;
	b.view.share.kept = 1234 * MIB;
	b.view.swap.pool_memory = 1234 * MIB;
	b.view.swap.tiers.disk = 1234 * 256;
	b.guests[0].balloon.backed = 1234 * MIB;
	draw(&b);
	assert_non_null(line_with(&b, "i index 1.21G o host "));
	assert_non_null(line_with(&b, ". free 1.21G"));
	assert_non_null(line_with(&b, "b balln 1.21G . free 4.82G"));
	dr_screen_free(&b.screen);
}

static void hard_times_show(void **state)
{
	struct bench b;

	(void)state;
	setup(&b, 1, 24, 80);
	b.view.policy.level = DR_LEVEL_LOW;
	b.view.swap.stop = DR_SWAP_STOP_POOL;
	draw(&b);
	assert_int_equal(b.screen.lines[0].kind, DR_LINE_ALERT);
	assert_non_null(line_with(&b, "level low"));
	assert_non_null(line_with(&b, "paging stopped: pool full"));
	dr_screen_free(&b.screen);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fits_the_smallest_terminal),
		cmocka_unit_test(any_size_will_do),
		cmocka_unit_test(no_guests_no_harm),
		cmocka_unit_test(the_cursor_moves),
		cmocka_unit_test(the_cursor_stays_with_its_guest),
		cmocka_unit_test(columns_sort),
		cmocka_unit_test(pages_open_and_close),
		cmocka_unit_test(help_scrolls),
		cmocka_unit_test(help_fits),
		cmocka_unit_test(names_are_tame),
		cmocka_unit_test(a_batch_has_all),
		cmocka_unit_test(legends_fit),
		cmocka_unit_test(hard_times_show),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
