// SPDX-License-Identifier: GPL-2.0-only
#include "terminal.h"
#include "../lib/top.h"

#include <errno.h>
#include <locale.h>
#include <ncurses.h>
#include <string.h>
#include <unistd.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))

/* Colours of letters in bars; pair numbers are the places, from 1. */
static const struct {
	char letter;
	short color;
} letters[] = {
	{ '#', COLOR_GREEN }, { 's', COLOR_CYAN }, { 'c', COLOR_YELLOW },
	{ 'd', COLOR_RED }, { 'b', COLOR_MAGENTA }, { 'i', COLOR_BLUE },
	{ 'o', COLOR_WHITE },
};

/* A program must not end with a terminal that is left without echo. */
static SCREEN *terminal;

static void begin_colors(void)
{
	if (!has_colors() || start_color() == ERR)
		return;
	use_default_colors();
	for (size_t i = 0; i < ARRAY_SIZE(letters); i++)
		init_pair((short)(i + 1), letters[i].color, -1);
}

int terminal_begin(void)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return -ENOTTY;
	setlocale(LC_CTYPE, "");
	/* Unlike initscr(), it does not exit where the terminal is unknown. */
	terminal = newterm(NULL, stdout, stdin);
	if (!terminal)
		return -ENOTTY;
	set_escdelay(50);
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	curs_set(0);
	begin_colors();
	return 0;
}

void terminal_end(void)
{
	endwin();
	delscreen(terminal);
	terminal = NULL;
}

void terminal_size(size_t *rows, size_t *cols)
{
	*rows = (size_t)LINES;
	*cols = (size_t)COLS;
}

static attr_t attribute_of(enum dr_line_kind kind)
{
	switch (kind) {
	case DR_LINE_TITLE:
		return A_BOLD;
	case DR_LINE_HEAD:
	case DR_LINE_MARKED:
		return A_REVERSE;
	case DR_LINE_ALERT:
		return A_BOLD | A_REVERSE;
	default:
		return A_NORMAL;
	}
}

/* A letter of a bar, or one that a legend explains, in its colour. */
static void show_letter(char letter)
{
	for (size_t i = 0; i < ARRAY_SIZE(letters); i++) {
		if (letters[i].letter == letter) {
			addch((chtype)letter |
			      (chtype)COLOR_PAIR((int)(i + 1)) | A_BOLD);
			return;
		}
	}
	addch((chtype)letter);
}

static void show_bar(const char *text)
{
	const char *bar = strchr(text, '[');

	if (!bar) {
		addstr(text);
		return;
	}
	addnstr(text, (int)(bar - text) + 1);
	for (bar++; *bar && *bar != ']'; bar++)
		show_letter(*bar);
	addstr(bar);
}

/* A letter that stands alone. */
static void show_legend(const char *text)
{
	bool begins = true;

	for (; *text; begins = *text++ == ' ') {
		if (begins && text[1] == ' ')
			show_letter(*text);
		else
			addch((chtype)(unsigned char)text[0]);
	}
}

static void show_line(const struct dr_line *line)
{
	attr_t attribute = attribute_of(line->kind);

	attrset((int)attribute);
	if (line->kind == DR_LINE_BAR)
		show_bar(line->text);
	else if (line->kind == DR_LINE_LEGEND)
		show_legend(line->text);
	else
		addstr(line->text);
	/* What is reversed is so to the end of the line. */
	if (attribute & A_REVERSE)
		chgat(-1, attribute, 0, NULL);
	attrset(A_NORMAL);
}

void terminal_show(const struct dr_screen *screen)
{
	erase();
	for (size_t i = 0; i < screen->nr; i++) {
		move((int)i, 0);
		show_line(&screen->lines[i]);
	}
	refresh();
}

int terminal_key(int ms)
{
	static const struct {
		int curses;
		int key;
	} keys[] = {
		{ KEY_UP, DR_KEY_UP }, { KEY_DOWN, DR_KEY_DOWN },
		{ KEY_PPAGE, DR_KEY_PAGE_UP }, { KEY_NPAGE, DR_KEY_PAGE_DOWN },
		{ KEY_HOME, DR_KEY_HOME }, { KEY_END, DR_KEY_END },
		{ KEY_ENTER, DR_KEY_ENTER }, { '\r', DR_KEY_ENTER },
	};
	int got;

	timeout(ms);
	got = getch();
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (got == keys[i].curses)
			return keys[i].key;
	return got >= 0 && got < 256 ? got : TERMINAL_NO_KEY;
}
